"""The search for a capacity, against servers that are a function of the rate: no clock, no load."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from scimproof.load.capacity.search import LONGEST, CapacitySearch, Fared, SearchAnswer
from scimproof.load.capacity.settings import SearchSettings

CAPACITIES = (0.9, 3.7, 11.0, 40.0, 97.3, 200.0, 333.3, 639.0)
Server = Callable[[float], Fared]


def searched(
    server: Server, start: float = 10, most: float = 640
) -> tuple[SearchAnswer, list[tuple[float, Fared]]]:
    """The answer of a whole search, and its steps."""
    search = CapacitySearch(SearchSettings(start, most))
    while (rate := search.next()) is not None:
        search.add(rate, server(rate))
        assert len(search.tried) <= LONGEST
    return search.answer(), search.tried


def cliff(capacity: float) -> Server:
    """All holds up to there, and nothing above."""
    return lambda rate: "holds" if rate <= capacity else "breaks"


@pytest.mark.parametrize("capacity", CAPACITIES)
def test_a_cliff_is_found_within_five_percent_and_both_sides_are_played_twice(capacity: float) -> None:
    answer, steps = searched(cliff(capacity))
    assert answer.ended == "found"
    assert answer.confirmed
    assert not answer.at_least
    assert answer.rate is not None
    assert answer.bracket[1] is not None
    assert answer.rate <= capacity < answer.bracket[1] <= answer.rate * 1.05
    assert [rate for rate, _ in steps].count(answer.rate) == 2
    assert [rate for rate, _ in steps].count(answer.bracket[1]) == 2
    assert len(steps) <= 15


@pytest.mark.parametrize("seed", range(40))
def test_one_hiccup_anywhere_decides_nothing(seed: int) -> None:
    draw = random.Random(seed)
    capacity, at = draw.uniform(12, 600), draw.randrange(12)
    counted = iter(range(1000))

    def hiccups(rate: float) -> Fared:
        return "breaks" if next(counted) == at else cliff(capacity)(rate)

    answer, _ = searched(hiccups)
    assert answer.rate is not None
    assert capacity / 1.06 <= answer.rate <= capacity


@pytest.mark.parametrize("seed", range(40))
def test_a_step_that_holds_by_luck_decides_nothing_either(seed: int) -> None:
    draw = random.Random(seed)
    capacity, at = draw.uniform(12, 600), draw.randrange(12)
    counted = iter(range(1000))

    def lucky(rate: float) -> Fared:
        return "holds" if next(counted) == at and rate < capacity * 1.5 else cliff(capacity)(rate)

    answer, _ = searched(lucky)
    assert answer.rate is not None
    assert capacity / 1.06 <= answer.rate <= capacity * 1.02


@pytest.mark.parametrize("seed", range(40))
def test_of_a_server_that_gets_slower_bit_by_bit_the_rate_at_its_limit_is_found(seed: int) -> None:
    """The nearer to 100 requests a second, the longer the queue; each measurement is 5 % off at random."""
    draw = random.Random(seed)

    def queues(rate: float) -> Fared:
        p95 = 20 / (1 - rate / 100) * draw.gauss(1, 0.05) if rate < 100 else 1e9
        return "holds" if p95 <= 200 else "breaks"

    answer, _ = searched(queues)
    assert answer.rate is not None
    assert 90 * 0.93 <= answer.rate <= 90 * 1.04


@pytest.mark.parametrize("own", [35.0, 150.0])
def test_where_the_generator_is_the_limit_it_is_at_least(own: float) -> None:
    def generator(rate: float) -> Fared:
        return "invalid" if rate > own else cliff(1000)(rate)

    answer, steps = searched(generator)
    assert (answer.ended, answer.at_least, answer.confirmed) == ("generator", True, True)
    assert answer.rate is not None
    assert own / 1.2 <= answer.rate <= own
    assert all(fared != "breaks" for _, fared in steps)


def test_a_generator_that_was_late_once_is_asked_again() -> None:
    counted = iter(range(1000))

    def late(rate: float) -> Fared:
        return "invalid" if next(counted) in (2, 6) else cliff(97)(rate)

    answer, _ = searched(late)
    assert answer.ended == "found"
    assert answer.rate is not None
    assert 97 / 1.05 <= answer.rate <= 97


def test_a_server_whose_limit_is_below_the_generators_is_found_in_spite_of_it() -> None:
    answer, _ = searched(lambda rate: "invalid" if rate > 150 else cliff(120)(rate))
    assert (answer.ended, answer.at_least) == ("found", False)
    assert answer.rate is not None
    assert 120 / 1.05 <= answer.rate <= 120


def test_all_that_can_be_is_said_at_the_ends() -> None:
    answer, _ = searched(cliff(10_000))
    assert (answer.rate, answer.ended, answer.at_least, answer.confirmed) == (640, "highest", True, True)
    answer, steps = searched(cliff(0.01))
    assert (answer.rate, answer.ended, answer.at_least) == (None, "nothing", False)
    assert min(rate for rate, _ in steps) == 10 / 16
    answer, steps = searched(lambda _: "invalid")
    assert (answer.rate, answer.ended) == (None, "untold")
    assert len(steps) == 10
    answer, _ = searched(cliff(17), start=10, most=10)
    assert (answer.rate, answer.ended) == (10, "highest")


def test_a_search_that_is_not_over_says_what_holds_so_far() -> None:
    search = CapacitySearch(SearchSettings(10, 640))
    assert search.answer().ended == "untold"
    for rate, fared in ((10.0, "holds"), (20.0, "holds")):
        search.add(rate, fared)  # type: ignore[arg-type]
    assert (search.answer().rate, search.answer().ended, search.answer().at_least) == (20, "open", True)
    search.add(40, "breaks")
    assert (search.answer().rate, search.answer().bracket) == (20, (20, 40))
    assert not search.answer().confirmed


def test_a_server_that_is_now_so_and_now_so_ends_the_search_all_the_same() -> None:
    draw = random.Random(3)
    answer, steps = searched(lambda _: draw.choice(("holds", "breaks", "invalid")))
    assert len(steps) <= LONGEST
    assert answer.ended in ("found", "generator", "nothing", "untold", "highest", "open")
