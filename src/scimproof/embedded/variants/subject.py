"""Variants of /Me."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Variant
from scimproof.embedded.variants.people import add

_SUBJECT = "service-account@example.org"
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"


def _add_subject(service: Service, store: Store) -> None:
    add(service, store, "User", {"schemas": [_USER], "userName": _SUBJECT})


def _redirect(call: InterceptedRequest) -> ScimResponse:
    if call.request.path.strip("/") != "Me":
        return call.proceed()
    subject = next((key for key, name in call.store.names("Users").items() if name == _SUBJECT), None)
    if subject is None:
        return _unknown(call)
    location = f"{call.request.base_url}/Users/{subject}"
    return ScimResponse(HTTPStatus.PERMANENT_REDIRECT, None, {"Location": location})


def _unknown(call: InterceptedRequest) -> ScimResponse:
    if call.request.path.strip("/") != "Me":
        return call.proceed()
    return error(404, "The credential is nobody's.")


VARIANTS = (
    Variant(
        "me-308", "/Me is answered 308 to the user of the token.", arrange=_add_subject, behave=_redirect
    ),
    Variant("me-501", "/Me is answered 501, as the target does anyway."),
    Variant("me-404", "/Me is answered 404.", ("rfc7644-3.11-absent",), behave=_unknown),
)
