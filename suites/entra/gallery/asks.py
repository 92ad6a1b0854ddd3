"""Questions of the gallery workflow that nobody else asks: pages of five."""

from __future__ import annotations

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, cannot_tell, held
from scimproof.core.scim import resources, value_at


def begins_at(first: int) -> Ask:
    """The page says that it begins where it was asked to: startIndex as asked."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, "startIndex")
        right = found == first and not isinstance(found, bool)
        return held(f"startIndex {first}") if right else broken(f"startIndex {first}", show(found))

    return ask


def has_some(least: int, most: int = 5) -> Ask:
    """The page has so many resources: what was asked for, or what is left."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        number = len(resources(exchange.json))
        expected = f"{least} to {most} resources" if least < most else f"{most} resources"
        return held(expected) if least <= number <= most else broken(expected, f"{number} resources")

    return ask


def others_than(*steps: str) -> Ask:
    """Nothing on this page was on those before."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before = {value_at(row, "id") for step in steps for row in resources(scene.answer(step))}
        again = [id for row in resources(exchange.json) if (id := value_at(row, "id")) in before]
        expected = f"nothing of {', '.join(steps)}"
        if not before:
            return cannot_tell(expected, "the pages before showed nothing")
        return broken(expected, f"{len(again)} again: {show(again[:5])}") if again else held(expected)

    return ask
