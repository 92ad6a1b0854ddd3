"""Checks of list answers."""

from __future__ import annotations

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import LIST_RESPONSE, resources, value_at

COUNTERS = ("totalResults", "startIndex", "itemsPerPage")


def is_list() -> Ask:
    """The answer names the ListResponse schema."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        schemas = value_at(exchange.json, "schemas")
        right = isinstance(schemas, list) and LIST_RESPONSE in schemas
        expected = f"schemas has {LIST_RESPONSE}"
        return held(expected) if right else broken(expected, show(schemas))

    return ask


def is_integer(value: Json) -> bool:
    """A JSON integer; true and "1" are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def counters_are_integers() -> Ask:
    """Those of the three counters that are there are JSON integers; totalResults has to be there."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = {name: value_at(exchange.json, name) for name in COUNTERS}
        present = {name: value for name, value in found.items() if value is not None}
        expected = "totalResults, startIndex and itemsPerPage are integers"
        right = "totalResults" in present and all(is_integer(value) for value in present.values())
        return held(expected) if right else broken(expected, show(found))

    return ask


def finds_nothing() -> Ask:
    """A list with totalResults 0 and no resources."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        total, found = value_at(exchange.json, "totalResults"), resources(exchange.json)
        right = not found and (total is None or str(total) == "0")
        observed = f"totalResults {show(total)}, {len(found)} resources"
        expected = "totalResults 0, no resources"
        return held(expected) if right else broken(expected, observed)

    return ask


def finds_one(path: str, blank: str) -> Ask:
    """Exactly one resource, whose attribute has the value of that template variable (in any letter case)."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks[blank]
        found = resources(exchange.json)
        values = [value_at(resource, path) for resource in found]
        expected = f"exactly one resource, {path} = {show(wanted)}"
        right = len(values) == 1 and str(values[0]).casefold() == wanted.casefold()
        if right:
            return held(expected)
        return broken(expected, f"{len(found)} resources, {path}: {show(values[:5])}")

    return ask
