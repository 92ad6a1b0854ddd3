"""SCIM service: checks path, key and media type in this order, then dispatches to the action."""

from __future__ import annotations

import dataclasses
import hmac
import re
from collections.abc import Callable

from scimproof.embedded.bitwarden import bodies
from scimproof.embedded.bitwarden.http import PLAIN, Refused, ServiceAnswer, ServiceRequest
from scimproof.embedded.bitwarden.options import WITHOUT_SCIM
from scimproof.embedded.bitwarden.people import now
from scimproof.embedded.bitwarden.scim import groups, groups_patch, users
from scimproof.embedded.bitwarden.vault import Vault

VERSION = "2026.8.0"  # of the server whose behaviour this is
_PATH = re.compile(r"/v2/([^/]+)/(users|groups)(?:/([^/]+))?/?", re.IGNORECASE)
_ANONYMOUS = re.compile(r"/(alive|now|version)/?", re.IGNORECASE)
_MEDIA = re.compile(r"application/json|text/json|application/[^\s/;]+\+json", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*(\"?)([^\";\s]+)\1\s*(?=;|$)", re.IGNORECASE)
_ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-16le": "utf-16-le", "unicode": "utf-16-le"}
KEY_WIDTH = 30
_WRITES = {"POST", "PUT", "PATCH"}

Collection = Callable[[Vault, ServiceRequest], ServiceAnswer]
Single = Callable[[Vault, ServiceRequest, str], ServiceAnswer]

_COLLECTIONS: dict[str, dict[str, Collection]] = {
    "users": {"GET": users.read_all, "POST": users.create},
    "groups": {"GET": groups.read_all, "POST": groups.create},
}
_SINGLES: dict[str, dict[str, Single]] = {
    "users": {
        "DELETE": users.delete,
        "GET": users.read_one,
        "PATCH": users.change,
        "PUT": users.replace,
    },
    "groups": {
        "DELETE": groups.delete,
        "GET": groups.read_one,
        "PATCH": groups_patch.change,
        "PUT": groups.replace,
    },
}


def answer(vault: Vault, request: ServiceRequest, key: str) -> ServiceAnswer:
    """The answer to a request, its path without the proxy's prefix; `key` is the organization's SCIM key."""
    plain = _ANONYMOUS.fullmatch(request.path)
    if plain:
        return _health(request, plain[1].lower())
    found = _PATH.fullmatch(request.path)
    if found is None:
        return ServiceAnswer(404)
    kind, id = found[2].lower(), found[3]
    methods = sorted(_COLLECTIONS[kind] if id is None else _SINGLES[kind])
    if request.method not in methods:
        return ServiceAnswer(405, headers={"Allow": ", ".join(methods)})
    if not _known(vault, request, found[1], key):
        return ServiceAnswer(401)
    if request.method in _WRITES:
        encoding = _encoding(request)
        if encoding is None:
            return ServiceAnswer(415)
        if encoding != "utf-8":
            body = request.body.decode(encoding, "replace").encode()
            request = dataclasses.replace(request, body=body)
    return _act(vault, request, kind, id)


def _act(vault: Vault, request: ServiceRequest, kind: str, id: str | None) -> ServiceAnswer:
    try:
        if id is None:
            return _COLLECTIONS[kind][request.method](vault, request)
        return _SINGLES[kind][request.method](vault, request, id)
    except Refused as refusal:
        return refusal.answer


def _encoding(request: ServiceRequest) -> str | None:
    """The encoding of the body: JSON in UTF-8 or UTF-16, or None."""
    media, _, _ = (header := request.headers.get("content-type", "")).partition(";")
    if not _MEDIA.fullmatch(media.strip()):
        return None
    charset = _CHARSET.search(header)
    return _ENCODINGS.get(charset[2].lower()) if charset else "utf-8"


def _health(request: ServiceRequest, what: str) -> ServiceAnswer:
    if request.method != "GET":
        return ServiceAnswer(405, headers={"Allow": "GET"})
    return ServiceAnswer(200, {"version": VERSION} if what == "version" else now(), PLAIN)


def _known(vault: Vault, request: ServiceRequest, organization: str, key: str) -> bool:
    """Whether organization, SCIM setting, plan and key are valid; all four fail with the same answer."""
    knobs = vault.knobs
    if bodies.guid(organization) != vault.organization:
        return False
    if not knobs.enabled or not knobs.scim or knobs.plan in WITHOUT_SCIM:
        return False
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if len(given) > KEY_WIDTH:
        return False
    return hmac.compare_digest(given.encode("latin-1", "replace"), key.encode())
