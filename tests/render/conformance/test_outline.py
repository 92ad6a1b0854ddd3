"""What is published: whole conversations where something does not hold, and everything counted as before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scimproof.core.paths import knowledge_root
from scimproof.render.conformance.html import html
from scimproof.render.conformance.junit import junit
from scimproof.render.conformance.markdown import markdown
from scimproof.render.conformance.outline import FINE, brief, outlined, without_what_holds
from scimproof.render.coverage import by_operation
from scimproof.render.diagnosis.grouping import causes
from tests.report.make_samples import MADE, sample


def whole(report: dict[str, Any]) -> set[int]:
    return {one["number"] for one in report["exchanges"] if not one.get("outline")}


@pytest.mark.parametrize("name", MADE)
def test_nothing_that_is_counted_or_said_changes(name: str) -> None:
    report = sample(name)
    needed = outlined(report)
    path = knowledge_root() / "reports" / "schema" / "scimproof.report-1.json"
    Draft202012Validator(json.loads(path.read_text(encoding="utf-8"))).validate(needed)
    assert markdown(needed) == markdown(report)
    assert junit(needed) == junit(report)
    assert by_operation(needed) == by_operation(report)
    assert [cause.title for cause in causes(needed)] == [cause.title for cause in causes(report)]
    assert len(needed["exchanges"]) == len(report["exchanges"])


@pytest.mark.parametrize("name", MADE)
def test_what_does_not_hold_keeps_its_conversation_and_links_lead_to_it(name: str) -> None:
    report = sample(name)
    needed = outlined(report)
    open_ones = [finding for finding in report["findings"] if finding["verdict"] not in FINE]
    assert {finding["exchange"] for finding in open_ones} - {None} <= whole(needed)
    page = html(needed)
    for number in (one["number"] for one in needed["exchanges"]):
        linked = f'href="#exchange-{number}"' in page
        assert not linked or f'id="exchange-{number}"' in page, "no link leads to what was left out"


def test_where_everything_holds_no_conversation_is_needed() -> None:
    needed = outlined(sample("honest"))
    fine = {finding["id"] for finding in needed["findings"] if finding["verdict"] in FINE}
    if len(fine) == len(needed["findings"]):
        assert whole(needed) == set()
    left_out = [one for one in needed["exchanges"] if one.get("outline")]
    assert left_out
    for one in left_out:
        assert (one["headers"], one["request"]["headers"], one["body"]) == ([], [], "")
        assert one["request"]["method"]
        assert one["status"]
    assert len(html(needed)) < len(html(sample("honest")))


@pytest.mark.parametrize("name", ["failing", "hostile", "waived"])
def test_a_brief_report_has_every_verdict_and_the_same_reasons(name: str) -> None:
    report = sample(name)
    short = brief(report)
    path = knowledge_root() / "reports" / "schema" / "scimproof.report-1.json"
    Draft202012Validator(json.loads(path.read_text(encoding="utf-8"))).validate(short)
    verdicts = [[(one["id"], one["verdict"]) for one in some["findings"]] for some in (report, short)]
    assert verdicts[0] == verdicts[1]
    assert [cause.title for cause in causes(short)] == [cause.title for cause in causes(report)]
    assert len(short["exchanges"]) < len(report["exchanges"])
    there = [one["number"] for one in short["exchanges"]]
    assert there == list(range(1, len(there) + 1)), "as readers expect it"
    assert {one["exchange"] for one in short["findings"]} <= {*there, None}


def test_a_page_without_what_holds_still_counts_it() -> None:
    left = without_what_holds(sample("failing"))
    assert not {one["verdict"] for one in left["findings"]} & {"pass", "not-applicable"}
    assert {one["id"] for one in left["sequences"]} == {one["sequence"] for one in left["findings"]}
    assert left["summary"] == sample("failing")["summary"]
