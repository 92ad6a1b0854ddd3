"""Refused connections to a master: from which address, and why, as ZeroMQ's monitor tells it."""

from __future__ import annotations

import os
import socket as sockets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from scimproof.core.auth_modes import WORKER_SECRET
from scimproof.load.greenlets import spawn

FAILED = zmq.Event.HANDSHAKE_FAILED_PROTOCOL | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
OTHER_SECRET = f"its {WORKER_SECRET} is not this run's"
NO_SECRET = "it is not encrypted, so that it is no worker of this scimproof"
NO_WORKER = "it hung up, or spoke otherwise than a worker does, before it had proved to know the secret"
WHY: dict[int, str] = {
    zmq.PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC: OTHER_SECRET,
    zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: NO_SECRET,
}
UNKNOWN = "somebody at an unknown address"


@dataclass
class RefusedConnections:
    """Refused connections of one listening socket: `refused` is called once for an address and a reason."""

    refused: Callable[[str, str], None]
    _told: set[tuple[str, str]] = field(default_factory=set)
    _last: str = UNKNOWN

    def accepted(self, descriptor: int) -> None:
        """Note where a connection comes from; it may be closed again already."""
        try:
            with sockets.socket(fileno=os.dup(descriptor)) as connection:
                self._last = str(connection.getpeername()[0]).removeprefix("::ffff:")
        except (OSError, IndexError):
            self._last = UNKNOWN

    def failed(self, code: int) -> None:
        """A handshake failed, as far as the monitor tells that of the last connection that was accepted."""
        one = (self._last, WHY.get(code, NO_WORKER))
        nobody_new = self._last == UNKNOWN and any(why == one[1] for _, why in self._told)
        if one not in self._told and not nobody_new:
            self._told.add(one)
            self.refused(*one)


def watch(server: Any, refused: Callable[[str, str], None]) -> None:
    """Call `refused` with address and reason when a connection to this ZeroMQ socket is refused.

    The socket does not listen yet.
    """
    monitor, seen = server.get_monitor_socket(zmq.Event.ACCEPTED | FAILED), RefusedConnections(refused)

    def listen() -> None:
        while True:
            event = recv_monitor_message(monitor)
            if event["event"] == zmq.Event.ACCEPTED:
                seen.accepted(event["value"])
            else:
                seen.failed(event["value"])

    spawn(listen)
