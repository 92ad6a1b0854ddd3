"""SCIM vocabulary (schema URNs, attributes) and bodies: values by path, usable ids, members, ownership."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Collection, Mapping

from scimproof.core.http_message import Json

# The kind of a resource: "User", "Group", or for any other type its endpoint, such as "/Rooms".
Kind = str

# How a run marks what it creates.
PREFIX = re.compile(r"scimproof-[0-9a-z]{8}")
# Every name a run gives is the run's prefix, a dot, and a tag: six hexadecimal digits (catalog/identities),
# or under load the number of the identity with an x in it (load/workload/identities), up to 12 characters.
CREATED_NAME = re.compile(rf"({PREFIX.pattern})\.[0-9a-z]{{6,12}}[. ]")

# Schemas of resources (RFC 7643 sections 4.1 to 4.3) and of messages (RFC 7644 sections 3.4.2, 3.5.2, 3.12).
CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
# The attribute that has the name by which a resource is searched and recognised.
NAME_ATTRIBUTE: dict[Kind, str] = {"User": "userName", "Group": "displayName"}
GONE = (404, 410)  # statuses that say that a resource is not there
LONGEST_ID = 1024  # characters


def value_at(body: Json, path: str) -> Json:
    """The value at a dotted path (`name.familyName`, `emails.0.value`), None when it is not there.

    Attribute names match in any letter case (RFC 7643 section 2.1). A first part that is a schema URN
    ends at its last colon-free key, so `urn:…:2.0:User/department` separates with a slash.
    """
    parts = path.split("/") if path.startswith("urn:") else path.split(".")
    value = body
    for part in parts:
        if isinstance(value, list) and part.lstrip("-").isdigit():
            index = int(part)
            value = value[index] if -len(value) <= index < len(value) else None
        elif isinstance(value, Mapping):
            value = _member(value, part)
        else:
            return None
    return value


def _member(value: Mapping[str, Json], name: str) -> Json:
    if name in value:
        return value[name]
    lower = name.lower()
    return next((found for key, found in value.items() if key.lower() == lower), None)


def has(body: Json, path: str) -> bool:
    """Whether an attribute has a value: absent, null and an empty list are one (RFC 7643 section 2.5)."""
    return value_at(body, path) not in (None, [], {})


def usable_id(value: Json) -> str:
    """An `id` as the text that paths and members carry; empty for what no client can address a resource by.

    RFC 7643 section 3.1 wants a string; a number is taken as servers that send one mean it. A dot segment
    would be resolved to another resource (RFC 3986 section 5.2.4), and what is longer than LONGEST_ID fits
    into no request line.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    if not text.strip() or text in (".", "..") or len(text) > LONGEST_ID:
        return ""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return ""
    return text


def id_of(resource: Json) -> str:
    """The usable id of a resource in an answer; empty when it shows none."""
    # Nearly always spelled so: a third of the cost of looking in any letter case.
    id = resource.get("id") if type(resource) is dict else None
    return usable_id(value_at(resource, "id") if id is None else id)


def kind_of(target: str, endpoints: Collection[str] = ()) -> Kind:
    """Whether a request target is of users, of groups, or of another type by one of these endpoints."""
    path = target.partition("?")[0]
    for endpoint in endpoints:
        if path.endswith(endpoint) or f"{endpoint}/" in path:
            return endpoint
    return "Group" if path.rfind("/Groups") > path.rfind("/Users") else "User"


def endpoint_of(kind: Kind) -> str:
    """The endpoint of a kind below the base: `/Users`, `/Groups`, or what the kind says itself."""
    return kind if kind.startswith("/") else f"/{kind}s"


def discovers(target: str) -> bool:
    """Whether a request target is of a discovery document, all of them or one (RFC 7644 section 4)."""
    last = target.partition("?")[0].split("/")[-2:]
    return any(name in ("ResourceTypes", "Schemas", "ServiceProviderConfig") for name in last)


def carries(resource: Json, prefix: str, kind: Kind = "") -> bool:
    """Whether the resource's userName or displayName contains the prefix of a run.

    Of a resource without any name it is the externalId; of a type that is neither users nor groups, any text
    at the top of the resource.
    """
    if kind.startswith("/"):
        names = list(resource.values()) if isinstance(resource, Mapping) else []
    else:
        names = [value_at(resource, "userName"), value_at(resource, "displayName")]
        # Somebody without any name, whom a wrong target has made, is known by what else the run gave him.
        if not any(isinstance(name, str) and name.strip() for name in names):
            names = [value_at(resource, "externalId")]
    return bool(prefix) and any(isinstance(name, str) and prefix in name.casefold() for name in names)


def resources(body: Json) -> list[Json]:
    """The resources of a list answer; an empty list for any other body."""
    found = value_at(body, "Resources")
    return found if isinstance(found, list) else []


def primary_email(body: Json) -> Json:
    """The primary e-mail's value; the first one's where none says it is primary; else None."""
    emails = value_at(body, "emails")
    if not isinstance(emails, list):
        return None
    entries = [entry for entry in emails if isinstance(entry, Mapping)]
    primary = [entry for entry in entries if entry.get("primary") is True] or entries
    return primary[0].get("value") if primary else None


def member_ids(body: Json) -> set[str]:
    """The ids of a group's members as a set; empty when the attribute is absent, null or empty."""
    members = value_at(body, "members")
    if not isinstance(members, list):
        return set()
    return {str(entry.get("value")) for entry in members if isinstance(entry, Mapping)}


def name_in(kind: Kind, resource: Json) -> str | None:
    """The name that a resource shows: its userName or displayName; None where it shows none.

    Of any other type it is the first text that begins with the prefix of a run.
    """
    if kind in NAME_ATTRIBUTE:
        found = value_at(resource, NAME_ATTRIBUTE[kind])
        return found if isinstance(found, str) else None
    texts = (
        [one for one in resource.values() if isinstance(one, str)] if isinstance(resource, Mapping) else []
    )
    marked = [one for one in texts if PREFIX.match(one.casefold())]
    return next(iter(marked or texts), None)


def name_of(kind: Kind, resource: Json) -> str:
    """The name of a resource in a request: its userName or displayName."""
    if kind in NAME_ATTRIBUTE:
        return str(value_at(resource, NAME_ATTRIBUTE[kind]))
    return str(name_in(kind, resource))


def booked_name(kind: Kind, resource: Json, prefix: str) -> str:
    """The name under which a create is written to the ledger: its own, or one of the run's where it has none.

    A body without a usable name has to be refused; what a wrong target makes of it is still the run's.
    """
    name = name_of(kind, resource)
    return name if CREATED_NAME.match(name.casefold()) else f"{prefix}.nameless."


def shows(resource: Json, id: str, prefix: str, kind: Kind = "") -> bool:
    """Whether a resource that was read by that id has it, and has the prefix of the run in its name."""
    told = value_at(resource, "id")
    return carries(resource, prefix, kind) and (told is None or usable_id(told).casefold() == id.casefold())


def new_prefix(rng: random.Random | None = None) -> str:
    """A new prefix, `scimproof-` and eight lower-case letters or digits; drawn by `rng`, else at random."""
    pick = rng or random.SystemRandom()
    return "scimproof-" + "".join(pick.choices(string.ascii_lowercase + string.digits, k=8))
