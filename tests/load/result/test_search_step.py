"""Whether one step of a capacity search holds, of figures that nobody measured."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.load.capacity.settings import SearchSettings
from scimproof.load.metrics.counters import Metrics
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.thresholds import PROVISION, Threshold
from scimproof.load.result.search_step import SearchStep, StepFigures

CREATE, STEP = "okta.oin.user.create", "okta.oin.user.create/create"
LIMITS = (Threshold(STEP, "p95_ms", 800), Threshold(STEP, "errors", 0), Threshold(STEP, "drift", 0.1))
PLAN = Plan(name="made", question="?", phases=(Phase(20, 10),), mix={CREATE: 1}, thresholds=LIMITS)


def figures(**said: Any) -> StepFigures:
    """Of a step of 20 s at 10 sequences a second, after 4 s of warm-up."""
    return StepFigures(SearchStep(1, 10, 20, 4), PLAN, **said)


def second(milliseconds: float, *, wrong: int = 0, finished: int = 10, lag: float = 0.001) -> Metrics:
    """What a process counts in one second: ten arrivals."""
    made = Metrics()
    made.pace.started, made.pace.finished = 10, finished
    operation, whole, span = made.operation(STEP), made.sequence(CREATE), made.sequence(PROVISION)
    for number in range(10):
        made.pace.lag.record(lag)
        operation.due += 1
        operation.sent += 1
        operation.answered += 1
        operation.response.record(milliseconds / 1000)
        operation.errors.update(["status 500"] if number < wrong else [])
        whole.response.record(milliseconds / 1000)
        for one in (whole, span):
            one.due += 1
            one.answered += 1
    return made


def played(one: StepFigures, *seconds: Metrics) -> dict[str, Any]:
    """The row of a step with these seconds, from the end of the warm-up on."""
    for number, made in enumerate(seconds):
        if not one.hopeless:
            one.add(5.0 + number, made)
    one.lasted = one.lasted or float(len(seconds))
    return one.row()


def test_a_step_within_its_limits_holds_and_says_how_much_was_carried() -> None:
    row = played(figures(lasted=20.1), *[second(100)] * 20)  # the last, of 0.1 s, began at the end
    assert (row["result"], row["why"]) == ("holds", "")
    assert (row["achieved"], row["provisionings"], row["requests"], row["errors"]) == (10, 10, 200, 0)
    assert row["p95_ms"] == pytest.approx(100, rel=0.002)


def test_a_step_that_cannot_hold_any_more_is_known_before_its_end() -> None:
    one = figures()
    row = played(one, *[second(100)] * 2, *[second(2000)] * 18)
    assert row["result"] == "breaks"
    assert "p95 at most 800 ms" in row["why"]
    assert "of about 200 took longer" in row["why"]
    assert (
        one.figures.requests == 40
    )  # 20 of them are more than 5 % of 200, and the other seconds were not played
    one = figures()
    assert "were errors" in played(one, second(100), second(100, wrong=1), second(100))["why"]
    assert one.figures.requests == 20


def test_what_may_still_hold_goes_on_to_the_end() -> None:
    one = figures()
    assert played(one, second(2000), *[second(100)] * 19)["result"] == "holds"  # 10 of 200 are 5 %
    assert one.hopeless == ""


def test_a_backlog_that_grows_breaks_a_step_however_quick_the_answers_are() -> None:
    row = played(figures(), *[second(100, finished=7)] * 20)
    assert row["result"] == "breaks"
    assert "falls behind" in row["why"]
    assert played(figures(), *[second(100, finished=9)] * 20)["result"] == "holds"  # that much is chance
    assert played(figures(), second(100, finished=1), *[second(100)] * 19)["result"] == "holds"


def test_a_late_or_busy_generator_makes_a_step_invalid_whatever_else_broke() -> None:
    late = played(figures(), *[second(2000, lag=0.2)] * 20)
    assert (late["result"], late["lag_p99_ms"]) == ("invalid", pytest.approx(200, rel=0.01))
    assert "late" in late["why"]
    assert "of a core" in played(figures(shares=(0.95,)), *[second(100)] * 20)["why"]
    assert played(figures(), Metrics())["result"] == "invalid"


@pytest.mark.parametrize("rate", [2.0, 10.0, 100.0])
def test_random_arrivals_are_as_many_as_the_rate_says(rate: float) -> None:
    settings = SearchSettings(rate, rate)
    for number in (1, 2, 3):
        step = SearchStep.drawn(PLAN, number, rate, settings, 0)
        counted = [arrival.warm_up for arrival in step.schedule(PLAN)].count(False)
        assert counted == pytest.approx(rate * 20, rel=0.02)


def test_two_steps_are_drawn_differently() -> None:
    one, other = (SearchStep.drawn(PLAN, number, 10, SearchSettings(10, 10), 0) for number in (1, 2))
    assert [a.due for a in one.schedule(PLAN)] != [a.due for a in other.schedule(PLAN)]
