"""Histogram of sizes in bytes: exact below 512 bytes, at most 0.2 % off above, mergeable without loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scimproof.load.metrics.histogram import bucket, middle

PERCENTILES = {"p50": 50.0, "p95": 95.0}


@dataclass
class SizeHistogram:
    """Histogram of the bytes of answers' bodies.

    Whoever counts adds to `fresh`, how often by the exact size, itself: a call for each answer would cost
    more than the counting. Everything else is of what `settle` has put into buckets, which all readers do
    first. `total` and `highest` are exact.
    """

    fresh: dict[int, int] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    total: int = 0
    highest: int = 0

    def settle(self) -> None:
        """Put what was counted since the last time into its buckets."""
        for size, times in self.fresh.items():
            number = bucket(size)
            self.counts[number] = self.counts.get(number, 0) + times
            self.total += size * times
            self.highest = max(self.highest, size)
        self.fresh.clear()

    @property
    def count(self) -> int:
        """How many were counted."""
        self.settle()
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """The mean in bytes, exact; None when nothing was counted."""
        count = self.count
        return self.total / count if count else None

    def percentile(self, percent: float) -> float | None:
        """Bytes that so many percent stay within (nearest rank); None when nothing was counted."""
        count = self.count
        if not count:
            return None
        rank, seen = max(math.ceil(round(percent / 100 * count, 6)), 1), 0
        for number in sorted(self.counts):
            seen += self.counts[number]
            if seen >= rank:
                break
        return min(math.floor(middle(number)), self.highest)

    def merge(self, other: SizeHistogram) -> None:
        """Add everything that the other counted; it stays as it is."""
        other.settle()
        for number, times in other.counts.items():
            self.counts[number] = self.counts.get(number, 0) + times
        self.total += other.total
        self.highest = max(self.highest, other.highest)

    def figures(self) -> dict[str, float | None]:
        """`p50 p95 max total` in bytes, as load.json has them; None where nothing was counted."""
        found = {name: self.percentile(percent) for name, percent in PERCENTILES.items()}
        return found | {"max": self.highest if self.counts else None, "total": self.total}

    def pack(self) -> list[Any]:
        """What a worker reports, as plain data."""
        self.settle()
        return [list(self.counts.items()), self.total, self.highest]

    @classmethod
    def unpack(cls, packed: Sequence[Any]) -> SizeHistogram:
        """The histogram that was packed, after msgpack or JSON carried it."""
        counts, total, highest = packed
        return cls({}, dict(counts), total, highest)
