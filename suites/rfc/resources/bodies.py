"""Bodies of resources of any type, made from what its schema says, with the run's prefix in their names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from scimproof.core.definitions import Case
from scimproof.core.discovery import Attribute, Discovery, ResourceType
from scimproof.core.http_message import Json
from scimproof.core.scim import CORE_GROUP, CORE_USER

from ..people import fitted
from ..values import value_for

DEVICES = "/Devices"  # RFC 9944: a create may have hardware taken into service
PREFIX = "{{prefix}}"


def playable(discovery: Discovery) -> list[ResourceType]:
    """The types of which resources are made; devices never are."""
    return [one for one in discovery.types if one.endpoint.lower() != DEVICES.lower()]


def kind_of(type: ResourceType) -> str:
    """`User`, `Group`, or the name that the target gives another type."""
    return {CORE_USER.lower(): "User", CORE_GROUP.lower(): "Group"}.get(type.schema.lower(), type.name)


def name_of(type: ResourceType, discovery: Discovery) -> Attribute | None:
    """The attribute that names a resource of the type, and can hold the run's prefix; None where none can."""
    usual = {"User": "userName", "Group": "displayName"}.get(kind_of(type), "")
    attributes = discovery.schema(type.schema)
    texts = [one for one in attributes if one.type == "string" and not one.multi_valued and _free(one)]
    if usual:
        known = next((one for one in attributes if one.name.lower() == usual.lower()), None)
        return known or Attribute(usual, type.schema, required=usual == "userName")
    return next((one for one in texts if one.required), texts[0] if texts else None)


def _free(attribute: Attribute) -> bool:
    """Whether a client can give it any text."""
    plain = value_for(attribute, PREFIX)
    return attribute.mutability in ("readWrite", "immutable") and isinstance(plain, str) and PREFIX in plain


def body_for(
    type: ResourceType, discovery: Discovery, tag: str, values: Mapping[str, Json] | None = None
) -> dict[str, Json] | str:
    """A body with a name, what is required, and these values; or why none can be made up.

    `tag` is 6 to 12 letters and digits: it marks the resource beside the run's prefix.
    """
    name = name_of(type, discovery)
    if name is None:
        return f"the type {type.name} has no text in which the run could mark its resources"
    marked = f"{PREFIX}.{tag}"
    given = {"schemas": [type.schema], name.name: value_for(name, marked), **(values or {})}
    made: dict[str, Json] = fitted(given, type, discovery, marked)
    needed = [one for one in discovery.schema(type.schema) if one.required]
    for one in needed:
        if one.name.lower() not in (key.lower() for key in made) and one.mutability != "readOnly":
            return f"no value can be made up for {one.name}, which the type {type.name} requires"
    return made


def case_for(
    type: ResourceType,
    discovery: Discovery,
    steps: Iterable[str],
    bodies: Mapping[str, Json] | str,
    *,
    key: str = "",
    texts: Mapping[str, str] | None = None,
    without: Mapping[str, str] | None = None,
) -> Case:
    """The case of a type with these bodies; where none could be made up none of its steps applies."""
    name = name_of(type, discovery)
    blanks = {"endpoint": type.endpoint, **(texts or {})}
    facts: dict[str, Json] = {"type": kind_of(type), "name": name.name if name else ""}
    if isinstance(bodies, str):
        return Case(key=key or type.name, facts=facts, without=dict.fromkeys(steps, bodies))
    blanks |= {blank: json.dumps(body, ensure_ascii=False) for blank, body in bodies.items()}
    return Case(key=key or type.name, blanks=blanks, facts=facts, without=without or {})


def extension_values(
    type: ResourceType, discovery: Discovery, tag: str
) -> Iterator[tuple[str, dict[str, Json]]]:
    """For each extension of a type whose schema is known, its URN and one attribute with a value."""
    for urn in type.extensions:
        writable = [one for one in discovery.schema(urn) if one.mutability == "readWrite"]
        shown = [one for one in writable if one.returned in ("default", "always")]
        for one in sorted(shown, key=lambda each: (each.type != "string", each.multi_valued)):
            if (value := value_for(one, f"{PREFIX}.{tag}")) is not None:
                yield urn, {one.name: value}
                break
