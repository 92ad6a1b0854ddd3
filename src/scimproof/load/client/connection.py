"""Connections to the target, plain or TLS: non-blocking, no buffers of their own, greenlets wait on them."""

from __future__ import annotations

import _socket
import errno
import os
import socket
import ssl
import time

from scimproof.load.client.receive_stamp import ROOM, ask_for_stamps, waited
from scimproof.load.greenlets import Waiter
from scimproof.target.target import Target

SIZE = 65536
# One for the whole process: whatever is read is parsed before another greenlet gets its turn.
_FROM_NETWORK = memoryview(bytearray(SIZE))
_INTO = [_FROM_NETWORK]
monotonic = time.monotonic


class TcpConnection:
    """TCP connection; `arrived` is when the kernel had the last bytes received, of `time.monotonic()`.

    After a stall hundreds of answers are there at once and wait for this process: what a target took is told
    by the kernel's stamp, not by when Python got round to it. Where the kernel gives none, it is that moment.
    """

    def __init__(self, family: int) -> None:
        # The C class: Locust replaces socket.socket by gevent's, which asks the kernel more than it needs to.
        self.socket = _socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(0)
        self.waiter = Waiter(self.socket.fileno())
        self.arrived = 0.0
        ask_for_stamps(self.socket)

    def connect(self, address: tuple[object, ...]) -> None:
        """Connect; raises OSError."""
        problem = self.socket.connect_ex(address)
        if problem == errno.EINPROGRESS:
            self.waiter.writable()
            problem = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            raise OSError(problem, os.strerror(problem))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        """Send all of it; raises OSError."""
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        if sent != len(data):
            self._send_rest(memoryview(data)[sent:])

    def _send_rest(self, rest: memoryview) -> None:
        while rest:
            self.waiter.writable()
            try:
                rest = rest[self.socket.send(rest) :]
            except BlockingIOError:
                continue

    def receive(self) -> memoryview:
        """Wait for bytes and give them, until the next call of anybody; empty when the other side closed."""
        while True:
            self.waiter.readable()
            try:
                count, stamps, _, _ = self.socket.recvmsg_into(_INTO, ROOM)
            except BlockingIOError:
                continue
            self.arrived = monotonic()
            if stamps:
                self.arrived -= waited(stamps[0][2])
            return _FROM_NETWORK[:count]

    def usable(self) -> bool:
        """Whether an idle connection is still open and silent, as it must be before a request."""
        try:
            self.socket.recv(1, socket.MSG_PEEK)  # bytes nobody asked for, or the end
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close; safe to call twice."""
        self.waiter.close()
        self.socket.close()


class TlsConnection(TcpConnection):
    """TLS connection; certificate and name are verified as the target's options say."""

    def __init__(self, family: int, context: ssl.SSLContext, host: str) -> None:
        super().__init__(family)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)

    def connect(self, address: tuple[object, ...]) -> None:
        """Connect and shake hands; raises OSError (ssl.SSLError is one)."""
        super().connect(address)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                if not self._more():
                    raise ConnectionResetError("the connection was closed during the TLS handshake") from None
            except ssl.SSLError:
                self._flush()  # the alert tells the other side why
                raise
            else:
                return self._flush()

    def send(self, data: bytes) -> None:
        """Send all of it; raises OSError."""
        self._tls.write(data)  # to memory: takes everything at once
        self._flush()

    def receive(self) -> memoryview:
        """As `TcpConnection.receive`; what TLS holds back already decrypted comes before waiting."""
        while True:
            if self._tls.pending() or self._in.pending or self._in.eof:
                try:
                    return memoryview(self._tls.read(SIZE))
                except ssl.SSLWantReadError:
                    self._flush()
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return memoryview(b"")
            if not self._more():
                self._in.write_eof()

    def usable(self) -> bool:
        """As `TcpConnection.usable`; session tickets are taken in, not mistaken for an answer."""
        try:
            while count := self.socket.recv_into(_FROM_NETWORK):
                self._in.write(_FROM_NETWORK[:count])
        except BlockingIOError:
            pass
        except OSError:
            return False
        else:
            return False
        try:
            self._tls.read(1)
        except ssl.SSLWantReadError:
            return True
        except ssl.SSLError:
            return False
        return False

    def _more(self) -> bool:
        """Take in what the network brings; False when the other side closed."""
        data = super().receive()
        self._in.write(data)
        return bool(data)

    def _flush(self) -> None:
        if self._out.pending:
            super().send(self._out.read())


class Route:
    """Route to a target: its addresses, looked up when they are needed, and its TLS."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._context = target.ssl_context() if target.scheme == "https" else None
        self._addresses: list[tuple[int, tuple[object, ...]]] = []

    def new(self, family: int) -> TcpConnection:
        """An unconnected connection of that address family."""
        if self._context is None:
            return TcpConnection(family)
        return TlsConnection(family, self._context, self.target.host)

    def addresses(self) -> list[tuple[int, tuple[object, ...]]]:
        """(family, address) in the order to try them; raises OSError when the name has none."""
        if not self._addresses:
            found = socket.getaddrinfo(self.target.host, self.target.port, type=socket.SOCK_STREAM)
            self._addresses = [(int(family), address) for family, _, _, _, address in found]
        return self._addresses

    def forget(self) -> None:
        """Look the name up again next time: none of its addresses took a connection."""
        self._addresses = []
