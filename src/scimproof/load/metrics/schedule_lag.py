"""Schedule lag: how late arrivals started, how many waited for a slot, how long answers waited to be read."""

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
    number in flight. `unread` holds, for every answer, the seconds from when the kernel had it until this
    process had read it, which are in no latency. `started` and `finished` count arrivals, warm-up included.
    """

    lag: Histogram = field(default_factory=Histogram)
    waits: Histogram = field(default_factory=Histogram)
    unread: Histogram = field(default_factory=Histogram)
    held: int = 0
    most: int = 0
    started: int = 0
    finished: int = 0

    def take(self) -> list[Any]:
        """What was counted since the last time, as plain data; begins anew."""
        histograms = [self.lag.pack(), self.waits.pack(), self.unread.pack()]
        packed = [*histograms, self.held, self.most, self.started, self.finished]
        self.lag, self.waits, self.unread = Histogram(), Histogram(), Histogram()
        self.held = self.most = self.started = self.finished = 0
        return packed

    def add(self, packed: list[Any]) -> None:
        """Add what another `take()` gave."""
        lag, waits, unread, held, most, started, finished = packed
        self.lag.merge(Histogram.unpack(lag))
        self.waits.merge(Histogram.unpack(waits))
        self.unread.merge(Histogram.unpack(unread))
        self.held += held
        self.most = max(self.most, most)
        self.started += started
        self.finished += finished
