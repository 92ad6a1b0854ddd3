"""Bulk jobs (RFC 7644 section 3.7): the requests that one stands for, and the resources that it made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from scimproof.catalog.request_template import compact
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.core.scim import usable_id, value_at

ENDPOINT = "/Bulk"


class Made(NamedTuple):
    """A resource that a job made: the request of its operation, and the id that the result shows."""

    operation: Request
    id: str


def is_bulk(request: Request) -> bool:
    """Whether a request is a bulk job."""
    return request.method == "POST" and request.target.partition("?")[0].endswith(ENDPOINT)


def operations_of(request: Request) -> Iterator[Request]:
    """The requests that the operations of a job stand for; what has no method or path is no request."""
    base = request.target.partition("?")[0].removesuffix(ENDPOINT)
    for operation in _rows(request.json):
        method, path = value_at(operation, "method"), value_at(operation, "path")
        if isinstance(method, str) and isinstance(path, str):
            data = value_at(operation, "data")
            body = compact(data).encode() if data is not None else b""
            yield Request(method.upper(), f"{base}/{path.lstrip('/')}", request.headers, body)


def deletes_a_collection(request: Request) -> bool:
    """Whether an operation of a job is a DELETE whose path names no resource, but an endpoint alone."""
    for operation in _rows(request.json):
        path = str(value_at(operation, "path") or "").partition("?")[0]
        parts = [part for part in unquote(path).split("/") if part.strip(" .")]
        if str(value_at(operation, "method")).upper() == "DELETE" and len(parts) < 2:
            return True
    return False


def creates_of(request: Request) -> Iterator[Request]:
    """Those of its operations that make a resource."""
    return (operation for operation in operations_of(request) if operation.method == "POST")


def made_by(exchange: Exchange) -> Iterator[Made]:
    """The resources that an answered job made, by the locations of its results.

    A result belongs to the create of its bulkId; without one, to the create at its place in the job.
    """
    rows = _rows(exchange.request.json)
    by_id = {str(value_at(row, "bulkId")): row for row in rows if value_at(row, "bulkId") is not None}
    for place, result in enumerate(_rows(exchange.json)):
        row = by_id.get(str(value_at(result, "bulkId")), rows[place] if place < len(rows) else None)
        if row is None or str(value_at(row, "method")).upper() != "POST" or not _accepted(result):
            continue
        location = value_at(result, "location")
        path = urlsplit(location).path if isinstance(location, str) else ""
        id = usable_id(unquote(path.rstrip("/").rpartition("/")[2])) or usable_id(
            value_at(result, "response.id")
        )
        one = Request("POST", exchange.request.target, (), compact({"Operations": [row]}).encode())
        for operation in operations_of(one):
            yield Made(operation, id)


def _accepted(result: Json) -> bool:
    status = value_at(result, "status")
    code = value_at(status, "code") if isinstance(status, dict) else status
    return str(code).startswith("2")


def _rows(body: Json) -> list[Json]:
    found = value_at(body, "Operations")
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
