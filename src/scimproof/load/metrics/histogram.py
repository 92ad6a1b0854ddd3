"""Histogram of latencies, log-linear: at most 0.2 % off, mergeable without loss, small on the wire."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

SUB_BITS = 8  # 256 buckets an octave: half a bucket is at most 1/512 = 0.2 % of its value
ENOUGH_FOR_P999 = 10_000
PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p999": 99.9}


def bucket(microseconds: int) -> int:
    """The number of the bucket that holds so many whole microseconds; values under 512 have one each."""
    if microseconds < 2 << SUB_BITS:
        return max(microseconds, 0)
    shift = microseconds.bit_length() - SUB_BITS - 1
    return (shift << SUB_BITS) + (microseconds >> shift)


def middle(number: int) -> float:
    """The middle of a bucket in microseconds; an integer n there stands for what lies in [n, n + 1)."""
    if number < 2 << SUB_BITS:
        return number + 0.5
    shift = (number >> SUB_BITS) - 1
    return float(((number - (shift << SUB_BITS)) << shift) + (1 << shift) / 2)


@dataclass
class Histogram:
    """Histogram of durations; `record` takes seconds, everything that is read is in milliseconds."""

    counts: dict[int, int] = field(default_factory=dict)
    count: int = 0
    total: float = 0.0
    lowest: float = math.inf
    highest: float = 0.0

    def record(self, seconds: float) -> None:
        """Add one duration in seconds; a negative one counts as none at all."""
        microseconds = int(seconds * 1e6)
        if microseconds < 512:
            number = max(microseconds, 0)
        else:
            shift = microseconds.bit_length() - 9  # `bucket`, without the call: this runs for every answer
            number = (shift << 8) + (microseconds >> shift)
        self.counts[number] = self.counts.get(number, 0) + 1
        self.count += 1
        self.total += seconds
        if seconds < self.lowest:  # noqa: PLR1730 - min() costs as much as all of the above
            self.lowest = seconds
        if seconds > self.highest:  # noqa: PLR1730
            self.highest = seconds

    def merge(self, other: Histogram) -> None:
        """Add everything the other counted: the same buckets as if all had been recorded here."""
        if not other.count:
            return
        for number, count in other.counts.items():
            self.counts[number] = self.counts.get(number, 0) + count
        self.count += other.count
        self.total += other.total
        self.lowest = min(self.lowest, other.lowest)
        self.highest = max(self.highest, other.highest)

    def take_out(self, other: Histogram) -> None:
        """Take off what was merged before. The shortest and the longest stay those of all that ever was."""
        for number, count in other.counts.items():
            left = self.counts[number] - count
            if left:
                self.counts[number] = left
            else:
                del self.counts[number]
        self.count -= other.count
        self.total -= other.total

    def percentile(self, percent: float, enough: int = ENOUGH_FOR_P999) -> float | None:
        """Milliseconds that so many percent stay within (nearest rank); None when nothing was recorded.

        Never beyond the smallest and the largest duration seen; 99.9 and above are None below `enough`
        durations: of fewer, a handful of outliers would decide it.
        """
        return self.percentiles((percent,), enough)[0]

    def percentiles(self, percents: Sequence[float], enough: int = ENOUGH_FOR_P999) -> list[float | None]:
        """As `percentile`, for several that go up, with one look at the buckets."""
        found: list[float | None] = []
        buckets = iter(sorted(self.counts))
        number = seen = 0
        for percent in percents:
            if not self.count or (percent >= 99.9 and self.count < enough):
                found.append(None)
                continue
            # Rounded first: 99.9 / 100 * 10,000 is 9990.000000000002, and rank 9991 would be another value.
            wanted = max(math.ceil(round(percent / 100 * self.count, 6)), 1)
            while seen < wanted:
                number = next(buckets)
                seen += self.counts[number]
            found.append(min(max(middle(number) / 1000, self.lowest * 1000), self.highest * 1000))
        return found

    def above(self, milliseconds: float) -> int:
        """How many took longer, as `percentile` counts: to within half a bucket."""
        return sum(count for number, count in self.counts.items() if middle(number) / 1000 > milliseconds)

    @property
    def max(self) -> float | None:
        """The longest duration in milliseconds, exact; None when nothing was recorded."""
        return self.highest * 1000 if self.count else None

    @property
    def mean(self) -> float | None:
        """The mean in milliseconds, exact; None when nothing was recorded."""
        return self.total / self.count * 1000 if self.count else None

    def figures(self) -> dict[str, float | None]:
        """`p50 p90 p95 p99 p999 max` in milliseconds, as load.json has them."""
        found = self.percentiles(list(PERCENTILES.values()))
        return dict(zip(PERCENTILES, found, strict=True)) | {"max": self.max}

    def curve(self) -> Iterator[tuple[float, float]]:
        """(milliseconds, share of all durations that are at most so long), for a plot."""
        seen = 0
        for number in sorted(self.counts):
            seen += self.counts[number]
            yield middle(number) / 1000, seen / self.count

    def pack(self) -> list[Any]:
        """What a worker reports: buckets and counts as varints; total, shortest, longest.

        A bucket right behind the one before is its count, doubled; before any other comes the step to it,
        doubled and one more: neighbours are most of what there is, and then one byte each.
        """
        before, packed = 0, bytearray()
        for number in sorted(self.counts):
            if number - before != 1:
                _varint(packed, (number - before) << 1 | 1)
            _varint(packed, self.counts[number] << 1)
            before = number
        return [bytes(packed), self.total, self.lowest if self.count else 0.0, self.highest]

    @classmethod
    def unpack(cls, packed: Sequence[Any]) -> Histogram:
        """The histogram that was packed, after msgpack or JSON-with-bytes carried it."""
        data, total, lowest, highest = packed
        counts: dict[int, int] = {}
        number, step = 0, 1
        for value in _varints(data):
            if value & 1:
                step = value >> 1
                continue
            number += step
            counts[number], step = value >> 1, 1
        recorded = sum(counts.values())
        return cls(counts, recorded, total, lowest if recorded else math.inf, highest)


def _varint(into: bytearray, value: int) -> None:
    while value > 127:
        into.append(value & 127 | 128)
        value >>= 7
    into.append(value)


def _varints(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0
