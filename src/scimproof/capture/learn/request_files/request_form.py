"""Form of a captured request: all that the sender decides of it, and nothing of whom it is about."""

from __future__ import annotations

import re

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recognition import Recognition
from scimproof.capture.learn.request_files.known_resources import PROTOCOL_HEADERS
from scimproof.capture.learn.request_files.request_target import SEARCH, RequestTarget
from scimproof.catalog.request_template import compact
from scimproof.core.http_message import Json

QUOTED = re.compile(r'(%22|")(?:(?!\1).)*\1')
STRUCTURAL = frozenset({"op", "path", "schemas", "type", "method"})
# Differences that the structure of the body shows by itself.
IN_BODY = frozenset({
    "key order", "element order", "attribute added", "attribute missing", "attribute spelling", "value",
})  # fmt: skip
FREE = frozenset({"host", "content-length", "authorization"})
FormKey = tuple[object, ...]


def form_of(exchange: CapturedExchange, recognition: Recognition) -> FormKey:
    """What two requests have in common that are written as one file: the same form of one operation.

    Lists of any length are one form where all their entries have the same.
    """
    request, place = exchange.request, RequestTarget.of(exchange.target)
    segments = tuple(one if one == SEARCH or one.startswith("urn:") else "*" for one in place.segments)
    query = re.sub(r"=\d+(?=&|$)", "=1", QUOTED.sub('"*"', place.query))
    headers = tuple(
        (name, value if name.lower() in PROTOCOL_HEADERS - FREE else "") for name, value in request.headers
    )
    elsewhere = tuple((one.kind, one.where) for one in recognition.differences if one.kind not in IN_BODY)
    body: object = None
    if request.content:
        parsed = request.json
        written = parsed is not None and compact(parsed).encode() == request.content
        body = (_structure(parsed), written or b"\n" in request.content) if parsed is not None else "no JSON"
    known = (recognition.sender, recognition.operation, recognition.template)
    return (*known, exchange.method, place.endpoint, segments, query, headers, elsewhere, body)


def _structure(value: Json, key: str = "") -> object:
    """Keys in their order and kinds of values; words of the protocol as they are."""
    if isinstance(value, dict):
        return tuple((name, _structure(one, name.lower())) for name, one in value.items())
    if isinstance(value, list):
        entries = [_structure(one, key) for one in value]
        return ("list", *(one for place, one in enumerate(entries) if not place or one != entries[place - 1]))
    if isinstance(value, str):
        if key in STRUCTURAL or value.lower() in ("true", "false", ""):
            return re.sub(r'"[^"]*"', '"*"', value)
        return "text"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else ("word", value)
