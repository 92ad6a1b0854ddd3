"""What a target says of itself (RFC 7644 section 4): features, resource types, attributes of its schemas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from scimproof.core.http_message import Json
from scimproof.core.scim import CORE_GROUP, CORE_USER, ENTERPRISE_USER, resources, value_at

FEATURES = ("patch", "bulk", "filter", "sort", "etag", "changePassword")
# Messages and the schemas of discovery itself, which describe no resource of a client.
META_SCHEMAS = tuple(
    f"urn:ietf:params:scim:schemas:core:2.0:{name}"
    for name in ("Schema", "ResourceType", "ServiceProviderConfig")
)
COMMON = ("schemas", "id", "externalId", "meta")  # attributes of every resource (RFC 7643 section 3.1)


@dataclass(frozen=True)
class Attribute:
    """One attribute of a schema with its characteristics; what is left out has the default of RFC 7643 2.2.

    `schema` is the URN of the schema that has it; `parent` the complex attribute around it, empty for none.
    """

    name: str
    schema: str = ""
    parent: str = ""
    type: str = "string"
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    canonical: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple[Attribute, ...] = ()

    @property
    def dotted(self) -> str:
        """`name.familyName`: the name below the schema."""
        return f"{self.parent}.{self.name}" if self.parent else self.name

    @property
    def path(self) -> str:
        """The path as PATCH and filters have it: with the URN of the schema where that is an extension's."""
        core = not self.schema or self.schema.startswith("urn:ietf:params:scim:schemas:core:")
        return self.dotted if core else f"{self.schema}:{self.dotted}"

    @property
    def leads_outside(self) -> bool:
        """Whether a reference may lead to what is no resource of the target (RFC 7643 section 7)."""
        named = {one.lower() for one in self.reference_types}
        return not named or bool(named & {"external", "uri"})

    def sub(self, name: str) -> Attribute | None:
        """The sub-attribute of that name, in any letter case."""
        return next((one for one in self.sub_attributes if one.name.lower() == name.lower()), None)

    @classmethod
    def of(cls, row: Json, schema: str, parent: str = "") -> Attribute | None:
        """The attribute as /Schemas describes it; None for what has no name."""
        name = value_at(row, "name")
        if not isinstance(name, str) or not name:
            return None

        def word(key: str, usual: str) -> str:
            found = value_at(row, key)
            return found if isinstance(found, str) else usual

        def texts(key: str) -> tuple[str, ...]:
            found = value_at(row, key)
            return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()

        below = value_at(row, "subAttributes")
        subs = [cls.of(one, schema, name) for one in below] if isinstance(below, list) and not parent else []
        return cls(
            name=name,
            schema=schema,
            parent=parent,
            type=word("type", "string"),
            multi_valued=value_at(row, "multiValued") is True,
            required=value_at(row, "required") is True,
            case_exact=value_at(row, "caseExact") is True,
            mutability=word("mutability", "readWrite"),
            returned=word("returned", "default"),
            uniqueness=word("uniqueness", "none"),
            canonical=texts("canonicalValues"),
            reference_types=texts("referenceTypes"),
            sub_attributes=tuple(sub for sub in subs if sub),
        )


@dataclass(frozen=True)
class ResourceType:
    """A resource type: its name, its endpoint below the base (`/Users`), its schema, its extensions.

    `required` are those of its extensions that every resource has to have; `id` is its own, where it has one.
    """

    name: str
    endpoint: str
    schema: str
    extensions: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True)
class Discovery:
    """What the discovery documents of a target say, as far as they could be read.

    `config` is the ServiceProviderConfig, None where it could not be read. `schemas` are the attributes of
    each schema by its URN. `assumed` says why schemas or types are those of RFC 7643 instead of the target's
    own; empty where they are its own. `settings` are what the user of a run gave (`auth:bearer`).
    """

    config: Json = None
    schemas: Mapping[str, tuple[Attribute, ...]] = field(default_factory=dict)
    types: tuple[ResourceType, ...] = ()
    assumed: str = ""
    settings: frozenset[str] = frozenset()

    def type_of(self, schema: str) -> ResourceType | None:
        """The resource type of that schema, by URN; None where the target has none."""
        return next((one for one in self.types if one.schema.lower() == schema.lower()), None)

    def without(self, schema: str) -> Discovery:
        """The same without the resource type of that schema, which nobody is to ask for."""
        return replace(self, types=tuple(one for one in self.types if one.schema.lower() != schema.lower()))

    def type_at(self, path: str) -> ResourceType | None:
        """The resource type whose endpoint that is, with or without an id behind it."""
        found = [one for one in self.types if f"{path}/".startswith(one.endpoint.rstrip("/") + "/")]
        return max(found, key=lambda one: len(one.endpoint), default=None)

    @property
    def user(self) -> ResourceType:
        """The type of users; that of RFC 7643 where the target names none."""
        return self.type_of(CORE_USER) or ResourceType("User", "/Users", CORE_USER)

    @property
    def group(self) -> ResourceType | None:
        """The type of groups, None where the target has none."""
        return self.type_of(CORE_GROUP)

    @property
    def others(self) -> list[ResourceType]:
        """The types that are neither users nor groups."""
        return [
            one for one in self.types if one.schema.lower() not in (CORE_USER.lower(), CORE_GROUP.lower())
        ]

    def attributes(self, type: ResourceType) -> Iterator[Attribute]:
        """The attributes of a type, its extensions included; without sub-attributes."""
        for urn in (type.schema, *type.extensions):
            for attribute in self.schema(urn):
                if urn != type.schema or attribute.name.lower() not in (name.lower() for name in COMMON):
                    yield attribute

    def schema(self, urn: str) -> tuple[Attribute, ...]:
        """The attributes of that schema, the URN in any letter case; empty where it is not listed."""
        if urn in self.schemas:
            return self.schemas[urn]
        return next((found for key, found in self.schemas.items() if key.lower() == urn.lower()), ())

    def attribute(self, type: ResourceType, path: str) -> Attribute | None:
        """The attribute or sub-attribute at a path (`name.familyName`, `urn:…:User:department`)."""
        wanted = path.lower()
        for attribute in self.attributes(type):
            for one in (attribute, *attribute.sub_attributes):
                if wanted in (one.dotted.lower(), f"{one.schema}:{one.dotted}".lower()):
                    return one
        return None

    def lists(self, schema: str, path: str) -> bool:
        """Whether the schemas list the attribute at a path of such a resource; every resource has `COMMON`.

        Which entry of a list is meant, by its place or a filter, is nothing that a schema says.
        """
        urn, _, name = path.rpartition(":") if path.lower().startswith("urn:") else (schema, "", path)
        parts = re.sub(r"\[[^\]]*\]", "", name.lower()).split(".")
        wanted = ".".join(part for part in parts if not part.isdigit())
        if urn == schema and wanted.partition(".")[0] in (one.lower() for one in COMMON):
            return True
        rows = self.schema(urn)
        return any(wanted == one.dotted.lower() for row in rows for one in (row, *row.sub_attributes))

    def flag(self, feature: str) -> bool | None:
        """Whether a feature is declared as supported; None where nothing is said."""
        found = value_at(self.config, f"{feature}.supported")
        return found if isinstance(found, bool) else None

    def state(self, need: str) -> bool | None:
        """Whether the target has what is needed; None where it does not say."""
        if need.startswith("no:"):
            opposite = self.state(need.removeprefix("no:"))
            return None if opposite is None else not opposite
        if need in FEATURES:
            return self.flag(need)
        kind, _, what = need.partition(":")
        asked: dict[str, Callable[[str], bool | None]] = {
            "pagination.cursor": self._paginates,
            "pagination.index": self._paginates,
            "type": self._has_type,
            "extension": self._has_extension,
            "attr": lambda path: self.attribute(self.user, path) is not None,
            "required": self._requires,
        }
        return asked[kind](what or kind) if kind in asked else need in self.settings

    def _paginates(self, method: str) -> bool | None:
        """By cursor only where that is declared, by index unless it is not (RFC 9865 section 4)."""
        found = value_at(self.config, method)
        if isinstance(found, bool):
            return found
        return method.endswith("index")

    def _has_type(self, name: str) -> bool:
        if name == "other":
            return bool(self.others)
        return self.type_of({"User": CORE_USER, "Group": CORE_GROUP}[name]) is not None

    def _requires(self, what: str) -> bool:
        """Whether an attribute is required, such as `Group:displayName`."""
        name, _, path = what.partition(":")
        type = self.type_of({"User": CORE_USER, "Group": CORE_GROUP}[name])
        found = self.attribute(type, path) if type else None
        return found is not None and found.required

    def _has_extension(self, which: str) -> bool:
        extensions = [urn for urn in self.user.extensions if self.schema(urn)]
        if which == "enterprise":
            return ENTERPRISE_USER.lower() in (urn.lower() for urn in extensions)
        return bool(extensions) if which == "any" else bool(self.user.required)

    def why_not(self, need: str) -> str:
        """Why a need does not hold, in the words of what says so."""
        if (feature := need.removeprefix("no:")) in FEATURES:
            return f"ServiceProviderConfig: {feature}.supported {'true' if need != feature else 'false'}"
        kind, _, what = need.partition(":")
        told = {
            "pagination.cursor": "ServiceProviderConfig declares no pagination by cursor",
            "pagination.index": "ServiceProviderConfig: pagination.index false",
            "type": f"no resource type {what}"
            if what != "other"
            else "no resource type beside User and Group",
            "extension": f"no schema extension of users ({what})",
            "attr": f"the schema of users has no {what}",
            "required": f"no schema says that it is required: {what}",
            "auth": "the run uses no bearer token",
            "config": f"not configured: {what}",
            "sent": f"scimproof does not send {what}",
            "no": f"the target has {what}",
            "tls": "the target is not https",
            "base": "the base URL does not end in a version",
        }
        return told.get(kind, f"the target has no {need}")


def discovery_of(
    config: Json,
    schemas: Json,
    types: Json,
    assumed: Mapping[str, tuple[Attribute, ...]],
    settings: frozenset[str] = frozenset(),
    base: str = "",
) -> Discovery:
    """The Discovery from the three documents, None for one that could not be read.

    What /Schemas or /ResourceTypes do not tell is taken from `assumed`, the schemas of RFC 7643. An endpoint
    that begins with the path of the base URL (`base`) is wrong, but it is plain what it means.
    """
    known = read_schemas(schemas)
    kinds = read_types(types, base)
    why = [name for name, found in (("/Schemas", known), ("/ResourceTypes", kinds)) if not found]
    kinds = kinds or (
        ResourceType("User", "/Users", CORE_USER, (ENTERPRISE_USER,)),
        ResourceType("Group", "/Groups", CORE_GROUP),
    )
    told = f"the target has no usable {' and no usable '.join(why)}: as RFC 7643 has it" if why else ""
    found = config if isinstance(config, Mapping) else None
    return Discovery(found, known or dict(assumed), kinds, told, settings)


def read_schemas(document: Json) -> dict[str, tuple[Attribute, ...]]:
    """The attributes by the URN of their schema, of a list of schemas or of a bare array."""
    found = {}
    for row in document if isinstance(document, list) else resources(document):
        urn, rows = value_at(row, "id"), value_at(row, "attributes")
        if isinstance(urn, str) and isinstance(rows, list) and urn not in META_SCHEMAS:
            read = (Attribute.of(one, urn) for one in rows)
            found[urn] = tuple(attribute for attribute in read if attribute)
    return found


def below(base: str, endpoint: str) -> str:
    """The endpoint with one slash in front, without the path of the base URL where it repeats it."""
    path = "/" + endpoint.strip("/")
    whole = base.rstrip("/")
    return path[len(whole) :] if whole and path.startswith(f"{whole}/") else path


def read_types(document: Json, base: str = "") -> tuple[ResourceType, ...]:
    """The resource types of a list of them or of a bare array; those of discovery itself left out.

    Their endpoints are without `base`, the path of the base URL, where they have it.
    """
    found = []
    for row in document if isinstance(document, list) else resources(document):
        name, endpoint, schema = (value_at(row, key) for key in ("name", "endpoint", "schema"))
        if not (isinstance(name, str) and isinstance(endpoint, str) and isinstance(schema, str)):
            continue
        if schema in META_SCHEMAS:
            continue
        listed = value_at(row, "schemaExtensions")
        rows = listed if isinstance(listed, list) else []
        urns = [(value_at(one, "schema"), value_at(one, "required") is True) for one in rows]
        named = [(urn, required) for urn, required in urns if isinstance(urn, str)]
        found.append(
            ResourceType(
                name,
                below(base, endpoint),
                schema,
                tuple(urn for urn, _ in named),
                tuple(urn for urn, required in named if required),
                own if isinstance(own := value_at(row, "id"), str) else "",
            )
        )
    return tuple(found)
