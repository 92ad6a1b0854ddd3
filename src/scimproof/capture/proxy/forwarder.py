"""Forwarding process: accepts connections, passes what comes to the target and back, and tells what passed.

It is a process of its own, so that masking, writing and printing, which take what they take, never keep an
interpreter lock that a waiting answer needs.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable

from scimproof.capture.proxy.connection import CONNECT_SECONDS, Connection
from scimproof.capture.proxy.events import EventKind, packed, packed_fields
from scimproof.capture.proxy.options import ProxyOptions
from scimproof.capture.proxy.outbox import Outbox
from scimproof.core.errors import UsageError

BACKLOG = 1024
FINISH_SECONDS = 10.0  # that exchanges under way get when the recording is stopped
HANDSHAKE_SECONDS = 10.0
STOP = b"stop\n"


class Forwarder:
    """Proxy between senders and one target, inside an event loop."""

    def __init__(self, options: ProxyOptions, outbox: Outbox) -> None:
        self.outbox = outbox
        self._options = options
        self._target, self._tls = options.target, options.target_tls()
        self.host_value = b"" if options.keep_host else self._target.host_header.encode()
        self.target_name = self._target.origin
        self._exchanges = self._connections = 0
        self._open: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._over = asyncio.Event()

    async def listen(self) -> int:
        """Accept connections; gives the port. Raises OSError where that is not possible."""
        self._server = await asyncio.get_running_loop().create_server(
            self._accept, self._host, self._options.port, ssl=self._options.listening_tls(),
            backlog=BACKLOG, ssl_handshake_timeout=HANDSHAKE_SECONDS if self._options.listen_cert else None,
        )  # fmt: skip
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def _host(self) -> str:
        """Where to listen: a free port is one of one address, and a name may have two."""
        host, port = self._options.address
        return "127.0.0.1" if host == "localhost" and not port else host

    def _accept(self) -> asyncio.Protocol:
        self._connections += 1
        connection = Connection(self, self._connections)
        self.outbox.put(packed(EventKind.CONNECTED, 0))
        if self._options.listen_cert:
            asyncio.get_running_loop().call_later(HANDSHAKE_SECONDS + 1, self._check_handshake, connection)
        return connection.sender

    def _check_handshake(self, connection: Connection) -> None:
        if not connection.sender.connected:
            self.outbox.note(
                f"connection {connection.number}: no TLS with the sender came about (does it trust the "
                "certificate of --listen-cert, and does its URL begin with https://?)"
            )

    def begun(self, connection: Connection) -> None:
        """The sender is connected, TLS included."""
        self._open.add(connection)
        self._over.clear()

    def next_exchange(self) -> int:
        """The number of the next exchange."""
        self._exchanges += 1
        return self._exchanges

    async def connect(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Connect to the target; raises OSError."""
        connecting = asyncio.get_running_loop().create_connection(
            protocol, self._target.host, self._target.port, ssl=self._tls,
            server_hostname=self._target.host if self._tls else None, happy_eyeballs_delay=0.25,
        )  # fmt: skip
        await asyncio.wait_for(connecting, CONNECT_SECONDS)

    def left(self, connection: Connection) -> None:
        """The connection is over on both sides."""
        self._open.discard(connection)
        if not self._open:
            self._over.set()

    async def stop(self) -> None:
        """Accept no more, let what is under way finish within FINISH_SECONDS, then end everything."""
        if self._server:
            self._server.close()
        for connection in list(self._open):
            connection.stop(at_once=False)
        if self._open:
            try:
                await asyncio.wait_for(self._over.wait(), FINISH_SECONDS)
            except TimeoutError:
                for connection in list(self._open):
                    connection.stop(at_once=True)


class _Control(asyncio.Protocol):
    """The line from the recorder: `stop`, or its end."""

    def __init__(self) -> None:
        self.told = asyncio.Event()
        self.gone = False

    def data_received(self, data: bytes) -> None:
        self.told.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self.told.set()


async def forward(options: ProxyOptions, line: socket.socket) -> None:
    """Forward until the recorder says stop, or is gone."""
    loop = asyncio.get_running_loop()
    transport, control = await loop.create_connection(_Control, sock=line)
    outbox = Outbox(loop, transport)
    try:
        forwarder = Forwarder(options, outbox)
        port = await forwarder.listen()
    except (OSError, UsageError) as problem:
        outbox.put(packed(EventKind.FAILED, 0, str(problem).encode()))
    else:
        outbox.put(packed_fields(EventKind.LISTENING, 0, {"port": port}), last=True)
        gc.collect()
        gc.freeze()  # nothing of this is ever freed: do not walk it again
        await control.told.wait()
        if not control.gone:
            await forwarder.stop()
    outbox.flush()
    transport.close()
    while not control.gone:  # what waits is written first
        control.told.clear()
        await control.told.wait()


def main() -> None:
    """Run as a process: standard input is a socket to the recorder, whose first line has the options."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)  # the recorder says when to stop
    line = socket.socket(fileno=os.dup(0))
    text = b""
    while not text.endswith(b"\n"):
        data = line.recv(1)
        if not data:
            return
        text += data
    line.settimeout(0)
    asyncio.run(forward(ProxyOptions.from_text(text.decode()), line))
