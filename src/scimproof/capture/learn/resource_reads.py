"""Resources as a target showed them last, for the requests that send one back with changes."""

from __future__ import annotations

from collections.abc import Hashable

from scimproof.capture.exchange import CapturedExchange
from scimproof.core.http_message import Json, parse_json

MOST = 256  # resources: who merges reads and writes one right after the other


class ResourceReads:
    """The latest answers to reads of one resource, by the path of the request."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    def note(self, exchange: CapturedExchange) -> None:
        """Keep what an exchange shows, where it is a read that was answered."""
        if exchange.method != "GET" or "?" in exchange.target or not exchange.ok or not exchange.answer:
            return
        path = exchange.target
        self._bodies.pop(path, None)
        self._bodies[path] = exchange.answer.content
        if len(self._bodies) > MOST:
            del self._bodies[next(iter(self._bodies))]

    def of(self, exchange: CapturedExchange) -> Json:
        """The resource that a PUT replaces, as it was read last; None where it was not, and for others."""
        if exchange.method != "PUT":
            return None
        body = self._bodies.get(exchange.target.partition("?")[0])
        return None if body is None else _parsed(body)


def _parsed(body: bytes) -> Json:
    found = parse_json(body)
    return found if isinstance(found, dict) else None


def relation(sent: Json, read: Json) -> Hashable:
    """What of a resource that is sent back is not as it was read: all that comparing the two depends on."""
    if not isinstance(read, dict) or not isinstance(sent, dict):
        return None
    changed = frozenset(key for key, value in sent.items() if value != read.get(key))
    return _keys(read), changed


def _keys(value: Json) -> Hashable:
    """The keys of a value in their order, of all objects in it."""
    if isinstance(value, dict):
        return tuple((key, _keys(found)) for key, found in value.items())
    return tuple(map(_keys, value)) if isinstance(value, list) else None
