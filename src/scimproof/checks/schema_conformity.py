"""Holds resources to the schemas that the target publishes: unknown attributes, JSON types, one or many."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from scimproof.core.discovery import Attribute, Discovery, ResourceType
from scimproof.core.http_message import Json
from scimproof.core.validation import Schema, Wrong, scim_of, wrongs

MOST_WRONG = 100  # places in one resource that are looked at
UNKNOWN = "additionalProperties"  # the rule that an attribute breaks which no schema has
TEXT: Schema = {"type": "string"}
# The attributes of every resource (RFC 7643 section 3.1), which no schema lists. meta may have others beside.
COMMON: Schema = {
    "schemas": {"type": "array", "items": TEXT},
    "id": TEXT,
    "externalId": TEXT,
    "meta": {
        "type": "object",
        "properties": dict.fromkeys(("resourceType", "created", "lastModified", "location", "version"), TEXT),
    },
}
# The sub-attributes that every value of a list may have (RFC 7643 section 2.4), whatever its schema lists.
USUAL: Schema = {
    "type": TEXT,
    "primary": {"type": "boolean"},
    "display": TEXT,
    "$ref": TEXT,
    "value": {},
}
TYPES: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    **dict.fromkeys(("string", "dateTime", "binary", "reference"), TEXT),
}


class Conformity:
    """Holds resources to what one Discovery says of their types."""

    def __init__(self, discovery: Discovery) -> None:
        self.discovery = discovery
        self._validators: dict[str, Any] = {}

    def wrongs(self, type: ResourceType, resource: Json) -> Iterator[Wrong]:
        """Each place of the resource that is not as its schemas say."""
        if type.name not in self._validators:
            self._validators[type.name] = scim_of(json_schema(type, self.discovery))
        return itertools.islice(wrongs(self._validators[type.name], resource), MOST_WRONG)


def json_schema(type: ResourceType, discovery: Discovery) -> Schema:
    """The JSON Schema that resources of a type have to fit."""
    properties = {**COMMON, **_properties(discovery.schema(type.schema))}
    for urn in type.extensions:
        if known := discovery.schema(urn):
            properties[urn] = {"type": "object", "properties": _properties(known), UNKNOWN: False}
        else:
            properties[urn] = {"type": "object"}  # what no schema describes cannot be held to one
    return {"type": "object", "properties": properties, UNKNOWN: False}


def _properties(attributes: tuple[Attribute, ...]) -> Schema:
    return {one.name: _of(one) for one in attributes}


def _of(attribute: Attribute) -> Schema:
    one = _value(attribute)
    return {"type": "array", "items": one} if attribute.multi_valued else one


def _value(attribute: Attribute) -> Schema:
    """What one value of an attribute has to be."""
    if attribute.type != "complex":
        return TYPES.get(attribute.type, {})
    if not attribute.sub_attributes:
        return {"type": "object"}
    listed = _properties(attribute.sub_attributes)
    there = {name.lower() for name in listed}
    usual = {name: said for name, said in USUAL.items() if name.lower() not in there}
    properties: dict[str, Any] = {**(usual if attribute.multi_valued else {}), **listed}
    return {"type": "object", "properties": properties, UNKNOWN: False}


def values(type: ResourceType, discovery: Discovery, resource: Json) -> Iterator[tuple[Attribute, Json]]:
    """Each value in a resource, lists one by one, with the attribute or sub-attribute that it is of."""
    if not isinstance(resource, Mapping):
        return
    by_name = {key.lower(): value for key, value in resource.items()}
    for urn in (type.schema, *type.extensions):
        held = by_name if urn == type.schema else _small(by_name.get(urn.lower()))
        for attribute in discovery.schema(urn):
            yield from _values_of(attribute, held.get(attribute.name.lower()))


def _values_of(attribute: Attribute, found: Json) -> Iterator[tuple[Attribute, Json]]:
    for value in found if isinstance(found, list) else [found]:
        if value is None:
            continue
        yield attribute, value
        below = _small(value) if attribute.sub_attributes else {}
        for sub in attribute.sub_attributes:
            yield from _values_of(sub, below.get(sub.name.lower()))


def _small(value: Json) -> Mapping[str, Json]:
    """An object with the names of its members in small letters; empty for anything else."""
    return {key.lower(): one for key, one in value.items()} if isinstance(value, Mapping) else {}
