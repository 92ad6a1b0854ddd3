"""Receive stamp: when the kernel had what a socket received, whenever this process gets round to it."""

from __future__ import annotations

import _socket
import socket
import struct
import sys
import time
from contextlib import suppress

SO_TIMESTAMPNS = 35  # seconds and nanoseconds of the system's clock (Linux, socket(7))
STAMP = struct.Struct("@qq")
# Of the buffer in which the stamp comes beside the bytes.
ROOM = socket.CMSG_SPACE(STAMP.size) if sys.platform != "win32" else 0
LONGEST_WAIT = 10.0  # seconds that received bytes may have waited: more is a clock that was set
_clock = time.time


def ask_for_stamps(of: _socket.socket) -> None:
    """Have the kernel stamp what this socket receives, where it does that (Linux)."""
    if sys.platform == "linux":
        with suppress(OSError):
            of.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def waited(stamp: bytes) -> float:
    """Seconds since that stamp; 0 for one that a clock that was set meanwhile has made senseless."""
    seconds, nanoseconds = STAMP.unpack(stamp)
    since: float = _clock() - seconds - nanoseconds * 1e-9
    return since if 0 <= since < LONGEST_WAIT else 0.0
