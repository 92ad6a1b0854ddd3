"""Variants of headers: versions, media types, challenges."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.discovery import Documents
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Variant


def _weak(_: Service, store: Store) -> None:
    store.name_versions = lambda number: f'W/"{number:x}"'


def _strong(_: Service, store: Store) -> None:
    store.name_versions = lambda number: f'"v{number}"'


def _no_etags(documents: Documents) -> None:
    documents.config["etag"]["supported"] = False


def _in_body_only(service: Service, _: Store) -> None:
    service.tag_header = False


def _quoted_charset(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.body is not None:
        response.headers["Content-Type"] = 'application/scim+json; charset="UTF-8"'
    return response


def _plain_challenge(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    challenge = response.headers.get("WWW-Authenticate")
    if challenge:
        response.headers["WWW-Authenticate"] = challenge.replace("Bearer", "bearer").replace('"', "")
    return response


VARIANTS = (
    Variant("weak-etags", 'Versions are weak tags, W/"..".', arrange=_weak),
    Variant("strong-etags", 'Versions are strong tags, "..".', arrange=_strong),
    Variant("no-etags", "There are no versions, and the configuration says so.", describe=_no_etags),
    Variant(
        "version-without-header",
        "meta.version is shown, but no ETag header.",
        ("rfc7644-3.14-header", "rfc9110-15.4.5-etag", "rfc7644-4-advertised"),
        arrange=_in_body_only,
    ),
    Variant("quoted-charset", "The charset of the media type is quoted.", behave=_quoted_charset, edge=True),
    Variant(
        "mixed-case-scheme",
        "The scheme of a challenge is in small letters, its parameters without quotes.",
        behave=_plain_challenge,
        edge=True,
    ),
)
