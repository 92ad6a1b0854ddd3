"""Which load runs stand on one line of a trend, what names them, and how the last is judged."""

from __future__ import annotations

import re
from typing import Any

import pytest

from scimproof.core.errors import UsageError
from scimproof.report.reader import CAPACITY
from scimproof.report.trend import StoredRun, kept, trend
from tests.report.test_load_comparison import OP, latencies, load, operation


def run(place: int, *folders: str, slower: float = 1.0, count: int = 1000, **more: Any) -> StoredRun:
    """The run of a day, in these folders."""
    times = [each * slower for each in latencies(count, seed=place + 1)]
    row = operation(times)
    document = load(row, overall=row | {"id": "*"}, started=f"2026-11-{place + 1:02}T09:30:00Z", **more)
    document["target"] = {"url": "https://h/scim", "embedded": False} | more.get("target", {})
    return StoredRun("/".join((*folders, "load.json")), folders, kept(document))


def capacity(place: int, rate: float | None, *folders: str, **more: Any) -> StoredRun:
    """A search that found this rate, between it and 5 % more."""
    document = {
        "format": CAPACITY,
        "tool": {"version": "0.0.0"},
        "target": {"url": "https://h/scim", "embedded": False},
        "plan": {"name": "mine", "arrivals": "poisson", "mix": {"okta.oin.user.create": 1.0}, "prefill": 0},
        "started": f"2026-11-{place + 1:02}T09:30:00Z",
        "result": "pass" if rate else "invalid",
        "why": "" if rate else "nothing was sent",
        "limits": [{"of": OP, "measure": "p95_ms", "limit": 800}],
        "capacity": {
            "rate": rate, "unit": "sequences/s", "p95_ms": 412.0, "error_ratio": 0.0,
            "bracket": [rate, rate and rate * 1.05],
        },
    }  # fmt: skip
    return StoredRun("/".join((*folders, "capacity.json")), folders, kept(document | more))


def only(runs: list[StoredRun], **more: Any) -> dict[str, Any]:
    (line,) = trend(runs, **more)["lines"]
    return dict(line)


def labels(runs: list[StoredRun], **more: Any) -> list[str]:
    return [point["label"] for point in only(runs, **more)["points"]]


def test_runs_of_one_plan_are_a_line_in_the_order_in_which_they_were_started() -> None:
    line = only([run(2, "1.2"), run(0, "1.0"), run(1, "1.1")])
    assert [point["label"] for point in line["points"]] == ["1.0", "1.1", "1.2"]
    assert line["against"] == "1.1"
    assert line["comparison"]["result"] == "not-worse"
    assert line["comparison"]["new"]["path"] == "1.2/load.json"


def test_the_last_release_is_judged_as_compare_does_it() -> None:
    line = only([run(0, "1.0"), run(1, "1.1"), run(2, "1.2", slower=1.4)])
    assert line["comparison"]["result"] == "worse"
    assert [point["verdict"] for point in line["points"]] == ["", "within noise", "slower beyond noise"]


def test_an_invalid_run_is_compared_with_nothing() -> None:
    line = only([run(0, "1.0"), run(1, "1.1", slower=9, result="invalid", why="late"), run(2, "1.2")])
    assert line["against"] == "1.0"
    assert [point["usable"] for point in line["points"]] == [True, False, True]
    assert [point["verdict"] for point in line["points"]] == ["", "", "within noise"]
    first = only([run(0, "1.0", result="invalid", why="late"), run(1, "1.1")])
    assert (first["against"], first["comparison"]) == (None, None)


@pytest.mark.parametrize(
    "more",
    [
        {"plan": {"name": "other"}},
        {"plan": {"rate": 20.0}},
        {"plan": {"mix": {"okta.oin.user.create": 2.0}}},
        {"plan": {"prefill": 500}},
        {"target": {"url": "https://elsewhere/scim"}},
        {"target": {"embedded": True}},
    ],
)
def test_another_plan_load_or_target_is_another_line(more: dict[str, Any]) -> None:
    lines = trend([run(0, "1.0"), run(1, "1.1", **more), run(2, "1.2")])["lines"]
    assert sorted(len(line["points"]) for line in lines) == [1, 2]


def test_the_embedded_target_is_one_on_every_port() -> None:
    ports = ({"url": f"http://127.0.0.1:{port}", "embedded": True} for port in (4000, 5000))
    line = only([run(place, str(place), target=target) for place, target in enumerate(ports)])
    assert (len(line["points"]), line["target"]) == (2, "the embedded target")


def test_a_release_is_named_by_the_nearest_folder_that_differs() -> None:
    assert labels([run(0, "rollout", "1.0"), run(1, "rollout", "1.1")]) == ["1.0", "1.1"]
    assert labels([run(0, "1.0", "rollout"), run(1, "1.1", "rollout")]) == ["1.0", "1.1"]
    assert labels([run(0, "1.0"), run(1, "1.0")]) == [
        "1.0 (2026-11-01 09:30:00)",
        "1.0 (2026-11-02 09:30:00)",
    ]
    assert labels([run(0)]) == ["2026-11-01"]


def test_a_rule_or_the_version_of_the_target_names_a_release() -> None:
    ruled = [run(0, "build-7-v1.0"), run(1, "build-9-v1.1"), run(2, "nightly")]
    assert labels(ruled, label=re.compile(r"v(\d\.\d)")) == ["1.0", "1.1", "2026-11-03"]
    told = [run(place, "x", target={"version": f"4.{place}"}) for place in range(2)]
    assert labels(told) == ["4.0", "4.1"]


def test_capacities_are_a_line_judged_by_what_each_search_can_tell() -> None:
    runs = [
        capacity(0, 40.0, "1.0"),
        capacity(1, 41.0, "1.1"),
        capacity(2, None, "1.2"),
        capacity(3, 30.0, "1.3"),
    ]
    line = only(runs)
    assert [point["rate"] for point in line["points"]] == [40.0, 41.0, None, 30.0]
    told = [point["verdict"] for point in line["points"]]
    assert told == ["", "as before, as far as the search tells", "", "lower"]
    limits = [{"of": OP, "measure": "p95_ms", "limit": 400}]
    both = trend([run(0, "1.0"), *runs, capacity(4, 20.0, "1.4", limits=limits)])["lines"]
    assert sorted((line["kind"], len(line["points"])) for line in both) == [
        ("capacity", 1),
        ("capacity", 4),
        ("load", 1),
    ]


def test_an_earlier_document_without_figures_of_all_requests_is_a_gap() -> None:
    old = run(0, "1.0")
    del old.document["overall"]  # type: ignore[attr-defined]
    line = only([old, run(1, "1.1")])
    assert [point["p95_ms"] is None for point in line["points"]] == [True, False]
    assert line["operations"] == [OP]


def test_operations_are_chosen_by_pattern_and_a_slip_is_told() -> None:
    assert only([run(0, "1.0")], operations=["okta.*"])["operations"] == [OP]
    with pytest.raises(UsageError, match="an operation like 'nothing'"):
        trend([run(0, "1.0")], operations=["nothing"], folder="history")
