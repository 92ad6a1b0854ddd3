"""In-flight requests of a run: counted, so that one request can be sent with no other in flight."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class InFlight:
    """Counts the requests in flight. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self._owner: int | None = None
        self._wanted = 0

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Inside, a request is in flight; waits while another thread is `alone`."""
        me = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._owner == me or (self._owner is None and not self._wanted))
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside, only this thread has requests in flight."""
        with self._changed:
            self._wanted += 1
            self._changed.wait_for(lambda: self._owner is None and not self._under_way)
            self._wanted -= 1
            self._owner = threading.get_ident()
        try:
            yield
        finally:
            with self._changed:
                self._owner = None
                self._changed.notify_all()

    def settle(self, seconds: float) -> None:
        """Wait until no request is in flight, at most so many seconds."""
        until = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, max(0.0, until - time.monotonic()))
