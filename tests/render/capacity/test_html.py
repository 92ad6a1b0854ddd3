"""The forms of capacity.json: the curve, the table, the JUnit cases."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

from rich.console import Console

from scimproof.render.capacity.curve import times
from scimproof.render.capacity.html import html
from scimproof.render.capacity.junit import junit
from scimproof.render.capacity.terminal import text
from scimproof.render.formats import DocumentKind, write_all
from scimproof.report.reader import CAPACITY, read
from tests.load.loaded import AUDITED
from tests.load.result.searched import searched


def shown(document: dict[str, object]) -> str:
    """What a terminal of 140 columns shows."""
    console = Console(file=io.StringIO(), width=140, color_system=None)
    console.print(text(document))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def suite_of(document: dict[str, object]) -> ET.Element:
    """The suite in the JUnit file."""
    return ET.fromstring(junit(document))[0]  # noqa: S314 - written here


def test_the_curve_has_lines_limits_marks_and_a_point_for_each_step() -> None:
    document = searched(41)
    curve = times(document)
    assert curve is not None
    assert [line.style for line in curve.key] == ["low", "middle", "high"]
    assert curve.steps == len(document["steps"])
    assert [level.value for level in curve.chart.levels] == [800]
    assert {mark.style: mark.name for mark in curve.marks} == {
        "capacity": "capacity 40/s",
        "knee": f"knee {document['capacity']['knee']['rate']:g}/s",
    }
    assert [label for _, label in curve.chart.x_ticks] == ["0/s", "20/s", "40/s", "60/s", "80/s"]


def test_steps_in_which_the_generator_was_the_limit_are_drawn_otherwise_and_in_no_line() -> None:
    document = searched(1000, generator=100)
    page = html(document)
    assert "svg polyline { fill: none;" in page  # without the style of charts, lines are areas
    assert 'class="point invalid"' in page
    assert "invalid: the generator was the limit" in page
    curve = times(document)
    assert curve is not None
    rates = {row["rate"] for row in document["steps"] if row["result"] == "holds"}
    assert len(curve.key[0].pieces[0].split()) == len(rates)


def test_page_table_and_junit_say_the_same_answer() -> None:
    document = searched(41)
    assert document["why"].split(". At")[0] in html(document)
    told = shown(document)
    assert "PASS  40 sequences per second (36 people provisioned) at p95 820 ms" in told
    chosen = [words.split() for words in told.splitlines() if "capacity" in words]
    assert [(words[0], words[-1]) for words in chosen if words[0] == "40"]
    suite = suite_of(document)
    assert {one.get("name"): one.get("value") for one in suite[0]}["capacity"] == "40"
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


def test_junit_tells_a_failure_from_an_error_and_the_audit_from_both() -> None:
    lost = {**AUDITED, "counts": {**AUDITED["counts"], "lost": 2}}
    counts = [
        (suite.get("failures"), suite.get("errors"))
        for suite in (
            suite_of(document)
            for document in (searched(0.1), searched(generator=0), searched(41, audit=lost))
        )
    ]
    assert counts == [("1", "0"), ("0", "1"), ("1", "0")]


def test_without_a_step_or_an_answer_there_is_a_page_all_the_same() -> None:
    assert "no curve to draw" in html(searched(41, steps=0, stop="interrupted (Ctrl-C)"))
    assert "INVALID" in shown(searched(41, steps=0, stop="interrupted (Ctrl-C)"))


def test_what_is_written_can_be_read_again(tmp_path: Path) -> None:
    document = searched(41)
    files = write_all(DocumentKind.CAPACITY, document, tmp_path)
    assert [file.name for file in files] == ["capacity.json", "capacity-junit.xml", "capacity.html"]
    assert read(files[0], CAPACITY) == json.loads(json.dumps(document))
