"""Effects of a request, and what an answer shows: attributes by path, members as a set, existence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, unquote

from scimproof.core.http_message import Json, parse_json
from scimproof.core.scim import ENTERPRISE_USER, NAME_ATTRIBUTE, Kind, id_of, value_at
from scimproof.state.multi_valued import Edit
from scimproof.state.register import ANY, Value

Verb = Literal["create", "replace", "patch", "delete", "read"]
KINDS: dict[str, Kind] = {"Users": "User", "Groups": "Group"}
TEXT_BOOLEANS = {"true": True, "false": False}
CORE = re.compile(r"urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):", re.IGNORECASE)
# An attribute behind the URN of its schema, such as `urn:…:2.0:User:manager`: its parts follow a dot.
IN_EXTENSION = re.compile(r":\d+\.\d+:[^:]+:[^:]+$")
VERBS: dict[str, Verb] = {"PUT": "replace", "PATCH": "patch", "DELETE": "delete", "GET": "read"}
MEMBER = re.compile(r'members\[\s*value\s+eq\s+"((?:[^"\\]|\\.)*)"\s*\]', re.IGNORECASE)
# The few attributes that the audit of a load run follows, where thousands of writes a second are noted.
Followed = Mapping[Kind, tuple[str, ...]]
FOLLOWED: Followed = {
    "User": ("userName", "active", "displayName", "title", "externalId", "name.givenName", "name.familyName"),
    "Group": ("displayName",),
}


@dataclass(slots=True)
class RequestEffect:
    """Effect of a request that is accepted: attributes, and who is in a group afterwards.

    `everyone` means that nobody is a member but those named. `name` is the userName or displayName as sent.
    `whole`: every attribute is followed, by paths in lower case that `spelled` has as they were sent; `rest`
    then says that what is not named may be cleared or kept (a PUT, RFC 7644 section 3.5.1).
    """

    verb: Verb
    kind: Kind
    id: str = ""
    name: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    members: dict[str, bool] = field(default_factory=dict)
    everyone: bool = False
    whole: bool = False
    rest: bool = False
    spelled: dict[str, str] = field(default_factory=dict)

    def sets(self, path: str, value: Value) -> None:
        """One attribute, by its path as sent."""
        self.spelled.setdefault(path.lower(), path)
        self.values[path.lower()] = value


@dataclass(frozen=True, slots=True)
class ShownResource:
    """Resource as an answer shows it; an attribute that it leaves out is not in `values`."""

    id: str
    name: str
    values: Mapping[str, Value]
    members: frozenset[str] | None = None


def known_value(attribute: str, value: Json) -> Value:
    """A value as it is compared; `active` is a boolean, also where a sender writes it as text ("True")."""
    return plain(boolean(value) if attribute == "active" else value)


def boolean(value: Json) -> Json:
    """A boolean that a sender wrote as text ("True", "False"); any other value as it is."""
    return TEXT_BOOLEANS.get(value.strip().casefold(), value) if isinstance(value, str) else value


def plain(value: Json) -> Value:
    """A value as it is compared: letter case, blanks and Unicode form aside."""
    if not isinstance(value, str):
        return value
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
    return " ".join(value.casefold().split())


def leaves(body: Mapping[str, Json], before: str = "") -> Iterator[tuple[str, Json]]:
    """The attributes of a resource by path (`name.givenName`, `urn:…:User:department`); lists are values."""
    for key, value in body.items():
        path = f"{before}{key}"
        if isinstance(value, dict):
            yield from leaves(value, path + (":" if key.lower().startswith("urn:") else "."))
        else:
            yield path, value


def effect(
    method: str,
    target: str,
    body: bytes,
    *,
    followed: Followed | None = FOLLOWED,
    parse: Callable[[bytes], Json] = parse_json,
) -> RequestEffect | None:
    """What this request would do; None for one that is not about a resource (lists, other endpoints).

    Of the attributes only those `followed`, with values as they are compared; None for all, as they were
    sent.
    """
    path, _, _ = target.partition("?")
    before, _, last = path.rpartition("/")
    if last in KINDS:
        return _created(KINDS[last], parse(body), followed) if method == "POST" else None
    kind, verb = KINDS.get(before.rpartition("/")[2]), VERBS.get(method)
    if kind is None or verb is None or not last:
        return None
    found = RequestEffect(verb, kind, unquote(last), whole=followed is None)
    if verb in ("replace", "patch"):
        sent = parse(body)
        if not isinstance(sent, dict):
            return None
        names = None if followed is None else followed[kind]
        _replaced(found, sent, names) if verb == "replace" else _patched(found, sent, names)
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
    shown = frozenset(values_of(members)) if told else None
    return ShownResource(id, name if isinstance(name, str) else "", values, shown)


def left_out(target: str) -> Callable[[str], bool]:
    """Which attributes a read asks to have left out of the answer, by their path (RFC 7644 section 3.9)."""
    query = parse_qs(target.partition("?")[2])

    def named(parameter: str) -> tuple[str, ...]:
        return tuple(name.strip().lower() for text in query.get(parameter, ()) for name in text.split(","))

    without, only = named("excludedAttributes"), named("attributes")

    def among(path: str, names: tuple[str, ...]) -> bool:
        return any(path == name or path.startswith((f"{name}.", f"{name}:")) for name in names)

    return lambda path: among(path.lower(), without) or (bool(only) and not among(path.lower(), only))


def _created(kind: Kind, body: Json, followed: Followed | None) -> RequestEffect | None:
    if not isinstance(body, dict):
        return None
    found = RequestEffect("create", kind, whole=followed is None)
    _replaced(found, body, None if followed is None else followed[kind])
    # What a create leaves out gets the target's own default.
    found.values = {name: value for name, value in found.values.items() if value is not ANY}
    found.rest = False
    return found if found.name else None


def _replaced(found: RequestEffect, body: Mapping[str, Json], names: Collection[str] | None) -> None:
    if names is None:
        found.rest = True
        for path, value in leaves(body):
            if not _is_members(found.kind, path):
                found.sets(*(_of_one_value(path, value) or (path, _sent(path, value))))
    for name in names or ():
        value = _get(body, name)
        # What a PUT leaves out may be cleared or kept (RFC 7644 section 3.5.1).
        found.values[name] = ANY if value in (None, "") else known_value(name, value)
    if found.kind == "Group":
        found.members, found.everyone = dict.fromkeys(values_of(body.get("members")), True), True
    _take_name(found, body)


def _sent(path: str, value: Json) -> Value:
    """A value that was sent; an emptied attribute may get any default of the target's."""
    if value in (None, "", [], {}):
        return ANY
    return boolean(value) if path.lower() == "active" else value


def _patched(found: RequestEffect, body: Mapping[str, Json], names: Collection[str] | None) -> None:
    operations = value_at(body, "Operations")
    for operation in operations if isinstance(operations, list) else ():
        if isinstance(operation, dict):
            op, value = str(operation.get("op")).lower(), operation.get("value")
            _operation(found, op, operation.get("path"), value, names)


def _operation(found: RequestEffect, op: str, path: Json, value: Json, names: Collection[str] | None) -> None:
    if not path:
        for name, one in value.items() if isinstance(value, dict) else ():
            _operation(found, op, name, one, names)
        return
    name = CORE.sub("", str(path), count=1)  # a path may begin with the schema of its attribute
    if _is_members(found.kind, name):
        _members(found, op, name, value)
    elif names is None:
        _attribute(found, op, name, value)
    elif known := next((one for one in names if one.lower() == name.lower()), None):
        gone = op == "remove" or value in (None, "")
        found.values[known] = ANY if gone else known_value(known, value)
        _take_name(found, {known: value})
    elif name.lower() == "name" and isinstance(value, dict):
        for part, one in value.items():
            _operation(found, op, f"name.{part}", one, names)


def _attribute(found: RequestEffect, op: str, path: str, value: Json) -> None:
    """One operation of a PATCH where every attribute is followed."""
    if whole := _of_one_value(path, value):
        path, value = whole
    if isinstance(value, dict) and op != "remove" and "[" not in path:
        extension = path.lower().startswith("urn:") and not IN_EXTENSION.search(path)
        for part, one in leaves(value, path + (":" if extension else ".")):
            _attribute(found, op, part, one)
        return
    if isinstance(value, list) and any(map(_is_document, value)):
        found.sets(path, ANY)  # a target may read the document, or keep the text
        return
    if edit := Edit.of(op, path, value):
        earlier = found.values.get(edit.attribute.lower())
        found.sets(edit.attribute, edit if earlier is None else edit.after(earlier))
        return
    found.sets(path, ANY if op == "remove" else _sent(path, value))
    _take_name(found, {path: value})


def _is_document(entry: Json) -> bool:
    """Whether an entry of a list comes as a JSON document inside a string, as one sender's roles do."""
    value = value_at(entry, "value")
    return isinstance(value, str) and value.startswith("{") and isinstance(parse_json(value.encode()), dict)


def _of_one_value(path: str, value: Json) -> tuple[str, Value] | None:
    """Where a value is shown that some senders write for a whole attribute; None for any other attribute.

    The manager (RFC 7643 section 4.3) comes as a bare id, or in a list, and empty when there is none: then a
    target may show none at all, or an object without a value.
    """
    if isinstance(value, dict) or not (path.lower().endswith(":manager") or path.lower() == "manager"):
        return None
    where = f"{ENTERPRISE_USER}:manager.value"
    return (where, value) if isinstance(value, str) and value and path != "manager" else (where, ANY)


def _is_members(kind: Kind, path: str) -> bool:
    return kind == "Group" and path.lower().startswith("members")


def _members(found: RequestEffect, op: str, path: str, value: Json) -> None:
    one = MEMBER.fullmatch(path)
    if one:
        if op == "remove":
            found.members[one[1].replace('\\"', '"').replace("\\\\", "\\")] = False
        return
    named = list(values_of(value))
    if op == "replace" or (op == "remove" and value is None):
        found.members, found.everyone = {}, True
    found.members.update(dict.fromkeys(named, op != "remove"))


def values_of(members: Json) -> Iterator[str]:
    """The ids in a list of members."""
    for member in members if isinstance(members, list) else ():
        if isinstance(member, dict) and member.get("value") is not None:
            yield str(member["value"])


def _take_name(found: RequestEffect, body: Mapping[str, Json]) -> None:
    attribute = NAME_ATTRIBUTE[found.kind]
    name = body.get(
        attribute
    )  # a fifth of the cost of looking in any letter case, thousands of times a second
    if name is None and found.whole:
        name = value_at(body, attribute)
    if isinstance(name, str):
        found.name = name


def _get(body: Json, path: str) -> Json:
    """An attribute; as it is written first, then in any letter case."""
    head, _, rest = path.partition(".")
    found = body.get(head) if isinstance(body, dict) else None
    if found is None:
        return value_at(body, path)
    return (found.get(rest) if isinstance(found, dict) else None) if rest else found
