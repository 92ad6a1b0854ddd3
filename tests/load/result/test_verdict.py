from __future__ import annotations

from typing import Any

import pytest

from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.time_series import BUCKETS, TimeSeries
from scimproof.load.plan.thresholds import Threshold, judge
from scimproof.load.result.document import NO_AUDIT, drift
from scimproof.load.result.verdict import Generator, verdict

OP = "okta.oin.user.create/create"
CALM: dict[str, Any] = {
    "processes": 1,
    "cpu_seconds": 1.0,
    "requests": 1000,
    "busiest": 0.2,
    "lag_ms": 1.0,
    "lag_limit_ms": 50.0,
    "started": 100,
    "expected": 100.0,
    "opened": 3,
    "stale": 0,
    "whole": True,
}
LOST = NO_AUDIT | {"counts": {**NO_AUDIT["counts"], "lost": 2}}


def figures(milliseconds: float = 10.0, count: int = 100, wrong: int = 0) -> Metrics:
    made = Metrics()
    operation = made.operation(OP)
    operation.due = operation.sent = count
    operation.answered = count - wrong
    operation.errors["status 500"] = wrong
    for _ in range(count - wrong):
        operation.response.record(milliseconds / 1000)
    return made


@pytest.mark.parametrize(
    ("measure", "limit", "made", "expected"),
    [
        ("p95_ms", 20, figures(), "held"),
        ("p95_ms", 5, figures(), "broken"),
        ("p999_ms", 5, figures(), "undecided"),
        ("p999_ms", 5, figures(count=10_000), "broken"),
        ("errors", 0.01, figures(wrong=1), "held"),
        ("errors", 0.01, figures(wrong=2), "broken"),
        ("achieved", 0.99, figures(wrong=1), "held"),
        ("achieved", 0.99, figures(wrong=2), "broken"),
        ("p95_ms", 20, figures(wrong=100), "broken"),
        ("p95_ms", 20, Metrics(), "undecided"),
    ],
)
def test_a_limit_is_held_broken_or_cannot_be_told(
    measure: str, limit: float, made: Metrics, expected: str
) -> None:
    (judged,) = judge((Threshold(OP, measure, limit),), made, {})
    assert judged.verdict == expected, judged


def test_what_was_limited_with_everything_else_is_asked_only_if_it_came_up() -> None:
    assert judge((Threshold(OP, "errors", 0, if_any=True),), Metrics(), {}) == []


@pytest.mark.parametrize(
    ("worse", "says"),
    [
        ({"busiest": 0.95}, "95% of a core"),
        ({"lag_ms": 80.0}, "up to 80 ms after they were due"),
        ({"started": 50}, "began 50 of about 100 arrivals"),
        ({"requests": 0}, "nothing was sent"),
        ({"interrupted": True, "stop": "interrupted (Ctrl-C)"}, "ended early: interrupted (Ctrl-C)"),
        ({"lost": ("host_1",)}, "a worker died during the run: host_1"),
    ],
)
def test_a_generator_in_trouble_makes_a_run_invalid_whatever_the_limits_say(
    worse: dict[str, Any], says: str
) -> None:
    broken = judge((Threshold(OP, "p95_ms", 1),), figures(), {})
    for judged in (broken, []):
        result, why = verdict(judged, Generator(**CALM | worse), NO_AUDIT, audited=False)
        assert (result, says in why) == ("invalid", True), why


def test_what_the_audit_proves_stands_however_slow_the_generator_was() -> None:
    result, why = verdict([], Generator(**CALM | {"busiest": 1.0}), LOST, audited=True)
    assert (result, why) == ("fail", "the audit found what the target broke: 2 lost")


def test_a_pass_needs_limits_that_held_and_an_audit_that_was_made() -> None:
    held = judge((Threshold(OP, "p95_ms", 20),), figures(), {})
    assert verdict(held, Generator(**CALM), NO_AUDIT | {"done": True}, audited=True)[0] == "pass"
    assert verdict(held, Generator(**CALM), NO_AUDIT, audited=True)[0] == "invalid"
    broken = judge((Threshold(OP, "p95_ms", 2),), figures(), {})
    assert verdict(broken, Generator(**CALM), NO_AUDIT | {"done": True}, audited=True)[0] == "fail"


def test_drift_compares_the_last_fifth_with_the_first() -> None:
    assert drift([1.0] * 20 + [1.5] * 5) == 0.5
    assert drift([None, 2.0, 1.0]) is None


def test_a_long_run_has_no_more_buckets_than_a_short_one() -> None:
    timeline = TimeSeries(3600)
    for second in range(0, 3600, 30):
        timeline.add(second, figures(count=2).drain())
    series = timeline.series()
    assert len(series["at"]) <= BUCKETS
    assert sum(series["due"]) == timeline.whole.operations[OP].due == 240
    assert len(series["operations"][OP]["p95"]) == len(series["at"])
