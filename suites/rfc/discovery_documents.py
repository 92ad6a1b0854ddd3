"""Questions to ServiceProviderConfig, and what all questions to discovery documents share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.lists import is_integer
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import resources, value_at

CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
INTEGERS = (
    "bulk.maxOperations",
    "bulk.maxPayloadSize",
    "filter.maxResults",
    "pagination.defaultPageSize",
    "pagination.maxPageSize",
    "pagination.cursorTimeout",
)
MOST_TOLD = 3


def all_right(expected: str, wrong: Iterable[str], none: str = "") -> CheckResult:
    """Held where nothing is wrong; else the first of what is. With `none` it does not apply."""
    if none:
        return does_not_apply(none)
    told = list(wrong)
    more = f"; and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return broken(expected, "; ".join(told[:MOST_TOLD]) + more) if told else held(expected)


def answers_of(scene: ExecutionContext, exchange: Exchange) -> list[Exchange]:
    """All answers of the step whose last one this is: one for each case that it was sent for."""
    for some in scene.exchanges.values():
        if any(one.number == exchange.number for one in some):
            return some
    return [exchange]


def rows_of(exchange: Exchange) -> list[Json]:
    """The schemas or types of a list, those that are objects."""
    return [row for row in resources(exchange.json) if isinstance(row, Mapping)]


def is_text(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


def named(row: Json) -> str:
    """How a row is called in a finding."""
    return str(value_at(row, "id") or value_at(row, "name") or "one without id")


# The configuration


def config(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = f"200 with one object that names {CONFIG}"
    schemas = value_at(exchange.json, "schemas")
    single = value_at(exchange.json, "Resources") is None
    right = exchange.status == 200 and isinstance(schemas, list) and CONFIG in schemas and single
    return held(expected) if right else broken(expected, exchange.summary())


def is_flag(feature: str, *numbers: str) -> Ask:
    """`supported` of the feature is true or false, and these members of it are whole numbers."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, feature)
        expected = f"{feature}.supported true or false" + "".join(f", {one} an integer" for one in numbers)
        right = isinstance(value_at(found, "supported"), bool)
        right = right and all(_is_whole(value_at(found, one)) for one in numbers)
        return held(expected, show(found)) if right else broken(expected, show(found))

    return ask


def _is_whole(value: Json) -> bool:
    """An integer, also one with a fraction of nothing: how it is written is another requirement."""
    return is_integer(value) or (isinstance(value, float) and value.is_integer())


def schemes(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = value_at(exchange.json, "authenticationSchemes")
    expected = "authenticationSchemes, a list"
    return held(expected) if isinstance(found, list) else broken(expected, show(found))


def scheme_fields(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = value_at(exchange.json, "authenticationSchemes")
    listed = found if isinstance(found, list) else []
    wrong = (
        f"a scheme with {name} {show(value_at(one, name))}"
        for one in listed
        for name in ("type", "name", "description")
        if not is_text(value_at(one, name))
    )
    none = "" if listed else "there are no authentication schemes"
    return all_right("each scheme has type, name and description", wrong, none)


def documentation(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = value_at(exchange.json, "documentationUri")
    if found is None:
        return does_not_apply("there is no documentationUri")
    parts = urlsplit(found) if isinstance(found, str) else None
    right = parts is not None and bool(parts.scheme and parts.netloc)
    return (held if right else broken)("documentationUri, an absolute URL", show(found))


def integers(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = {path: value_at(exchange.json, path) for path in INTEGERS}
    wrong = (f"{path} is {show(value)}" for path, value in found.items() if isinstance(value, float))
    return all_right("integers without fraction and exponent", wrong)


def limits(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    bulk = value_at(exchange.json, "bulk")
    if value_at(bulk, "supported") is not True:
        return does_not_apply("bulk is not supported")
    found = {name: value_at(bulk, name) for name in ("maxOperations", "maxPayloadSize")}
    wrong = (
        f"{name} is {show(value)}"
        for name, value in found.items()
        if isinstance(value, int | float) and value <= 0
    )
    return all_right("both limits of bulk above 0", wrong)


def pagination(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = value_at(exchange.json, "pagination")
    if found is None:
        return does_not_apply("there is no pagination")
    right = all(isinstance(value_at(found, name), bool) for name in ("cursor", "index"))
    return (held if right else broken)("pagination.cursor and pagination.index true or false", show(found))


def pagination_values(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = value_at(exchange.json, "pagination")
    if found is None:
        return does_not_apply("there is no pagination")
    method = value_at(found, "defaultPaginationMethod")
    sizes = [value_at(found, name) for name in ("defaultPageSize", "maxPageSize", "cursorTimeout")]
    right = method in (None, "cursor", "index")
    right = right and all(one is None or (_is_whole(one) and one > 0) for one in sizes)
    return (held if right else broken)(
        "defaultPaginationMethod cursor or index, sizes and timeout above 0", show(found)
    )


def open_to_all(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "200 without credentials"
    return held(expected) if exchange.status == 200 else broken(expected, exchange.summary())


def allow_with_405(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    if exchange.status != 405:
        return does_not_apply(f"it was not answered 405: {exchange.status}")
    found = exchange.header("Allow")
    return held("an Allow header") if found is not None else broken("an Allow header", "none")
