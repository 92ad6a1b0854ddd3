"""Discovery documents of the embedded target: RFC 7643's schemas, examples of its own, its capabilities."""

from functools import cache

from scim2_models import Pagination, ResourceType, Schema, ScimProvider
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

from scimproof.embedded.example_schemas import CUSTOM, CUSTOM_URN, EXAMPLE, EXAMPLE_URN, ROOM, ROOM_TYPE

_CURSOR_SECONDS = 3600


@cache
def provider() -> ScimProvider:
    """The discovery documents, shared by all targets of this process: they take longer than a target."""
    own = [Schema.model_validate(schema) for schema in (CUSTOM, EXAMPLE, ROOM)]
    schemas = [*load_default_schemas().values(), *own]
    config = load_default_service_provider_config()
    # Without a scheme in the configuration the library sends 401 without a WWW-Authenticate challenge.
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    most = config.filter.max_results if config.filter else None
    config.pagination = Pagination(
        cursor=True,
        index=True,
        default_pagination_method=Pagination.DefaultPaginationMethod.index,
        default_page_size=most,
        max_page_size=most,
        cursor_timeout=_CURSOR_SECONDS,
    )
    return ScimProvider.from_discovery(schemas, _resource_types(), config=config)


def _resource_types() -> list[ResourceType]:
    types = load_default_resource_types()
    user = types["User"].model_dump()
    user["schemaExtensions"] += [{"schema": urn, "required": False} for urn in (CUSTOM_URN, EXAMPLE_URN)]
    return [ResourceType.model_validate(user), types["Group"], ResourceType.model_validate(ROOM_TYPE)]
