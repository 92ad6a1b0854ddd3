from __future__ import annotations

import pytest

from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.plan.abort_limits import AbortLimits
from scimproof.load.plan.thresholds import Threshold

A, B = "okta.oin.user.create/create", "okta.oin.user.create/search"


def second(due: int = 5, wrong: int = 0, answered: int | None = None, ms: float = 10, of: str = A) -> Metrics:
    """What was counted in a second."""
    made = Metrics()
    _counted(made.operation(of), due, wrong, answered, ms)
    return made.drain()


def _counted(step: StepCounters, due: int, wrong: int, answered: int | None, ms: float) -> None:
    step.due, step.answered = due, due if answered is None else answered
    if wrong:
        step.errors["status 500"] = wrong
    for _ in range(step.answered):
        step.response.record(ms / 1000)


def limits(of: str = "*", measure: str = "errors", limit: float = 0.5) -> AbortLimits:
    return AbortLimits((Threshold(of, measure, limit),))


def test_nothing_ends_a_run_that_holds() -> None:
    held = limits()
    assert held.broken() == ""
    for at in range(100):
        held.add(at, second(wrong=2))
        assert held.broken() == ""


def test_a_dead_target_ends_it_within_seconds() -> None:
    held = limits()
    for at in range(60):
        held.add(at, second())
    for at in range(60, 70):
        held.add(at, second(wrong=5, answered=0))
        if why := held.broken():
            break
    assert why == "all requests: errors at most 0.5 of what was due, it was 0.6 in the last 5 s"
    assert at == 62


def test_a_bad_beginning_is_given_five_seconds() -> None:
    held = limits()
    for at in range(4):
        held.add(at, second(due=100, wrong=100))
        assert held.broken() == ""
    held.add(4, second(due=100, wrong=100))
    assert held.broken()


def test_what_is_rare_is_judged_once_it_is_ten_and_forgotten_after_a_minute() -> None:
    held = limits(A)
    for at in range(0, 45, 5):
        held.add(at, second(due=1, wrong=1, answered=0))
        assert held.broken() == ""
    held.add(45, second(due=1, wrong=1, answered=0))
    assert held.broken().startswith(f"{A}: errors at most 0.5")
    later = limits(A)
    for at in range(0, 300, 10):
        later.add(at, second(due=1, wrong=1, answered=0))
        assert later.broken() == ""


@pytest.mark.parametrize(
    ("measure", "limit", "bad"),
    [
        ("p95_ms", 500, second(ms=900)),
        ("max_ms", 500, second(ms=900)),
        ("achieved", 0.5, second(answered=1)),
        ("errors", 0.1, second(wrong=2)),
    ],
)
def test_each_measure_ends_it(measure: str, limit: float, bad: Metrics) -> None:
    for of in ("*", A):
        held = limits(of, measure, limit)
        for at in range(10):
            held.add(at, second())
        assert held.broken() == ""
        for at in range(10, 20):
            held.add(at, bad)
        assert held.broken()


def test_another_operation_is_not_meant() -> None:
    held = limits(A)
    for at in range(20):
        held.add(at, second(of=A))
        held.add(at, second(wrong=5, of=B))
    assert held.broken() == ""


def test_the_warm_up_counts_for_all_requests_together() -> None:
    held = limits()
    for at in range(6):
        made = Metrics()
        _counted(made.warming, 5, 5, 0, 1)
        held.add(at, made.drain())
    assert held.broken().startswith("all requests: errors at most 0.5 of what was due, it was 1 in")


def test_the_reports_of_several_workers_are_one() -> None:
    held = limits()
    for at in range(8):
        held.add(at, second(due=9))
        held.add(at + 0.1, second(due=1, wrong=1))
    assert held.broken() == ""
    for at in range(8, 14):
        held.add(at, second(due=2))
        held.add(at + 0.1, second(due=8, wrong=8))
    assert held.broken()
