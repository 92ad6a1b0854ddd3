"""What every resource is asked that an answer of the run shows: schemas, ids, dates, what its schemas say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.own_resources import below, is_list, of_resources, own
from scimproof.checks.schema_conformity import UNKNOWN, Conformity, values
from scimproof.checks.schema_equality import VERSION, instant, same_instant
from scimproof.core.definitions import GlobalCheck, RunKnowledge
from scimproof.core.discovery import Discovery, ResourceType
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, grave, held
from scimproof.core.scim import id_of, value_at

MOMENT = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
ZONED = re.compile(r".*(Z|[+-]\d\d:\d\d)")
URI = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
NOWHERE = ("external", "uri")  # reference types that are no resources
MOST = 3
Row = Mapping[str, Json]


def schemas_of_type(_: Exchange, type: ResourceType, row: Row, run: RunKnowledge) -> CheckResult | None:
    discovery, found = run.discovery(), value_at(row, "schemas")
    if discovery is None or "/ResourceTypes" in discovery.assumed or not isinstance(found, list):
        return None
    known = [urn.lower() for urn in (type.schema, *type.extensions)]
    strange = [show(urn) for urn in found if str(urn).lower() not in known]
    expected = f"only schemas of the type {type.name}"
    return broken(expected, ", ".join(strange)) if strange else held(expected)


def schemas_once(_: Exchange, __: ResourceType, row: Row, ___: RunKnowledge) -> CheckResult | None:
    found = value_at(row, "schemas")
    if not isinstance(found, list):
        return None
    twice = {show(urn) for urn in found if found.count(urn) > 1}
    return broken("each schema once", ", ".join(sorted(twice))) if twice else held("each schema once")


def schema_listed(_: Exchange, __: ResourceType, row: Row, run: RunKnowledge) -> CheckResult | None:
    discovery, found = run.discovery(), value_at(row, "schemas")
    if discovery is None or "/Schemas" in discovery.assumed or not isinstance(found, list):
        return None
    known = [urn.lower() for urn in discovery.schemas]
    missing = [show(urn) for urn in found if str(urn).lower() not in known]
    expected = "each of its schemas among /Schemas"
    return broken(expected, ", ".join(missing)) if missing else held(expected)


def no_bulk_id(_: Exchange, __: ResourceType, row: Row, ___: RunKnowledge) -> CheckResult:
    expected = "an id without the word bulkId"
    return broken(expected, show(id_of(row))) if "bulkId" in id_of(row) else held(expected)


def date_times(_: Exchange, type: ResourceType, row: Row, run: RunKnowledge) -> CheckResult | None:
    """Dates with a time; one without a zone is a warning."""
    discovery = run.discovery()
    found = {path: value_at(row, path) for path in ("meta.created", "meta.lastModified")}
    if discovery is not None:
        of_schema = (one for one in values(type, discovery, row) if one[0].type == "dateTime")
        found |= {attribute.path: value for attribute, value in of_schema}
    expected = "dateTimes as 2026-12-31T12:00:00Z"
    there = {path: value for path, value in found.items() if value is not None}
    wrong = [f"{path} is {show(value)}" for path, value in there.items() if not _is_moment(value)]
    if wrong:
        return broken(expected, "; ".join(wrong[:MOST]))
    bare = [f"{path} is {show(value)}" for path, value in there.items() if not ZONED.fullmatch(str(value))]
    if bare:
        return declined(expected, f"without a zone: {'; '.join(bare[:MOST])}")
    return held(expected) if there else None


def _is_moment(value: Json) -> bool:
    return isinstance(value, str) and bool(MOMENT.fullmatch(value)) and instant(value) is not None


def booleans(_: Exchange, type: ResourceType, row: Row, run: RunKnowledge) -> CheckResult | None:
    if (discovery := run.discovery()) is None:
        return None
    found = [one for one in values(type, discovery, row) if one[0].type == "boolean"]
    wrong = [f"{one.path} is {show(value)}" for one, value in found if not isinstance(value, bool)]
    expected = "booleans true or false"
    return broken(expected, "; ".join(wrong[:MOST])) if wrong else held(expected) if found else None


def never_shown(_: Exchange, type: ResourceType, row: Row, run: RunKnowledge) -> CheckResult | None:
    if (discovery := run.discovery()) is None:
        return None
    shown = {
        one.path
        for one, value in values(type, discovery, row)
        if (one.returned == "never" or one.mutability == "writeOnly") and value != {}
    }
    expected = "nothing that is writeOnly or returned never"
    return broken(expected, f"a value of {', '.join(sorted(shown))}") if shown else held(expected)


def references(_: Exchange, type: ResourceType, row: Row, run: RunKnowledge) -> CheckResult | None:
    """References to resources are URIs: absolute, or paths; the bare id is none."""
    if (discovery := run.discovery()) is None:
        return None
    found = [
        (one.path, value)
        for one, value in values(type, discovery, row)
        if one.type == "reference" and not {kind.lower() for kind in one.reference_types} <= {*NOWHERE}
    ]
    wrong = [f"{path} is {show(value)}" for path, value in found if not _is_uri(value)]
    expected = "references, each a URI or a path below the base"
    return broken(expected, "; ".join(wrong[:MOST])) if wrong else held(expected) if found else None


def _is_uri(value: Json) -> bool:
    return isinstance(value, str) and bool(URI.fullmatch(value)) and ("/" in value or ":" in value)


def version_aside(exchange: Exchange, type: ResourceType, row: Row, run: RunKnowledge) -> CheckResult | None:
    """meta.location of a resource is where it was read, whether one of them names the version or not."""
    location = value_at(row, "meta.location")
    asked = unquote(urlsplit(exchange.request.target).path)
    by_id = below(exchange, run).rstrip("/") == f"{type.endpoint}/{id_of(row)}"
    if exchange.request.method != "GET" or not by_id or not isinstance(location, str):
        return None
    shown = unquote(urlsplit(location).path)
    expected = f"meta.location at {asked}, with the version or without"
    right = _without_version(shown) in _endings(_without_version(asked), run)
    return held(expected, location) if right else broken(expected, show(location))


def _without_version(path: str) -> str:
    return VERSION.sub("", path).rstrip("/")


def _endings(path: str, run: RunKnowledge) -> set[str]:
    """The path, and what it is relative to the base."""
    relative = path.removeprefix(VERSION.sub("", f"{run.base}/").rstrip("/"))
    return {path, relative, relative.lstrip("/")}


def version_is_tag(exchange: Exchange, _: ResourceType, row: Row, __: RunKnowledge) -> CheckResult | None:
    tag, version = exchange.header("ETag"), value_at(row, "meta.version")
    if tag is None or version is None or is_list(exchange.json):
        return None
    expected = f"meta.version {show(tag)}, as ETag"
    return held(expected) if tag == version else broken(expected, show(version))


class Conforms:
    """Whether resources are as their schemas say; an unknown attribute is the milder case."""

    def __init__(self) -> None:
        self._held_to: Conformity | None = None

    def look(self, exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
        """What the resources of this answer are not."""
        discovery = run.discovery()
        if discovery is None or discovery.assumed:
            return None
        judged = [self._judge(type, row, discovery) for type, row in own(exchange, run)]
        worst = [one for one in judged if one.weight == "grave"] or [one for one in judged if not one.held]
        return next(iter(worst or judged), None)

    def conclude(self, _: RunKnowledge) -> CheckResult | None:
        """Nothing beyond."""
        return None

    def _judge(self, type: ResourceType, row: Row, discovery: Discovery) -> CheckResult:
        if self._held_to is None or self._held_to.discovery is not discovery:
            self._held_to = Conformity(discovery)
        expected = f"a {type.name} as /Schemas has it"
        found = list(self._held_to.wrongs(type, row))
        told = [
            f"{one.pointer} is not in the schema"
            if one.rule == UNKNOWN
            else f"{one.pointer} is {show(one.value)}, not {one.expected}"
            for one in sorted(found, key=lambda one: one.rule == UNKNOWN)
        ]
        more = f"; and {len(told) - MOST} places more" if len(told) > MOST else ""
        if not found:
            return held(expected)
        weight = broken if all(one.rule == UNKNOWN for one in found) else grave
        return weight(expected, "; ".join(told[:MOST]) + more)


class OneId:
    """Whether no two resources have one id: of whatever types, while both are there."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}

    def look(self, exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
        """Whether an id of this answer was another resource's before."""
        shown = own(exchange, run)
        result = None
        for type, row in shown:
            id = id_of(row)
            if not id:
                continue
            before = self._types.setdefault(id, type.name)
            expected = "an id that no other resource has"
            again = exchange.known and exchange.request.method == "POST" and exchange.status == 201
            if before != type.name:
                return broken(expected, f"{id}, which is the id of a {before} and of a {type.name}")
            if again:
                return broken(expected, f"{id}, which a create was answered with before")
            result = held(expected)
        if self._gone(exchange):
            self._types.pop(urlsplit(exchange.request.target).path.rpartition("/")[2], None)
        return result

    def conclude(self, _: RunKnowledge) -> CheckResult | None:
        """Nothing beyond."""
        return None

    @staticmethod
    def _gone(exchange: Exchange) -> bool:
        return exchange.request.method == "DELETE" and exchange.ok


class Created:
    """Whether meta.created of a resource stays what it was at first."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], str] = {}

    def look(self, exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
        """Whether the resources of this answer show the moment that they showed before."""
        result = None
        if exchange.request.method == "DELETE" and exchange.ok:
            id = urlsplit(exchange.request.target).path.rpartition("/")[2]
            self._first = {key: value for key, value in self._first.items() if key[1] != id}
        for type, row in own(exchange, run):
            id, created = id_of(row), value_at(row, "meta.created")
            if not id or not isinstance(created, str):
                continue
            first = self._first.setdefault((type.name, id), created)
            expected = f"meta.created of {id} as at first: {first}"
            if not same_instant(first, created):
                return broken(expected, created)
            result = held(expected)
        return result

    def conclude(self, _: RunKnowledge) -> CheckResult | None:
        """Nothing beyond."""
        return None


RESOURCES: tuple[GlobalCheck, ...] = (
    GlobalCheck("rfc7643-3-schemas-of-type", watch=of_resources(schemas_of_type)),
    GlobalCheck("rfc7643-3-schemas-once", watch=of_resources(schemas_once)),
    GlobalCheck("rfc7643-7-schema-listed", watch=of_resources(schema_listed)),
    GlobalCheck("rfc7643-3.1-id-unique", watch=OneId),
    GlobalCheck("rfc7643-3.1-id-bulkid", watch=of_resources(no_bulk_id)),
    GlobalCheck("rfc7643-3.1-created", watch=Created),
    GlobalCheck("rfc7643-2.3.5-date-time", watch=of_resources(date_times)),
    GlobalCheck("rfc7643-2.3.2-boolean", watch=of_resources(booleans)),
    GlobalCheck("rfc7643-7-conforms", watch=Conforms),
    GlobalCheck("rfc7643-7-never", watch=of_resources(never_shown)),
    GlobalCheck("rfc7643-2.3.7-uri", watch=of_resources(references)),
    GlobalCheck("rfc7643-2.4-version-segment", watch=of_resources(version_aside)),
    GlobalCheck("rfc7643-3.1-version-is-etag", watch=of_resources(version_is_tag)),
)
