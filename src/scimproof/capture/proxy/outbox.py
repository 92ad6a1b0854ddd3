"""Outbox of the forwarding process: events for the recorder, in bounded memory and never waited for."""

from __future__ import annotations

import asyncio

from scimproof.capture.proxy.events import EventKind, packed

BOUND = 64 * 1024 * 1024  # bytes that may wait for the recorder
TOGETHER = 256 * 1024  # bytes that are handed over though no exchange is over


class Outbox:
    """Hands events to the recorder behind the forwarding. Where `full`, no more bytes of messages are taken.

    What passes is never slowed down for the sake of its recording.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.WriteTransport) -> None:
        self._loop, self._transport = loop, transport
        transport.set_write_buffer_limits(high=BOUND)
        self._waiting: list[bytes] = []
        self._size = 0
        self._due = False

    @property
    def full(self) -> bool:
        """Whether the recorder is so far behind that no more is kept for it."""
        return self._size + self._transport.get_write_buffer_size() > BOUND

    def put(self, event: bytes, *, last: bool = False) -> None:
        """Keep an event until the `last` one of an exchange, which the recorder can write then."""
        self._waiting.append(event)
        self._size += len(event)
        if (last or self._size > TOGETHER) and not self._due:
            self._due = True
            self._loop.call_soon(self.flush)  # once what has to be forwarded now is on its way

    def note(self, text: str) -> None:
        """Tell a person something."""
        self.put(packed(EventKind.NOTE, 0, text.encode()), last=True)

    def flush(self) -> None:
        """Hand over what waits."""
        self._due = False
        if self._waiting:
            self._transport.write(b"".join(self._waiting))
            self._waiting, self._size = [], 0
