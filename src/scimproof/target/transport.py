"""Sends a request exactly as it is and reads the answer within a deadline and a size: the HTTP client."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol, Self

import httpx2

from scimproof.core.http_message import KEPT_BODY, MOST_VALUES, TIMED_OUT, Exchange, Lost, Request, crowded
from scimproof.target.content_decoding import content_coding, read_body
from scimproof.target.exact_transport import REPEATABLE, ExactTransport, ExchangeProgress
from scimproof.target.target import Target, with_headers


class _Hush(logging.Filter):
    """Keeps what httpx2 says of our exchanges out of every log, whatever its level.

    At DEBUG its pool tells headers as they come, and a server may have put our token there; at INFO it tells
    the URL. What others in this process do with httpx2 is logged as ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ours = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(self.ours, "sending", False)


_HUSH = _Hush()
for _name in ("httpx2", "httpcore2.connection", "httpcore2.http11"):
    logging.getLogger(_name).addFilter(_HUSH)


class Transport(Protocol):
    """Sends one request and gives the exchange; what a target does wrong is in it, never raised."""

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """Send within the deadline (the target's own when None)."""
        ...

    def until(self, moment: float) -> None:
        """Let no exchange last beyond that moment of `time.monotonic()`, those under way included."""
        ...


@dataclass
class _Answer:
    """What came of an answer; `error` says why it is not complete, `lost` that nothing of it came."""

    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: str = ""
    lost: Lost = ""
    # The request's headers with what the authentication made of them.
    sent: tuple[tuple[str, str], ...] = ()
    progress: ExchangeProgress = field(default_factory=ExchangeProgress)


class HttpTransport:
    """The HTTP client of one target: no redirects followed, no proxies, no cookies, connections reused.

    Safe to use from several threads. Raises UsageError when the target's certificate files are unusable.
    With `over`, such as httpx2.WSGITransport or httpx2.MockTransport, nothing goes over a network.
    """

    def __init__(
        self,
        target: Target,
        numbers: Iterator[int] | None = None,
        over: httpx2.BaseTransport | None = None,
    ) -> None:
        self._target = target
        self._numbers = numbers or itertools.count(1)
        self._wire: ExactTransport | None = None
        if over is None:
            over = self._wire = ExactTransport(target.ssl_context() if target.scheme == "https" else None)
        self._client = httpx2.Client(
            transport=over,
            trust_env=False,
            timeout=None,  # the deadline is that of the whole exchange
            cookies=CookieJar(DefaultCookiePolicy(netscape=False, rfc2965=False)),  # takes none, keeps none
        )

    @cached_property
    def _url(self) -> httpx2.URL:
        """Where the target is: what the wire needs to know beside the target of a request."""
        return httpx2.URL(self._target.origin)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def until(self, moment: float) -> None:
        """Let no exchange last beyond that moment of `time.monotonic()`, those under way included."""
        if self._wire:
            self._wire.until(moment)

    def send(
        self, request: Request, seconds: float | None = None, auth: httpx2.Auth | None = None
    ) -> Exchange:
        """The exchange; a timeout, a broken connection or an answer that is no HTTP is told in `error`.

        What is safe to repeat (RFC 9110 section 9.2.2) is sent once more where a kept connection turns out to
        be closed before anything of an answer came (RFC 9112 section 9.3.1), and never for any other reason.
        With `auth`, that sets the Authorization header, where the request has it or as its last, and what it
        raises goes through.
        """
        number, started = next(self._numbers), time.monotonic()
        if self._target.headers:
            request = replace(request, headers=with_headers(request.headers, self._target.headers))
        allowed = seconds or self._target.seconds
        answer = self._attempt(request, allowed, auth)
        left = allowed - (time.monotonic() - started)
        repeatable = request.method in REPEATABLE and not answer.progress.opened
        if self._wire and answer.lost == "closed" and repeatable and left > 0:
            self._wire.keeps = False
            again = self._attempt(request, left, auth)
            if again.lost != "unsent":  # else the target went with the first one: that is the one to tell of
                answer = again
        return Exchange(
            number=number,
            request=replace(request, headers=answer.sent) if auth else request,
            status=0 if answer.error else answer.status,
            reason=answer.reason,
            headers=answer.headers,
            body=answer.body,
            seconds=time.monotonic() - started,
            error=answer.error,
            lost=answer.lost,
            surplus=0 if answer.error else answer.progress.surplus,
        )

    def _attempt(self, request: Request, seconds: float, auth: httpx2.Auth | None) -> _Answer:
        """What came of an answer, and why it is not complete."""
        answer = _Answer(progress=ExchangeProgress(seconds))
        outer = getattr(_HUSH.ours, "sending", False)  # a token may be asked for on the way to a request
        _HUSH.ours.sending = True
        try:
            self._exchange(request, auth, answer)
        except httpx2.TimeoutException:
            answer.error = f"{TIMED_OUT} {seconds:.3g} s"
            if answer.status:
                answer.error += f" (status {answer.status} came, the body did not)"
        except (httpx2.TransportError, httpx2.InvalidURL, OSError, ValueError) as problem:
            heard = answer.progress.heard
            answer.error = _plain(problem, heard=heard and not answer.status)
            answer.lost = _lost(problem, heard=heard)
        finally:
            _HUSH.ours.sending = outer
        return answer

    def _exchange(self, request: Request, auth: httpx2.Auth | None, answer: _Answer) -> None:
        wanted = httpx2.Request(
            request.method,
            # Parsing a URL takes 60 µs of 400, and the wire takes its target as it is.
            self._url if self._wire else self._target.origin + request.target,
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers],
            stream=httpx2.ByteStream(request.body),
            extensions={"target": request.target.encode("ascii"), "progress": answer.progress},
        )
        wanted.headers.encoding = "latin-1"  # of what `auth` puts there, too
        try:
            response = self._client.send(wanted, stream=True, auth=auth)
        finally:
            answer.sent = _text(wanted.headers) if auth else ()
        try:
            answer.status = response.status_code
            answer.reason = _reason(response)
            answer.headers = _text(response.headers)
            stream, body = response.stream, bytearray()  # as it came: a body is unpacked here, within bounds
            assert isinstance(stream, httpx2.SyncByteStream)
            try:
                answer.error = read_body(stream, content_coding(answer.headers), body)
                if not answer.error and crowded(body):
                    answer.error = f"the body holds over {MOST_VALUES:,} values; it is not read"
                    del body[KEPT_BODY:]
            finally:
                answer.body = bytes(body)
        finally:
            response.close()


def _text(headers: httpx2.Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)


def _reason(response: httpx2.Response) -> str:
    """The reason as it came; where nothing goes over a network, the usual one."""
    came: bytes | None = response.extensions.get("reason_phrase")
    return response.reason_phrase if came is None else came.decode("ascii", "replace")


def _lost(problem: BaseException, *, heard: bool) -> Lost:
    """Whether the request was not sent at all, or its connection was closed before anything of an answer."""
    if isinstance(problem, httpx2.ConnectError):
        return "unsent"
    ended = isinstance(problem, httpx2.NetworkError | OSError) or "without sending" in str(problem)
    return "closed" if ended and not heard else ""


def _plain(problem: BaseException, *, heard: bool) -> str:
    """A network problem as a person would say it; `heard` when bytes came that made no HTTP head."""
    text = str(problem) or type(problem).__name__
    if heard:
        return f"the answer broke off or is not HTTP: {text}"
    if isinstance(problem, httpx2.RemoteProtocolError) and "without sending" in text:
        return "the connection was closed without an answer"
    if isinstance(problem, httpx2.ConnectError):
        return f"no connection: {text}"
    if isinstance(problem, httpx2.RemoteProtocolError):
        return f"the answer broke off or is not HTTP: {text}"
    if isinstance(problem, httpx2.LocalProtocolError | httpx2.InvalidURL):
        return f"the request cannot be sent as HTTP/1.1: {text}"
    return f"the connection broke: {text}"
