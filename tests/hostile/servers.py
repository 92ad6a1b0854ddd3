"""Servers that misbehave on the wire, written on bare sockets."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.engine.kit import read_request

EMPTY = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    "totalResults": 0,
    "startIndex": 1,
    "itemsPerPage": 0,
    "Resources": [],
}
Misbehave = Callable[[socket.socket, bytes], None]


@dataclass
class Hostile:
    """A server on a loopback port: how often it was connected to, and what it was sent."""

    port: int
    scheme: str = "http"
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/scim/v2"


@contextlib.contextmanager
def hostile(
    misbehave: Misbehave, *, first: Misbehave | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Hostile]:
    """Serve; the connector tests (`count=2`) are answered by `first` where that is given."""
    with socket.create_server(("localhost", 0), backlog=64) as listener:
        listener.settimeout(0.1)
        server = Hostile(listener.getsockname()[1], "https" if tls else "http")
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError, OSError):
                    connection, _ = listener.accept()
                    server.connections += 1
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        def serve(connection: socket.socket) -> None:
            connection.settimeout(20)
            with contextlib.suppress(OSError, ValueError):
                secured = tls.wrap_socket(connection, server_side=True) if tls else connection
                with secured, secured.makefile("rb") as stream:
                    while not ended.is_set() and (raw := read_request(stream)):
                        server.requests.append(raw)
                        (first if first and b"count=2" in raw else misbehave)(secured, raw)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            thread.join()


def says(
    status: str, body: bytes | str = b"", *headers: str, length: int | None = None, close: bool = False
) -> Misbehave:
    """Answer everything with this."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(data) if length is None else length}"]
    if not any(header.lower().startswith("content-type") for header in headers):
        lines.append("Content-Type: application/scim+json")
    raw = ("\r\n".join(lines) + "\r\n\r\n").encode() + data

    def misbehave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(raw)
        if close:
            connection.shutdown(socket.SHUT_RDWR)

    return misbehave


empty = says("200 OK", json.dumps(EMPTY))


def hangs(connection: socket.socket, _: bytes) -> None:
    """Never answer."""
    connection.recv(1)


def drips_headers(connection: socket.socket, _: bytes) -> None:
    """Send one byte now and then, of an answer that never gets to its body."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100:
        connection.sendall(bytes([byte]))
        time.sleep(0.3)


def drips_body(connection: socket.socket, _: bytes) -> None:
    """Send the headers at once and the body a byte now and then."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n")
    for _number in range(200):
        connection.sendall(b" ")
        time.sleep(0.3)


def floods(connection: socket.socket, _: bytes) -> None:
    """Send 200 MB."""
    size = 200 * 1024 * 1024
    connection.sendall(
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    chunk = b'"' + b"x" * (1024 * 1024 - 1)
    for _number in range(200):
        connection.sendall(chunk)


BOMB = gzip.compress(bytes(64 * 1024 * 1024), 1)
bomb = says("200 OK", BOMB, "Content-Encoding: gzip")


def slams(connection: socket.socket, _: bytes) -> None:
    """Close without an answer."""
    connection.shutdown(socket.SHUT_RDWR)


def not_http(connection: socket.socket, _: bytes) -> None:
    """Speak another protocol."""
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
    connection.shutdown(socket.SHUT_RDWR)
