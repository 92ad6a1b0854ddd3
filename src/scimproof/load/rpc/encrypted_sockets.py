"""Sockets of Locust's master and workers with ZeroMQ's CURVE, which encrypts and authenticates both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import locust.runners
import zmq
from locust.rpc.zmqrpc import BaseSocket
from zmq.error import ZMQError

from scimproof.core.errors import CannotTell
from scimproof.load.rpc.curve_keys import CurveKeys
from scimproof.load.rpc.refused_connections import watch

HANDSHAKE = 5000  # milliseconds after which whoever is watched and says nothing is no master
LINGER = 2000  # milliseconds for which what was said last is still delivered, before a process may end
Refused = Callable[[str, str], None]  # from which address, and why


class EncryptedServer(BaseSocket):
    """Socket of a master: who does not know the secret is refused before any message is read."""

    def __init__(self, host: str, port: int, keys: CurveKeys, refused: Refused) -> None:
        super().__init__(zmq.ROUTER, self.ipv4_only(host, port))  # type: ignore[no-untyped-call]
        self.socket.setsockopt(zmq.LINGER, LINGER)
        self.socket.curve_server = True
        self.socket.curve_publickey, self.socket.curve_secretkey = keys.public, keys.secret
        watch(self.socket, refused)
        try:
            self.socket.bind(f"tcp://{host}:{port}")
        except ZMQError as problem:
            raise CannotTell(
                f"the master cannot listen on {host}:{port}: {zmq.strerror(problem.errno or 0)}"
            ) from None
        _encrypted(self.socket)


class EncryptedClient(BaseSocket):
    """Socket of a worker: talks to nobody but a master that knows the secret.

    `watched` are the events that its `monitor` tells, `again` the milliseconds until it connects anew.
    """

    def __init__(
        self, host: str, port: int, identity: str, keys: CurveKeys, *, watched: int = 0, again: int = 100
    ) -> None:
        super().__init__(zmq.DEALER, self.ipv4_only(host, port))  # type: ignore[no-untyped-call]
        if watched:
            self.socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE)
        self.monitor = self.socket.get_monitor_socket(watched) if watched else None
        self.socket.setsockopt(zmq.RECONNECT_IVL, again)
        self.socket.setsockopt(zmq.LINGER, LINGER)
        self.socket.setsockopt(zmq.IDENTITY, identity.encode())
        self.socket.curve_serverkey = keys.public
        self.socket.curve_publickey, self.socket.curve_secretkey = keys.worker_public, keys.worker_secret
        self.socket.connect(f"tcp://{host}:{port}")
        _encrypted(self.socket)


@dataclass(frozen=True)
class EncryptedSockets:
    """Where Locust takes its sockets from once it is `installed`, also when it connects again."""

    keys: CurveKeys
    refused: Refused = lambda *_: None

    def Server(self, host: str, port: int) -> EncryptedServer:  # noqa: N802 - Locust's name
        """The socket of a master."""
        return EncryptedServer(host, port, self.keys, self.refused)

    def Client(self, host: str, port: int, identity: str) -> EncryptedClient:  # noqa: N802 - Locust's name
        """The socket of a worker."""
        return EncryptedClient(host, port, identity, self.keys)

    def installed(self) -> None:
        """From now on, runners that this process makes have these sockets, and no others."""
        # Locust has no option for it, and its runners open their sockets while they are made.
        locust.runners.rpc = self  # type: ignore[assignment, attr-defined]


def _encrypted(socket: zmq.Socket[bytes]) -> None:
    """A socket without encryption is never used, whatever a library changes."""
    if socket.get(zmq.MECHANISM) != zmq.CURVE:
        raise CannotTell("the connection between master and workers is not encrypted: nothing was sent")
