"""What a target or a plan says is shown, and does nothing else."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scimproof.catalog.loader import load_catalog
from scimproof.load.audit.violation import SORTS
from scimproof.load.metrics.counters import SampledFinding
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.thresholds import Threshold
from scimproof.load.result.document import NO_AUDIT, LoadRecord, build_load_report
from scimproof.render.formats import DocumentKind, write_all
from scimproof.render.load.html import html
from scimproof.render.load.junit import junit
from scimproof.render.load.plots import over_time
from scimproof.render.load.terminal import decided, text
from scimproof.target.options import TargetOptions
from tests.load.result.test_verdict import OP, figures

SECRET = "a-token-nobody-may-see"
HOSTILE = f"<script>alert(1)</script>\x1b[2J & ]]> [red]{SECRET}"
PLAN = Plan(
    name="<b>mine</b>",
    question="Is <it> & quick?",
    phases=(Phase(10, 10),),
    mix={"okta.oin.user.create": 1.0},
    thresholds=(Threshold(OP, "p95_ms", 5, "mine.toml:3"), Threshold(OP, "errors", 0, "mine.toml:4")),
)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return hostile()


def hostile() -> dict[str, Any]:
    """A run whose target and plan say what would act on a page that let it; each caller's own."""
    return deepcopy(_hostile())


@cache
def _hostile() -> dict[str, Any]:
    job = Job(plan=PLAN, access=TargetOptions(url="http://127.0.0.1:1/scim/v2"), prefix="scimproof-12345678")
    timeline = TimeSeries(10)
    made = figures(count=30, wrong=3)
    made.judged["a/b#c"] = SampledFinding(expected="calm", observed=HOSTILE)
    made.judged["a/b#c"].verdicts["fail"] = 1
    made.pace.started = made.pace.finished = 100
    timeline.add(1.0, made.drain())
    row = {"kind": "User", "resource": "1", "name": HOSTILE, "attribute": "", "times": 1, "exchanges": []}
    lost = row | {"expected": "there", "observed": HOSTILE}
    audit = NO_AUDIT | {"done": True, "lost": [lost], "counts": {**NO_AUDIT["counts"], "lost": 1}}
    return build_load_report(
        LoadRecord(
            job=job,
            catalog=load_catalog(),
            target=job.target({"SCIMPROOF_TOKEN": SECRET}),
            timeline=timeline,
            started=datetime(2026, 11, 23, tzinfo=UTC),
            seconds=10.0,
            shares=(0.1,),
            audit=audit,
            stop=HOSTILE,
        )
    )


def test_the_page_runs_nothing_but_its_own_script(document: dict[str, Any]) -> None:
    page = html(document)
    policy = re.search(r"script-src &#39;(sha256-[^&]+)&#39;;", page)
    assert policy
    own = [code for kind, code in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL) if not kind]
    assert [f"sha256-{b64encode(sha256(code.encode()).digest()).decode()}" for code in own] == [policy[1]]
    assert "<b>mine" not in page
    assert "\x1b" not in page
    assert "Is &lt;it&gt; &amp; quick?" in page


def test_junit_is_xml_with_a_case_for_each_limit_and_each_sort(document: dict[str, Any]) -> None:
    root = ET.fromstring(junit(document))  # noqa: S314 - our own
    assert len(root.findall(".//testcase")) == 1 + 2 + len(SORTS)
    assert root.attrib["failures"] == str(len(root.findall(".//failure")))
    assert "\x1b" not in junit(document)


def test_the_terminal_is_told_no_markup_and_no_escapes(document: dict[str, Any]) -> None:
    console = Console(width=200, record=True, color_system=None, file=io.StringIO())
    console.print(text(document))
    said = console.export_text()
    assert "\x1b" not in said
    assert "FAIL" in said
    assert "1 lost" in said


def test_what_ended_a_run_and_what_was_seen_hold_no_secret(document: dict[str, Any]) -> None:
    assert SECRET not in document["stop"] + document["why"] + str(document["sampled"])


def test_files_are_whole_and_nothing_else_is_left(document: dict[str, Any], tmp_path: Path) -> None:
    names = sorted(path.name for path in write_all(DocumentKind.LOAD, document, tmp_path))
    assert names == ["load-junit.xml", "load.html", "load.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_nothing_is_drawn_of_a_warm_up() -> None:
    series = [("due", "due", [0.0, 0.0, 5.0, 6.0])]
    counted, whole = (over_time("", [0, 1, 2, 3], series, warm_up=warm_up) for warm_up in (2, 0))
    assert len(counted.lines[0].pieces[0].split()) == 2
    assert len(whole.lines[0].pieces[0].split()) == 4
    assert whole.shade == whole.area[0]
    left, _, right, _ = counted.area
    assert counted.shade == pytest.approx(left + (right - left) * 2 / 3, abs=0.1)


def test_a_percentile_that_would_be_the_longest_answer_is_not_told() -> None:
    told = dict.fromkeys(("p50", "p90", "p95", "p99", "max"), 7.0)
    few, some, many = ({"count": count, "response_ms": told} for count in (9, 99, 100))
    assert [decided(few, name) for name in told] == [7.0, None, None, None, 7.0]
    assert [decided(some, name) for name in told] == [7.0, 7.0, 7.0, None, 7.0]
    assert None not in [decided(many, name) for name in told]
