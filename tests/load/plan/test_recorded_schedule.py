from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from scimproof.load.plan.recorded_arrivals import RecordedArrivals
from scimproof.load.plan.recorded_schedule import RecordedSchedule
from scimproof.load.plan.schedule import Arrival

SECONDS = 300


def bursts() -> list[tuple[int, str]]:
    """Every 20 s a burst of 30 arrivals within a second, and now and then one between."""
    draw = random.Random(5)
    found = [(20_000 * burst + draw.randrange(1000), "a") for burst in range(15) for _ in range(30)]
    found += [(draw.randrange(SECONDS * 1000), "b") for _ in range(200)]
    return sorted(found)


def schedule(factor: float = 1.0, seed: int = 1) -> RecordedSchedule:
    made = RecordedArrivals.of(
        bursts(), capture="c", began="2026-11-27T10:00:00Z", seconds=SECONDS, stood_for={}, requests=650
    )
    return RecordedSchedule(replace(made, factor=factor), seed)


def peak_to_mean(arrivals: list[Arrival], plays: str) -> float:
    seconds = Counter(int(arrival.due) for arrival in arrivals if arrival.plays == plays)
    return max(seconds.values()) / (sum(seconds.values()) / SECONDS)


def test_with_a_factor_of_one_all_arrive_when_they_were_recorded() -> None:
    arrivals = list(schedule())
    assert [(round(arrival.due * 1000), arrival.plays) for arrival in arrivals] == bursts()
    assert [arrival.number for arrival in arrivals] == list(range(650))
    assert not any(arrival.warm_up for arrival in arrivals)
    recorded = Counter((ms // 1000, id) for ms, id in bursts())
    assert Counter((int(arrival.due), arrival.plays) for arrival in arrivals) == recorded


def test_bursts_stay_bursts_when_they_are_multiplied() -> None:
    once, thrice = list(schedule()), list(schedule(3))
    assert len(thrice) == 3 * len(once)
    assert peak_to_mean(thrice, "a") == pytest.approx(peak_to_mean(once, "a"), rel=0.1)
    # In the pauses between bursts there is as little as before.
    quiet = [a for a in thrice if a.plays == "a" and a.due % 20 > 3]
    assert not quiet


@pytest.mark.parametrize("factor", [0.1, 0.5, 1.0, 2.5, 3.0, 7.3])
def test_every_operation_is_multiplied_exactly(factor: float) -> None:
    made = schedule(factor)
    arrivals = list(made)
    counts, once = Counter(a.plays for a in arrivals), Counter(id for _, id in bursts())
    for id, count in once.items():
        assert abs(counts[id] - count * factor) < 1
    assert len(arrivals) == made.expected
    dues = [arrival.due for arrival in arrivals]
    assert dues == sorted(dues)
    assert dues[-1] <= SECONDS


@pytest.mark.parametrize("factor", [0.5, 2.5])
@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_the_shares_of_all_workers_are_the_one_schedule(factor: float, workers: int) -> None:
    shares = [a for worker in range(workers) for a in schedule(factor).share(worker, workers)]
    assert sorted(shares) == list(schedule(factor))


def test_the_seed_decides_where_the_copies_are_and_nothing_else() -> None:
    one, same, other = list(schedule(2.5)), list(schedule(2.5)), list(schedule(2.5, seed=2))
    assert one == same
    assert one != other
    halves = [list(schedule(0.5, seed)) for seed in range(1, 5)]
    assert len({tuple(a.due for a in half) for half in halves}) > 1


def test_arrivals_know_in_which_part_they_are() -> None:
    made = schedule()
    for arrival in made:
        assert arrival.phase == int(arrival.due / (SECONDS / 60))
    assert len(made.recorded.phases) == 60
