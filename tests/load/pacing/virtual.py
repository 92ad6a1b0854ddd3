"""A clock that goes on only when everybody waits: what a schedule leads to is exact on a busy machine too."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import gevent  # type: ignore[import-untyped]
import pytest
from gevent.event import Event  # type: ignore[import-untyped]

from scimproof.load.pacing import closed_model, open_model

BEGAN = 1000.0


class Virtual:
    """The time, and who waits for which moment; also a Timer for the pacer."""

    def __init__(self) -> None:
        self.now = BEGAN
        self._waiting: list[tuple[float, int, Any]] = []
        self._numbers = itertools.count()

    def monotonic(self) -> float:
        """The moment."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Wait so long, and a little at the least: time never stands still."""
        self.until(max(self.now + seconds, math.nextafter(self.now, math.inf)))

    def until(self, moment: float) -> None:
        """Wait until then."""
        woken = Event()
        heapq.heappush(self._waiting, (moment, next(self._numbers), woken))
        woken.wait()

    def close(self) -> None:
        """Nothing is held."""

    def run(self) -> None:
        """Go from moment to moment, each time once nobody has anything to do before it."""
        while True:
            gevent.idle()
            if self._waiting:
                moment, _, woken = heapq.heappop(self._waiting)
                self.now = max(self.now, moment)
                woken.set()
            else:
                gevent.sleep(0.001)


@contextmanager
def virtual(monkeypatch: pytest.MonkeyPatch) -> Iterator[Virtual]:
    """Inside, the pacer and the closed model live by this clock."""
    clock = Virtual()
    monkeypatch.setattr(open_model, "monotonic", clock.monotonic)
    monkeypatch.setattr(closed_model, "time", SimpleNamespace(monotonic=clock.monotonic))
    monkeypatch.setattr(closed_model, "sleep", clock.sleep)
    running = gevent.spawn(clock.run)
    try:
        yield clock
    finally:
        running.kill()
