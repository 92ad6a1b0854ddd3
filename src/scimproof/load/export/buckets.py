"""Buckets of other systems, made of those of our histogram: exponential ones, and ones with fixed bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scimproof.load.metrics.histogram import Histogram, middle

FINEST = (
    7  # 128 buckets an octave, 0.5 % wide: ours are up to 0.4 %, so that finer ones would be empty between
)
MOST = 160  # buckets, as OpenTelemetry's SDKs have them unless they are told otherwise
# Seconds: upper bounds of classic Prometheus histograms, up to the minute after which a sender gives up.
BOUNDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5,
    0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 30.0, 60.0,
)  # fmt: skip


@dataclass(frozen=True)
class ExponentialBuckets:
    """Exponential buckets: bucket `offset + i` counts what lies in (b^(offset + i), b^(offset + i + 1)].

    `b` is 2^(2^-scale); in seconds.
    """

    scale: int
    offset: int
    counts: tuple[int, ...]


def exponential(histogram: Histogram) -> ExponentialBuckets:
    """The histogram in exponential buckets, as fine as `MOST` of them allow; the counts add up to its own.

    Each of our buckets counts where its middle lies: 0.2 % from what was recorded at most.
    """
    if not histogram.counts:
        return ExponentialBuckets(FINEST, 0, ())
    places = {number: math.log2(middle(number) / 1e6) for number in histogram.counts}
    lowest, highest = min(places.values()), max(places.values())
    scale = FINEST
    while _index(highest, scale) - _index(lowest, scale) >= MOST:
        scale -= 1
    offset = _index(lowest, scale)
    counts = [0] * (_index(highest, scale) - offset + 1)
    for number, count in histogram.counts.items():
        counts[_index(places[number], scale) - offset] += count
    return ExponentialBuckets(scale, offset, tuple(counts))


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


def _index(logarithm: float, scale: int) -> int:
    return math.ceil(math.ldexp(logarithm, scale)) - 1
