"""Protocol steps of the embedded target: those of scim2-server, with three answers changed."""

from http import HTTPStatus
from typing import Any

from scim2_models import Context, Resource, ResourceType, ResponseParameters, SearchRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from scim2_server.storage import SearchPage

_LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


class Service(ScimService):
    """The protocol steps of scim2-server with three answers changed."""

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        """Answer 200 with the user, 204 for a group: both are legal, so clients should meet both."""
        if self.get_resource_type_of(resource).name != "User":
            return super().patch_response(base_url, resource, response_parameters)
        published = self.publish(base_url, resource)
        return self.resource_response(published, Context.RESOURCE_REPLACEMENT_RESPONSE, response_parameters)

    def publish(self, base_url: str, resource: Resource[Any]) -> Resource[Any]:
        """Fill in URLs, in place: the store returns copies, and a second deep copy doubles the cost."""
        assert resource.meta is not None
        location = self.resource_location(base_url, self.get_resource_type_of(resource), str(resource.id))
        resource.meta = resource.meta.model_copy(update={"location": location})
        self._publish_references(base_url, resource)
        return resource

    def search_response(
        self,
        base_url: str,
        resource_types: list[ResourceType],
        page: SearchPage,
        search_request: SearchRequest[Any],
    ) -> ScimResponse:
        """The list of the serialised resources; scim2-server validates and serialises each twice."""
        if search_request.cursor is not None:
            return super().search_response(base_url, resource_types, page, search_request)
        found = [
            self.publish(base_url, resource).model_dump(
                scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=search_request
            )
            for resource in page.resources
        ]
        body = {
            "schemas": [_LIST_URN],
            "totalResults": page.total,
            "startIndex": search_request.start_index,
            "itemsPerPage": len(found),
            "Resources": found,
        }
        return ScimResponse(HTTPStatus.OK, body)
