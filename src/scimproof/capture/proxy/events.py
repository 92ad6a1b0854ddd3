"""Events that the forwarding process tells the recorder: what passed, in the order in which it passed."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple


class EventKind(IntEnum):
    """What an event tells; `number` is that of the exchange, 0 where it is of none."""

    LISTENING = 1  # JSON: port
    CONNECTED = 2  # nothing: one more connection
    BEGAN = 3  # connection and time of its first byte
    REQUEST_HEAD = 4  # the bytes
    REQUEST_BODY = 5
    ANSWER_HEAD = 6
    ANSWER_BODY = 7
    ENDED = 8  # JSON: seconds, error and so on
    NOTE = 9  # a sentence for a person
    FAILED = 10  # a sentence: it cannot listen, and ends
    REQUEST_ENDED = 11  # nothing: the request is complete


class ProxyEvent(NamedTuple):
    """One event."""

    kind: int
    number: int
    data: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """The data of an event that has JSON."""
        found: dict[str, Any] = json.loads(self.data)
        return found

    @property
    def text(self) -> str:
        """The data of an event that has a sentence."""
        return self.data.decode()


_HEADER = struct.Struct("<BII")
_BEGAN = struct.Struct("<Id")


def packed(kind: EventKind, number: int, data: bytes = b"") -> bytes:
    """The event as bytes."""
    return _HEADER.pack(kind, number, len(data)) + data


def packed_fields(kind: EventKind, number: int, fields: dict[str, Any]) -> bytes:
    """An event with JSON as bytes."""
    return packed(kind, number, json.dumps(fields).encode())


def packed_began(number: int, connection: int, at: float) -> bytes:
    """The beginning of an exchange as bytes."""
    return packed(EventKind.BEGAN, number, _BEGAN.pack(connection, at))


def began(data: bytes) -> tuple[int, float]:
    """The connection of an exchange, and when its first byte came, in seconds since 1970."""
    connection, at = _BEGAN.unpack(data)
    return connection, at


class EventReader:
    """Reads events from a stream of bytes."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[ProxyEvent]:
        """The events that are complete with these bytes."""
        self._data += data
        at, size = 0, len(self._data)
        while size - at >= _HEADER.size:
            kind, number, length = _HEADER.unpack_from(self._data, at)
            end = at + _HEADER.size + length
            if end > size:
                break
            yield ProxyEvent(kind, number, bytes(self._data[at + _HEADER.size : end]))
            at = end
        del self._data[:at]
