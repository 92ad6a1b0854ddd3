"""Faults of authentication."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error

GROUP = "auth"


def _missing_token_500(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    missing = not call.request.header("Authorization")
    refused = response.status == HTTPStatus.UNAUTHORIZED
    return error(500, "Internal server error") if missing and refused else response


def _refused_with_403(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return error(403, "Forbidden") if response.status == HTTPStatus.UNAUTHORIZED else response


def _open(call: InterceptedRequest) -> ScimResponse:
    return call.honest(call.request)


def _any_token(call: InterceptedRequest) -> ScimResponse:
    header = call.request.header("Authorization") or ""
    return call.honest(call.request) if header.lower().startswith("bearer ") else call.proceed()


def _missing_accepted(call: InterceptedRequest) -> ScimResponse:
    return call.proceed() if call.request.header("Authorization") else call.honest(call.request)


def _empty_accepted(call: InterceptedRequest) -> ScimResponse:
    """Check the token only where one follows the scheme."""
    scheme, _, token = (call.request.header("Authorization") or "").partition(" ")
    return call.honest(call.request) if scheme.lower() == "bearer" and not token.strip() else call.proceed()


def _other_scheme_accepted(call: InterceptedRequest) -> ScimResponse:
    """Check bearer tokens, and accept any other scheme."""
    scheme, _, credentials = (call.request.header("Authorization") or "").partition(" ")
    return call.honest(call.request) if credentials and scheme.lower() != "bearer" else call.proceed()


def _create_without_token(call: InterceptedRequest) -> ScimResponse:
    return _missing_accepted(call) if call.action == "create" else call.proceed()


def _create_open(call: InterceptedRequest) -> ScimResponse:
    return call.honest(call.request) if call.action == "create" else call.proceed()


def _reads_open(call: InterceptedRequest) -> ScimResponse:
    return call.honest(call.request) if call.request.method == "GET" else call.proceed()


def _no_challenge(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    response.headers.pop("WWW-Authenticate", None)
    return response


def _bearer_refused(call: InterceptedRequest) -> ScimResponse:
    header = call.request.header("Authorization") or ""
    headers = call.request.headers if isinstance(call.request.headers, dict) else {}
    # The raw token is taken for the credential, so that with the scheme in front is another one.
    call.request.headers = {**headers, "AUTHORIZATION": f"Bearer {header}" if header else ""}
    return call.proceed()


FAULTS = (
    Fault(
        "auth-missing-token-500",
        "D-010",
        GROUP,
        "A request without a token gets 500.",
        _missing_token_500,
        edge=True,
    ),
    Fault(
        "auth-refused-with-403",
        "D-011",
        GROUP,
        "A missing or wrong token gets 403 in place of 401.",
        _refused_with_403,
        edge=True,
    ),
    Fault("auth-open", "D-013", GROUP, "No credentials are asked for at all.", _open, edge=True),
    Fault("auth-any-token", "D-015", GROUP, "Any bearer token is accepted.", _any_token, edge=True),
    Fault(
        "auth-missing-token-accepted",
        "D-013",
        GROUP,
        "A request without Authorization is served.",
        _missing_accepted,
        edge=True,
    ),
    Fault(
        "auth-empty-token-accepted",
        "D-013",
        GROUP,
        "`Bearer` without a token is served.",
        _empty_accepted,
        edge=True,
    ),
    Fault(
        "auth-other-scheme-accepted",
        "D-013",
        GROUP,
        "Whatever comes with another scheme than `Bearer` is served.",
        _other_scheme_accepted,
        edge=True,
    ),
    Fault(
        "auth-create-without-token",
        "D-014",
        GROUP,
        "A create without Authorization is served.",
        _create_without_token,
        edge=True,
    ),
    Fault("auth-create-open", "D-014", GROUP, "Creating needs no token.", _create_open, edge=True),
    Fault("auth-reads-open", "D-013", GROUP, "Reading needs no token.", _reads_open, edge=True),
    Fault(
        "auth-no-challenge", "D-017", GROUP, "401 comes without WWW-Authenticate.", _no_challenge, edge=True
    ),
    Fault(
        "auth-bearer-refused",
        "D-019",
        GROUP,
        "Only the raw token is accepted, `Bearer` in front is refused.",
        _bearer_refused,
        edge=True,
    ),
)
