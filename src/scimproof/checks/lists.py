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


def found(blank: str, path: str = "userName") -> Ask:
    """Among the resources found is one of exactly that name, letter case aside."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks[blank]
        names = [str(value_at(resource, path)) for resource in resources(exchange.json)]
        expected = f"a resource with {path} = {show(wanted)}"
        if exchange.status == 200 and wanted.casefold() in [name.casefold() for name in names]:
            return held(expected)
        return broken(
            expected,
            f"{len(names)} resources, {path}: {show(names[:5])}" if exchange.ok else exchange.summary(),
        )

    return ask


def nobody_named(blank: str, path: str = "userName", id: str = "") -> Ask:
    """None of the resources found has that name, letter case aside, nor the id of that blank."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        name, own = scene.blanks[blank].casefold(), scene.blanks.get(id)
        expected = f"no resource with {path} = {show(scene.blanks[blank])}"
        for resource in resources(exchange.json):
            if str(value_at(resource, path)).casefold() == name or (own and value_at(resource, "id") == own):
                return broken(
                    expected, f"id {show(value_at(resource, 'id'))}, {path} {show(value_at(resource, path))}"
                )
        return held(expected)

    return ask


def is_list_body() -> Ask:
    """A JSON object whose Resources, where there are any, is a list."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        body = exchange.json
        expected = "a JSON object with a Resources list"
        if not isinstance(body, dict):
            return broken(expected, exchange.summary())
        found = value_at(body, "Resources")
        empty_is_fine = value_at(body, "totalResults") == 0 and found is None
        return held(expected) if isinstance(found, list) or empty_is_fine else broken(expected, show(found))

    return ask


def at_most(count: int) -> Ask:
    """A list answer with no more resources than asked for."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        number = len(resources(exchange.json))
        expected = f"at most {count} resources"
        return held(expected, str(number)) if number <= count else broken(expected, f"{number} resources")

    return ask


def first(path: str, blank: str) -> Ask:
    """The first resource found has the value of that blank, letter for letter."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks.get(blank)
        found = value_at(exchange.json, f"Resources.0.{path}")
        expected = f"{path} = {show(wanted)}"
        right = isinstance(found, str | int) and str(found) == wanted
        return held(expected) if right else broken(expected, show(found))

    return ask


def first_is(path: str, value: object) -> Ask:
    """The first resource found has exactly this JSON value."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, f"Resources.0.{path}")
        right = found == value and isinstance(found, bool) == isinstance(value, bool)
        return held(f"{path} = {show(value)}") if right else broken(f"{path} = {show(value)}", show(found))

    return ask
