"""Puts a request on the wire exactly as it is and reads the answer within a deadline and a size."""

from __future__ import annotations

import itertools
import ssl
import threading
import time
import zlib
from collections.abc import Iterable
from typing import Any, Protocol

import httpcore

from scimproof.model import Exchange, Request
from scimproof.target import Target

MAX_BODY = 16 * 1024 * 1024


class Transport(Protocol):
    """Sends one request and gives the exchange; what a target does wrong is in it, never raised."""

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """Send within the deadline (the target's own when None)."""
        ...


class _Clock(threading.local):
    """The moment by which the exchange of this thread has to be over."""

    deadline: float = 0.0

    def left(self) -> float:
        """Seconds left; raises when none are."""
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise httpcore.ReadTimeout("deadline")
        return remaining


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline, so that a drip cannot stretch an exchange."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._clock.left())
        return _Stream(inner, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections that obey the deadline."""

    def __init__(self, clock: _Clock) -> None:
        self._backend, self._clock = httpcore.SyncBackend(), clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._backend.connect_tcp(host, port, self._clock.left(), local_address, socket_options)
        return _Stream(stream, self._clock)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class HttpTransport:
    """HTTP/1.1 to one target: no redirects followed, no proxies, no cookies, connections reused.

    Safe to use from several threads. Raises UsageError when the target's certificate files are unusable.
    """

    def __init__(self, target: Target, numbers: itertools.count[int] | None = None) -> None:
        self._target = target
        self._clock = _Clock()
        self._numbers = numbers or itertools.count(1)
        self._pool = httpcore.ConnectionPool(
            ssl_context=target.ssl_context() if target.scheme == "https" else None,
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=4.0,
            network_backend=_Backend(self._clock),
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """The exchange; a timeout, a broken connection or an answer that is no HTTP is told in `error`."""
        number, started = next(self._numbers), time.monotonic()
        allowed = seconds or self._target.seconds
        self._clock.deadline = started + allowed
        parts: dict[str, Any] = {}
        error = ""
        try:
            self._exchange(request, parts)
        except httpcore.TimeoutException:
            error = f"no complete answer within {allowed:g} s"
            if isinstance(parts.get("status"), int):
                error += f" (status {parts['status']} came, the body did not)"
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as problem:
            error = _plain(problem)
        return Exchange(
            number=number,
            request=request,
            status=0 if error else parts["status"],
            reason=parts.get("reason", ""),
            headers=parts.get("headers", ()),
            body=parts.get("body", b""),
            seconds=time.monotonic() - started,
            error=error or parts.get("error", ""),
        )

    def _exchange(self, request: Request, parts: dict[str, Any]) -> None:
        url = httpcore.URL(
            scheme=self._target.scheme,
            host=self._target.host,
            port=self._target.port,
            target=request.target.encode("ascii"),
        )
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers]
        with self._pool.stream(request.method, url, headers=headers, content=request.body or None) as answer:
            parts["status"] = answer.status
            parts["reason"] = answer.extensions.get("reason_phrase", b"").decode("ascii", "replace")
            parts["headers"] = tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers
            )
            encoding = next((v for k, v in parts["headers"] if k.lower() == "content-encoding"), "")
            parts["body"], parts["error"] = read_body(answer.iter_stream(), encoding)
            if parts["error"]:
                parts["status"] = 0


def read_body(chunks: Iterable[bytes], encoding: str, limit: int = MAX_BODY) -> tuple[bytes, str]:
    """The decoded body and an error sentence; reading stops at `limit` bytes, also of a packed body."""
    packed = encoding.strip().lower() in ("gzip", "x-gzip", "deflate")
    unpacker = zlib.decompressobj(47) if packed else None
    body = bytearray()
    for chunk in chunks:
        try:
            body += unpacker.decompress(chunk, limit + 1 - len(body)) if unpacker else chunk
        except zlib.error as problem:
            return bytes(body), f"the body is not the {encoding} it says: {problem}"
        if len(body) > limit:
            return bytes(body[:65536]), f"the body is over {limit // 2**20} MiB; reading stopped"
    return bytes(body), ""


def _plain(problem: BaseException) -> str:
    """A network problem as a person would say it."""
    text = str(problem) or type(problem).__name__
    if isinstance(problem, httpcore.ConnectError):
        return f"no connection: {text}"
    if isinstance(problem, httpcore.RemoteProtocolError):
        return f"the answer broke off or is not HTTP: {text}"
    if isinstance(problem, httpcore.LocalProtocolError):
        return f"the request cannot be sent as HTTP/1.1: {text}"
    return f"the connection broke: {text}"
