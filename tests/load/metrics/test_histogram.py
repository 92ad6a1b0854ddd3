from __future__ import annotations

import itertools
import math
import random

import pytest

from scimproof.load.metrics.histogram import Histogram, bucket, middle


def samples(seed: int, count: int) -> list[float]:
    """Seconds from 0.2 ms to 60 s, each octave as likely as the next."""
    rng = random.Random(seed)
    return [0.0002 * (60 / 0.0002) ** rng.random() for _ in range(count)]


def filled(seconds: list[float]) -> Histogram:
    histogram = Histogram()
    for value in seconds:
        histogram.record(value)
    return histogram


def exact(seconds: list[float], percent: float) -> float:
    rank = max(math.ceil(round(percent / 100 * len(seconds), 6)), 1)
    return sorted(seconds)[rank - 1] * 1000


def test_buckets_follow_one_another_without_gap_and_hold_what_they_say() -> None:
    numbers = [bucket(value) for value in range(70_000)]
    assert numbers[0] == 0
    assert all(after - before in (0, 1) for before, after in itertools.pairwise(numbers))
    assert all(abs(middle(bucket(value)) - (value + 0.5)) <= max(value / 512, 0.5) for value in range(70_000))


@pytest.mark.parametrize("seed", range(20))
def test_a_value_alone_is_at_most_a_quarter_of_a_percent_off(seed: int) -> None:
    for value in samples(seed, 200):
        found = middle(bucket(int(value * 1e6))) / 1e6
        assert abs(found / value - 1) <= 0.0025


@pytest.mark.parametrize("seed", range(10))
def test_percentiles_are_at_most_a_quarter_of_a_percent_from_an_exact_sort(seed: int) -> None:
    seconds = samples(seed, 12_000)
    histogram = filled(seconds)
    for percent in (50, 90, 95, 99, 99.9):
        found = histogram.percentile(percent)
        assert found is not None
        assert found == pytest.approx(exact(seconds, percent), rel=0.0025)
    assert histogram.max == max(seconds) * 1000
    assert histogram.mean == pytest.approx(sum(seconds) / len(seconds) * 1000)


@pytest.mark.parametrize("seed", range(10))
def test_two_workers_give_what_one_gives_on_the_same_samples(seed: int) -> None:
    seconds = samples(seed, 11_000)
    rng = random.Random(seed)
    halves: tuple[list[float], list[float]] = ([], [])
    for value in seconds:
        halves[rng.randrange(2)].append(value)
    merged = Histogram()
    for half in halves:
        merged.merge(Histogram.unpack(filled(half).pack()))
    one = filled(seconds)
    assert merged.counts == one.counts
    assert merged.figures() == one.figures()
    assert merged.count == one.count
    assert merged.total == pytest.approx(one.total)


def test_a_tenth_of_a_percent_needs_ten_thousand() -> None:
    histogram = filled([0.001] * 9_999)
    assert histogram.percentile(99.9) is None
    histogram.record(0.5)
    assert histogram.percentile(99.9) == pytest.approx(
        1.0, rel=0.005
    )  # rank 9,990 of 10,000, not the one outlier
    assert histogram.percentile(99) == pytest.approx(1.0, rel=0.005)


def test_a_percentile_never_exceeds_the_maximum() -> None:
    figures = filled([1.0491]).figures()
    assert figures.pop("p999") is None
    assert set(figures.values()) == {1049.1}


def test_nothing_recorded_gives_no_figures() -> None:
    empty = Histogram.unpack(Histogram().pack())
    assert set(empty.figures().values()) == {None}
    assert empty == Histogram()


def test_a_clock_that_goes_back_counts_as_nothing() -> None:
    histogram = filled([-0.001])
    assert histogram.counts == {0: 1}


@pytest.mark.parametrize(("spread", "kib"), [(0.5, 30), (3.0, 100)])
def test_the_report_of_twenty_operations_of_four_thousand_samples_is_small(spread: float, kib: int) -> None:
    size = 0
    for seed in range(20):
        rng = random.Random(seed)
        data = filled([rng.lognormvariate(math.log(0.02), spread) for _ in range(4000)]).pack()[0]
        size += len(data) + 27
    assert size <= kib * 1024


def test_the_curve_rises_to_one() -> None:
    points = list(filled(samples(3, 1000)).curve())
    assert points == sorted(points)
    assert points[-1][1] == 1.0
