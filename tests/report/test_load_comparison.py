"""Two load runs: what is slower beyond noise, what noise is, and what no figure may be said of."""

from __future__ import annotations

import json
import math
import random
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest

from scimproof.core.errors import Exit
from scimproof.load.metrics.histogram import Histogram
from scimproof.load.result.document import CURVE
from scimproof.render.comparison.markdown import markdown
from scimproof.render.comparison.terminal import text
from scimproof.report.load_comparison import compare_load
from scimproof.report.noise import LEAST, interval
from tests.engine.kit import scimproof

WHOLE = Path(__file__).parents[1] / "report" / "earlier" / "load-2026-11.json"
OP = "okta.oin.user.create/create"
KINDS = ("lost", "phantom", "duplicate", "stale", "membership", "undead", "races")


def operation(seconds: list[float], errors: int = 0, id: str = OP) -> dict[str, Any]:
    """A row of load.json, counted as a run counts."""
    counted = Histogram()
    for each in seconds:
        counted.record(each)
    points = ((percent, counted.percentile(percent)) for percent in CURVE)
    return {
        "id": id,
        "due": len(seconds) + errors,
        "errors": errors,
        "count": counted.count,
        "response_ms": counted.figures(),
        "curve": [[percent, ms] for percent, ms in points if ms is not None],
    }


def latencies(count: int, middle: float = 0.050, seed: int = 1) -> list[float]:
    """Durations as a server has them: a body around `middle` seconds and a long tail."""
    rng = random.Random(seed)
    return [middle * rng.lognormvariate(0, 0.5) for _ in range(count)]


def load(*operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    plan = {
        "name": "mine",
        "model": "open",
        "arrivals": "poisson",
        "rate": 10.0,
        "seconds": 60.0,
        "mix": {"okta.oin.user.create": 1.0},
        "prefill": 0,
        "users": 0,
    }
    return {
        "format": "scimproof.load/1",
        "tool": {"version": "0.0.0", "suites": "abc"},
        "target": {"url": "https://h/scim"},
        "plan": plan | more.pop("plan", {}),
        "started": "2026-11-23T09:30:00Z",
        "result": "pass",
        "why": "",
        "operations": list(operations),
        "spans": [],
        "generator": {"processes": 1},
        "thresholds": [],
        "audit": {"done": True, "counts": dict.fromkeys(KINDS, 0) | more.pop("audit", {})},
    } | more


def changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    (row,) = compare_load(old, new)["operations"]
    return {figure["measure"]: figure["change"] for figure in row["figures"]}


def test_half_again_as_slow_is_worse_and_said_with_both_figures() -> None:
    old, new = load(operation(latencies(2000))), load(operation(latencies(2000, 0.075, seed=2)))
    found = compare_load(old, new)
    assert changes(old, new) == {"p50": "new", "p95": "new", "p99": "new", "errors": "still"}
    assert found["result"] == "worse"
    assert f"{OP} p50: " in text(found)
    assert "Noise: each percentile's 99 % interval" in text(found)
    assert "ms then" in markdown(found)
    assert compare_load(new, old)["result"] == "not-worse"
    assert changes(new, old)["p50"] == "fixed"


@pytest.mark.parametrize("seed", range(20))
def test_the_same_server_twice_is_not_called_slower(seed: int) -> None:
    old = load(operation(latencies(500, seed=seed)))
    new = load(operation(latencies(500, seed=seed + 100)))
    assert compare_load(old, new)["result"] == "not-worse"


def test_a_difference_that_is_sure_and_small_is_no_news() -> None:
    old = load(operation(latencies(50_000)))
    new = load(operation([each * (LEAST - 0.03) for each in latencies(50_000)]))
    assert set(changes(old, new).values()) == {"still"}
    more = load(operation([each * (LEAST + 0.03) for each in latencies(50_000)]))
    assert changes(old, more)["p50"] == "new"


def test_a_difference_that_few_answers_show_is_noise() -> None:
    old, new = load(operation(latencies(20))), load(operation(latencies(20, 0.060, seed=5)))
    assert compare_load(old, new)["result"] == "not-worse"


@pytest.mark.parametrize("percent", [pytest.param(50.0, marks=pytest.mark.nightly), 95.0, 99.0])
def test_the_interval_holds_the_true_percentile_about_as_often_as_it_says(percent: float) -> None:
    truth = 50 * math.exp(0.5 * NormalDist().inv_cdf(percent / 100))
    within = 0
    for seed in range(1, 201):
        between = interval(operation(latencies(1000, seed=seed)), percent)
        assert between is not None
        within += between[0] <= truth <= between[1]
    assert within >= 194  # 198 of 200 on average, if the curve had every answer; it has a dozen points


def test_the_interval_narrows_with_the_number_of_answers() -> None:
    widths = []
    for count in (50, 500, 5000):
        between = interval(operation(latencies(count)), 50.0)
        assert between is not None
        widths.append(between[1] - between[0])
    assert all(wide > 2 * narrow for wide, narrow in pairwise(widths))


@pytest.mark.parametrize("count", [0, 1, 100])
def test_of_too_few_answers_nothing_is_said(count: int) -> None:
    old, new = operation(latencies(count)), operation(latencies(count, 5.0))
    assert (interval(old, 99.0), interval(old, 95.0)) == (None, None)
    assert changes(load(old), load(new)).get("p99", "still") == "still"


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [(0, 0, "still"), (0, 2, "still"), (0, 12, "new"), (12, 0, "fixed")],
)
def test_errors_get_worse_beyond_chance(then: int, now: int, change: str) -> None:
    old, new = (load(operation(latencies(1000), errors)) for errors in (then, now))
    assert changes(old, new)["errors"] == change


def limit(verdict: str, limit: float = 800) -> dict[str, Any]:
    return {"id": f"{OP} p95_ms", "limit": limit, "verdict": verdict}


@pytest.mark.parametrize(
    ("then", "now", "result"),
    [
        ("held", "broken", "worse"),
        ("broken", "held", "not-worse"),
        ("broken", "broken", "not-worse"),
        ("held", "held", "not-worse"),
        ("undecided", "broken", "not-worse"),
    ],
)
def test_a_limit_that_held_and_is_broken_is_worse(then: str, now: str, result: str) -> None:
    row = operation(latencies(100))
    found = compare_load(load(row, thresholds=[limit(then)]), load(row, thresholds=[limit(now)]))
    assert found["result"] == result
    told = f"limit {OP} p95_ms: {then} then, {now} now" in text(found)
    assert told == ((then, now) != ("held", "held"))


def test_a_limit_that_was_drawn_tighter_is_no_regression_of_the_server() -> None:
    row = operation(latencies(100))
    found = compare_load(load(row, thresholds=[limit("held")]), load(row, thresholds=[limit("broken", 10)]))
    assert found["result"] == "not-worse"
    assert "the limit itself was 800 and is 10" in text(found)


def test_what_the_audit_proves_counts_even_of_an_invalid_run() -> None:
    row = operation(latencies(100))
    found = compare_load(load(row), load(row, audit={"lost": 1}, result="invalid", why="late"))
    assert (found["result"], found["worse"]) == ("worse", ["audit: 0 lost then, 1 lost now"])
    again = compare_load(load(row, audit={"lost": 2}), load(row, audit={"lost": 3}))
    assert again["result"] == "not-worse"


def test_figures_of_an_invalid_run_or_another_plan_decide_nothing() -> None:
    slow, quick = operation(latencies(2000, 0.5)), operation(latencies(2000))
    for new in (load(slow, result="invalid", why="the generator was late"), load(slow, plan={"rate": 20.0})):
        found = compare_load(load(quick), new)
        assert (found["result"], found["worse"]) == ("cannot-tell", [])
    assert "rate 10 then, 20 now" in found["why"]
    early = compare_load(load(quick, result="invalid", why="interrupted"), load(slow))
    assert early["why"] == "the earlier run is invalid: interrupted"
    assert compare_load(load(quick), load())["why"] == "the two reports have no operation in common"


def test_what_is_measured_no_more_is_said() -> None:
    found = compare_load(load(operation([0.1]), operation([0.1], id="x/y")), load(operation([0.1])))
    assert found["gone"] == ["x/y"]
    assert "No longer measured\n  x/y" in text(found)


def _over(whole: Any, part: Any) -> Any:
    """The whole with the values of the part; of a list of rows each is laid over the first one there."""
    if isinstance(whole, dict) and isinstance(part, dict):
        return whole | {key: _over(whole.get(key), value) for key, value in part.items()}
    if isinstance(part, list) and part and isinstance(part[0], dict) and whole:
        return [_over(whole[0], row) for row in part]
    return part


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (load(operation(latencies(2000))), Exit.HOLDS),
        (load(operation(latencies(2000, 0.2))), Exit.DOES_NOT_HOLD),
        (load(operation(latencies(2000)), result="invalid", why="late"), Exit.CANNOT_TELL),
    ],
)
def test_the_command_line_compares_load_runs(tmp_path: Path, new: dict[str, Any], code: Exit) -> None:
    whole = json.loads(WHOLE.read_text(encoding="utf-8"))
    for name, document in (("old.json", load(operation(latencies(2000)))), ("new.json", new)):
        why = {"why": document["why"] or "all limits held"}
        (tmp_path / name).write_text(json.dumps(_over(whole, document | why)))
    ran = scimproof(tmp_path, "compare", "old.json", "new.json")
    assert ran.returncode == code, ran.stdout + ran.stderr
