"""Builders of SCIM answers for faults."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from scim2_server.responses import ScimResponse

JSON = dict[str, Any]

_ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"


@dataclass
class RawResponse(ScimResponse):
    """An answer with exactly these bytes as its body."""

    raw: bytes = b""


def encode(body: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def error(status: int, detail: str, scim_type: str | None = None) -> ScimResponse:
    """A well-formed SCIM error."""
    body: JSON = {"schemas": [_ERROR_URN], "status": str(status), "detail": detail}
    if scim_type:
        body["scimType"] = scim_type
    return ScimResponse(HTTPStatus(status), body)


def is_error(response: ScimResponse) -> bool:
    """Whether the answer has a 4xx or 5xx status."""
    return response.status >= HTTPStatus.BAD_REQUEST


def resources(response: ScimResponse) -> Iterator[JSON]:
    """The resources of an answer: those of a list, or the one."""
    body = response.body
    if is_error(response) or not body:
        return
    if "Resources" in body:
        yield from body["Resources"]
    elif "id" in body:
        yield body
