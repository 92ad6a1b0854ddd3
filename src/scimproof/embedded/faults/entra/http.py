"""Faults of headers, media types and of the URL."""

from collections.abc import Callable
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import RawResponse, error

GROUP = "Entra: HTTP"
_FLAG = "aadoptscim"
_LOGIN = b"<!DOCTYPE html><title>Sign in</title><form action=/login></form>"


def _demanded(header: str, status: int, detail: str) -> Behave:
    """A behaviour that refuses requests without a header."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        return call.proceed() if call.request.header(header) else error(status, detail)

    return behave


def _content_type_demanded(call: InterceptedRequest) -> ScimResponse:
    given = call.request.header("Content-Type") or call.request.method.upper() != "GET"
    return call.proceed() if given else error(415, "Content-Type is missing")


def _login_page(call: InterceptedRequest) -> ScimResponse:
    """Who has no right token is shown where to sign in."""
    response = call.proceed()
    if response.status != HTTPStatus.UNAUTHORIZED:
        return response
    return RawResponse(HTTPStatus.OK, None, {"Content-Type": "text/html; charset=utf-8"}, _LOGIN)


def _flagged(act: Callable[[InterceptedRequest], ScimResponse]) -> Behave:
    """Do this to requests with the flag of the tenant URL in the query."""
    return lambda call: act(call) if _FLAG in call.raw_query.lower() else call.proceed()


FAULTS = (
    Fault(
        "entra-accept-demanded",
        "EN-80",
        GROUP,
        "A request without Accept gets 406.",
        _demanded("Accept", 406, "Not acceptable"),
    ),
    Fault(
        "entra-content-type-demanded",
        "EN-80",
        GROUP,
        "A GET without Content-Type gets 415.",
        _content_type_demanded,
    ),
    Fault(
        "entra-user-agent-demanded",
        "EN-81",
        GROUP,
        "A request without User-Agent gets 403.",
        _demanded("User-Agent", 403, "Forbidden"),
        edge=True,
    ),
    Fault(
        "entra-login-page",
        "EN-83",
        GROUP,
        "A wrong token is answered 200 with a page to sign in.",
        _login_page,
        edge=True,
    ),
    Fault(
        "entra-flag-404",
        "EN-87",
        GROUP,
        "A URL with aadOptscim062020 in the query gets 404.",
        _flagged(lambda _: error(404, "Not found")),
        edge=True,
    ),
    Fault(
        "entra-flag-is-filter",
        "EN-87",
        GROUP,
        "aadOptscim062020 in the query is read as a filter that cannot be understood.",
        _flagged(lambda _: error(400, "The filter cannot be read", "invalidFilter")),
    ),
)
