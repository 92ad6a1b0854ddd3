"""Faults of media types, headers and locations."""

import gzip
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, RawResponse, encode, error, resources

GROUP = "content negotiation and headers"
_KNOWN_PARAMETERS = {
    "filter",
    "startIndex",
    "count",
    "attributes",
    "excludedAttributes",
    "sortBy",
    "sortOrder",
    "cursor",
}


def _where(header: str, text: str, status: int, detail: str, *, with_body: bool | None = None) -> Behave:
    """A behaviour that refuses requests in which a header has this text."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        wanted = with_body is None or with_body == bool(call.request.body)
        found = text in (call.request.header(header) or "")
        return error(status, detail) if wanted and found else call.proceed()

    return behave


def _not_parsed(call: InterceptedRequest) -> ScimResponse:
    scim = "scim+json" in (call.request.header("Content-Type") or "")
    return call.send({}) if scim and call.request.body else call.proceed()


def _located(change: Callable[[str], str], *, headers: bool = True, meta: bool = True) -> Behave:
    """A behaviour in which locations are changed, in headers or in `meta` or in both."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        for name in ("Location", "Content-Location") if headers else ():
            if name in response.headers:
                response.headers[name] = change(response.headers[name])
        for resource in resources(response) if meta else ():
            _relocate(resource, change)
        return response

    return behave


def _relocate(resource: JSON, change: Callable[[str], str]) -> None:
    if "location" in resource.get("meta", {}):
        resource["meta"]["location"] = change(resource["meta"]["location"])


def _other_version(url: str) -> str:
    return url.replace("/v2/", "/v1/")


def _internal(url: str) -> str:
    return url.replace(urlsplit(url).netloc, "app-1.internal:8080")


def _relative(url: str) -> str:
    return urlsplit(url).path


def _unknown_parameter(call: InterceptedRequest) -> ScimResponse:
    unknown = set(call.request.query) - _KNOWN_PARAMETERS
    return error(400, "Unknown parameter", "invalidValue") if unknown else call.proceed()


def _typed(content_type: str) -> Behave:
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        response.headers["Content-Type"] = content_type
        return response

    return behave


def _redirected(call: InterceptedRequest) -> ScimResponse:
    if not call.kind or call.request.path.endswith("/"):
        return call.proceed()
    query = f"?{call.raw_query}" if call.raw_query else ""
    return ScimResponse(HTTPStatus.PERMANENT_REDIRECT, None, {"Location": f"{call.request.url}/{query}"})


def _compressed(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if not response.body or not ok(response):
        return response
    return RawResponse(response.status, None, response.headers, gzip.compress(encode(response.body)))


FAULTS = (
    Fault(
        "scim-json-415",
        "D-230",
        GROUP,
        "Bodies of application/scim+json are refused.",
        _where("Content-Type", "scim+json", 415, "Unsupported media type", with_body=True),
    ),
    Fault(
        "scim-json-not-parsed", "D-231", GROUP, "Bodies of application/scim+json are not read.", _not_parsed
    ),
    Fault(
        "charset-415",
        "D-232",
        GROUP,
        "A charset in Content-Type makes the type unknown.",
        _where("Content-Type", "charset", 415, "Unsupported media type", with_body=True),
    ),
    Fault(
        "delete-content-type-400",
        "OKTA-21",
        GROUP,
        "A Content-Type without a body is refused (Okta's DELETE).",
        _where("Content-Type", "json", 400, "Empty body", with_body=False),
    ),
    Fault(
        "accept-406",
        "D-230",
        GROUP,
        "Accept: application/scim+json cannot be satisfied.",
        _where("Accept", "scim+json", 406, "Not acceptable"),
    ),
    Fault(
        "accept-charset-406",
        "D-232",
        GROUP,
        "Accept-Charset: utf-8 cannot be satisfied.",
        _where("Accept-Charset", "utf-8", 406, "Not acceptable"),
    ),
    Fault(
        "location-differs",
        "D-237",
        GROUP,
        "The header Location is not meta.location.",
        _located(_other_version, meta=False),
    ),
    Fault("location-relative", "D-238", GROUP, "Locations are relative.", _located(_relative)),
    Fault("location-internal-host", "D-239", GROUP, "Locations name an internal host.", _located(_internal)),
    Fault(
        "unknown-parameter-400", "D-240", GROUP, "Unknown query parameters are refused.", _unknown_parameter
    ),
    Fault("response-type-html", "D-224", GROUP, "JSON is declared to be HTML.", _typed("text/html")),
    Fault(
        "redirect-to-slash",
        "D-241",
        GROUP,
        "Paths without a final slash are redirected.",
        _redirected,
        edge=True,
    ),
    Fault("gzip-undeclared", "D-264", GROUP, "Answers are compressed without saying so.", _compressed),
    Fault(
        "response-type-json",
        "D-230",
        GROUP,
        "Answers are declared application/json.",
        _typed("application/json"),
    ),
)
