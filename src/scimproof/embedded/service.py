"""Protocol steps of the embedded target: those of scim2-server, with what it lacks of the RFCs."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar, Union
from urllib.parse import urlsplit

from pydantic import ValidationError
from scim2_models import (
    BaseModel,
    BulkOperation,
    BulkRequest,
    Context,
    Error,
    InvalidCountException,
    InvalidFilterException,
    InvalidSyntaxException,
    InvalidValueException,
    NoTargetException,
    PatchOp,
    PayloadTooLargeException,
    Resource,
    ResourceType,
    ResponseParameters,
    SCIMException,
    ScimProvider,
    SearchRequest,
    SensitiveException,
)
from scim2_server.conditions import Conditions
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation
from scim2_server.service import BULK_SUCCESS_STATUS, ScimService
from scim2_server.storage import SearchPage

from scimproof.embedded.protocol.bulk import CirclePlan
from scimproof.embedded.protocol.characteristics import TypeCharacteristics, characteristics
from scimproof.embedded.protocol.cursors import Cursors
from scimproof.embedded.protocol.json_types import check_resource
from scimproof.embedded.protocol.patch_requests import prepare
from scimproof.embedded.protocol.projection import project
from scimproof.embedded.protocol.request_bodies import ensure_schemas, json_object, member, refusal
from scimproof.embedded.protocol.secrets_in_filters import names_secret
from scimproof.embedded.protocol.sender_forms import (
    POLICY,
    apply_one_by_one,
    makes_elements,
    read_filter,
    read_resource,
    selected,
)
from scimproof.embedded.responses import JSON

_LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
REALM = "scimproof"
Model = TypeVar("Model", bound=BaseModel)


class WrongTokenException(SCIMException):
    """Credentials were sent, and they are wrong."""

    status = 401
    _default_detail = "The token is not valid here."


class TwoCredentialsException(SCIMException):
    """Credentials were sent in two places."""

    status = 400
    _default_detail = "Credentials may be sent in one place only."


class Service(ScimService):
    """The protocol steps of scim2-server, corrected.

    The switches are those of legal variants. `is_silent` says for which types (`User`, `Group`) a PATCH is
    answered without body, `open_operations` what is answered without credentials. With `tag_header` off
    versions stand in the body alone, with `placeholders` on what has no value is null or [], with
    `missing_is_refused` a remove of what is not there is 400, with `circles` off one is 409.
    """

    def __init__(self, provider: ScimProvider) -> None:
        super().__init__(provider, secret="")  # the cursors here have a key of their own
        self._kinds = _characteristics(provider)
        self._by_schema = {kind.core.urn: kind for kind in self._kinds.values()}
        self.is_silent: Callable[[str], bool] = lambda kind: kind != "User"
        self.open_operations = {Operation.service_provider_config}
        self.tag_header = True
        self.placeholders = False
        self.missing_is_refused = False
        self.circles = True

    @staticmethod
    def _build_cursors(secret: str | bytes | None) -> Any:  # noqa: ARG004
        return Cursors()

    # Requests

    def read_body(
        self, model: type[Model], body: bytes, content_type: str | None, scim_ctx: Context
    ) -> Model:
        """Validate a request body: an object that names its schemas, with values of the right JSON types."""
        self.ensure_json(content_type)
        read = json_object(body)
        ensure_schemas(read)
        if issubclass(model, PatchOp):
            prepare(self._kind_of_patch(model), read)
        else:
            kind = self._by_schema.get(str(getattr(model, "__schema__", "")))
            if kind is not None:
                read_resource(kind, read)
                check_resource(kind, read)
        try:
            return model.model_validate(read, scim_ctx=scim_ctx)
        except ValidationError as problem:
            raise refusal(problem) from problem

    def _kind_of_patch(self, model: type[BaseModel]) -> TypeCharacteristics:
        [parameter] = model.__pydantic_generic_metadata__["args"]
        return self._by_schema[str(parameter.__schema__)]

    def read_bulk(self, body: bytes, content_type: str | None) -> CirclePlan:
        """Validate a bulk job, and plan its operations; one that is wrong in itself fails alone, later."""
        self.ensure_supported(self.config.bulk, "Bulk")
        self.ensure_bulk_payload_size(len(body))
        self.ensure_json(content_type)
        read = json_object(body)
        ensure_schemas(read)
        operations = member(read, "operations")
        if not isinstance(operations, list) or not operations:
            raise InvalidSyntaxException(detail="A bulk job has a list of Operations, with one at least.")
        most = self.config.bulk.max_operations if self.config.bulk else None
        if most is not None and len(operations) > most:
            raise PayloadTooLargeException(detail=f"A job has {most} operations at most (maxOperations).")
        refusals = {index: self._refusal_of(given) for index, given in enumerate(operations)}
        try:
            models: Any = BulkRequest
            request = models[Union[tuple(self.get_models())]].model_validate(  # noqa: UP007
                read, scim_ctx=Context.BULK_REQUEST
            )
        except ValidationError as problem:
            raise refusal(problem) from problem
        planned = [
            operation if (error := refusals[index]) is None else _refused(operation, error)
            for index, operation in enumerate(request.operations)
        ]
        return CirclePlan(planned, request.fail_on_errors, resolved=self.circles)

    def _refusal_of(self, operation: Any) -> Error | None:
        """What is wrong with the data of an operation, as it would be refused if it came alone."""
        if not isinstance(operation, dict):
            raise InvalidSyntaxException(detail="An operation of a bulk job is an object.")
        data = member(operation, "data")
        endpoint = str(member(operation, "path")).lstrip("/").partition("/")[0]
        kind = self.get_resource_type_by_endpoint(endpoint)
        if kind is None or not isinstance(data, dict):
            return None
        try:
            ensure_schemas(data)
            if member(operation, "method") == BulkOperation.Method.patch:
                prepare(self._kinds[str(kind.name)], data)
            else:
                read_resource(self._kinds[str(kind.name)], data)
                check_resource(self._kinds[str(kind.name)], data)
        except SCIMException as problem:
            return problem.to_error()
        return None

    def read_search_query(
        self, resource_types: list[ResourceType], query: Mapping[str, str]
    ) -> tuple[SearchRequest[Any], Any]:
        """Read the query of a search. A filter by what is secret is refused, since URLs are logged."""
        if "filter" in query and len(resource_types) == 1:
            kind = self._kinds[str(resource_types[0].name)]
            query = {**query, "filter": read_filter(kind, query["filter"])}
        request, position = super().read_search_query(resource_types, query)
        if request.filter is not None and names_secret(request.filter.ast, self._kinds.values()):
            refusal = SensitiveException(detail="A filter by a secret attribute is refused.")
            refusal.status = HTTPStatus.FORBIDDEN
            raise refusal
        return request, position

    def read_search_body(
        self, resource_types: list[ResourceType], body: bytes, content_type: str | None
    ) -> tuple[SearchRequest[Any], Any]:
        """Read the body of a search, which names its schema."""
        self.ensure_json(content_type)
        read = json_object(body)
        ensure_schemas(read)
        request, position = self.read_search(resource_types, read)
        if request.filter is not None and names_secret(request.filter.ast, self._kinds.values()):
            raise InvalidFilterException(detail="A filter by a secret attribute is refused.")
        return request, position

    def _bound_count(self, search_request: SearchRequest[Any]) -> None:
        if search_request.cursor and search_request.count is None:
            return  # that of the cursor
        super()._bound_count(search_request)

    def _open_cursor(self, resource_types: list[ResourceType], search_request: SearchRequest[Any]) -> Any:
        if not search_request.cursor:
            return None
        assert isinstance(self._cursors, Cursors)
        assert self.config.pagination is not None
        count, position = self._cursors.open(
            search_request.cursor,
            self._query_digest(resource_types, search_request),
            self.config.pagination.cursor_timeout,
        )
        if search_request.count is None:
            search_request.count = count
        elif search_request.count != count:
            raise InvalidCountException
        search_request.cursor = ""
        return position

    # Writes

    def apply_patch(
        self, current: Resource[Any], patch_op: "PatchOp[Any]", conditions: Conditions
    ) -> Resource[Any] | None:
        """Apply a PATCH; what is wrong with a value is told in words for people."""
        self.check_preconditions(current, "PATCH", conditions)
        try:
            if self.missing_is_refused or makes_elements(patch_op):
                changed = apply_one_by_one(current, patch_op, partial(self._check_target, current))
            else:
                changed = patch_op.patch(current, POLICY)
        except InvalidValueException as problem:
            if isinstance(problem.__cause__, ValidationError):
                raise InvalidValueException(detail=refusal(problem.__cause__).detail) from problem
            raise
        return current if changed else None

    def _check_target(self, current: Resource[Any], operation: Any) -> None:
        """Refuse a remove that finds nothing, where that is the variant."""
        removes = self.missing_is_refused and operation.op == "remove" and operation.path is not None
        if removes and selected(current, operation) in (None, [], [None]):
            raise NoTargetException(detail=f"There is nothing at {operation.path} to remove.")

    # Answers

    def represent(
        self, base_url: str, resource: Resource[Any], parameters: ResponseParameters[Any] | None = None
    ) -> JSON:
        """The JSON of a resource as this answer shows it."""
        body = resource.model_dump()
        kind_name = str(body["meta"]["resourceType"])
        kind = self._kinds[kind_name]
        meta = body["meta"]
        meta["location"] = self.location(base_url, kind_name, str(body["id"]))
        if not self.etag_supported:
            meta.pop("version", None)
        self._locate_references(base_url, body, kind)
        if self.placeholders:
            _fill_placeholders(body, kind)
        if parameters is None:
            return project(body, kind)
        return project(
            body,
            kind,
            [str(path) for path in parameters.attributes or ()],
            [str(path) for path in parameters.excluded_attributes or ()],
        )

    def _locate_references(self, base_url: str, body: JSON, kind: TypeCharacteristics) -> None:
        for container in kind.containers:
            held = body if container is kind.core else body.get(container.urn)
            if not held:
                continue
            for name, subs in container.references:
                for value in _objects(held.get(name)):
                    for sub in subs:
                        if value.get(sub):
                            value[sub] = self._reference(base_url, value[sub])

    def location(self, base_url: str, kind_name: str, resource_id: str) -> str:
        """The URL of a resource."""
        return self.resource_location(base_url, self.get_resource_type(kind_name), resource_id)

    def _reference(self, base_url: str, reference: str) -> str:
        """The URL of a reference; the store keeps them relative to the base, as Users/17."""
        if reference.startswith("/") or urlsplit(reference).scheme:
            return reference
        return f"{base_url}/{reference}"

    def _answer(
        self,
        base_url: str,
        resource: Resource[Any],
        parameters: ResponseParameters[Any] | None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> ScimResponse:
        assert resource.meta is not None
        body = self.represent(base_url, resource, parameters)
        location = self.location(base_url, str(resource.meta.resource_type), str(resource.id))
        return ScimResponse(status, body, {"Content-Location": location, **self._tag(resource)})

    def _tag(self, resource: Resource[Any]) -> dict[str, str]:
        version = _version(resource) if self.etag_supported and self.tag_header else None
        return {"ETag": version} if version else {}

    def creation_response(
        self,
        base_url: str,
        created: Resource[Any],
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> ScimResponse:
        """Answer 201 with the resource and its Location."""
        response = self._answer(base_url, created, response_parameters, HTTPStatus.CREATED)
        response.headers["Location"] = response.headers["Content-Location"]
        return response

    def query_response(
        self,
        base_url: str,
        resource: Resource[Any],
        response_parameters: ResponseParameters[Any],
        conditions: Conditions,
    ) -> ScimResponse:
        """Answer a read with the resource, or 304."""
        if not self.check_preconditions(resource, "GET", conditions):
            return ScimResponse(HTTPStatus.NOT_MODIFIED, None, self._tag(resource))
        return self._answer(base_url, resource, response_parameters)

    def replacement_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        """Answer 200 with the resource."""
        return self._answer(base_url, resource, response_parameters)

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        """Answer 200 with the user, 204 for a group: both are legal, so clients should meet both."""
        asked = response_parameters.attributes or response_parameters.excluded_attributes
        if asked or not self.is_silent(str(self.get_resource_type_of(resource).name)):
            return self._answer(base_url, resource, response_parameters)
        return ScimResponse(HTTPStatus.NO_CONTENT, None, self._tag(resource))

    def search_response(
        self,
        base_url: str,
        resource_types: list[ResourceType],
        page: SearchPage,
        search_request: SearchRequest[Any],
    ) -> ScimResponse:
        """The list of the resources; scim2-server validates and serialises each twice."""
        found = [self.represent(base_url, resource, search_request) for resource in page.resources]
        body: JSON = {"schemas": [_LIST_URN]}
        if page.total is not None:
            body["totalResults"] = page.total
        if search_request.cursor is None:
            body["startIndex"] = search_request.start_index
        body["itemsPerPage"] = len(found)
        if search_request.cursor is not None and search_request.count != 0:
            for name, position in (("nextCursor", page.next), ("previousCursor", page.previous)):
                if position is not None:
                    body[name] = self._seal(resource_types, search_request, position)
        body["Resources"] = found
        return ScimResponse(HTTPStatus.OK, body)

    def bulk_success(
        self,
        base_url: str,
        operation: BulkOperation[Resource[Any]],
        outcome: dict[str, Any],
        resource: Resource[Any] | None,
    ) -> dict[str, Any]:
        """The outcome of an operation that succeeded."""
        assert operation.method is not None
        outcome["status"] = BULK_SUCCESS_STATUS[operation.method]
        if resource is not None and resource.meta is not None:
            kind_name = str(resource.meta.resource_type)
            outcome["location"] = self.location(base_url, kind_name, str(resource.id))
            outcome["version"] = _version(resource) if self.etag_supported else None
        return outcome

    # Errors

    def error_response(self, exception: Exception) -> ScimResponse:
        """The error; credentials in two places are told as RFC 6750 says."""
        response = super().error_response(exception)
        if isinstance(exception, TwoCredentialsException):
            response.headers["WWW-Authenticate"] = f'Bearer realm="{REALM}", error="invalid_request"'
        return response

    def www_authenticate(self, exception: SCIMException) -> str | None:
        """The challenge; it has an error only where credentials were sent."""
        error = ', error="invalid_token"' if isinstance(exception, WrongTokenException) else ""
        return f'Bearer realm="{REALM}"{error}'


def _version(resource: Resource[Any]) -> str | None:
    return resource.meta.version if resource.meta else None


def _refused(operation: Any, error: Error) -> Any:
    return operation.model_copy(update={"response": error, "status": error.status})


def _fill_placeholders(body: JSON, kind: TypeCharacteristics) -> None:
    for attribute in kind.core.attributes.values():
        if attribute.returned in {"always", "default"}:
            body.setdefault(attribute.name, [] if attribute.many else None)


def _objects(value: Any) -> Sequence[JSON]:
    if isinstance(value, dict):
        return (value,)
    return value if isinstance(value, list) else ()


_CHARACTERISTICS: dict[int, tuple[ScimProvider, dict[str, TypeCharacteristics]]] = {}


def _characteristics(provider: ScimProvider) -> dict[str, TypeCharacteristics]:
    """Those of a provider, which many targets of this process share: they take longer than a target."""
    known = _CHARACTERISTICS.get(id(provider))
    if known is None or known[0] is not provider:
        known = _CHARACTERISTICS[id(provider)] = (provider, characteristics(provider))
    return known[1]
