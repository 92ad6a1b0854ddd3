"""Discovery documents of the embedded target: RFC 7643's schemas, one custom extension, its capabilities."""

from functools import cache

from scim2_models import ResourceType, Schema, ScimProvider
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

CUSTOM_URN = "urn:scimproof:custom:2.0:User"

# Okta sends custom profile attributes under a URN of the administrator's choosing, in exactly these
# four types. The library refuses a URN it does not know with 400, so one is registered for the suites.
_CUSTOM_SCHEMA = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id": CUSTOM_URN,
    "name": "CustomUser",
    "description": "Custom attributes, one for each type Okta's profile editor offers.",
    "attributes": [
        {"name": "badge", "type": "string", "multiValued": False, "description": "A string."},
        {"name": "floor", "type": "integer", "multiValued": False, "description": "An integer."},
        {"name": "contractor", "type": "boolean", "multiValued": False, "description": "A boolean."},
        {"name": "skills", "type": "string", "multiValued": True, "description": "An array of strings."},
    ],
}


@cache
def provider() -> ScimProvider:
    """The discovery documents, shared by all targets of this process: they take longer than a target."""
    schemas = [*load_default_schemas().values(), Schema.model_validate(_CUSTOM_SCHEMA)]
    config = load_default_service_provider_config()
    # Without a scheme in the configuration the library sends 401 without a WWW-Authenticate challenge.
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    return ScimProvider.from_discovery(schemas, _resource_types(), config=config)


def _resource_types() -> list[ResourceType]:
    types = load_default_resource_types()
    user = types["User"].model_dump()
    user["schemaExtensions"].append({"schema": CUSTOM_URN, "required": False})
    return [ResourceType.model_validate(user), types["Group"]]
