"""Knock of a worker on its master's door: whether both know the secret, before anything is told."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import zmq
from zmq.utils.monitor import recv_monitor_message

from scimproof.core.auth_modes import WORKER_SECRET
from scimproof.core.errors import CannotTell
from scimproof.load.rpc.curve_keys import CurveKeys
from scimproof.load.rpc.encrypted_sockets import EncryptedClient

WATCHED = (
    zmq.Event.HANDSHAKE_SUCCEEDED | zmq.Event.HANDSHAKE_FAILED_PROTOCOL | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
)
SLICE = 200  # milliseconds between two looks at whether the worker was stopped
TIMES = 5  # a tunnel whose other end is not there yet hangs up as well; a master does so each time
AGAIN = 400  # milliseconds between two attempts


def knock(host: str, port: int, keys: CurveKeys, seconds: float, stopped: Callable[[], str]) -> bool:
    """Wait until a master is there that knows the secret; False where the worker was `stopped` meanwhile.

    Raises CannotTell when nobody comes within these seconds, and when who is there is refused or refuses.
    """
    client = EncryptedClient(host, port, f"knock-{uuid.uuid4().hex}", keys, watched=WATCHED, again=AGAIN)
    assert client.monitor is not None
    where, until, failed = f"{host}:{port}", time.monotonic() + seconds, 0
    try:
        while not stopped():
            if time.monotonic() > until:
                raise CannotTell(f"no master answered at {where} within {seconds:g} s")
            if not client.monitor.poll(SLICE):
                continue
            event = recv_monitor_message(client.monitor)
            if event["event"] == zmq.Event.HANDSHAKE_SUCCEEDED:
                return True
            if event["value"] == zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH:
                raise CannotTell(
                    f"who listens at {where} is no master of this scimproof: it has no encryption"
                )
            failed += 1
            if failed == TIMES:
                raise CannotTell(
                    f"{where} refused this worker: is its {WORKER_SECRET} the master's, and is it a master?"
                )
        return False
    finally:
        client.close(linger=0)  # type: ignore[no-untyped-call]
