"""Faults of reads by id."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import RawResponse, encode, error

GROUP = "read"


@when("Users", "read")
def _list_response(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return listing(call, [response.body]) if ok(response) and response.body else response


def _parameter_ignored(name: str) -> Behave:
    def behave(call: InterceptedRequest) -> ScimResponse:
        call.request.query = {key: value for key, value in call.request.query.items() if key != name}
        return call.proceed()

    return behave


def _unknown(answer: Behave) -> Behave:
    """A behaviour for GET by id where the conforming target answers 404."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        missing = call.action == "read" and response.status == HTTPStatus.NOT_FOUND
        return answer(call) if missing else response

    return behave


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _not_uuid_500(call: InterceptedRequest) -> ScimResponse:
    odd = bool(call.id) and not _is_uuid(call.id) and call.kind in {"Users", "Groups"}
    return error(500, "badly formed hexadecimal UUID string") if odd else call.proceed()


@when("Groups", "read")
def _group_list_response(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return listing(call, [response.body]) if ok(response) and response.body else response


@when("Users", "read")
def _cut_short(call: InterceptedRequest) -> ScimResponse:
    """Announce more bytes than are sent, as a proxy does whose backend dies."""
    response = call.proceed()
    if not ok(response) or not response.body:
        return response
    raw = encode(response.body)
    headers = {**response.headers, "Content-Length": str(len(raw))}
    return RawResponse(response.status, None, headers, raw[: len(raw) // 2])


FAULTS = (
    Fault("read-list-response", "D-081", GROUP, "GET of one user answers a ListResponse.", _list_response),
    Fault(
        "read-attributes-ignored",
        "D-083",
        GROUP,
        "The parameter `attributes` is ignored.",
        _parameter_ignored("attributes"),
    ),
    Fault(
        "read-excluded-attributes-ignored",
        "D-084",
        GROUP,
        "The parameter `excludedAttributes` is ignored.",
        _parameter_ignored("excludedAttributes"),
    ),
    Fault(
        "read-unknown-id-500",
        "D-226",
        GROUP,
        "GET of an unknown id gets 500.",
        _unknown(lambda _: error(500, "Internal server error")),
    ),
    Fault(
        "read-unknown-id-200",
        "OKTA-08",
        GROUP,
        "GET of an unknown id gets 200 and an empty object.",
        _unknown(lambda _: ScimResponse(HTTPStatus.OK, {})),
    ),
    Fault("read-non-uuid-500", "D-226", GROUP, "An id that is no UUID gets 500.", _not_uuid_500),
    Fault(
        "read-group-list-response",
        "D-081",
        GROUP,
        "GET of one group answers a ListResponse.",
        _group_list_response,
    ),
    Fault("read-cut-short", "D-210", GROUP, "The answer to GET of a user ends half-way.", _cut_short),
)
