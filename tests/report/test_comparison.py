"""Two reports: every verdict against every other, what decides, and when nothing can be said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from scimproof.core.errors import Exit
from scimproof.core.results import Verdict
from scimproof.render.comparison.markdown import markdown
from scimproof.render.comparison.terminal import text
from scimproof.report.comparison import CHANGES, Baseline, change, compare
from scimproof.report.document import Report, exit_code
from scimproof.report.waivers import Waiver
from tests.report.gating import FOUND, READ_BACK, RFC, WIZARD, report, shown, synthetic

#           then               pass    n-a     waived   warning  inconcl.  fail    error   <- now
TABLE = {
    None: ["added"] * 7,
    "pass": ["same", "same", "new", "new", "unsure", "new", "unsure"],
    "not-applicable": ["same", "same", "new", "new", "unsure", "new", "unsure"],
    "waived": ["fixed", "fixed", "still", "new", "unsure", "new", "unsure"],
    "warning": ["fixed", "fixed", "still", "still", "unsure", "new", "unsure"],
    "inconclusive": ["added", "added", "added", "added", "still", "added", "still"],
    "fail": ["fixed", "fixed", "still", "still", "still", "still", "still"],
    "error": ["added", "added", "added", "added", "still", "added", "still"],
}


@pytest.mark.parametrize(("then", "now"), list(product([None, *map(str, Verdict)], map(str, Verdict))))
def test_every_verdict_after_every_other(then: str | None, now: str) -> None:
    expected = TABLE[then][[str(verdict) for verdict in Verdict].index(now)]
    assert change(then, now) == expected
    assert expected in CHANGES


@pytest.mark.parametrize("then", Verdict)
def test_what_is_not_asked_any_more_is_gone(then: Verdict) -> None:
    assert change(then, None) == "gone"


def ids(found: dict[str, Any], kind: str) -> list[str]:
    return [row["id"] for row in found["changes"] if row["change"] == kind]


def test_only_what_got_worse_counts() -> None:
    found = compare(report(READ_BACK), report(READ_BACK, WIZARD))
    assert (ids(found, "new"), ids(found, "still"), found["worse"]) == ([WIZARD], [READ_BACK], [WIZARD])
    assert found["result"] == "worse"
    assert compare(report(READ_BACK, WIZARD), report(READ_BACK))["result"] == "not-worse"
    assert compare(report(READ_BACK), report(READ_BACK))["result"] == "not-worse"


@pytest.mark.parametrize(("id", "verdict"), [(RFC, Verdict.FAIL), (READ_BACK, Verdict.WARNING)])
def test_what_does_not_decide_is_listed_as_worse_and_fails_nothing(id: str, verdict: Verdict) -> None:
    found = compare(report(), report(id, verdict=verdict))
    assert (ids(found, "new"), found["worse"], found["result"]) == ([id], [], "not-worse")
    assert "does not decide" in text(found)


def without(document: Report, *gone: str) -> Report:
    return document | {"findings": [row for row in document["findings"] if row["id"] not in gone]}


def suites(document: Report, version: str) -> Report:
    return document | {"tool": document["tool"] | {"suites": version}}


def test_a_requirement_that_is_new_and_fails_is_no_regression_unless_strict() -> None:
    old, new = suites(without(report(), READ_BACK), "000000000000"), report(READ_BACK)
    found = compare(old, new)
    assert (ids(found, "added"), found["worse"], found["result"]) == ([READ_BACK], [], "not-worse")
    assert not found["same_suites"]
    assert "The suites changed since" in text(found)
    assert f"Newly checked, and does not hold\n  {READ_BACK} fail" in text(found)
    strict = compare(old, new, strict=True)
    assert (strict["worse"], strict["result"]) == ([READ_BACK], "worse")


def test_what_is_new_and_holds_is_counted_and_not_listed() -> None:
    found = compare(without(report(), READ_BACK), report())
    assert "1 newly checked" in text(found)
    assert READ_BACK not in text(found)


def test_what_is_no_longer_checked_is_not_called_fixed() -> None:
    found = compare(report(READ_BACK), without(report(), READ_BACK))
    assert (ids(found, "gone"), ids(found, "fixed"), found["result"]) == ([READ_BACK], [], "not-worse")
    assert f"No longer checked\n  {READ_BACK}" in text(found)
    assert compare(report(READ_BACK), without(report(), READ_BACK), strict=True)["result"] == "worse"


def test_what_was_decided_and_is_not_any_more_leaves_it_open() -> None:
    found = compare(report(), report(READ_BACK, verdict=Verdict.INCONCLUSIVE))
    assert (found["result"], found["why"]) == (
        "cannot-tell",
        "1 deciding check that was decided then is not now",
    )
    assert compare(report(), report(RFC, verdict=Verdict.INCONCLUSIVE))["result"] == "not-worse"


def test_what_cannot_be_told_hides_no_regression() -> None:
    new = report(READ_BACK, stop="the run's budget of time is used up")
    found = compare(report(), new)
    assert (found["result"], bool(found["why"])) == ("worse", True)
    assert "Beside that: the later run did not get to its end" in text(found)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (report(stop="the target stopped answering"), "did not get to its end: the target stopped"),
        (report(stop="interrupted", interrupted=True), "the later run was interrupted"),
        (report() | {"findings": []}, "no finding in common"),
    ],
)
def test_a_later_run_that_is_not_whole_cannot_show_that_nothing_got_worse(new: Report, why: str) -> None:
    found = compare(report(), new)
    assert found["result"] == "cannot-tell"
    assert why in found["why"]


def test_another_target_or_profile_is_said() -> None:
    old = report() | {"target": {"url": "https://old.example.com"}, "profile": {"id": "okta-oin"}}
    said = text(compare(old, report()))
    assert "Target: https://old.example.com then, https://scim.example.com/scim/v2 now." in said
    assert "Profile: okta-oin then, okta now." in said
    here, there = ({"url": f"http://127.0.0.1:{port}/scim", "embedded": True} for port in (1, 2))
    assert compare(report() | {"target": here}, report() | {"target": there})["differs"] == []


def waived(id: str) -> Report:
    excuse = Waiver(name=id, ids=(id,), reason="known", issue="i", owner="o", until=date(2026, 12, 31))
    return report(id, waivers=[excuse])


def test_a_waiver_excuses_a_known_failure_and_its_end_brings_it_back() -> None:
    assert ids(compare(report(READ_BACK), waived(READ_BACK)), "still") == [READ_BACK]
    lapsed = compare(waived(READ_BACK), report(READ_BACK))
    assert (lapsed["worse"], lapsed["result"]) == ([READ_BACK], "worse")
    assert "waived -> fail; no longer waived" in text(lapsed)
    fresh = compare(report(), waived(READ_BACK))
    assert (ids(fresh, "new"), fresh["worse"]) == ([READ_BACK], [])


def test_markdown_and_json_say_the_same() -> None:
    found = compare(report(READ_BACK), report(WIZARD), paths=("old.json", "new.json"))
    said = markdown(found)
    assert said.startswith("## scimproof compare: worse\n\nIt is worse than before. 1 deciding check")
    assert WIZARD in said
    assert json.loads(json.dumps(found)) == found


def test_what_a_server_said_does_nothing_in_a_comparison() -> None:
    told = {READ_BACK: (Verdict.FAIL, "", "\x1b[31m <script> | ` @all \u202e")}
    found = compare(report(), synthetic.report(told=told))
    assert not {"\x1b", "\u202e"} & set(text(found) + markdown(found))


# run --baseline


def against(old: Report, *failing: str, **more: Any) -> Report:
    return report(*failing, baseline=Baseline("base/report.json", old), **more)


def test_a_failure_of_the_baseline_leaves_the_result_and_clears_the_exit_code() -> None:
    document = against(report(READ_BACK), READ_BACK)
    assert (document["result"], exit_code(document)) == ("nonconformant", Exit.HOLDS)
    assert document["baseline"]["still"] == [READ_BACK]
    assert "NONCONFORMANT  As in the baseline; nothing got worse." in shown(document)
    assert exit_code(json.loads(json.dumps(document))) is Exit.HOLDS


def test_what_got_worse_since_the_baseline_fails_the_run_and_is_named() -> None:
    document = against(report(READ_BACK), READ_BACK, WIZARD)
    since = document["baseline"]
    assert (since["new"], since["worse"], since["was"]) == ([WIZARD], [WIZARD], {WIZARD: "pass"})
    assert exit_code(document) is Exit.DOES_NOT_HOLD
    assert f"Worse: {WIZARD}: pass then, fail now: it was fail" in shown(document)
    assert "1 deciding check got worse since the baseline." in shown(document)


def test_what_was_fixed_since_the_baseline_is_said() -> None:
    document = against(report(READ_BACK, WIZARD), WIZARD)
    assert document["baseline"]["fixed"] == [READ_BACK]
    assert "Since base/report.json of 2026-11-23: 1 fixed, 1 as before." in shown(document)


def test_against_a_baseline_a_run_that_ended_early_holds_nothing() -> None:
    assert exit_code(against(report(), stop="the target went away")) is Exit.CANNOT_TELL
    assert exit_code(against(report(), READ_BACK, stop="went", interrupted=True)) is Exit.CANNOT_TELL
    unsure = against(report(), READ_BACK, verdict=Verdict.INCONCLUSIVE)
    assert exit_code(unsure) is Exit.CANNOT_TELL
    assert "Whether anything got worse cannot be told" in shown(unsure)


def test_what_was_open_in_the_baseline_too_is_no_news() -> None:
    old = report(READ_BACK, verdict=Verdict.INCONCLUSIVE)
    document = against(old, READ_BACK, verdict=Verdict.INCONCLUSIVE)
    assert (document["result"], exit_code(document)) == ("inconclusive", Exit.HOLDS)


def test_a_new_requirement_that_fails_is_told_and_does_not_fail_the_run() -> None:
    document = against(without(report(), FOUND), FOUND)
    assert exit_code(document) is Exit.HOLDS
    assert f"Fails, and was not decided then, which does not count as worse: {FOUND}" in shown(document)


def test_trouble_of_our_own_and_lapsed_waivers_count_beside_a_baseline() -> None:
    assert exit_code(against(report(), READ_BACK, verdict=Verdict.ERROR)) is Exit.TROUBLE
    ended = Waiver(name="x", ids=(FOUND,), reason="r", issue="i", owner="o", until=date(2026, 1, 1))
    document = against(report(READ_BACK), READ_BACK, waivers=[ended])
    assert exit_code(document) is Exit.DOES_NOT_HOLD
    assert "nothing got worse. The run fails for 1 waiver" in shown(document)


def test_an_old_report_without_the_newer_fields_is_a_baseline() -> None:
    old = report(READ_BACK)
    for row in old["findings"]:
        row.pop("because")
    for key in ("waivers", "baseline", "observer"):
        old.pop(key)
    assert exit_code(against(old, READ_BACK)) is Exit.HOLDS
    assert exit_code(old) is Exit.DOES_NOT_HOLD
    assert "NONCONFORMANT" in shown(old)


def test_a_comparison_is_made_of_the_documents_alone() -> None:
    old, new = report(READ_BACK), report(WIZARD)
    kept = json.dumps([old, new])
    compare(old, new)
    assert json.dumps([old, new]) == kept
    assert replace(Baseline("a", old), path="b").report is old
