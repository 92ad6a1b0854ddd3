"""Schedule lag: how late arrivals started, and how many waited for a slot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scimproof.load.metrics.histogram import Histogram


@dataclass
class ScheduleLag:
    """Schedule lag: how well the schedule was kept.

    `lag` holds, for every arrival, the seconds from when it was due until this process got round to it: above
    a few milliseconds the generator itself is slow. `held` counts arrivals over the cap, which waited
    `waits` for a slot (their latency includes it; a slow target is the usual cause). `most` is the largest
    number in flight. `started` and `finished` count arrivals, warm-up included.
    """

    lag: Histogram = field(default_factory=Histogram)
    waits: Histogram = field(default_factory=Histogram)
    held: int = 0
    most: int = 0
    started: int = 0
    finished: int = 0

    def take(self) -> list[Any]:
        """What was counted since the last time, as plain data; begins anew."""
        packed = [self.lag.pack(), self.waits.pack(), self.held, self.most, self.started, self.finished]
        self.lag, self.waits = Histogram(), Histogram()
        self.held = self.most = self.started = self.finished = 0
        return packed

    def add(self, packed: list[Any]) -> None:
        """Add what another `take()` gave."""
        lag, waits, held, most, started, finished = packed
        self.lag.merge(Histogram.unpack(lag))
        self.waits.merge(Histogram.unpack(waits))
        self.held += held
        self.most = max(self.most, most)
        self.started += started
        self.finished += finished
