"""Questions to the lists of schemas and of resource types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.discovery import META_SCHEMAS
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, held
from scimproof.core.scim import CORE_GROUP, CORE_USER, LIST_RESPONSE, resources, value_at

from .discovery_documents import all_right, answers_of, is_text, named, rows_of

SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
MESSAGES = "urn:ietf:params:scim:api:messages:"
TYPES = ("string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex")
# What a characteristic may be: true or false, or one of these words.
WORDS: dict[str, tuple[str, ...]] = {
    "required": (),
    "caseExact": (),
    "mutability": ("readOnly", "readWrite", "immutable", "writeOnly"),
    "returned": ("always", "never", "default", "request"),
    "uniqueness": ("none", "server", "global"),
}
# What a sub-attribute of a list of values is, by its name (RFC 7643 section 2.4).
MEANINGS = {"primary": "boolean", "$ref": "reference", "type": "string", "display": "string"}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_$-]*")
Wrong = Callable[[Json], Iterator[str]]


def is_whole_list(what: str, urn: str = "") -> Ask:
    """200 with a ListResponse of all there are on one page, each of which names `urn` in schemas."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"200 with a ListResponse of all {what}" + (f", each naming {urn}" if urn else "")
        schemas, rows = value_at(exchange.json, "schemas"), resources(exchange.json)
        if exchange.status != 200 or LIST_RESPONSE not in listed(schemas):
            return broken(expected, exchange.summary())
        total = value_at(exchange.json, "totalResults")
        if total != len(rows) or not rows:
            return broken(expected, f"totalResults {show(total)}, {len(rows)} on the page")
        wrong = (named(row) for row in rows if urn and urn not in listed(value_at(row, "schemas")))
        return all_right(expected, (f"{one} does not" for one in wrong))

    return ask


def listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def changes_nothing(what: str) -> Ask:
    """The list is the one that was read without parameters."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"the same {what} as without parameters"
        if exchange.status != 200:
            return broken(expected, exchange.summary())
        before, after = ([named(row) for row in resources(body)] for body in _two(scene, exchange))
        return held(expected) if sorted(before) == sorted(after) else broken(expected, ", ".join(after))

    return ask


def filter_refused(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    return (held if exchange.status == 403 else broken)("403", exchange.summary())


def not_filtered(what: str) -> Ask:
    """A filter that is not refused makes no difference: the list is the whole one."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.ok:
            return does_not_apply(f"the filter was refused: {exchange.status}")
        return changes_nothing(what)(scene, exchange)

    return ask


def _two(scene: ExecutionContext, exchange: Exchange) -> tuple[Json, Json]:
    return scene.answer("read"), exchange.json


def each_as_listed(key: str) -> Ask:
    """Each is read alone with 200, as the list shows it; by one of the names that it has."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        rows = [row for row in rows_of_step(scene, "read") if value_at(row, "id") not in META_SCHEMAS]
        if not rows:
            return cannot_tell("200, as in the list", "there is no list to compare with")
        seen = {unquote(one.request.target.rpartition("/")[2]): one for one in answers_of(scene, exchange)}
        wrong = (told for row in rows if (told := _unlike(row, _asked_for(row, key, seen))))
        return all_right("200 for each, as in the list", wrong)

    return ask


def _asked_for(row: Json, key: str, seen: Mapping[str, Exchange]) -> list[Exchange]:
    """The answers to reads of that row, by its name and by its id."""
    keys = {str(value_at(row, name)) for name in (key, "id")}
    return [one for name, one in seen.items() if name in keys]


def _unlike(row: Json, some: list[Exchange]) -> str:
    """What is wrong with all of these answers; empty where one is right, or none was asked for."""
    shown = {name: value for name, value in row.items() if name.lower() not in ("meta", "schemas")}
    for one in some:
        if one.status == 200 and value_at(one.json, "Resources") is None and equal(shown, one.json):
            return ""
    return f"{named(row)}: {_first_difference(shown, some[-1])}" if some else ""


def _first_difference(row: Mapping[str, Json], found: Exchange) -> str:
    if found.status != 200 or not isinstance(found.json, Mapping):
        return found.summary()
    unequal = (name for name, value in row.items() if not equal(value, value_at(found.json, name)))
    return f"another {next(unequal, 'form')} than in the list"


def rows_of_step(scene: ExecutionContext, step: str) -> list[Json]:
    """The rows of the list that a step read."""
    exchange = scene.exchange(step)
    return rows_of(exchange) if exchange else []


def every_row(what: str, wrong: Wrong, *, but_meta: bool = False) -> Ask:
    """Nothing is `wrong` with any of them; `but_meta` leaves out schemas that describe discovery itself."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not rows_of(exchange):
            return cannot_tell(what, f"there is no list: {exchange.summary()}")
        rows = [row for row in rows_of(exchange) if not (but_meta and value_at(row, "id") in META_SCHEMAS)]
        return all_right(what, (f"{named(row)}: {told}" for row in rows for told in wrong(row)))

    return ask


# Schemas


def attributes_of(schema: Json) -> Iterator[tuple[str, Json, Json]]:
    """Each attribute and sub-attribute with its dotted name, and the one around it (None for none)."""
    for one in listed(value_at(schema, "attributes")):
        yield str(value_at(one, "name")), one, None
        for sub in listed(value_at(one, "subAttributes")):
            yield f"{value_at(one, 'name')}.{value_at(sub, 'name')}", sub, one


def is_message(schema: Json) -> Iterator[str]:
    if str(value_at(schema, "id")).lower().startswith(MESSAGES):
        yield "a message of the protocol"


def without_urn(schema: Json) -> Iterator[str]:
    id = value_at(schema, "id")
    if not isinstance(id, str) or not id.lower().startswith("urn:"):
        yield f"id {show(id)}"


def without_schema_of(urn: str) -> Wrong:
    """The rows that do not name that schema."""

    def wrong(row: Json) -> Iterator[str]:
        if urn not in listed(value_at(row, "schemas")):
            yield f"schemas {show(value_at(row, 'schemas'))}"

    return wrong


def ill_defined(schema: Json) -> Iterator[str]:
    """Attributes without name, type or multiValued, or with a characteristic that is none of the words."""
    for path, one, _ in attributes_of(schema):
        if not is_text(value_at(one, "name")):
            yield f"an attribute has name {show(value_at(one, 'name'))}"
        if not isinstance(value_at(one, "type"), str):
            yield f"{path} has type {show(value_at(one, 'type'))}"
        if not isinstance(value_at(one, "multiValued"), bool):
            yield f"{path} has multiValued {show(value_at(one, 'multiValued'))}"
        for characteristic, words in WORDS.items():
            found = value_at(one, characteristic)
            right = found in words if words else isinstance(found, bool)
            if found is not None and not right:
                yield f"{path} has {characteristic} {show(found)}"


def of_no_type(schema: Json) -> Iterator[str]:
    for path, one, _ in attributes_of(schema):
        found = value_at(one, "type")
        if isinstance(found, str) and found not in TYPES:
            yield f"{path} has type {show(found)}"


def without_subs(schema: Json) -> Iterator[str]:
    for path, one, _ in attributes_of(schema):
        if value_at(one, "type") == "complex" and not listed(value_at(one, "subAttributes")):
            yield f"{path} is complex, without subAttributes"


def wrongly_referring(schema: Json) -> Iterator[str]:
    for path, one, _ in attributes_of(schema):
        found, refers = value_at(one, "referenceTypes"), value_at(one, "type") == "reference"
        if refers and not listed(found):
            yield f"{path} is a reference with referenceTypes {show(found)}"
        if not refers and found not in (None, []):
            yield f"{path} is no reference and has referenceTypes"


def ill_named(schema: Json) -> Iterator[str]:
    for path, one, _ in attributes_of(schema):
        name = value_at(one, "name")
        if isinstance(name, str) and name and name != "$ref" and not NAME.fullmatch(name):
            yield path


def nested(schema: Json) -> Iterator[str]:
    for path, one, around in attributes_of(schema):
        if around is not None and value_at(one, "type") == "complex":
            yield f"{path} is complex"


def of_other_meaning(schema: Json) -> Iterator[str]:
    for path, one, around in attributes_of(schema):
        wanted = MEANINGS.get(str(value_at(one, "name")).lower(), "") if around is not None else ""
        found = value_at(one, "type")
        if wanted and value_at(around, "multiValued") is True and isinstance(found, str) and found != wanted:
            yield f"{path} is {found}, not {wanted}"


# Resource types


def nameless(type: Json) -> Iterator[str]:
    if not is_text(value_at(type, "name")):
        yield f"name {show(value_at(type, 'name'))}"


def undescribed(type: Json) -> Iterator[str]:
    if not is_text(value_at(type, "description")):
        yield f"description {show(value_at(type, 'description'))}"


def relative(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Each type has an endpoint, a path below the base that does not repeat the path of the base."""
    base = scene.blanks.get("base", "").rstrip("/")

    def repeats(type: Json) -> Iterator[str]:
        yield from not_below(type)
        found = value_at(type, "endpoint")
        if base and isinstance(found, str) and f"/{found.strip('/')}".startswith(f"{base}/"):
            yield f"endpoint {show(found)} is not relative to the base"

    return every_row("each has an endpoint, a path below the base", repeats)(scene, exchange)


def not_below(type: Json) -> Iterator[str]:
    """Types whose endpoint is no path below the base."""
    found = value_at(type, "endpoint")
    parts = urlsplit(found) if isinstance(found, str) else None
    path = parts.path.strip("/") if parts else ""
    if not path or ".." in path.split("/") or (parts and (parts.scheme or parts.netloc)):
        yield f"endpoint {show(found)}"


def extensions_of(type: Json) -> list[Json]:
    return listed(value_at(type, "schemaExtensions"))


def ill_extended(type: Json) -> Iterator[str]:
    found = value_at(type, "schemaExtensions")
    if found is not None and not isinstance(found, list):
        yield f"schemaExtensions {show(found)}"
    for one in extensions_of(type):
        right = is_text(value_at(one, "schema")) and isinstance(value_at(one, "required"), bool)
        if not right:
            yield f"an extension {show(one)}"


def in_schemas(what: str, urns: Callable[[Json], list[Json]]) -> Ask:
    """These schemas of each type are in the target's own list; in other letters only it is a warning."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"{what} among /Schemas"
        if scene.discovery is None or "/Schemas" in scene.discovery.assumed:
            return does_not_apply("there is no usable /Schemas to look into")
        if not rows_of(exchange):
            return cannot_tell(expected, f"there is no list: {exchange.summary()}")
        known = {*scene.discovery.schemas, *META_SCHEMAS}
        missing = [
            f"{named(row)}: {show(urn)}" for row in rows_of(exchange) for urn in urns(row) if urn not in known
        ]
        lower = {urn.lower() for urn in known}
        lost = [
            f"{named(row)}: {show(urn)}"
            for row in rows_of(exchange)
            for urn in urns(row)
            if str(urn).lower() not in lower
        ]
        result = all_right(expected, missing)
        return result if lost or not missing else declined(expected, f"in other letters: {result.observed}")

    return ask


def misplaced(type: Json) -> Iterator[str]:
    """The types of users and of groups that are not at /Users and /Groups."""
    wanted = {CORE_USER.lower(): "/Users", CORE_GROUP.lower(): "/Groups"}
    place = wanted.get(str(value_at(type, "schema")).lower(), "")
    found = value_at(type, "endpoint")
    if place and f"/{str(found).strip('/')}" != place:
        yield f"endpoint {show(found)}, not {place}"


def plural(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    core = (CORE_USER.lower(), CORE_GROUP.lower())
    others = [row for row in rows_of(exchange) if str(value_at(row, "schema")).lower() not in core]
    wrong = (
        f"{named(row)} is at {show(value_at(row, 'endpoint'))}"
        for row in others
        if str(value_at(row, "endpoint")).rstrip("/").rpartition("/")[2] != f"{value_at(row, 'name')}s"
    )
    none = "" if others else "there are no other types than users and groups"
    return all_right("each other type at its name with an s", wrong, none)


def with_query(type: Json) -> Iterator[str]:
    for path in ("endpoint", "meta.location"):
        found = value_at(type, path)
        if isinstance(found, str) and "?" in found:
            yield f"{path} {show(found)}"


def endpoints_answer(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Each endpoint answers a list; one that this credential may not see is left out."""
    seen = answers_of(scene, exchange)
    open_to_us = [one for one in seen if one.status not in (401, 403)]
    wrong = (
        f"{one.request.target}: {one.summary()}"
        for one in open_to_us
        if one.status != 200 or LIST_RESPONSE not in listed(value_at(one.json, "schemas"))
    )
    shut = ", ".join(one.request.target for one in seen if one not in open_to_us)
    none = "" if open_to_us else f"this credential may not list {shut}"
    result = all_right("200 with a ListResponse from each endpoint", wrong, none)
    return (
        result._replace(observed=f"{result.observed} (not judged: {shut})") if shut and not none else result
    )
