"""A transport of httpx2 that puts a request on the wire byte for byte and ends every wait at a deadline."""

from __future__ import annotations

import math
import re
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpcore2
import httpx2

SLICE = 0.25  # a wait is cut into pieces of so many seconds, so that `until` reaches those already waiting
# A connection that idled longer is not used again: servers close them after a second or two, and a
# request that meets such a close would look like the target's failure. Provisioning clients are as careful.
KEEP_IDLE = 1.0
REPEATABLE = ("GET", "PUT", "DELETE")  # RFC 9110 section 9.2.2
BODILESS = (204,)
BELOW = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError)
FRAMING = (b"host", b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade")
TOKEN = rb"[!#-'*+.^-z|~0-9A-Z-]+"  # RFC 9110 section 5.6.2
HEADER = TOKEN + rb": [^\x00-\x08\n-\x1f\x7f]*\r\n"
HEAD = re.compile(TOKEN + rb" [!-~]+ HTTP/1\.1\r\n(?:" + HEADER + rb")*\r\n")


@dataclass
class ExchangeProgress:
    """How far one exchange has come; it is over so many `seconds` after its request was handed over.

    `opened` says that a connection was opened for it, `heard` that anything came back. So many bytes as
    `surplus` says came behind a complete answer. A request carries it in its extensions, as "progress".
    """

    seconds: float = 60.0
    opened: bool = False
    heard: bool = False
    surplus: int = 0


class _Clock(threading.local):
    """The moment by which the exchange of this thread has to be over, and how far it has come.

    `message` is the whole request as it has to go out, until it has.
    """

    deadline: float = 0.0
    message: bytes = b""
    progress: ExchangeProgress = ExchangeProgress()


class _Clocks:
    """Every thread's clock, under one end for all."""

    def __init__(self) -> None:
        self.mine = _Clock()
        self.latest = math.inf

    def start(self, progress: ExchangeProgress, message: bytes) -> None:
        """Begin an exchange."""
        self.mine.deadline = time.monotonic() + progress.seconds
        self.mine.message = message
        self.mine.progress = progress

    def left(self) -> float:
        """Seconds left; raises when none are."""
        remaining = min(self.mine.deadline, self.latest) - time.monotonic()
        if remaining <= 0:
            raise httpcore2.ReadTimeout("deadline")
        return remaining


class _Stream(httpcore2.NetworkStream):
    """A connection on which every wait ends at the deadline, so that a drip cannot stretch an exchange.

    A `spoilt` one looks to the pool as if it were closed, and takes no further request.
    """

    def __init__(self, stream: httpcore2.NetworkStream, clocks: _Clocks) -> None:
        self._stream, self._clocks = stream, clocks
        self.spoilt = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            try:
                data = self._stream.read(max_bytes, min(SLICE, self._clocks.left()))
            except httpcore2.ReadTimeout:
                self._clocks.left()
            else:
                progress = self._clocks.mine.progress
                progress.heard = progress.heard or bool(data)
                return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self.spoilt:  # given out just before the pool looked: nothing was written, another is taken
            raise httpcore2.ConnectionNotAvailable
        # The pool puts Host first, whatever order it is given; senders do not. So the message goes out whole
        # in place of its beginning, and the rest of the pool's spelling, which is in it already, does not.
        message, self._clocks.mine.message = self._clocks.mine.message, b""
        if message:
            self._stream.write(message, self._clocks.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._clocks.left())
        return _Stream(inner, self._clocks)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self.spoilt:
            return True
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Opens connections that obey the deadline."""

    def __init__(self, clocks: _Clocks) -> None:
        self._backend, self._clocks = httpcore2.SyncBackend(), clocks

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        self._clocks.mine.progress.opened = True
        stream = self._backend.connect_tcp(host, port, self._clocks.left(), local_address, socket_options)
        return _Stream(stream, self._clocks)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class Answer(httpx2.Response):
    """A response of which nobody works out where it would redirect to: no redirect is followed."""

    @property
    def has_redirect_location(self) -> bool:
        """Never, so that the client does not take a server's Location header apart."""
        return False


class ExactTransport(httpx2.BaseTransport):
    """Sends method, target and headers as the request has them: nothing added, reordered or respelled.

    The target is the extension "target" where the request has one, since httpx2 normalises a URL. Safe to use
    from several threads. Raises what httpx2 raises.
    """

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._clocks = _Clocks()
        self.keeps: bool | None = None  # whether connections were seen to be kept, or not

        def pool(kept: int) -> httpcore2.ConnectionPool:
            return httpcore2.ConnectionPool(
                ssl_context=context,
                max_connections=256,
                max_keepalive_connections=kept,
                keepalive_expiry=KEEP_IDLE,
                network_backend=_Backend(self._clocks),
            )

        self._kept, self._single = pool(32), pool(0)

    def close(self) -> None:
        """Close every connection."""
        self._kept.close()
        self._single.close()

    def until(self, moment: float) -> None:
        """Let no exchange last beyond that moment of `time.monotonic()`, those under way included."""
        self._clocks.latest = moment

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, its body still to be read."""
        progress = request.extensions.get("progress") or ExchangeProgress()
        target = request.extensions.get("target") or request.url.raw_path
        self._clocks.start(progress, _head(request, target) + request.read())
        try:
            response = self._pool(request.method).handle_request(_below(request, target))
        except BELOW as problem:
            raise _as_httpx2(problem) from problem
        return Answer(
            response.status,
            headers=response.headers,
            stream=_Body(self, response, progress),
            extensions=response.extensions,
        )

    def _pool(self, method: str) -> httpcore2.ConnectionPool:
        """Kept connections; one of its own for what must not be sent twice, until some were seen to be kept.

        Some servers close after every answer without saying so: a create that meets such a close would look
        like the target's failure.
        """
        careful = self.keeps is False or (self.keeps is None and method not in REPEATABLE)
        return self._single if careful else self._kept


class _Body(httpx2.SyncByteStream):
    """The body of an answer, as it came; a connection that says more than it is spoilt."""

    def __init__(
        self, transport: ExactTransport, response: httpcore2.Response, progress: ExchangeProgress
    ) -> None:
        self._transport, self._response, self._progress = transport, response, progress

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_stream()
        except BELOW as problem:
            raise _as_httpx2(problem) from problem
        if not self._progress.opened and self._transport.keeps is None:
            self._transport.keeps = True
        self._progress.surplus = _surplus(self._response)
        if self._progress.surplus:
            self._response.extensions["network_stream"].spoilt = True

    def close(self) -> None:
        self._response.close()


def _as_httpx2(problem: Exception) -> httpx2.TransportError:
    """What the pool raised, as httpx2's own transports tell of it: by the class of the same name."""
    kind: type[httpx2.TransportError] = getattr(httpx2, type(problem).__name__)
    return kind(str(problem))


def _head(request: httpx2.Request, target: bytes) -> bytes:
    """Request line and headers, as they have to go out; raises LocalProtocolError where they are none."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), target)]
    lines += [b"%b: %b" % pair for pair in request.headers.raw]
    head = b"\r\n".join([*lines, b"", b""])
    if not HEAD.fullmatch(head) or head.count(b"\n") != len(lines) + 1:
        raise httpx2.LocalProtocolError("a line break or another character that its head cannot carry")
    return head


def _below(request: httpx2.Request, target: bytes) -> httpcore2.Request:
    """The request as the pool has to know it: where to, and how its body and its answer are framed.

    Its headers are looked at one by one on the way down, which takes a tenth of the time of a request.
    """
    assert isinstance(request.stream, httpx2.SyncByteStream)
    url = request.url
    return httpcore2.Request(
        request.method,
        httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target),
        headers=[pair for pair in request.headers.raw if pair[0].lower() in FRAMING],
        content=request.stream,
    )


def _surplus(response: httpcore2.Response) -> int:
    """How many bytes came behind a complete answer, which no request asked for.

    Either its headers announce a body that its status cannot have (RFC 9110 section 15.3.5), or the client
    below holds bytes that it would take for the beginning of the next answer, which it has no name for.
    """
    announced = next((v for k, v in response.headers if k.lower() == b"content-length"), b"0").strip()
    if response.status in BODILESS and announced.isdigit() and int(announced[:9]):
        return int(announced[:9])
    connection = getattr(getattr(response.stream, "_stream", None), "_connection", None)
    state = getattr(connection, "_h11_state", None)
    return len(state.trailing_data[0]) if state is not None else 0
