"""Latency that grows with the size of things is seen, noise is not taken for it."""

from __future__ import annotations

import random

import pytest

from scimproof.load.metrics.growth import growth


def noisy(slope: float, count: int = 200) -> list[tuple[float, float]]:
    rng = random.Random(3)
    return [(size, 0.002 + slope * size + rng.expovariate(1000)) for size in range(count)]


def test_a_slope_is_measured() -> None:
    found = growth(noisy(0.0001))
    assert found is not None
    assert found.per_thousand == pytest.approx(0.1, rel=0.05)
    assert found.times > 4


def test_a_level_is_level_though_the_machine_is_busy_at_the_end() -> None:
    samples = noisy(0)
    samples = [(size, seconds + (0.05 if size > 150 and size % 2 else 0)) for size, seconds in samples]
    found = growth(samples)
    assert found is not None
    assert abs(found.per_thousand) < 0.005


def test_too_few_samples_or_one_size_say_nothing() -> None:
    assert growth(noisy(0.1, 20)) is None
    assert growth([(5, 0.1)] * 100) is None
