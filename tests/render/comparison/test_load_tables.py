"""Two load runs side by side: figures with units, noise, a verdict in words; hostile names are harmless."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.render.comparison.html import html
from scimproof.render.comparison.load_tables import (
    FigureRow,
    alone,
    operation_tables,
    thresholds,
)
from scimproof.render.comparison.markdown import markdown
from scimproof.render.comparison.sentences import answer
from scimproof.report.load_comparison import compare_load
from tests.report.make_samples import NASTY
from tests.report.test_load_comparison import OP, latencies, load, operation

COMMENT = 65_536  # characters that a comment on GitHub may have


def figures(old: dict[str, Any], new: dict[str, Any]) -> dict[str, FigureRow]:
    (table,) = operation_tables(compare_load(old, new))
    return {row.name: row for row in table.rows}


@pytest.mark.parametrize(
    ("count", "times", "verdict"),
    [
        (2000, 1.0, "within noise"),
        (2000, 1.3, "slower beyond noise"),
        (2000, 1 / 1.3, "faster beyond noise"),
        (50_000, 1.06, "slower, by less than 10 %"),
        (50, 1.3, "too few answers to tell"),
    ],
)
def test_the_verdict_on_a_percentile_is_in_words(count: int, times: float, verdict: str) -> None:
    old = load(operation(latencies(count)))
    new = load(operation([each * times for each in latencies(count, seed=2)]))
    row = figures(old, new)["p95"]
    assert row.verdict == verdict
    assert row.then.endswith(" ms")
    assert "ms (" in row.change
    few = verdict == "too few answers to tell"
    assert (" to " not in row.noise_then, " to " not in row.noise_now) == (few, few)


def test_errors_and_answers_are_counted_on_both_sides() -> None:
    found = figures(load(operation(latencies(1000), 0)), load(operation(latencies(900), 30)))
    assert (found["errors"].then, found["errors"].now) == ("0 %", "3.2 %")
    assert found["errors"].verdict == "more errors than by chance"
    assert found["answers"] == FigureRow("answers", "1,000", "900", "-100 (-10 %)")


def test_an_operation_of_one_run_only_is_named_with_its_figure() -> None:
    row = operation(latencies(100))
    found = compare_load(load(row), load(row, operation(latencies(100), id="x/y")))
    assert [(one.name, one.then, one.verdict) for one in alone(found)] == [
        ("x/y", "\N{EN DASH}", "only in this run")
    ]
    assert "only in this run" in html(found)


def test_a_limit_has_both_values_and_whether_each_held() -> None:
    row = operation(latencies(100))
    limit = {"id": f"{OP}#p95_ms", "of": OP, "measure": "p95_ms", "limit": 800}
    old = load(row, thresholds=[limit | {"value": 412.0, "verdict": "held"}])
    new = load(row, thresholds=[limit | {"value": 1204.0, "verdict": "broken", "limit": 900}])
    (told,) = thresholds(compare_load(old, new))
    assert (told.limit, told.then, told.now) == ("900 ms (was 800 ms)", "412 ms, held", "1,204 ms, broken")
    assert told.verdict == "broken; the limit is another"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"plan": {"rate": 20.0}}, "The load was another: rate 10 then, 20 now."),
        ({"plan": {"phases": [{"rate": 5, "to": 10, "warm_up": False}]}}, "rates 10 then, 5 to 10 now"),
        ({"sender": {"name": "Acme"}}, "Another sender's traffic: Okta then, Acme now."),
        ({"target": {"url": "http://h", "embedded": True}}, "Another target product: an own server then"),
    ],
)
def test_what_makes_two_runs_incomparable_is_told_before_any_figure(more: dict[str, Any], why: str) -> None:
    row = operation(latencies(2000))
    plan = {"phases": [{"rate": 10, "to": 10, "warm_up": False}]}
    old = load(row, sender={"name": "Okta"}, plan=plan)
    slow = operation(latencies(2000, 0.5))
    new = load(slow, **({"sender": {"name": "Okta"}} | more | {"plan": plan | more.get("plan", {})}))
    found = compare_load(old, new)
    assert (found["result"], found["worse"]) == ("cannot-tell", [])
    assert not any(row.style for table in operation_tables(found) for row in table.rows)
    assert len(list(answer(found))) == 1
    for page in (html(found), markdown(found).replace("\\", "")):
        told = page.replace("&#39;", "'")
        assert 0 < told.find(why) < told.find("p95")


def test_whether_it_is_worse_is_the_first_sentence() -> None:
    old, new = load(operation(latencies(2000))), load(operation(latencies(2000, 0.065, seed=2)))
    first, moved = answer(compare_load(old, new))
    assert first.startswith("It is worse than before. 2 figures")
    assert moved.startswith("2 percentiles are slower beyond noise; most of all p")
    assert next(answer(compare_load(new, old))).startswith("It is not worse than before.")
    assert f"\n\n{first}" in markdown(compare_load(old, new))


def test_hostile_names_are_only_text() -> None:
    rows = [operation(latencies(2000, middle), id=f"{NASTY}/x") for middle in (0.05, 0.5)]
    old, new = (load(row, target={"url": f"http://{NASTY}"}, plan={"name": NASTY}) for row in rows)
    found = compare_load(old, new, paths=(NASTY, NASTY))
    page, comment = html(found), markdown(found)
    for written in (page, comment):
        assert not {"\x1b", "\x00", "\u202e"} & set(written)
    assert "<script" not in page
    for row in comment.splitlines():
        if row.startswith("| `"):
            assert row.count("|") == 8, "a name ended its cell"
    assert "@everyone" not in comment.replace("`", "").split("### ")[0]


def test_a_comment_of_a_hundred_operations_fits() -> None:
    rows = [operation(latencies(500), id=f"okta.oin.user.create-{n}/a-step-of-it") for n in range(100)]
    slower = [operation(latencies(500, 0.09), id=row["id"]) for row in rows]
    comment = markdown(compare_load(load(*rows), load(*slower)))
    assert len(comment) < COMMENT
    assert "and 80 more: `--format html` has all of them" in comment
