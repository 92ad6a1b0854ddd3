from __future__ import annotations

import itertools
import math
import statistics
from typing import get_args

import pytest

from scimproof.load.plan.schedule import Phase, Schedule, Spacing, steady, typed_stages, weighted

MIX = {"a": 3.0, "b": 1.0}
SPACINGS: tuple[Spacing, ...] = get_args(Spacing)


def test_constant_arrivals_are_evenly_spaced_from_the_first_moment() -> None:
    dues = [arrival.due for arrival in Schedule(steady(200, 20), {"a": 1})]
    assert len(dues) == 4000
    assert dues == pytest.approx([number / 200 for number in range(4000)])


def test_poisson_arrivals_have_the_rate_and_the_spread_of_a_poisson_process() -> None:
    dues = [arrival.due for arrival in Schedule(steady(500, 100), {"a": 1}, "poisson", seed=7)]
    gaps = [after - before for before, after in itertools.pairwise(dues)]
    assert len(dues) == pytest.approx(50_000, rel=0.02)
    assert statistics.mean(gaps) == pytest.approx(1 / 500, rel=0.02)
    assert statistics.stdev(gaps) == pytest.approx(1 / 500, rel=0.03)


def test_a_ramp_has_the_arrivals_that_its_rates_add_up_to() -> None:
    schedule = Schedule((Phase(10, 0, 100), Phase(10, 100, 0)), {"a": 1})
    dues = [arrival.due for arrival in schedule]
    assert len(dues) == 1000 == schedule.expected
    assert dues == sorted(dues)
    for second in range(20):
        rate = 100 - abs(second + 0.5 - 10) * 10
        assert sum(second <= due < second + 1 for due in dues) == pytest.approx(rate, abs=1.5)


def test_a_phase_without_arrivals_is_a_pause() -> None:
    dues = [arrival.due for arrival in Schedule((Phase(1, 10), Phase(5, 0), Phase(1, 10)), {"a": 1})]
    assert len(dues) == 20
    assert dues[10] == pytest.approx(6.0)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_the_shares_of_all_workers_are_the_one_schedule(spacing: Spacing, workers: int) -> None:
    schedule = Schedule((Phase(2, 5, 80, warm_up=True), Phase(5, 80)), MIX, spacing)
    shares = [arrival for worker in range(workers) for arrival in schedule.share(worker, workers)]
    assert sorted(shares) == list(schedule)


def test_the_same_seed_gives_the_same_schedule_and_another_seed_another() -> None:
    one, same, other = (list(Schedule(steady(50, 10), MIX, "poisson", seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_what_is_played_follows_the_weights_and_not_the_rate() -> None:
    played = [arrival.plays for arrival in Schedule(steady(1000, 20), MIX)]
    assert played.count("a") / len(played) == pytest.approx(0.75, abs=0.02)
    assert played[:500] == [arrival.plays for arrival in Schedule(steady(10, 50), MIX)]


def test_arrivals_know_their_phase_and_whether_they_count() -> None:
    arrivals = list(Schedule(steady(10, 2, warm_up=1), {"a": 1}))
    assert [arrival.warm_up for arrival in arrivals] == [True] * 10 + [False] * 20
    assert [arrival.phase for arrival in arrivals] == [0] * 10 + [1] * 20


@pytest.mark.parametrize("wrong", [(0, 1, 1), (1, -1, 1), (1, 1, -1), (math.inf, 1, 1), (math.nan, 1, 1)])
def test_phases_that_cannot_be_are_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError):
        Phase(*wrong)


def test_a_schedule_needs_something_to_play() -> None:
    with pytest.raises(ValueError):
        Schedule(steady(1, 1), {})
    with pytest.raises(ValueError):
        Schedule((), MIX)


def test_mixes_are_read_from_the_command_line() -> None:
    assert weighted(["a", "b=2.5", "a=1"]) == {"a": 2.0, "b": 2.5}


@pytest.mark.parametrize("wrong", ["", "=2", "a=", "a=0", "a=-1", "a=x", "a=nan", "a=inf"])
def test_a_weight_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        weighted([wrong])


def test_stages_are_read_from_the_command_line() -> None:
    assert [(p.seconds, p.rate, p.end, p.name) for p in typed_stages("30s:5, 2m:5-20,1h:0.5,10:0")] == [
        (30, 5, 5, "stage 0"),
        (120, 5, 20, "stage 1"),
        (3600, 0.5, 0.5, "stage 2"),
        (10, 0, 0, "stage 3"),
    ]


@pytest.mark.parametrize(
    "wrong", ["", "30s", "30s:", ":5", "0s:5", "30s:-1", "30d:5", "30s:5;1m:5", "1m:0,2m:0"]
)
def test_a_stage_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"should look like 30s:5|no stage with a rate above 0"):
        typed_stages(wrong)
