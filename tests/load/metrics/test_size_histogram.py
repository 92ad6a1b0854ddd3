"""Sizes of answers: as close as the buckets are, and the same from several processes as from one."""

from __future__ import annotations

import json

import pytest

from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.size_histogram import SizeHistogram


def counted(*sizes: int) -> SizeHistogram:
    made = SizeHistogram()
    for size in sizes:
        made.fresh[size] = made.fresh.get(size, 0) + 1
    return made


def test_percentiles_are_as_close_as_the_buckets_and_the_rest_is_exact() -> None:
    found = counted(*[0] * 50, *[700] * 46, *range(100_000, 100_004)).figures()
    assert found["p50"] == 0
    assert found["p95"] == pytest.approx(700, rel=0.002)
    assert (found["max"], found["total"]) == (100_003, 46 * 700 + 400_006)
    assert SizeHistogram().figures() == {"p50": None, "p95": None, "max": None, "total": 0}


def test_two_workers_count_what_one_would_have() -> None:
    one = counted(*range(0, 4000, 7))
    whole = SizeHistogram()
    for start in (0, 7):
        part = counted(*range(start, 4000, 14)).pack()
        whole.merge(SizeHistogram.unpack(json.loads(json.dumps(part))))
    assert whole.figures() == one.figures()
    assert (whole.count, whole.mean) == (one.count, one.mean)


def test_counters_report_sizes_once_and_add_up() -> None:
    metrics, whole = Metrics(), Metrics()
    for size in (10, 20):
        metrics.operation("a/b").sizes.fresh[size] = 1
        whole.add(metrics.drain().pack())
    assert "a/b" not in metrics.drain().pack()["operations"]
    assert whole.overall.sizes.figures() == {"p50": 10, "p95": 20, "max": 20, "total": 30}
    assert StepCounters("c").pack() == {}
