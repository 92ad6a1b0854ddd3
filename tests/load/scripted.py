"""A listener that does on each connection, byte by byte, what a test tells it to."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scimproof.load.client.filled import Filled
from scimproof.load.greenlets import sleep
from tests.waiting import HANG

Script = Callable[["Talk"], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Talk:
    """One connection, seen from the server; `number` counts connections from 1."""

    socket: socket.socket
    number: int
    requests: list[bytes]

    def request(self) -> bytes:
        """The next request, head and body; empty when the client closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = self.socket.recv(65536)
            if not chunk:
                return b""
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += self.socket.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]

    def answer(self, *parts: bytes) -> None:
        """Send the parts one by one."""
        for part in parts:
            self.socket.sendall(part)


@dataclass
class Listener:
    """Where it listens and what came: `requests` of all `connections` so far, and how many were `closed`."""

    host: str
    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: int = 0

    def wait_closed(self, count: int) -> None:
        """Until so many connections were closed from this side: their end has reached the client then."""
        ends = time.monotonic() + HANG
        while self.closed < count:
            assert time.monotonic() < ends, f"{self.closed} of {count} connections were closed"
            sleep(0.001)


@contextmanager
def scripted(
    script: Script, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Listener]:
    """Serve every connection by calling `script`, which ends the connection when it returns."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen(64)
        listener = Listener(host, server.getsockname()[1])
        threads: list[threading.Thread] = []
        counting = threading.Lock()

        def serve(connection: socket.socket, number: int) -> None:
            connection.settimeout(HANG)
            try:
                connection = tls.wrap_socket(connection, server_side=True) if tls else connection
                with connection:
                    script(Talk(connection, number, listener.requests))
            except OSError:
                connection.close()
            with counting:
                listener.closed += 1

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                listener.connections += 1
                threads.append(threading.Thread(target=serve, args=(connection, listener.connections)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener
        finally:
            server.shutdown(socket.SHUT_RDWR)
            accepting.join(HANG)
            for thread in threads:
                thread.join(HANG)


def answering(*parts: bytes) -> Script:
    """Answer every request with these parts, on connections that are kept."""

    def script(talk: Talk) -> None:
        while talk.request():
            talk.answer(*parts)

    return script


def filled(wire: bytes) -> Filled:
    """These bytes as a request that a slot sends."""
    head, _, body = wire.partition(b"\r\n\r\n")
    method, target, _ = head.partition(b"\r\n")[0].decode().split(" ")
    return Filled(wire, method, target, body)
