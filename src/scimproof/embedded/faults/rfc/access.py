"""Faults of credentials, of /Me, and of HTTP around SCIM."""

import re
from http import HTTPStatus

from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error

GROUP = "rfc"
TOKEN_CUT = re.compile(r"(?i)bearer .*[^ ]")


def challenged(value: str | None, *, sent: bool | None = None) -> Behave:
    """A behaviour that changes the challenge of a 401; only of requests with credentials, or without."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        has = bool(call.request.header("Authorization"))
        if response.status == HTTPStatus.UNAUTHORIZED and sent in (None, has):
            response.headers.pop("WWW-Authenticate", None)
            if value is not None:
                response.headers["WWW-Authenticate"] = value
        return response

    return behave


def _letter_less(call: InterceptedRequest) -> ScimResponse:
    """A token that the right one begins with opens the door too."""
    response = call.proceed()
    with call.kept("right", set[str]) as right:
        token = (call.request.header("Authorization") or "").rpartition(" ")[2]
        if response.status != HTTPStatus.UNAUTHORIZED:
            right.add(token)
            return response
        known = any(one != token and one.startswith(token) for one in right if token)
    return call.honest(call.request) if known else response


def _open_query(call: InterceptedRequest) -> ScimResponse:
    return call.proceed() if "access_token" not in call.request.query else call.honest(_without(call))


def _without(call: InterceptedRequest) -> ScimRequest:
    call.request.query = {key: value for key, value in call.request.query.items() if key != "access_token"}
    return call.request


def _reads_open(call: InterceptedRequest) -> ScimResponse:
    return call.honest(call.request) if call.request.method == "GET" else call.proceed()


def _made_all_the_same(call: InterceptedRequest) -> ScimResponse:
    """A create without credentials is refused, and done."""
    response = call.proceed()
    if response.status == HTTPStatus.UNAUTHORIZED and call.on("Users", "create"):
        call.honest(call.request)
    return response


def _capital_only(call: InterceptedRequest) -> ScimResponse:
    header = call.request.header("Authorization") or ""
    return error(401, "The scheme is Bearer.") if header.startswith("bearer") else call.proceed()


def _me(call: InterceptedRequest) -> ScimResponse:
    if call.kind != "Me":
        return call.proceed()
    place = f"{call.request.base_url}/Me"
    users = call.all("Users")
    body = {**users[0], "meta": {**users[0]["meta"], "location": place}} if users else {}
    return ScimResponse(HTTPStatus.OK, body, {"Location": place})


def _no_me(call: InterceptedRequest) -> ScimResponse:
    return error(500, "Something went wrong.") if call.kind == "Me" else call.proceed()


def _any_version(call: InterceptedRequest) -> ScimResponse:
    found = re.search(r"/v9(/.*)", call.request.path)
    if found is None:
        return call.proceed()
    call.request.path = found[1]
    return call.honest(call.request)


def _json_by_default(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if "scim+json" not in (call.request.header("Accept") or "") and response.body is not None:
        response.headers["Content-Type"] = "application/json"
    return response


def _json_only(call: InterceptedRequest) -> ScimResponse:
    accept = call.request.header("Accept") or ""
    return error(406, "Only SCIM is served.") if accept == "application/json" else call.proceed()


def _long_500(call: InterceptedRequest) -> ScimResponse:
    return error(500, "The query is too long.") if len(call.raw_query) > 4096 else call.proceed()


def _edge(name: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = ()) -> Fault:
    return Fault(name, "RFC 6750, RFC 7644 section 2", GROUP, summary, behave, trips, also, edge=True)


def _fault(name: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = ()) -> Fault:
    return Fault(name, "RFC 7644 section 3", GROUP, summary, behave, trips, also)


FAULTS = (
    _edge(
        "rfc-challenge-missing",
        "A 401 comes without WWW-Authenticate.",
        challenged(None),
        "rfc7644-2-challenge",
        "rfc6750-3-there",
        "rfc9110-11.6.1-challenge",
        also=("rfc6750-3-scheme",),
    ),
    _edge(
        "rfc-challenge-basic",
        "The challenge is Basic alone.",
        challenged('Basic realm="scim"'),
        "rfc6750-3-scheme",
        also=("rfc7644-2-challenge",),
    ),
    _edge(
        "rfc-challenge-bare",
        "The challenge is the word Bearer.",
        challenged("Bearer"),
        "rfc6750-3-parameter",
        also=("rfc6750-3-error",),
    ),
    _edge(
        "rfc-challenge-twice",
        "A parameter stands twice in the challenge.",
        challenged('Bearer realm="scim", realm="scim"', sent=False),
        "rfc6750-3-once",
    ),
    _edge(
        "rfc-challenge-without-error",
        "The challenge to a wrong token has no error.",
        challenged('Bearer realm="scim"', sent=True),
        "rfc6750-3-error",
    ),
    _edge(
        "rfc-challenge-with-error",
        "The challenge to no credentials has an error.",
        challenged('Bearer realm="scim", error="invalid_token"', sent=False),
        "rfc6750-3.1-no-error",
    ),
    _edge(
        "rfc-challenge-characters",
        "error_description has quotes in it.",
        challenged(r'Bearer error="invalid_token", error_description="the \"token\" is wrong"', sent=True),
        "rfc6750-3-characters",
    ),
    _edge(
        "rfc-token-letter-less",
        "A token without its last letter opens the door.",
        _letter_less,
        "rfc6750-3.1-invalid",
    ),
    _edge(
        "rfc-reads-open",
        "Anybody may read.",
        _reads_open,
        "rfc7644-3.12-unauthorized",
        "rfc6750-3.1-invalid",
        also=("rfc6750-3.1-invalid-request",),
    ),
    _edge(
        "rfc-two-places-accepted",
        "A token in the query is ignored beside the header, and opens the door.",
        _open_query,
        "rfc6750-3.1-invalid-request",
        also=("rfc7644-3.12-unauthorized",),
    ),
    _edge(
        "rfc-refused-and-made",
        "A create without credentials is refused, and done.",
        _made_all_the_same,
        "rfc7644-2.2-nobody-made",
    ),
    _edge(
        "rfc-scheme-by-letter",
        "bearer in small letters is refused.",
        _capital_only,
        "rfc9110-11.1-any-case",
        also=("rfc7644-2-challenge", "rfc9110-11.6.1-challenge"),
    ),
    _fault("rfc-me-alias", "/Me calls itself the location of the subject.", _me, "rfc7644-3.11-location"),
    _fault("rfc-me-500", "/Me is a server error.", _no_me, "rfc7644-3.11-absent"),
    Fault(
        "rfc-version-any",
        "RFC 7644 section 3.13",
        GROUP,
        "/v9/Users is served as v2.",
        _any_version,
        ("rfc7644-3.13-version",),
        outside=True,
    ),
    _fault(
        "rfc-json-by-default",
        "Without a wish application/json is served.",
        _json_by_default,
        "rfc7644-3.8-default",
        also=("rfc7644-3.8-media-type",),
    ),
    _fault("rfc-json-refused", "Accept: application/json is refused.", _json_only, "rfc7644-3.8-accept-json"),
    _fault("rfc-long-query-500", "A long query is a server error.", _long_500, "rfc7644-3.4.2-long"),
)
