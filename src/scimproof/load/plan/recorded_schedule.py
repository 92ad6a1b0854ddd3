"""Schedule of recorded arrivals: each comes when it was recorded, as many times as a factor says."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scimproof.load.plan.recorded_arrivals import RecordedArrivals
from scimproof.load.plan.schedule import Arrival

NEAR = 1000  # ms within which the copies of an arrival lie, if its neighbours are not nearer


@dataclass(frozen=True)
class RecordedSchedule:
    """Schedule of recorded arrivals, the same for the same seed; `share` gives one worker's part.

    With a factor of 2.5 each arrival comes twice, and every second one of its sequence a third time; with
    0.5 every second one comes. Copies follow within the gap to the nearest neighbour, a second at most, so
    that a burst stays one.
    """

    recorded: RecordedArrivals
    seed: int = 1

    @property
    def seconds(self) -> float:
        """From the first moment to the last."""
        return self.recorded.seconds

    @cached_property
    def expected(self) -> float:
        """How many arrivals there are."""
        recorded, counts = self.recorded, Counter(self.recorded.moments.plays)
        return sum(
            math.floor(begin + counts[place] * recorded.factor) for place, begin in enumerate(self._begins)
        )

    def share(self, worker: int = 0, workers: int = 1) -> Iterator[Arrival]:
        """Every `workers`-th arrival, so that all the shares together are the one schedule."""
        return (arrival for arrival in self if arrival.number % workers == worker)

    def __iter__(self) -> Iterator[Arrival]:
        recorded = self.recorded
        for number, (due, place) in enumerate(self._copies()):
            yield Arrival(number, due, recorded.sequences[place], recorded.part(due), warm_up=False)

    def _copies(self) -> Iterator[tuple[float, int]]:
        """Due second and place of the sequence of every arrival, in order."""
        factor, at = self.recorded.factor, self.recorded.moments.at
        draw = random.Random(f"{self.seed}/copies").random
        sums = list(self._begins)  # what is left of each sequence's last arrival, less than one
        before, end = -math.inf, self.recorded.seconds * 1000
        for number, (ms, place) in enumerate(self.recorded.moments, 1):
            copies = math.floor(sums[place] + factor)
            sums[place] += factor - copies
            room = min((at[number] if number < len(at) else end) - ms, ms - before, NEAR)
            before = ms
            if copies:
                yield ms / 1000, place
            for late in sorted(draw() for _ in range(copies - 1)):
                yield (ms + late * room) / 1000, place

    @cached_property
    def _begins(self) -> list[float]:
        """The part of an arrival that each sequence begins with, from 0 to 1: which one comes once more."""
        draw = random.Random(f"{self.seed}/factor").random
        return [draw() for _ in self.recorded.sequences]
