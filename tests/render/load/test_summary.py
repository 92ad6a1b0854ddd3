"""What load.html says first: how fast, how many errors, whether it held."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scimproof.load.plan.thresholds import PROVISION, Threshold
from scimproof.render.load import charts, summary
from scimproof.render.load.plots import PlotLevel, latencies
from tests.cli.commands.load.test_load import SCHEMA
from tests.load.loaded import OIN, RATE, STEPS, loaded
from tests.render.load.test_terminal import hostile
from tests.report.test_reader_earlier import LOADS

LIMITS = (
    Threshold(f"{OIN}/create", "p95_ms", 1000),
    Threshold(f"{OIN}/search", "p95_ms", 500),
    Threshold(f"{OIN}/find-back", "p95_ms", 500),
    Threshold(f"{OIN}/create", "p99_ms", 3000),
    Threshold(PROVISION, "p95_ms", 2000),
    Threshold(f"{OIN}/create", "errors", 0.001),
)


def test_rates_are_of_the_measured_time() -> None:
    rate = summary.rate(loaded())
    assert (rate.seconds, rate.asked, rate.due) == (15, RATE, RATE)
    assert rate.achieved == pytest.approx(RATE)
    assert rate.requests == pytest.approx(RATE * len(STEPS))


@pytest.mark.parametrize(
    ("ended", "asked"),
    [(30.0, (20 + 80 + 100) / 25), (20.0, (20 + 80) / 15), (15.0, (20 + 30) / 10), (10.0, 4.0), (5.0, 0.0)],
    ids=["whole", "at the top of the ramp", "half way up", "as the ramp began", "in the warm-up"],
)
def test_of_a_run_that_ended_early_only_what_was_asked_until_then_counts(ended: float, asked: float) -> None:
    document = loaded()
    stages = [
        (5.0, 2.0, 2.0, True),
        (5.0, 4.0, 4.0, False),
        (10.0, 4.0, 12.0, False),
        (10.0, 10.0, 10.0, False),
    ]
    document["plan"] |= {
        "seconds": 30.0,
        "phases": [
            {"name": "", "seconds": seconds, "rate": rate, "to": to, "warm_up": warm_up}
            for seconds, rate, to, warm_up in stages
        ],
    }
    document["seconds"] = ended
    assert summary.rate(document).asked == pytest.approx(asked)


def test_the_percentiles_of_all_requests_are_exact() -> None:
    document = loaded()
    response = summary.response(document)
    assert not response.estimated
    assert response.count == sum(row["count"] for row in document["operations"])
    assert response.max == max(row["response_ms"]["max"] for row in document["operations"])
    assert response.percentiles == {
        name: document["overall"]["response_ms"][name] for name in ("p50", "p95", "p99")
    }


@pytest.mark.parametrize("slower", [0.1, 1, 40])
def test_an_earlier_document_gives_an_estimate_that_is_near(slower: float) -> None:
    document = loaded(slower=slower)
    exact = summary.response(document).percentiles
    del document["overall"]
    estimated = summary.response(document)
    assert estimated.estimated
    for name, value in exact.items():
        assert estimated.percentiles[name] == pytest.approx(value, rel=0.15), name


def test_few_answers_have_no_percentile_that_would_be_the_longest_of_them() -> None:
    document = hostile()  # 27 answers
    told = summary.response(document).percentiles
    assert told["p95"] is not None
    assert told["p99"] is None
    del document["overall"]
    assert summary.response(document).percentiles["p99"] is None


def test_errors_are_a_share_of_what_was_due_by_kind() -> None:
    document = loaded(wrong=2)
    errors = summary.errors(document)
    assert (errors.number, errors.due) == (30, 360)
    assert errors.kinds == [("status 500", 30)]
    document["operations"][0] |= {"skipped": 40, "errors": document["operations"][0]["errors"] + 40}
    assert summary.errors(document).kinds[0] == ("not sent", 40)


def test_where_nothing_was_answered_no_share_of_errors_is_told() -> None:
    document = loaded()
    for row in document["operations"]:
        row |= {"answered": 0, "sent": 0}
    assert summary.errors(document).share is None


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (None, "\N{EN DASH}"), (0.0, "0 %"), (0.0012345, "0.12 %"), (0.00001, "0.001 %"), (0.25, "25 %"),
        (0.9999999, "99.99 %"), (1.0, "100 %"),
    ],
)  # fmt: skip
def test_a_share_is_never_rounded_to_all_or_nothing(share: float | None, told: str) -> None:
    assert summary.percent(share) == told


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("okta.oin.user.create/create: p95 at most 5 ms", "okta.oin.user.create/create: p95 at most 5 ms."),
        ('the target was full: it said "No SCIM seats"', 'The target was full: it said "No SCIM seats".'),
        ("is it running?", "Is it running?"),
        ("", "."),
    ],
)  # fmt: skip
def test_the_reason_keeps_its_letters(why: str, told: str) -> None:
    assert summary.sentence(why) == told


def test_limits_that_are_broken_come_first_and_else_the_one_with_least_room() -> None:
    held = loaded(*LIMITS)
    assert summary.verdicts(held) == {"held": 6}
    (nearest,) = summary.nearest(held)
    shares = {
        row["id"]: row["value"] / row["limit"] for row in held["thresholds"] if row["measure"] != "errors"
    }
    assert nearest["id"] == max(shares, key=shares.__getitem__)
    broken = loaded(*LIMITS, slower=60, wrong=1)
    assert next(iter(summary.verdicts(broken))) == "broken"
    assert {row["verdict"] for row in summary.nearest(broken)} == {"broken"}


@pytest.mark.parametrize(
    ("audit", "state", "told"),
    [
        ({"done": True}, "held", "Nothing lost, doubled or out of date among 90 users and 0 groups after 90"),
        ({"done": True, "counts": {"lost": 1, "stale": 2}}, "broken", "1 lost, 2 stale among 90 users"),
        ({"done": True, "unread": ["x"]}, "undecided", "1 thing could not be verified."),
        ({"done": False, "why": "not asked for"}, "undecided", "Not made: not asked for."),
    ],
)  # fmt: skip
def test_the_audit_is_one_sentence(audit: dict[str, Any], state: str, told: str) -> None:
    document = loaded()
    document["audit"] |= audit
    assert summary.audit(document)[0] == state
    assert told in summary.audit(document)[1]


def test_every_limit_on_milliseconds_is_drawn_where_it_belongs() -> None:
    chart = charts.main(loaded(*LIMITS))
    assert chart
    assert sorted(level.value for level in chart.levels) == [500, 1000, 2000, 3000]
    assert len({level.y for level in chart.levels}) == 4
    ticks = {float(label.replace(",", "")): y for y, label in chart.y_ticks}
    for level in chart.levels:
        assert all((y < level.y) == (tick > level.value) for tick, y in ticks.items() if tick != level.value)


def test_a_line_and_its_limit_have_one_scale() -> None:
    """What took exactly as long as is allowed lies on the limit."""
    values = [("slow", "c1", [30.0, 300.0, 30.0])]
    chart = latencies("", [0, 1, 2], values, [PlotLevel(300, "limit", "c1")])
    (piece,) = chart.lines[0].pieces
    assert float(piece.split()[1].split(",")[1]) == chart.levels[0].y


def test_limits_that_are_most_strained_have_their_own_lines_beside_them() -> None:
    document = loaded(*LIMITS, slower=60)
    chart = charts.main(document)
    assert chart
    colours = {line.style for line in chart.lines}
    own = [level for level in chart.levels if level.style.split()[0] in colours]
    assert len(own) == 3
    assert {level.style.split()[1] for level in own} == {"broken"}
    assert chart.unmatched == [level for level in chart.levels if level not in own]


def test_names_of_limits_hide_neither_one_another_nor_leave_the_chart() -> None:
    limits = [Threshold(f"{OIN}/{step}", "p95_ms", 500 + place) for place, step in enumerate(STEPS)]
    for width in (760, charts.NARROW):
        chart = charts.main(loaded(*limits), width=width)
        assert chart
        placed = sorted((level.x - 7 * len(level.name), level.x) for level in chart.levels if level.x)
        assert placed
        assert placed[0][0] >= chart.area[0]
        assert all(right <= left for (_, right), (left, _) in itertools.pairwise(placed))


def test_there_is_one_small_chart_a_sequence_with_a_line_a_step() -> None:
    found = {chart.title: chart for chart in charts.by_sequence(loaded(*LIMITS))}
    assert set(found) == {OIN, "okta.aiw.user.create"}
    assert [line.name for line in found[OIN].lines] == list(STEPS)
    assert len({line.style for line in found[OIN].lines}) == len(STEPS)
    assert {level.value for level in found[OIN].levels} == {500, 1000, 3000}


def test_where_nothing_was_answered_nothing_is_drawn() -> None:
    document = loaded()
    for row in (document["series"]["overall"], *document["series"]["operations"].values()):
        row |= {name: [None] * len(values) for name, values in row.items()}
    assert charts.main(document) is None
    assert charts.by_sequence(document) == []


@pytest.mark.parametrize("path", LOADS, ids=lambda path: path.stem)
def test_an_earlier_document_has_a_chart_with_its_limits(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    chart = charts.main(document)
    assert chart
    assert sorted(level.value for level in chart.levels) == [500, 1000, 2000, 3000]
    assert chart.lines


def test_all_requests_together_are_the_sum_of_the_operations() -> None:
    document = loaded(wrong=1)
    Draft202012Validator(SCHEMA).validate(document)
    for name in ("due", "sent", "answered", "errors", "count"):
        assert document["overall"][name] == sum(row[name] for row in document["operations"])
    series = document["series"]
    assert {len(values) for values in series["overall"].values()} == {len(series["at"])}
    assert set(series["sequences"]) == {OIN, "okta.aiw.user.create", PROVISION}
    assert all(set(row) == {"p50", "p95", "p99"} for row in series["operations"].values())
