"""Faults in the form of errors."""

from collections.abc import Callable
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, RawResponse, encode, is_error

GROUP = "error format"


def _edited(edit: Callable[[JSON], JSON | None]) -> Behave:
    """Return a behaviour in which every error body is edited, or replaced by what the edit returns."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if is_error(response) and response.body:
            response.body = edit(response.body) or response.body
        return response

    return behave


def _raw(content_type: str, text: str) -> Behave:
    """Return a behaviour in which every error has this text for a body."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if not is_error(response):
            return response
        headers = {**response.headers, "Content-Type": content_type}
        return RawResponse(response.status, None, headers, text.encode())

    return behave


def _set(**fields: object) -> Callable[[JSON], None]:
    return lambda body: body.update(fields)


def _without(name: str) -> Callable[[JSON], None]:
    def edit(body: JSON) -> None:
        body.pop(name, None)

    return edit


def _number(body: JSON) -> None:
    body["status"] = int(body["status"])


def _detail_list(body: JSON) -> None:
    body["detail"] = [{"message": body.get("detail")}]


def _text_schemas(body: JSON) -> None:
    body["schemas"] = body["schemas"][0]


def _framework(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if not is_error(response):
        return response
    body = {"statusCode": response.status.value, "error": response.status.phrase, "message": "failed"}
    headers = {**response.headers, "Content-Type": "application/json"}
    return RawResponse(response.status, None, headers, encode(body))


def _nested(body: JSON) -> JSON:
    return {"response": body}


def _status(old: int, new: int) -> Behave:
    """Return a behaviour in which one status is answered in place of another; the body keeps its own."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if response.status == old:
            response.status = HTTPStatus(new)
            if response.body and new >= HTTPStatus.BAD_REQUEST:
                response.body["status"] = str(new)
        return response

    return behave


def _always_200(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if is_error(response) and response.status != HTTPStatus.UNAUTHORIZED:
        response.status = HTTPStatus.OK
    return response


_HTML = "<html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"

FAULTS = (
    Fault("error-nested", "D-217", GROUP, "The error sits below another key.", _edited(_nested), edge=True),
    Fault(
        "error-status-missing",
        "D-218",
        GROUP,
        "Errors have no status.",
        _edited(_without("status")),
        edge=True,
    ),
    Fault(
        "error-status-number", "D-219", GROUP, "status of an error is a number.", _edited(_number), edge=True
    ),
    Fault(
        "error-status-differs",
        "D-218",
        GROUP,
        "status of an error is not the HTTP status.",
        _edited(_set(status="418")),
        edge=True,
    ),
    Fault(
        "error-detail-is-a-list",
        "OKTA-15",
        GROUP,
        "detail of an error is a list.",
        _edited(_detail_list),
        edge=True,
    ),
    Fault(
        "error-schemas-text",
        "D-220",
        GROUP,
        "schemas of an error is a string.",
        _edited(_text_schemas),
        edge=True,
    ),
    Fault(
        "error-schemas-missing",
        "D-220",
        GROUP,
        "Errors have no schemas.",
        _edited(_without("schemas")),
        edge=True,
    ),
    Fault(
        "error-framework-json", "D-221", GROUP, "Errors are the framework's own JSON.", _framework, edge=True
    ),
    Fault(
        "error-detail-missing",
        "D-221",
        GROUP,
        "Errors have no detail.",
        _edited(_without("detail")),
        edge=True,
    ),
    Fault(
        "error-scim-type-invented",
        "D-222",
        GROUP,
        "scimType is not a word of the RFC.",
        _edited(_set(scimType="badRequest")),
        edge=True,
    ),
    Fault(
        "error-scim-type-null-text",
        "D-223",
        GROUP,
        'scimType is the string "null".',
        _edited(_set(scimType="null")),
        edge=True,
    ),
    Fault(
        "error-scim-type-missing",
        "D-222",
        GROUP,
        "Errors never have a scimType.",
        _edited(_without("scimType")),
        edge=True,
    ),
    Fault("error-html", "D-224", GROUP, "Errors are HTML.", _raw("text/html", _HTML), edge=True),
    Fault(
        "error-plain-text",
        "D-224",
        GROUP,
        "Errors are plain text.",
        _raw("text/plain", "error: failed"),
        edge=True,
    ),
    Fault("error-empty", "D-224", GROUP, "Errors have no body.", _raw("text/html", ""), edge=True),
    Fault("error-400-as-500", "D-226", GROUP, "A client's mistake gets 500.", _status(400, 500), edge=True),
    Fault("error-404-as-400", "D-226", GROUP, "Whatever is missing gets 400.", _status(404, 400), edge=True),
    Fault("error-always-200", "D-226", GROUP, "Errors are answered with HTTP 200.", _always_200, edge=True),
)
