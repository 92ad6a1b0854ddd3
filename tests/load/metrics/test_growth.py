"""Latency that grows with the size of things is seen, noise is not taken for it."""

from __future__ import annotations

import random

import pytest

from scimproof.load.metrics.growth import growth, growth_row


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


@pytest.mark.parametrize("samples", [noisy(0), noisy(0, 40), noisy(0.000001)])
def test_what_is_level_or_nearly_is_not_told(samples: list[tuple[float, float]]) -> None:
    assert growth_row("a/b", "users", samples, [(size, 600) for size, _ in samples], each=1) is None


def test_growth_is_told_with_its_ends() -> None:
    sizes = [(size, 90.0 * size) for size, _ in noisy(0)]
    row = growth_row("a/b", "users", noisy(0.0001), sizes, each=1)
    assert row is not None
    assert (row["id"], row["of"], row["from"], row["to"]) == ("a/b", "users", 25, 175)
    assert row["bytes_per_thousand"] == 90_000
    assert row["ms_per_thousand"] == pytest.approx(100, rel=0.05)


def test_a_figure_that_grows_by_digits_is_no_growth() -> None:
    """A count of members, or totalResults, becomes longer, too."""
    sizes = [(size, float(600 + len(str(size)))) for size in range(5000)]
    assert growth_row("a/b", "members", (), sizes, each=1) is None
