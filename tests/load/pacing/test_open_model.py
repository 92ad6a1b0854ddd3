from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from scimproof.load.greenlets import sleep
from scimproof.load.pacing.open_model import OpenModel
from scimproof.load.pacing.timer import SleepTimer, Timer, TimerFd
from scimproof.load.plan.schedule import Arrival, Schedule, steady
from tests.load.pacing.virtual import Virtual, virtual


class Place:
    """A slot that only knows whether it is open."""

    made = 0

    def __init__(self) -> None:
        Place.made += 1
        self.busy = self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture(params=[TimerFd, SleepTimer])
def timer(request: pytest.FixtureRequest) -> Timer:
    made: Timer = request.param()
    return made


def test_a_timer_waits_until_the_moment_and_not_when_it_passed(timer: Timer) -> None:
    for ahead in (0.0, -1.0, 0.0001, 0.004, 0.02):
        moment = time.monotonic() + ahead
        timer.until(moment)
        assert time.monotonic() >= moment
    timer.close()


def test_every_arrival_is_played_once_when_it_is_due(timer: Timer) -> None:
    played: list[tuple[int, float]] = []

    def play(arrival: Arrival, due: float, slot: Place) -> None:
        assert not slot.busy
        assert time.monotonic() >= due
        slot.busy = True
        sleep(0.01)
        slot.busy = False
        played.append((arrival.number, due))

    pacer = OpenModel(play, Place, cap=50, timer=timer)
    start = time.monotonic() + 0.01
    pacer.run(Schedule(steady(400, 0.5), {"a": 1}), start)
    assert pacer.drain(60)
    pacer.close()
    assert sorted(played) == [(number, start + number / 400) for number in range(200)]
    assert pacer.pace.started == pacer.pace.finished == pacer.pace.lag.count == 200


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Virtual]:
    with virtual(monkeypatch) as made:
        yield made


def test_slots_are_used_again(clock: Virtual) -> None:
    Place.made = 0
    pacer = OpenModel(lambda *_: clock.sleep(0.025), Place, cap=100, timer=clock)
    pacer.run(Schedule(steady(100, 0.5), {"a": 1}), clock.now)
    assert pacer.drain(60)
    pacer.close()
    assert Place.made == pacer.pace.most == 3
    assert pacer.pace.finished == 50


def test_over_the_cap_arrivals_wait_and_count_and_keep_their_due_time(clock: Virtual) -> None:
    most, now, dues = 0, 0, []

    def play(_: Arrival, due: float, __: Place) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        dues.append(due - start)
        clock.sleep(0.0501)
        now -= 1

    pacer = OpenModel(play, Place, cap=4, timer=clock)
    start = clock.now
    pacer.run(Schedule(steady(200, 0.2), {"a": 1}), start)
    assert pacer.waiting == 24  # forty came in 0.2 s, and four at a time were three times taken up
    assert pacer.drain(60)
    pacer.close()
    assert most == 4 == pacer.pace.most
    assert dues == pytest.approx([number / 200 for number in range(40)])
    assert pacer.pace.held == pacer.pace.waits.count == 36
    assert pacer.pace.finished == 40
    # The last round begins after nine others, 0.15 s after its first arrival came.
    assert pacer.pace.waits.max == pytest.approx((9 * 0.0501 - 0.18) * 1000, rel=0.01)


def test_a_late_schedule_is_not_rebased() -> None:
    dues: list[float] = []
    pacer = OpenModel(lambda _, due, __: dues.append(due), Place)
    start = time.monotonic() - 10
    pacer.run(Schedule(steady(100, 1), {"a": 1}), start)
    assert pacer.drain(60)
    pacer.close()
    assert dues == pytest.approx([start + number / 100 for number in range(100)])
    assert (pacer.pace.lag.percentile(50) or 0) > 9000


def test_trouble_in_a_play_is_raised_by_the_run() -> None:
    def play(*_: object) -> None:
        raise RuntimeError("ours")

    pacer = OpenModel(play, Place)
    with pytest.raises(RuntimeError, match="ours"):
        pacer.run(Schedule(steady(100, 30), {"a": 1}), time.monotonic())
    pacer.close()


def test_closing_ends_what_is_in_flight_and_closes_its_slot() -> None:
    places: list[Place] = []

    def place() -> Place:
        places.append(Place())
        return places[-1]

    pacer = OpenModel(lambda *_: sleep(60), place)
    pacer.run(Schedule(steady(100, 0.1), {"a": 1}), time.monotonic())
    assert not pacer.drain(0.01)
    assert pacer.in_flight == 10
    began = time.monotonic()
    pacer.close()
    assert time.monotonic() - began < 50
    assert [one.closed for one in places] == [True] * 10
