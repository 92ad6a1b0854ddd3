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

    def drain(self) -> ScheduleLag:
        """What was counted since the last time; this one begins anew."""
        drained = ScheduleLag(
            self.lag, self.waits, self.unread, self.held, self.most, self.started, self.finished
        )
        self.lag, self.waits, self.unread = Histogram(), Histogram(), Histogram()
        self.held = self.most = self.started = self.finished = 0
        return drained

    def pack(self) -> list[Any]:
        """What was counted as plain data."""
        histograms = [self.lag.pack(), self.waits.pack(), self.unread.pack()]
        return [*histograms, self.held, self.most, self.started, self.finished]

    def add(self, packed: list[Any]) -> None:
        """Add what another `pack()` gave."""
        lag, waits, unread, *numbers = packed
        lag, waits, unread = (Histogram.unpack(one) for one in (lag, waits, unread))
        self.count_in(ScheduleLag(lag, waits, unread, *numbers))

    def count_in(self, other: ScheduleLag) -> None:
        """Add what the other counted; it stays as it is."""
        self.lag.merge(other.lag)
        self.waits.merge(other.waits)
        self.unread.merge(other.unread)
        self.held += other.held
        self.most = max(self.most, other.most)
        self.started += other.started
        self.finished += other.finished
