"""Resources that are there before any client comes."""

from scim2_models import Context

from scimproof.embedded.responses import JSON
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store


def add(service: Service, store: Store, kind: str, body: JSON) -> str:
    """Store a resource of this type; its id."""
    resource_type = service.get_resource_type(kind)
    with service.provider:
        resource = service.get_model(resource_type).model_validate(
            body, scim_ctx=Context.RESOURCE_CREATION_REQUEST
        )
        return str(store.create(resource_type, resource).id)
