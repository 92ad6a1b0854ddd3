"""What the schemas say of every attribute of a type, looked up by name in any letter case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from scim2_models import ResourceType, ScimProvider

_STRINGS = {"string", "reference"}


@dataclass(frozen=True)
class Attribute:
    """One attribute or sub-attribute; `subs` are those of a complex one, by name in small letters."""

    name: str
    kind: str = "string"
    many: bool = False
    returned: str = "default"
    mutability: str = "readWrite"
    targets: tuple[str, ...] = ()
    subs: Mapping[str, "Attribute"] = field(default_factory=dict)

    @cached_property
    def typed(self) -> bool:
        """Whether its values, or those of a sub-attribute, are anything but text."""
        if self.kind == "complex":
            return any(sub.typed for sub in self.subs.values())
        return self.kind not in _STRINGS

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """The sub-attributes that a plain read does not show."""
        return tuple(sub.name for sub in self.subs.values() if sub.returned in {"never", "request"})

    @property
    def to_resource(self) -> bool:
        """Whether it refers to a SCIM resource."""
        return self.kind == "reference" and not {"external", "uri"} & set(self.targets)


@dataclass(frozen=True)
class Container:
    """The attributes of one schema, where they stand in a resource: at the top or below a URN."""

    urn: str
    attributes: Mapping[str, Attribute]

    @cached_property
    def typed(self) -> Mapping[str, Attribute]:
        """The attributes with values that are not text."""
        return {key: each for key, each in self.attributes.items() if each.typed}

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """The attributes that a plain read does not show."""
        return tuple(each.name for each in self.attributes.values() if each.returned in {"never", "request"})

    @cached_property
    def half_hidden(self) -> tuple[Attribute, ...]:
        """The complex attributes of which a plain read does not show everything."""
        return tuple(each for each in self.attributes.values() if each.hidden)

    @cached_property
    def references(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The complex attributes that refer to resources, and by which sub-attributes."""
        found = (
            (each.name, tuple(sub.name for sub in each.subs.values() if sub.to_resource))
            for each in self.attributes.values()
        )
        return tuple((name, subs) for name, subs in found if subs)


@dataclass(frozen=True)
class TypeCharacteristics:
    """A resource type: what stands at the top, and what below the URN of an extension."""

    core: Container
    extensions: Mapping[str, Container]

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """The extensions, the longest URN first, then the core: the first whose URN fits a name is meant."""
        return (*sorted(self.extensions.values(), key=lambda each: -len(each.urn)), self.core)

    def find(self, path: str) -> Attribute | Container | None:
        """The attribute, sub-attribute or extension that a path without filters names."""
        small = path.lower()
        for container in self.containers:
            urn = container.urn.lower()
            if small == urn:
                return container
            if small.startswith(f"{urn}:"):
                return _within(container, small.removeprefix(f"{urn}:"))
        return _within(self.core, small)


def _within(container: Container, name: str) -> Attribute | None:
    head, _, sub = name.partition(".")
    attribute = container.attributes.get(head)
    return attribute.subs.get(sub) if attribute and sub else attribute


_COMMON = (
    Attribute("id", returned="always", mutability="readOnly"),
    Attribute("externalId"),
    Attribute("schemas", many=True, returned="always"),
    Attribute(
        "meta",
        "complex",
        mutability="readOnly",
        subs={
            name.lower(): Attribute(name, mutability="readOnly")
            for name in ("resourceType", "created", "lastModified", "location", "version")
        },
    ),
)


def characteristics(provider: ScimProvider) -> dict[str, TypeCharacteristics]:
    """Every resource type of a provider, by its name."""
    schemas = {
        str(schema.id).lower(): _attributes(schema.model_dump().get("attributes") or [])
        for schema in provider.schemas
    }
    return {str(kind.name): _type(kind, schemas) for kind in provider.resource_types}


def _type(kind: ResourceType, schemas: Mapping[str, dict[str, Attribute]]) -> TypeCharacteristics:
    urn = str(kind.schema_)
    common = {each.name.lower(): each for each in _COMMON}
    extensions = [str(each.schema_) for each in kind.schema_extensions or []]
    return TypeCharacteristics(
        Container(urn, {**common, **schemas[urn.lower()]}),
        {each.lower(): Container(each, schemas[each.lower()]) for each in extensions},
    )


def _attributes(definitions: Iterable[Mapping[str, Any]]) -> dict[str, Attribute]:
    found = (
        Attribute(
            str(each["name"]),
            str(each["type"]),
            bool(each.get("multiValued")),
            str(each.get("returned", "default")),
            str(each.get("mutability", "readWrite")),
            tuple(each.get("referenceTypes") or ()),
            _attributes(each.get("subAttributes") or ()),
        )
        for each in definitions
    )
    return {attribute.name.lower(): attribute for attribute in found}
