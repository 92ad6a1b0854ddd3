"""Puts a request on the wire exactly as it is and reads the answer within a deadline and a size."""

from __future__ import annotations

import itertools
import logging
import math
import ssl
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

import httpcore

from scimproof.core.http_message import KEPT_BODY, MOST_VALUES, Exchange, Lost, Request, crowded
from scimproof.target.content_decoding import content_coding, read_body
from scimproof.target.target import Target, with_headers

SLICE = 0.25  # a wait is cut into pieces of so many seconds, so that `until` reaches those already waiting
# A connection that idled longer is not used again: servers close them after a second or two, and a
# request that meets such a close would look like the target's failure. The sender's client is as careful.
KEEP_IDLE = 1.0
REPEATABLE = ("GET", "PUT", "DELETE")  # RFC 9110 section 9.2.2
BODILESS = (204,)


class _Hush(logging.Filter):
    """Keeps what httpcore says of our exchanges out of every log, whatever its level.

    At DEBUG it tells headers as they come, and a server may have put our token there. What others in this
    process do with httpcore is logged as ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ours = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(self.ours, "sending", False)


_HUSH = _Hush()
for _name in ("httpcore.connection", "httpcore.http11"):
    logging.getLogger(_name).addFilter(_HUSH)


class Transport(Protocol):
    """Sends one request and gives the exchange; what a target does wrong is in it, never raised."""

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """Send within the deadline (the target's own when None)."""
        ...

    def until(self, moment: float) -> None:
        """Let no exchange last beyond that moment of `time.monotonic()`, those under way included."""
        ...


class _Clock(threading.local):
    """The moment by which the exchange of this thread has to be over, and how far it has come.

    `head` is the request line and headers as they have to go out, until they have.
    """

    deadline: float = 0.0
    head: bytes = b""
    opened: bool = False
    heard: bool = False


class _Clocks:
    """Every thread's clock, under one end for all."""

    def __init__(self) -> None:
        self.mine = _Clock()
        self.latest = math.inf

    def start(self, seconds: float, head: bytes) -> None:
        """Begin an exchange that may last so long."""
        self.mine.deadline = time.monotonic() + seconds
        self.mine.head = head
        self.mine.opened = self.mine.heard = False

    def left(self) -> float:
        """Seconds left; raises when none are."""
        remaining = min(self.mine.deadline, self.latest) - time.monotonic()
        if remaining <= 0:
            raise httpcore.ReadTimeout("deadline")
        return remaining


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline, so that a drip cannot stretch an exchange.

    A `spoilt` one looks to the pool as if it were closed, and takes no further request.
    """

    def __init__(self, stream: httpcore.NetworkStream, clocks: _Clocks) -> None:
        self._stream, self._clocks = stream, clocks
        self.spoilt = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            try:
                data = self._stream.read(max_bytes, min(SLICE, self._clocks.left()))
            except httpcore.ReadTimeout:
                self._clocks.left()
            else:
                self._clocks.mine.heard = self._clocks.mine.heard or bool(data)
                return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self.spoilt:  # given out just before the pool looked: nothing was written, another is taken
            raise httpcore.ConnectionNotAvailable
        # The client below puts Host first, whatever order it is given; not every sender does.
        mine = self._clocks.mine
        if mine.head:
            buffer, mine.head = mine.head, b""
        self._stream.write(buffer, self._clocks.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._clocks.left())
        return _Stream(inner, self._clocks)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self.spoilt:
            return True
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections that obey the deadline."""

    def __init__(self, clocks: _Clocks) -> None:
        self._backend, self._clocks = httpcore.SyncBackend(), clocks

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self._clocks.mine.opened = True
        stream = self._backend.connect_tcp(host, port, self._clocks.left(), local_address, socket_options)
        return _Stream(stream, self._clocks)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class HttpTransport:
    """HTTP/1.1 to one target: no redirects followed, no proxies, no cookies, connections reused.

    Safe to use from several threads. Raises UsageError when the target's certificate files are unusable.
    """

    def __init__(self, target: Target, numbers: itertools.count[int] | None = None) -> None:
        self._target = target
        self._clocks = _Clocks()
        self._numbers = numbers or itertools.count(1)
        context = target.ssl_context() if target.scheme == "https" else None
        self._keeps: bool | None = None

        def pool(kept: int) -> httpcore.ConnectionPool:
            return httpcore.ConnectionPool(
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

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """The exchange; a timeout, a broken connection or an answer that is no HTTP is told in `error`.

        What is safe to repeat (RFC 9110 section 9.2.2) is sent once more where a kept connection turns out to
        be closed before anything of an answer came (RFC 9112 section 9.3.1), and never for any other reason.
        """
        number, started = next(self._numbers), time.monotonic()
        request = replace(request, headers=with_headers(request.headers, self._target.headers))
        allowed = seconds or self._target.seconds
        answer, error, lost = self._attempt(request, allowed)
        left = allowed - (time.monotonic() - started)
        if lost == "closed" and not self._clocks.mine.opened and request.method in REPEATABLE and left > 0:
            self._keeps = False
            again = self._attempt(request, left)
            if again[2] != "unsent":  # else the target went with the first one: that is the one to tell of
                answer, error, lost = again
        error = error or answer.get("error", "")
        return Exchange(
            number=number,
            request=request,
            status=0 if error else answer["status"],
            reason=answer.get("reason", ""),
            headers=answer.get("headers", ()),
            body=answer.get("body", b""),
            seconds=time.monotonic() - started,
            error=error,
            lost=lost,
            surplus=0 if error else answer.get("surplus", 0),
        )

    def _attempt(self, request: Request, seconds: float) -> tuple[dict[str, Any], str, Lost]:
        """What came of the answer, why it is not complete, and whether nothing at all of it came."""
        answer: dict[str, Any] = {}
        self._clocks.start(seconds, replace(request, body=b"").wire())
        _HUSH.ours.sending = True
        try:
            self._exchange(request, answer)
        except httpcore.TimeoutException:
            error = f"no complete answer within {seconds:.3g} s"
            came = f" (status {answer['status']} came, the body did not)" if "status" in answer else ""
            return answer, error + came, ""
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as problem:
            heard = self._clocks.mine.heard
            told = _plain(problem, heard=heard and "status" not in answer)
            return answer, told, _lost(problem, heard=heard)
        finally:
            _HUSH.ours.sending = False
        return answer, "", ""

    def _pool(self, request: Request) -> httpcore.ConnectionPool:
        """Kept connections; one of its own for what must not be sent twice, until some were seen to be kept.

        Some servers close after every answer without saying so: a create that meets such a close would look
        like the target's failure.
        """
        careful = self._keeps is False or (self._keeps is None and request.method not in REPEATABLE)
        return self._single if careful else self._kept

    def _exchange(self, request: Request, answer: dict[str, Any]) -> None:
        url = httpcore.URL(
            scheme=self._target.scheme,
            host=self._target.host,
            port=self._target.port,
            target=request.target.encode("ascii"),
        )
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers]
        with self._pool(request).stream(
            request.method, url, headers=headers, content=request.body or None
        ) as response:
            answer["status"] = response.status
            answer["reason"] = response.extensions.get("reason_phrase", b"").decode("ascii", "replace")
            answer["headers"] = tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers
            )
            body = bytearray()
            try:
                answer["error"] = read_body(response.iter_stream(), content_coding(answer["headers"]), body)
                if not answer["error"] and crowded(body):
                    answer["error"] = f"the body holds over {MOST_VALUES:,} values; it is not read"
                    del body[KEPT_BODY:]
            finally:
                answer["body"] = bytes(body)
            if not self._clocks.mine.opened and self._keeps is None:
                self._keeps = True
            answer["surplus"] = _surplus(response)
            if answer["surplus"]:
                response.extensions["network_stream"].spoilt = True


def _surplus(response: httpcore.Response) -> int:
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


def _lost(problem: BaseException, *, heard: bool) -> Lost:
    """Whether the request was not sent at all, or its connection was closed before anything of an answer."""
    if isinstance(problem, httpcore.ConnectError):
        return "unsent"
    ended = isinstance(problem, httpcore.NetworkError | OSError) or "without sending" in str(problem)
    return "closed" if ended and not heard else ""


def _plain(problem: BaseException, *, heard: bool) -> str:
    """A network problem as a person would say it; `heard` when bytes came that made no HTTP head."""
    text = str(problem) or type(problem).__name__
    if heard:
        return f"the answer broke off or is not HTTP: {text}"
    if isinstance(problem, httpcore.RemoteProtocolError) and "without sending" in text:
        return "the connection was closed without an answer"
    if isinstance(problem, httpcore.ConnectError):
        return f"no connection: {text}"
    if isinstance(problem, httpcore.RemoteProtocolError):
        return f"the answer broke off or is not HTTP: {text}"
    if isinstance(problem, httpcore.LocalProtocolError):
        return f"the request cannot be sent as HTTP/1.1: {text}"
    return f"the connection broke: {text}"
