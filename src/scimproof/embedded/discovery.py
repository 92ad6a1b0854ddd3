"""Discovery documents of the embedded target: RFC 7643's schemas, examples of its own, its capabilities."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from scim2_models import ResourceType, Schema, ScimProvider, ServiceProviderConfig
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME
from scim2_server.utils import load_json_resource

from scimproof.embedded.example_schemas import CUSTOM, CUSTOM_URN, EXAMPLE, EXAMPLE_URN, ROOM, ROOM_TYPE
from scimproof.embedded.protocol.sender_forms import POLICY
from scimproof.embedded.responses import JSON

_CURSOR_SECONDS = 3600


@dataclass
class Documents:
    """What a target says of itself, before it is built from that: a legal variant may change it."""

    schemas: list[JSON]
    types: list[JSON]
    config: JSON

    def schema(self, name: str) -> JSON:
        """The schema with this name."""
        return next(schema for schema in self.schemas if schema["name"] == name)

    def attribute(self, schema: str, name: str) -> JSON:
        """An attribute of a schema."""
        found: JSON = next(each for each in self.schema(schema)["attributes"] if each["name"] == name)
        return found

    def remove_type(self, name: str) -> None:
        """Take out a resource type and its schema."""
        [gone] = [kind for kind in self.types if kind["name"] == name]
        self.types.remove(gone)
        self.schemas = [schema for schema in self.schemas if schema["id"] != gone["schema"]]

    def remove_attribute(self, schema: str, name: str) -> None:
        """Take an attribute out of a schema."""
        self.schema(schema)["attributes"].remove(self.attribute(schema, name))


Describe = Callable[[Documents], None]


@cache
def provider(changes: tuple[Describe, ...] = ()) -> ScimProvider:
    """The discovery documents, shared by all targets of this process: they take longer than a target."""
    documents = _documents()
    for change in changes:
        change(documents)
    return ScimProvider.from_discovery(
        [Schema.model_validate(schema) for schema in documents.schemas],
        [ResourceType.model_validate(kind) for kind in documents.types],
        config=ServiceProviderConfig.model_validate(documents.config),
        policy=POLICY,
    )


def _documents() -> Documents:
    types = load_json_resource("default-resource-types.json")
    types[0]["schemaExtensions"] += [{"schema": urn, "required": False} for urn in (CUSTOM_URN, EXAMPLE_URN)]
    config = load_json_resource("default-service-provider-config.json")
    # Without a scheme in the configuration the library sends 401 without a WWW-Authenticate challenge.
    config["authenticationSchemes"] = [BEARER_TOKEN_SCHEME.model_dump()]
    most = config["filter"]["maxResults"]
    config["pagination"] = {
        "cursor": True,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": most,
        "maxPageSize": most,
        "cursorTimeout": _CURSOR_SECONDS,
    }
    own = copy.deepcopy([CUSTOM, EXAMPLE, ROOM])
    return Documents(
        [*load_json_resource("default-schemas.json"), *own], [*types, copy.deepcopy(ROOM_TYPE)], config
    )
