"""A relay that copies bytes between a client and a server, and keeps them: what a raw socket sees."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding:[ \t]*chunked[ \t]*\r$", re.IGNORECASE | re.MULTILINE)


@dataclass
class RelayedConnection:
    """The bytes of one connection, in both directions; each is kept before it is passed on."""

    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)

    def requests(self) -> list[tuple[bytes, bytes]]:
        """Head and framed body of each request."""
        return list(_split(bytes(self.asked), itertools.repeat(b"")))

    def answers(self) -> list[tuple[bytes, bytes]]:
        """Head and framed body of each answer."""
        methods = [head.partition(b" ")[0] for head, _ in self.requests()]
        return list(_split(bytes(self.answered), methods))


@dataclass
class Relay:
    """A relay on a loopback port: its connections in the order in which they were opened."""

    port: int
    connections: list[RelayedConnection] = field(default_factory=list)

    def requests(self) -> list[tuple[bytes, bytes]]:
        """The requests of all connections, one connection after another."""
        return [one for connection in self.connections for one in connection.requests()]


@contextmanager
def relaying(server_port: int) -> Iterator[Relay]:
    """A relay to that loopback port, until the block ends, and its connections with it."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        relay = Relay(listener.getsockname()[1])
        passing: list[_Passing] = []

        def accept() -> None:
            with contextlib.suppress(OSError):  # the listener was shut down
                while True:
                    client, _ = listener.accept()
                    relay.connections.append(RelayedConnection())
                    passing.append(_Passing(client, server_port, relay.connections[-1]))

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield relay
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for one in passing:
                one.end()


class _Passing:
    """Passes the bytes of one connection on until both sides are done, or it is ended."""

    def __init__(self, client: socket.socket, server_port: int, kept: RelayedConnection) -> None:
        self._sockets = client, socket.create_connection(("127.0.0.1", server_port))
        client, server = self._sockets
        ways = ((client, server, kept.asked), (server, client, kept.answered))
        self._threads = [threading.Thread(target=_copy, args=way) for way in ways]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for one in self._sockets:
            one.close()


def _copy(source: socket.socket, into: socket.socket, kept: bytearray) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            kept += data
            into.sendall(data)
    with contextlib.suppress(OSError):
        into.shutdown(socket.SHUT_WR)


def _split(stream: bytes, methods: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The messages of a stream, as RFC 9112 section 6 frames them; `methods` are those of the requests."""
    for method in methods:
        if not stream:
            return
        blank = stream.index(b"\r\n\r\n") + 4
        head, rest = stream[:blank], stream[blank:]
        size = _body_size(head, rest, method)
        yield head, rest[:size]
        stream = rest[size:]
    assert not stream, stream[:200]


def _chunks_size(rest: bytes) -> int:
    at = 0
    while True:
        end = rest.index(b"\r\n", at) + 2
        size = int(rest[at:end].partition(b";")[0], 16)
        at = end + size + 2
        if not size:
            return at


def _body_size(head: bytes, rest: bytes, method: bytes) -> int:
    status = head.split(b" ", 2)[1] if head.startswith(b"HTTP/") else b""
    if method == b"HEAD" or status in {b"204", b"304"}:
        return 0
    if CHUNKED.search(head):
        return _chunks_size(rest)
    length = LENGTH.search(head)
    if length:
        return int(length[1])
    return len(rest) if status else 0
