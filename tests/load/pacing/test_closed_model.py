"""The closed model keeps to the schedule's pace, and never catches up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import cast

import pytest

from scimproof.load.client.client import Slot
from scimproof.load.greenlets import spawn
from scimproof.load.metrics.counters import Metrics
from scimproof.load.pacing.closed_model import NAP, ClosedModel
from scimproof.load.plan.schedule import Arrival, Phase, Schedule, steady
from scimproof.load.player.player import Player
from tests.load.pacing.virtual import Virtual, virtual


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Virtual]:
    with virtual(monkeypatch) as made:
        yield made


@dataclass
class Plays:
    """A player who takes `seconds` for whatever is played, and the first time `first`."""

    clock: Virtual
    seconds: float = 0.0
    first: float = 0.0
    figures: Metrics = field(default_factory=Metrics)
    played: list[Arrival] = field(default_factory=list)

    def due(self, _: Arrival) -> None:
        pass

    def play(self, arrival: Arrival, _: float, __: object) -> None:
        self.played.append(arrival)
        self.clock.sleep(max(self.seconds, self.first))
        self.first = 0.0


class Place:
    def close(self) -> None:
        pass


def closed(plays: Plays, users: int, seconds: float, warm_up: float = 0.0) -> ClosedModel:
    return ClosedModel(cast("Player", plays), lambda: cast("Slot", Place()), users, seconds, warm_up)


def test_a_fast_target_gets_each_arrival_once_and_none_before_its_time(clock: Virtual) -> None:
    schedule = Schedule((Phase(0.2, 50, warm_up=True), Phase(0.4, 50)), {"a": 1})
    plays = Plays(clock)
    run = closed(plays, 4, schedule.seconds, warm_up=0.2)
    run.run(schedule, clock.now + 0.05)
    assert run.drain(5)
    run.close()
    dues = {arrival.number: arrival.due for arrival in schedule}
    assert len(plays.played) == len({arrival.number for arrival in plays.played}) == 30
    assert all(arrival.due >= dues[arrival.number] for arrival in plays.played)
    assert [arrival.warm_up for arrival in plays.played].count(True) == 10


def test_users_of_several_workers_send_what_those_of_one_process_would(clock: Virtual) -> None:
    """Five users on three workers, and two on three, of whom one has none."""
    schedule = Schedule((Phase(0.2, 50, warm_up=True), Phase(0.4, 50)), {"a": 1})
    for users in (5, 2):
        played: list[Arrival] = []
        for number in range(3):
            plays = Plays(clock)
            share = closed(plays, users, schedule.seconds, warm_up=0.2)
            share.number, share.workers = number, 3
            share.run(schedule, clock.now + 0.05)
            assert share.drain(5)
            share.close()
            assert plays.figures.pace.most <= len(range(number, users, 3))
            played += plays.played
        assert sorted(arrival.number for arrival in played) == list(range(30))
        warm = {arrival.number for arrival in played if arrival.warm_up}
        assert warm == {arrival.number for arrival in schedule if arrival.warm_up}


def test_after_a_stall_a_user_goes_on_at_its_pace_and_the_rest_is_never_sent(clock: Virtual) -> None:
    schedule = Schedule(steady(20, 1), {"a": 1})
    plays = Plays(clock, first=0.51)
    run = closed(plays, 1, schedule.seconds)
    run.run(schedule, clock.now)
    assert run.drain(5)
    run.close()
    dues = [arrival.due for arrival in plays.played]
    assert len(dues) == 11
    assert dues[:2] == pytest.approx([0, 0.51])
    assert all(two - one >= 0.05 - 1e-6 for one, two in pairwise(dues))


def test_a_slow_target_gets_no_more_at_once_than_there_are_users(clock: Virtual) -> None:
    plays = Plays(clock, seconds=0.11)
    run = closed(plays, 3, 0.5)
    run.run(Schedule(steady(200, 0.5), {"a": 1}), clock.now)
    assert run.drain(5)
    run.close()
    assert plays.figures.pace.most == 3
    assert plays.figures.pace.started == plays.figures.pace.finished == 15


def test_stopping_does_not_wait_for_users_who_wait(clock: Virtual) -> None:
    plays = Plays(clock)
    run = closed(plays, 1, 60)

    def stop() -> None:
        clock.sleep(0.05)
        run.stop()

    spawn(stop)
    began = clock.now
    run.run(Schedule(steady(0.05, 60), {"a": 1}), began)
    assert run.drain(5)
    assert clock.now - began <= 2 * NAP
    assert len(plays.played) == 1
