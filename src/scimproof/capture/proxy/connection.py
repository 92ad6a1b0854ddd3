"""Connection of a sender and its own connection to the target: what comes on one is sent on the other."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from scimproof.capture.proxy.events import EventKind, packed, packed_began, packed_fields
from scimproof.capture.proxy.framing import AnswerFraming, RequestFraming
from scimproof.capture.proxy.host_header import HostReplacement
from scimproof.capture.proxy.outbox import Outbox

BODY_LIMIT = 16 * 1024 * 1024  # bytes of a body, with its framing, that are recorded
CONNECT_SECONDS = 30.0
_RESET = struct.pack("ii", 1, 0)


class Forwarding(Protocol):
    """What a connection needs of the proxy that it is part of."""

    outbox: Outbox
    host_value: bytes  # of the Host header for the target; empty where the sender's own goes on
    target_name: str

    def next_exchange(self) -> int:
        """The number of the next exchange."""

    def begun(self, connection: Connection) -> None:
        """The sender is connected, TLS included."""

    async def connect(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Connect to the target; raises OSError."""

    def left(self, connection: Connection) -> None:
        """The connection is over on both sides."""


class _Exchange:
    """One exchange under way. It is `kept` unless the recorder was too far behind for it."""

    __slots__ = (
        "answer_came", "answer_done", "answer_size", "began", "kept", "last", "method", "number",
        "request_done", "request_size",
    )  # fmt: skip

    def __init__(self, number: int, *, kept: bool) -> None:
        self.number, self.kept = number, kept
        self.began = self.last = time.monotonic()
        self.method = b""
        self.request_done = self.answer_done = self.answer_came = False
        self.request_size = self.answer_size = 0


class Connection:
    """Both connections, and the exchanges that pass over them."""

    def __init__(self, proxy: Forwarding, number: int) -> None:
        self.number = number
        self._proxy, self._outbox = proxy, proxy.outbox
        self.sender = _Side(self, self._from_sender, self._sender_finished)
        self.target = _Side(self, self._from_target, self._target_finished)
        self.sender.other, self.target.other = self.target, self.sender
        self._requests, self._answers = RequestFraming(_RequestSink(self)), AnswerFraming(_AnswerSink(self))
        self._host = HostReplacement(proxy.host_value) if proxy.host_value else None
        self._outgoing: list[bytes] = []
        self._open: list[_Exchange] = []  # not told to the recorder as ended yet
        self._request = _Exchange(0, kept=False)  # whose request comes now, or came last
        self._unanswered: deque[_Exchange] = deque()
        self._refused = ""  # why there is no connection to the target
        self._connecting: asyncio.Task[None] | None = None
        self._told_opaque = self._stopping = False

    @property
    def idle(self) -> bool:
        """Whether no exchange is under way."""
        return not self._open

    def start(self) -> None:
        """The sender has connected: connect to the target, and read when that is done."""
        self._proxy.begun(self)
        self.sender.pause_reading()
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await self._proxy.connect(lambda: self.target)
        except (OSError, ValueError) as problem:  # a name that cannot be one is a ValueError
            self._refused = _plainly(problem)
        if self.sender.lost:
            self.target.close()
        self.sender.resume_reading()

    def stop(self, *, at_once: bool) -> None:
        """End both sides: as soon as no exchange is under way, or at once."""
        self._stopping = True
        if at_once:
            self._end_all("the recording was stopped before the exchange was over")
        if at_once or self.idle:
            if self._connecting and not self._connecting.done():
                self._connecting.cancel()
            self.sender.close()
            self.target.close()

    # From the sender to the target.

    def _from_sender(self, data: bytes) -> None:
        self._requests.feed(data)
        if self._outgoing:
            outgoing, self._outgoing = self._outgoing, []
            if not self._refused:
                self.target.write(outgoing[0] if len(outgoing) == 1 else b"".join(outgoing))
        if self._refused and self._requests.opaque:
            self.sender.close()

    def request_began(self) -> None:
        """The first byte of a request has come."""
        kept = not self._outbox.full
        exchange = _Exchange(self._proxy.next_exchange(), kept=kept)
        self._request = exchange
        self._open.append(exchange)
        self._unanswered.append(exchange)
        if self._host:
            self._host.begin()
        if kept:
            self._outbox.put(packed_began(exchange.number, self.number, time.time()))

    def request_head_part(self, data: bytes) -> None:
        """Bytes of a request's head, on their way."""
        self._outgoing.append(self._host.feed(data) if self._host else data)

    def request_head(self, whole: bytes) -> None:
        """A request's head is complete."""
        if self._requests.opaque:
            self._opaque(self._requests.opaque, "sender")
            return
        exchange = self._request
        exchange.method = self._requests.method
        if self._unanswered and self._unanswered[0] is exchange:
            self._answers.method = exchange.method
        self._keep(exchange, EventKind.REQUEST_HEAD, whole)
        if self._refused and b"100-continue" in whole:
            self._refuse(exchange)

    def request_body(self, data: bytes) -> None:
        """Bytes of a request's body, on their way."""
        self._outgoing.append(data)
        exchange = self._request
        room = BODY_LIMIT - exchange.request_size
        exchange.request_size += len(data)
        if room > 0:
            self._keep(exchange, EventKind.REQUEST_BODY, data[:room])

    def request_ended(self) -> None:
        """A request is complete."""
        exchange = self._request
        exchange.request_done = True
        if self._refused:
            self._refuse(exchange)
        elif exchange.answer_done:
            self._end(exchange)
        elif exchange.kept:
            self._outbox.put(packed(EventKind.REQUEST_ENDED, exchange.number))

    def other_bytes(self, data: bytes) -> None:
        """Bytes from the sender that are no HTTP/1.1, on their way."""
        self._outgoing.append((self._host.rest() if self._host else b"") + data)
        if self._requests.opaque:
            self._opaque(self._requests.opaque, "sender")

    def _sender_finished(self) -> None:
        """The sender sends no more."""
        self._requests.closed()
        if self._host and (rest := self._host.rest()):
            self.target.write(rest)
        if not self.target.write_eof() and not self._open:
            self.target.close()

    # From the target to the sender.

    def _from_target(self, data: bytes) -> None:
        self.sender.write(data)
        self._answers.feed(data)

    def answer_head(self, whole: bytes) -> None:
        """An answer's head is complete."""
        switched = self._answers.status == 101 or self._answers.method == b"CONNECT"
        if self._answers.opaque and not switched:
            self._opaque(self._answers.opaque, "target")
        elif self._unanswered:
            exchange = self._unanswered[0]
            exchange.answer_came, exchange.last = True, time.monotonic()
            self._keep(exchange, EventKind.ANSWER_HEAD, whole)
            if self._answers.opaque:
                self.answer_ended()
                self._requests.stop(self._answers.opaque)
                self._opaque(self._answers.opaque, "target")
        else:
            self._outbox.note(f"connection {self.number}: the target sent an answer to no request")

    def answer_body(self, data: bytes) -> None:
        """Bytes of an answer's body."""
        if not self._unanswered:
            return
        exchange = self._unanswered[0]
        exchange.last = time.monotonic()
        room = BODY_LIMIT - exchange.answer_size
        exchange.answer_size += len(data)
        if room > 0:
            self._keep(exchange, EventKind.ANSWER_BODY, data[:room])

    def answer_ended(self) -> None:
        """An answer is complete."""
        if not self._unanswered:
            return
        exchange = self._unanswered.popleft()
        exchange.answer_done = True
        exchange.last = time.monotonic()
        self._answers.method = self._unanswered[0].method if self._unanswered else b""
        if exchange.request_done:
            self._end(exchange)

    def _target_finished(self) -> None:
        """The target sends no more."""
        self._answers.closed()
        for exchange in list(self._unanswered):
            self._end(exchange, _broken_off(exchange))
        self._unanswered.clear()
        if not self.sender.write_eof():
            self.sender.close()

    # Both.

    def side_lost(self, side: _Side, problem: Exception | None) -> None:
        """One side's connection is gone: the other one ends the same way."""
        if side is self.target:
            if not self.target.finished and problem is None:
                self._answers.closed()
            for exchange in list(self._open):
                self._end(exchange, _broken_off(exchange))
            if problem is None:
                self.sender.close()
            else:
                self.sender.reset()
        else:
            for exchange in list(self._open):
                gone = "the sender went away before the exchange was over"
                self._end(exchange, _broken_off(exchange) if self.target.finished else gone)
            if problem is None:
                self.target.close()
            else:
                self.target.reset()
        if self.sender.lost and (self.target.lost or not self.target.connected):
            self._proxy.left(self)

    def _refuse(self, exchange: _Exchange) -> None:
        """Answer 502 for the target, and end the connection."""
        if exchange.answer_done:
            return
        exchange.answer_done = True
        self._end(exchange, f"no connection to the target: {self._refused}; scimproof answered 502 for it")
        self.sender.write(bad_gateway(self._proxy.target_name, self._refused, exchange.method))
        self.sender.close()

    def _keep(self, exchange: _Exchange, kind: EventKind, data: bytes) -> None:
        if exchange.kept and self._outbox.full:
            exchange.kept = False
        if exchange.kept:
            self._outbox.put(packed(kind, exchange.number, data))

    def _end(self, exchange: _Exchange, error: str = "") -> None:
        if exchange not in self._open:
            return
        self._open.remove(exchange)
        if exchange in self._unanswered:
            self._unanswered.remove(exchange)
        sizes = {"request_size": exchange.request_size, "answer_size": exchange.answer_size}
        fields: dict[str, Any] = {name: size for name, size in sizes.items() if size > BODY_LIMIT}
        seconds = (exchange.last if exchange.answer_came else time.monotonic()) - exchange.began
        fields["seconds"] = round(seconds, 7)
        if error:
            fields["error"] = error
        if not exchange.kept:
            fields["lost"] = True
        self._outbox.put(packed_fields(EventKind.ENDED, exchange.number, fields), last=True)
        exchange.kept = False  # what still comes of it passes only
        if not exchange.method and error:
            self._outbox.note(f"connection {self.number}: a request without a whole head: {error}")
        if not self._open and (self._stopping or (self.sender.finished and not self.target.half_closes)):
            self.target.close()
            if self._stopping:
                self.sender.close()

    def _end_all(self, error: str) -> None:
        for exchange in list(self._open):
            self._end(exchange, error)

    def _opaque(self, why: str, whose: str) -> None:
        """From here on the connection is no HTTP/1.1: it goes on, and is not recorded."""
        self._requests.stop(why)
        self._answers.stop(why)
        if self._told_opaque:
            return
        self._told_opaque = True
        self._end_all(f"what the {whose} sent cannot be read: {why}")
        self._outbox.note(
            f"connection {self.number}: what passes from here on is not recorded; what the {whose} sent "
            f"cannot be read: {why}"
        )


class _RequestSink:
    """Hands what is read of requests to the connection."""

    def __init__(self, connection: Connection) -> None:
        self.began = connection.request_began
        self.head_part = connection.request_head_part
        self.head = connection.request_head
        self.body_part = connection.request_body
        self.ended = connection.request_ended
        self.opaque_part = connection.other_bytes


class _AnswerSink:
    """Hands what is read of answers, which have passed already, to the connection."""

    def __init__(self, connection: Connection) -> None:
        self.head = connection.answer_head
        self.body_part = connection.answer_body
        self.ended = connection.answer_ended
        self.began, self.head_part, self.opaque_part = _nothing, _none, _none


def _nothing() -> None:
    pass


def _none(_: bytes) -> None:
    pass


class _Side(asyncio.Protocol):
    """One side of a connection: its transport, and whether it is slower than the other one."""

    other: _Side

    def __init__(
        self, connection: Connection, received: Callable[[bytes], None], finished: Callable[[], None]
    ) -> None:
        self._connection = connection
        self.data_received = received  # type: ignore[assignment,method-assign]  # a call less for each piece of data
        self._finished = finished
        self._transport: asyncio.Transport | None = None
        self.finished = self.lost = self.half_closes = False
        self._wrote_eof = self._paused = False

    @property
    def connected(self) -> bool:
        """Whether there was a connection."""
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.half_closes = transport.can_write_eof()
        if self is self._connection.sender:
            self._connection.start()
        elif self.other.lost:
            self.close()

    def eof_received(self) -> bool:
        self.finished = True
        self._finished()
        if self.other.finished:
            self.close()
            self.other.close()
        return self.half_closes  # TLS ends with the first side that ends

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._connection.side_lost(self, exc)

    def pause_writing(self) -> None:
        self.other.pause_reading()

    def resume_writing(self) -> None:
        self.other.resume_reading()

    def pause_reading(self) -> None:
        """Read no more for now, so that the peer stops sending."""
        if self._transport and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if self._transport and self._paused:
            self._paused = False
            with suppress(RuntimeError):  # it is closing
                self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Send at once, or as soon as the peer takes it."""
        if self._transport and data and not self.lost and not self._wrote_eof:
            self._transport.write(data)

    def write_eof(self) -> bool:
        """Send no more, but still read; False where the connection cannot do that."""
        if not self._transport or not self.half_closes:
            return False
        if not self._wrote_eof and not self.lost and not self._transport.is_closing():
            self._wrote_eof = True
            self._transport.write_eof()
        return True

    def close(self) -> None:
        """Close after what was written has been sent."""
        if self._transport:
            self._transport.close()

    def reset(self) -> None:
        """Close as a connection that broke, so that nobody takes what came so far for the whole."""
        if not self._transport or self.lost:
            return
        found: socket.socket | None = self._transport.get_extra_info("socket")
        if found is not None:
            with suppress(OSError):
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.close()


def _broken_off(exchange: _Exchange) -> str:
    if exchange.answer_done:
        return "the target closed the connection before the request was complete"
    if exchange.answer_came:
        return "the target closed the connection in the middle of its answer"
    return "the target closed the connection without an answer"


def _plainly(problem: OSError | ValueError) -> str:
    """Why a connection could not be made, as a person would say it."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {problem.verify_message} (--ca-bundle, --insecure)"
    if isinstance(problem, TimeoutError):
        return f"it did not answer within {CONNECT_SECONDS:g} s"
    if isinstance(problem, socket.gaierror):
        return f"its name cannot be resolved: {problem.strerror}"
    if isinstance(problem, ConnectionRefusedError):
        return "connection refused"
    return getattr(problem, "strerror", "") or str(problem) or type(problem).__name__


def bad_gateway(target: str, why: str, method: bytes) -> bytes:
    """The answer to a request that cannot be passed on: 502 with a SCIM error (RFC 7644 section 3.12)."""
    error = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "502",
        "detail": f"scimproof record: no connection to {target}: {why}",
    }
    body = json.dumps(error).encode()
    head = (
        "HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/scim+json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if method == b"HEAD" else body)
