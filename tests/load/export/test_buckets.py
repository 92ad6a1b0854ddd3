from __future__ import annotations

import random

import pytest

from scimproof.load.export.buckets import BOUNDS, SCALE, cumulative, exponential
from scimproof.load.metrics.histogram import Histogram


def recorded(seconds: list[float]) -> Histogram:
    histogram = Histogram()
    for each in seconds:
        histogram.record(each)
    return histogram


@pytest.mark.parametrize("spread", [0.1, 1.0, 4.0])
def test_exponential_buckets_hold_every_duration_where_it_was(spread: float) -> None:
    draw = random.Random(5)
    seconds = sorted(0.02 * draw.lognormvariate(0, spread) for _ in range(2000))
    made = exponential(recorded(seconds))
    assert sum(made.counts) == len(seconds)
    base, seen = 2 ** (2.0**-SCALE), 0
    for place, count in enumerate(made.counts):
        lower, upper = base ** (made.offset + place), base ** (made.offset + place + 1)
        for each in seconds[seen : seen + count]:
            # Ours are 0.2 % off at most, and whole microseconds.
            assert lower * 0.997 - 1e-6 <= each <= upper * 1.003 + 1e-6
        seen += count


def test_a_histogram_that_grows_keeps_its_buckets() -> None:
    histogram = recorded([0.01, 0.011])
    before = exponential(histogram)
    histogram.record(60.0)
    after = exponential(histogram)
    assert after.offset == before.offset
    assert after.counts[: len(before.counts)] == before.counts
    assert exponential(Histogram()).counts == ()


def test_cumulative_counts_rise_to_all() -> None:
    seconds = [0.0002, 0.004, 0.004, 0.3001, 59.0, 300.0]
    counts = dict(zip((*BOUNDS, None), cumulative(recorded(seconds)), strict=True))
    assert (counts[0.001], counts[0.005], counts[0.2], counts[0.5], counts[30.0]) == (1, 3, 3, 4, 4)
    assert (counts[60.0], counts[None]) == (5, 6)
