"""Buckets of other systems, made of those of our histogram: exponential ones, and ones with fixed bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scimproof.load.metrics.histogram import Histogram, middle

# 16 buckets an octave, each 4.4 % wide. The same for a whole run: a store that keeps a series for each bucket
# counts what was in buckets of another scale before a second time (seen: VictoriaMetrics 1.112).
SCALE = 4
# Seconds: upper bounds of classic Prometheus histograms, up to the minute after which a sender gives up.
BOUNDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5,
    0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 30.0, 60.0,
)  # fmt: skip


@dataclass(frozen=True)
class ExponentialBuckets:
    """Exponential buckets: bucket `offset + i` counts what lies in (b^(offset + i), b^(offset + i + 1)].

    `b` is 2^(2^-SCALE); in seconds.
    """

    offset: int
    counts: tuple[int, ...]


def exponential(histogram: Histogram) -> ExponentialBuckets:
    """The histogram in exponential buckets; the counts add up to its own.

    Each of our buckets counts where its middle lies: 0.2 % from what was recorded at most.
    """
    found: dict[int, int] = {}
    for number, count in histogram.counts.items():
        place = math.ceil(math.ldexp(math.log2(middle(number) / 1e6), SCALE)) - 1
        found[place] = found.get(place, 0) + count
    if not found:
        return ExponentialBuckets(0, ())
    first, last = min(found), max(found)
    return ExponentialBuckets(first, tuple(found.get(place, 0) for place in range(first, last + 1)))


def cumulative(histogram: Histogram, bounds: Sequence[float] = BOUNDS) -> list[int]:
    """How many lasted at most as long as each bound (seconds), and behind the last how many there are."""
    counts, place, seen = [], 0, 0
    numbers = sorted(histogram.counts)
    for bound in bounds:
        while place < len(numbers) and middle(numbers[place]) <= bound * 1e6:
            seen += histogram.counts[numbers[place]]
            place += 1
        counts.append(seen)
    return [*counts, histogram.count]
