"""Timer: waits until a moment, to a tenth of a millisecond, while the other greenlets run."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import time
from typing import Protocol

from scimproof.load.greenlets import Waiter, sleep

CLOCK_MONOTONIC, ABSOLUTE = 1, 1
FLAGS = os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)
SPIN = 0.0015  # gevent's own timers are late by up to so many seconds: epoll counts in milliseconds


class Timer(Protocol):
    """Timer that waits until moments of `time.monotonic()`."""

    def until(self, moment: float) -> None:
        """Return at that moment, at once when it has passed."""
        ...

    def close(self) -> None:
        """Give back what the timer holds."""
        ...


class TimerFd:
    """Timer of the kernel, as a file descriptor (Linux): 0.05 to 0.08 ms late where gevent is 0.7."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.timerfd_create(CLOCK_MONOTONIC, FLAGS)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._waiter = Waiter(self._fd)

    def until(self, moment: float) -> None:
        if moment <= time.monotonic():
            return
        seconds, rest = divmod(moment, 1)
        # struct itimerspec: no interval, then the first expiry as seconds and nanoseconds.
        spec = struct.pack("@qqqq", 0, 0, int(seconds), min(int(rest * 1e9), 999_999_999))
        if self._libc.timerfd_settime(self._fd, ABSOLUTE, spec, None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")
        self._waiter.readable()
        os.read(self._fd, 8)

    def close(self) -> None:
        self._waiter.close()
        os.close(self._fd)


class SleepTimer:
    """Timer where there is no timerfd: sleeps most of the time and yields in a short loop at the end."""

    def until(self, moment: float) -> None:
        while (left := moment - time.monotonic()) > 0:
            sleep(max(left - SPIN, 0))

    def close(self) -> None:
        """Nothing is held."""


def best_timer() -> Timer:
    """The most exact timer of this system."""
    if sys.platform == "linux" and sys.maxsize > 2**32:
        try:
            return TimerFd()
        except (OSError, AttributeError):
            pass
    return SleepTimer()
