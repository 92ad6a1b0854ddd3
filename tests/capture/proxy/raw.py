"""Raw sockets on both sides of the proxy: a scripted server that keeps every byte, a client likewise."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.proxy.options import ProxyOptions
from scimproof.capture.proxy.recording import RecordingProxy
from scimproof.capture.reader import Capture
from tests.waiting import HANG

Script = Callable[["Peer"], None]


@dataclass
class Peer:
    """One end of a connection: reads on demand, and keeps all that it read."""

    socket: socket.socket
    got: bytearray = field(default_factory=bytearray)
    _read: int = 0

    def expect(self, size: int) -> bytes:
        """The next so many bytes; fewer where the other side ends."""
        while len(self.got) < self._read + size:
            data = self.socket.recv(65536)
            if not data:
                break
            self.got += data
        piece = bytes(self.got[self._read : self._read + size])
        self._read += len(piece)
        return piece

    def until(self, end: bytes) -> bytes:
        """The next bytes up to and with these."""
        while (at := self.got.find(end, self._read)) < 0:
            data = self.socket.recv(65536)
            assert data, f"{bytes(self.got[self._read :])!r} came, and then nothing"
            self.got += data
        piece = bytes(self.got[self._read : at + len(end)])
        self._read += len(piece)
        return piece

    def rest(self) -> bytes:
        """All that comes until the other side ends."""
        while data := self.socket.recv(65536):
            self.got += data
        piece = bytes(self.got[self._read :])
        self._read = len(self.got)
        return piece

    def send(self, data: bytes) -> None:
        """Send it."""
        self.socket.sendall(data)

    def finish(self) -> None:
        """Send no more."""
        self.socket.shutdown(socket.SHUT_WR)


@dataclass
class RawServer:
    """A server whose connections each play a script; `peers` are these, in the order of arrival."""

    port: int
    peers: list[Peer] = field(default_factory=list)
    problems: list[BaseException] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}/scim/v2"


@contextmanager
def raw_server(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """A server on a loopback port; what goes wrong in a script is raised at the end."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        server = RawServer(listening.getsockname()[1])
        threads: list[threading.Thread] = []

        def play(peer: Peer) -> None:
            try:
                if tls:
                    try:
                        peer.socket = tls.wrap_socket(peer.socket, server_side=True)
                    except OSError:  # the other side does not trust the certificate
                        peer.socket.close()
                        return
                with peer.socket:
                    script(peer)
            except (OSError, AssertionError) as problem:
                server.problems.append(problem)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connection.settimeout(HANG)
                    server.peers.append(Peer(connection))
                    threads.append(threading.Thread(target=play, args=(server.peers[-1],)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            accepting.join()
            for thread in threads:
                thread.join()
    assert not server.problems, server.problems


@contextmanager
def client(port: int) -> Iterator[Peer]:
    """A connection to that loopback port."""
    with socket.create_connection(("127.0.0.1", port), timeout=HANG) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Peer(connection)


def recorded(proxy: RecordingProxy) -> list[CapturedExchange]:
    """What is in the file."""
    return [exchange for exchange in Capture(proxy.path) if isinstance(exchange, CapturedExchange)]


def recording(server: RawServer, out: Path) -> RecordingProxy:
    """A proxy in front of it that leaves the Host header alone too."""
    return RecordingProxy(ProxyOptions(server.url, keep_host=True), out)


def passed(
    tmp_path: Path, request: bytes, answer: bytes, *, close: bool = False
) -> tuple[bytes, CapturedExchange]:
    """One exchange through the proxy: what the server got, and what was recorded; the answer is compared."""

    def script(peer: Peer) -> None:
        peer.expect(len(request))
        peer.send(answer)
        if not close:
            peer.rest()

    with raw_server(script) as server, recording(server, tmp_path) as proxy, client(proxy.port) as peer:
        peer.send(request)
        assert (peer.rest() if close else peer.expect(len(answer))) == answer
    (exchange,) = recorded(proxy)
    return bytes(server.peers[0].got), exchange
