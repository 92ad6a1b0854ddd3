from __future__ import annotations

import json

import pytest

from scimproof.load.generator.live_figures import WINDOW, LiveFigures, WorkerFigures
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.thresholds import Threshold

SLOW, QUICK = "a.b/slow", "a.b/quick"
PLAN = Plan(
    name="x",
    question="?",
    phases=(Phase(5, 2, warm_up=True, name="warm-up"), Phase(60, 2, name="steady")),
    mix={"a.b": 1.0},
    thresholds=(Threshold(SLOW, "p95_ms", 100.0), Threshold(QUICK, "p95_ms", 100.0)),
)


def second(slow: float, *, answered: int = 10, wrong: int = 0) -> Metrics:
    """What one process counted in a second."""
    figures = Metrics()
    for id, seconds in ((SLOW, slow), (QUICK, 0.01)):
        operation = figures.operation(id)
        operation.due = operation.sent = answered + wrong * (id == SLOW)
        operation.answered = answered
        for _ in range(answered):
            operation.response.record(seconds)
    if wrong:
        figures.operation(SLOW).errors["status 500"] = wrong
    figures.pace.started = answered
    figures.pace.lag.record(0.002)
    return figures.drain()


def live() -> LiveFigures:
    return LiveFigures(PLAN, TimeSeries(PLAN.seconds))


def told(figures: LiveFigures, at: float, packed: Metrics) -> None:
    figures.timeline.add(at, packed)
    figures.add(at, packed)


def test_the_last_ten_seconds_stand_beside_the_whole_run() -> None:
    figures = live()
    for at in range(1, 21):
        told(figures, at, second(0.2))
    for at in range(21, 31):
        told(figures, at, second(0.05))
    row = figures.row(30.0, 7, workers=2)
    assert row["recent_ms"]["p99"] == pytest.approx(50, rel=0.01)
    assert row["run_ms"]["p99"] == pytest.approx(200, rel=0.01)
    assert (row["in_flight"], row["workers"], row["phase"]) == (7, 2, "steady")
    assert row["asked"] == row["achieved"] == 20.0
    assert row["sequences"] == 10.0
    assert row["lag_ms"] == pytest.approx(2, rel=0.01)
    assert row["answered"] == row["due"] == 30 * 20
    json.dumps(row)  # it goes to another process


def test_what_goes_wrong_comes_first_then_what_is_slow() -> None:
    figures = live()
    told(figures, 6.0, second(0.2))
    assert [one["id"] for one in figures.row(6.0, 0)["worst"]] == [SLOW, QUICK]
    told(figures, 7.0, second(0.001, wrong=3))
    row = figures.row(7.0, 0)
    assert row["worst"][0] | {"p50": 0, "p95": 0, "p99": 0} == {
        "id": SLOW,
        "due": 23,
        "errors": 3,
        "p50": 0,
        "p95": 0,
        "p99": 0,
    }
    assert row["kinds"] == [["status 500", 3]]
    assert (row["errors"], row["asked"] > row["achieved"]) == (3, True)


def test_thresholds_as_they_stand() -> None:
    figures = live()
    told(figures, 6.0, second(0.2))
    found = {one["id"]: one["verdict"] for one in figures.row(6.0, 0)["thresholds"]}
    assert found == {f"{SLOW}#p95_ms": "broken", f"{QUICK}#p95_ms": "held"}


def test_reports_of_several_workers_add_up_and_old_ones_are_left_out() -> None:
    figures = live()
    for at in (1.0, 1.2, 1.5 + WINDOW, 1.7 + WINDOW):
        told(figures, at, second(0.2))
    assert figures.row(1.7 + WINDOW, 0)["asked"] == 2 * 20 / WINDOW


def test_a_worker_has_figures_of_its_own_last_ten_seconds() -> None:
    worker = WorkerFigures()
    for at in (1.0, 2.0, 6.0 + WINDOW, 7.0 + WINDOW):
        worker.add(at, second(0.2, wrong=5), in_flight=3, heard=100.0 + at)
    row = worker.row(now=110.0 + WINDOW)
    assert (row["asked"], row["achieved"]) == (2 * 25 / WINDOW, 2 * 20 / WINDOW)
    assert (row["in_flight"], row["silent"]) == (3, 3.0)
    assert row["lag_ms"] == pytest.approx(2, rel=0.01)


def test_nothing_yet_is_told_as_nothing() -> None:
    row = live().row(0.5, 0)
    assert (row["asked"], row["achieved"], row["recent_ms"]["p95"], row["worst"]) == (0.0, 0.0, None, [])
    assert row["phase"] == "warm-up"
    assert live().row(70.0, 1)["phase"] == "waiting for the last answers"
