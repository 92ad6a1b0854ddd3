"""An application served over bare sockets, so that how its answers go over the wire is a test's to say."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scimproof.core.http_message import Exchange, Request
from scimproof.embedded import BASE_PATH
from scimproof.embedded.app import build
from tests.engine.kit import TOKEN, answer, read_request
from tests.matrix.inprocess import answered

Writes = Callable[[socket.socket, Exchange], bool]


def plainly(connection: socket.socket, exchange: Exchange) -> bool:
    """As an ordinary server does; True when the connection is kept."""
    connection.sendall(answer(exchange))
    return True


@dataclass
class Served:
    """A server on a loopback port: what came, and how often it was connected to. `end()` is a crash."""

    writes: Writes
    app: Any
    ends_at: Callable[[Request], bool]
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)
    _listener: socket.socket | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}{BASE_PATH}"

    def begin(self) -> None:
        """Listen, on the port of before if there was one."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def end(self) -> None:
        """Close everything at once, as a process that ends does."""
        with self._lock:
            listener, self._listener = self._listener, None
            if listener is not None:
                with contextlib.suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)
                listener.close()
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
            self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while raw := read_request(stream):
                head, _, body = raw.partition(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                pairs = tuple((line.partition(": ")[0], line.partition(": ")[2]) for line in lines)
                request = Request(method, target, pairs, body)
                self.requests.append(request)
                if self.ends_at(request):
                    self.end()
                    return
                if not self.writes(connection, answered(self.app, request)):
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
                    return


@contextlib.contextmanager
def served(
    writes: Writes = plainly, app: Any = None, ends_at: Callable[[Request], bool] = lambda _: False
) -> Iterator[Served]:
    """Serve it until the end of the block."""
    server = Served(writes, app or build(token=TOKEN), ends_at)
    server.begin()
    try:
        yield server
    finally:
        server.end()


def head(exchange: Exchange, *lines: str, version: str = "1.1") -> bytes:
    """The first line and the headers, with these in place of a length."""
    kept = [f"{k}: {v}" for k, v in exchange.headers if k.lower() != "content-length"]
    first = f"HTTP/{version} {exchange.status} {exchange.reason}"
    return "\r\n".join([first, *kept, *lines, "", ""]).encode()


def http_1_0(connection: socket.socket, exchange: Exchange) -> bool:
    """As Python's own http.server: no length, and closed at the end."""
    connection.sendall(head(exchange, version="1.0") + exchange.body)
    return False


def closing(connection: socket.socket, exchange: Exchange) -> bool:
    """`Connection: close` with every answer."""
    connection.sendall(
        head(exchange, "Connection: close", f"Content-Length: {len(exchange.body)}") + exchange.body
    )
    return False


def slipping_away(connection: socket.socket, exchange: Exchange) -> bool:
    """Closed after every answer, without a word about it."""
    plainly(connection, exchange)
    return False


def in_chunks(connection: socket.socket, exchange: Exchange) -> bool:
    """Chunked, with an extension and a trailer."""
    if exchange.status == 204:
        return plainly(connection, exchange)
    body, half = exchange.body, len(exchange.body) // 2
    parts = b"".join(b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
    connection.sendall(head(exchange, "Transfer-Encoding: chunked", "Trailer: X-Sum"))
    connection.sendall(parts + b"0\r\nX-Sum: 1\r\n\r\n")
    return True


def with_early_answers(connection: socket.socket, exchange: Exchange) -> bool:
    """After a 100 and a 103."""
    connection.sendall(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
    )
    return plainly(connection, exchange)


def in_crumbs(connection: socket.socket, exchange: Exchange) -> bool:
    """The head in pieces of a few bytes."""
    raw = answer(exchange)
    for place in range(0, 60, 20):
        connection.sendall(raw[place : place + 20])
        time.sleep(0.001)
    connection.sendall(raw[60:])
    return True


def nothing_said_about_length(connection: socket.socket, exchange: Exchange) -> bool:
    """HTTP/1.1 until the connection is closed."""
    if exchange.status == 204:
        return plainly(connection, exchange)
    connection.sendall(head(exchange, "Connection: close") + exchange.body)
    return False


def length_0_with_204(connection: socket.socket, exchange: Exchange) -> bool:
    """A 204 that says Content-Length: 0, which it should not, and nobody minds."""
    if exchange.status != 204:
        return plainly(connection, exchange)
    connection.sendall(head(exchange, "Content-Length: 0"))
    return True
