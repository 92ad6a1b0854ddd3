"""The trend as HTML, Markdown and for a terminal: gaps, marks, and hostile names that are only text."""

from __future__ import annotations

import re

from scimproof.cli.console import SafeConsole
from scimproof.render.conformance.terminal import lines
from scimproof.render.trend.charts import charts
from scimproof.render.trend.html import html
from scimproof.render.trend.markdown import markdown
from scimproof.render.trend.terminal import text
from scimproof.report.trend import trend
from tests.report.make_samples import NASTY
from tests.report.test_trend import capacity, run


def test_a_line_has_a_gap_where_a_run_is_invalid_and_marks_each_run() -> None:
    runs = [run(0, "0"), run(1, "1"), run(2, "2", result="invalid", why="late"), run(3, "3", partial=True)]
    runs += [run(4, "4", result="fail", why="slow"), run(5, "5")]
    (line,) = trend(runs)["lines"]
    chart = next(charts(line))
    drawn = chart.lines[0]
    assert [point.style for point in drawn.points] == ["good", "good", "invalid", "partial", "failed", "good"]
    assert [len(piece.split()) for piece in drawn.pieces] == [2, 3]
    assert all(point.noise and point.noise[0] > point.y > point.noise[1] for point in drawn.points)
    assert "invalid" in drawn.points[2].title


def test_two_hundred_releases_have_as_many_points_and_as_many_labels_as_there_is_room() -> None:
    few = run(0, "0").document
    runs = [run(0, f"1.{place}.0") for place in range(1)]
    runs = [type(runs[0])(f"1.{n}.0/load.json", (f"1.{n}.0",), few) for n in range(200)]
    (line,) = trend(runs)["lines"]
    chart = next(charts(line))
    assert len(chart.lines[0].points) == 200
    assert 5 <= len(chart.x_ticks) <= 15
    assert chart.x_ticks[0][1] == line["points"][-1]["label"]


def test_one_run_and_a_capacity_without_an_answer_are_pages_too() -> None:
    made = trend([run(0, "1.0"), capacity(1, None, "1.0"), capacity(2, 41.25, "1.1")])
    page, comment = html(made), markdown(made)
    assert "There is only this run: nothing to compare it with." in page
    assert "no capacity: nothing was sent" in page
    assert "41.25 sequences/s at p95 412 ms" in page
    assert "41.25 sequences/s at p95 412 ms" in comment


def test_hostile_names_are_only_text() -> None:
    plan, target = {"name": NASTY}, {"url": f"http://{NASTY}"}
    runs = [run(place, f"{NASTY}{place}", plan=plan, target=target, why=NASTY) for place in range(2)]
    made = trend(runs, folder=NASTY, left_out=[f"Left out: {NASTY}"])
    page, comment = html(made), markdown(made)
    shown = SafeConsole().clean(lines(text(made)))
    for written in (page, comment, shown):
        assert not {"\x1b", "\x00", "\u202e"} & set(written)
    assert "<script" not in page
    assert not re.search(r"(?<!\\)<script", comment)
    rows = [row for row in comment.splitlines() if row.startswith("| ")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1, "a name ended its cell"
