"""Requests as the service reads them, and answers as it writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON = dict[str, Any]

SCIM = "application/scim+json; charset=utf-8"
PLAIN = "application/json; charset=utf-8"
ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"

_EVERYWHERE = {
    "x-frame-options": "SAMEORIGIN",
    "x-xss-protection": "1; mode=block",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class ServiceRequest:
    """A request; names of headers and query parameters are lower case, the first value of each counts."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    peer: str = ""

    @property
    def okta(self) -> bool:
        """Whether the client's headers look like Okta's."""
        return self.headers.get("user-agent", "").startswith("Okta")

    @property
    def entra(self) -> bool:
        """Whether the client's headers look like Entra's."""
        return "adscimversion" in self.headers and not self.okta


@dataclass
class ServiceAnswer:
    """An answer; without a body it has no media type either."""

    status: int
    body: Any = None
    media: str = SCIM
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """Raised for a refusal that becomes an error answer; `ordinary` ones are negotiated as results are."""

    def __init__(self, status: int, detail: str, *, ordinary: bool = False) -> None:
        super().__init__(detail)
        self.answer = ServiceAnswer(status, error(status, detail), SCIM if ordinary else PLAIN)


def error(status: int, detail: str) -> JSON:
    """The body of an error: status is a number, and there is never a scimType."""
    return {"detail": detail, "status": status, "schemas": [ERROR_URN]}


def read(environ: WSGIEnvironment) -> ServiceRequest:
    """The request that a WSGI server received."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True):
        query.setdefault(name.lower(), value)
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_") or key == "CONTENT_TYPE"
    }
    length = environ.get("CONTENT_LENGTH") or ""
    body = environ["wsgi.input"].read(int(length)) if length.isdigit() else b""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    return ServiceRequest(
        environ["REQUEST_METHOD"], path, query, headers, body, str(environ.get("REMOTE_ADDR", ""))
    )


def write(answer: ServiceAnswer, start_response: StartResponse) -> Iterable[bytes]:
    """Give the answer to a WSGI server."""
    headers = {**_EVERYWHERE, **answer.headers}
    body = b""
    if answer.body is not None:
        body = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers["Content-Type"] = answer.media
    if answer.status != HTTPStatus.NO_CONTENT:
        headers["Content-Length"] = str(len(body))
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
    return [body]
