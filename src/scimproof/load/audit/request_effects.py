"""Effects of a request, and what an answer shows, in the few attributes that the audit follows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from scimproof.core.http_message import Json
from scimproof.core.scim import NAME_ATTRIBUTE, Kind, id_of, value_at
from scimproof.load.audit.register import ANY, Value
from scimproof.load.fast_json import load_json
from scimproof.load.plan.storage_rules import FOLLOWED

Verb = Literal["create", "replace", "patch", "delete", "read"]
KINDS: dict[str, Kind] = {"Users": "User", "Groups": "Group"}
TEXT_BOOLEANS = {"true": True, "false": False}
CORE = re.compile(r"urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):", re.IGNORECASE)
VERBS: dict[str, Verb] = {"PUT": "replace", "PATCH": "patch", "DELETE": "delete", "GET": "read"}
MEMBER = re.compile(r'members\[\s*value\s+eq\s+"((?:[^"\\]|\\.)*)"\s*\]', re.IGNORECASE)


@dataclass(slots=True)
class RequestEffect:
    """Effect of a request that is accepted: attributes, and who is in a group afterwards.

    `everyone` means that nobody is a member but those named. `name` is the userName or displayName as sent.
    """

    verb: Verb
    kind: Kind
    id: str = ""
    name: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    members: dict[str, bool] = field(default_factory=dict)
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class ShownResource:
    """Resource as an answer shows it; an attribute that it leaves out is not in `values`."""

    id: str
    name: str
    values: Mapping[str, Value]
    members: frozenset[str] | None = None


def known_value(attribute: str, value: Json) -> Value:
    """A value as it is compared; `active` is a boolean, also where a sender writes it as text ("True")."""
    if attribute == "active" and isinstance(value, str):
        value = TEXT_BOOLEANS.get(value.strip().casefold(), value)
    return plain(value)


def plain(value: Json) -> Value:
    """A value as it is compared: letter case, blanks and Unicode form aside."""
    if not isinstance(value, str):
        return value
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
    return " ".join(value.casefold().split())


def effect(method: str, target: str, body: bytes) -> RequestEffect | None:
    """What this request would do; None for one that the audit does not follow (lists, other endpoints)."""
    path, _, _ = target.partition("?")
    before, _, last = path.rpartition("/")
    if last in KINDS:
        return _created(KINDS[last], load_json(body)) if method == "POST" else None
    kind, verb = KINDS.get(before.rpartition("/")[2]), VERBS.get(method)
    if kind is None or verb is None or not last:
        return None
    found = RequestEffect(verb, kind, unquote(last))
    if verb in ("replace", "patch"):
        sent = load_json(body)
        if not isinstance(sent, dict):
            return None
        _replaced(found, sent) if verb == "replace" else _patched(found, sent)
    return found


def facts(
    kind: Kind, resource: Json, *, whole: bool = True, only: Collection[str] | None = None
) -> ShownResource | None:
    """What a resource in an answer shows; None for what is no resource with an id.

    A `whole` group that shows no members has none; a list may leave them out. `only` these attributes are
    looked at, where it is given.
    """
    id = id_of(resource)
    if not id:
        return None
    values = {}
    for attribute in FOLLOWED[kind]:
        value = _get(resource, attribute) if only is None or attribute in only else None
        if value not in (None, ""):
            values[attribute] = known_value(attribute, value)
    name, members = value_at(resource, NAME_ATTRIBUTE[kind]), value_at(resource, "members")
    told = kind == "Group" and (whole or members is not None)
    shown = frozenset(_values(members)) if told else None
    return ShownResource(id, name if isinstance(name, str) else "", values, shown)


def _created(kind: Kind, body: Json) -> RequestEffect | None:
    if not isinstance(body, dict):
        return None
    found = RequestEffect("create", kind)
    _replaced(found, body)
    # What a create leaves out gets the target's own default.
    found.values = {name: value for name, value in found.values.items() if value is not ANY}
    return found if found.name else None


def _replaced(found: RequestEffect, body: Mapping[str, Json]) -> None:
    for name in FOLLOWED[found.kind]:
        value = _get(body, name)
        # What a PUT leaves out may be cleared or kept (RFC 7644 section 3.5.1).
        found.values[name] = ANY if value in (None, "") else known_value(name, value)
    if found.kind == "Group":
        found.members, found.everyone = dict.fromkeys(_values(body.get("members")), True), True
    _take_name(found, body)


def _patched(found: RequestEffect, body: Mapping[str, Json]) -> None:
    operations = value_at(body, "Operations")
    for operation in operations if isinstance(operations, list) else ():
        if isinstance(operation, dict):
            _operation(found, str(operation.get("op")).lower(), operation.get("path"), operation.get("value"))


def _operation(found: RequestEffect, op: str, path: Json, value: Json) -> None:
    if not path:
        for name, one in value.items() if isinstance(value, dict) else ():
            _operation(found, op, name, one)
        return
    name = CORE.sub("", str(path), count=1)  # a path may begin with the schema of its attribute
    if found.kind == "Group" and name.lower().startswith("members"):
        _members(found, op, name, value)
        return
    known = next((one for one in FOLLOWED[found.kind] if one.lower() == name.lower()), None)
    if known:
        gone = op == "remove" or value in (None, "")
        found.values[known] = ANY if gone else known_value(known, value)
        _take_name(found, {known: value})
    elif name.lower() == "name" and isinstance(value, dict):
        for part, one in value.items():
            _operation(found, op, f"name.{part}", one)


def _members(found: RequestEffect, op: str, path: str, value: Json) -> None:
    one = MEMBER.fullmatch(path)
    if one:
        if op == "remove":
            found.members[one[1].replace('\\"', '"').replace("\\\\", "\\")] = False
        return
    named = list(_values(value))
    if op == "replace" or (op == "remove" and value is None):
        found.members, found.everyone = {}, True
    found.members.update(dict.fromkeys(named, op != "remove"))


def _values(members: Json) -> Iterator[str]:
    for member in members if isinstance(members, list) else ():
        if isinstance(member, dict) and member.get("value") is not None:
            yield str(member["value"])


def _take_name(found: RequestEffect, body: Mapping[str, Json]) -> None:
    name = body.get(NAME_ATTRIBUTE[found.kind])
    if isinstance(name, str):
        found.name = name


def _get(body: Json, path: str) -> Json:
    """An attribute; as it is written first, then in any letter case."""
    head, _, rest = path.partition(".")
    found = body.get(head) if isinstance(body, dict) else None
    if found is None:
        return value_at(body, path)
    return (found.get(rest) if isinstance(found, dict) else None) if rest else found
