"""G02 to G04: what a run says is one truth, in every form: result, sentences, JUnit and exit code agree."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from scimproof.core.errors import Exit
from scimproof.core.results import Verdict
from scimproof.embedded.app import build
from scimproof.render.comparison.markdown import markdown as compared_markdown
from scimproof.render.comparison.terminal import text as compared
from scimproof.render.conformance.html import html
from scimproof.render.conformance.junit import junit
from scimproof.render.conformance.markdown import markdown
from scimproof.report.comparison import Baseline, compare
from scimproof.report.document import Report, exit_code
from scimproof.report.waivers import Waiver
from tests.engine.kit import TOKEN, recording, scimproof
from tests.pytest_plugin.test_suite import SUITES, pytest_in
from tests.report.gating import FOUND, READ_BACK, RFC, WIZARD, report, shown, synthetic

pytestmark = pytest.mark.xdist_group("one truth")

STATEMENT = "A deactivated user still reads as active."
ENDED = date(2026, 1, 1)
TRUE = {READ_BACK: (Verdict.FAIL, "active = false", "true")}
STOPS: dict[str, dict[str, Any]] = {
    "whole": {},
    "stopped": {"stop": "the run's budget of time (--budget) is used up"},
    "interrupted": {"stop": "interrupted (Ctrl-C)", "interrupted": True},
}


def waiver(id: str, until: date = date(2026, 12, 31)) -> Waiver:
    return Waiver(name=id, ids=(id,), reason="known", issue="i", owner="o", until=until, origin="w.toml")


def against(old: Report | None, *failing: str, **more: Any) -> Report:
    return report(*failing, **more | ({"baseline": Baseline("base/report.json", old)} if old else {}))


def every(*, together: int) -> Iterator[Case]:
    """Runs of every kind: how they ended, what they found, what they were compared with, what was waived.

    So many of the four at most are out of the ordinary in one run.
    """
    baselines = {
        "alone": None,
        "a baseline at which all held": report(),
        "a baseline that failed so": report(READ_BACK),
        "a baseline that was open there": report(READ_BACK, verdict=Verdict.INCONCLUSIVE),
        "a baseline of something else": report() | {"findings": []},
    }
    excuses = {
        "nothing waived": [],
        "waived": [waiver(READ_BACK)],
        "ended": [waiver(READ_BACK, ENDED)],
        "not needed": [waiver(FOUND)],
        "of what was not asked": [waiver("okta.oin.import/x#okta-found-by-name", ENDED)],
    }
    verdicts = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR)
    told = [((), Verdict.PASS), *(((id,), verdict) for id in (READ_BACK, RFC) for verdict in verdicts)]
    for chosen in product(baselines.items(), excuses.items(), STOPS.items(), told):
        (a, old), (b, waivers), (c, stop), (some, verdict) = chosen
        odd = (a != "alone") + (b != "nothing waived") + (c != "whole") + bool(some)
        if odd > together:
            continue
        document = against(old, *some, verdict=verdict, waivers=waivers, **stop)
        yield Case(f"{a}, {b}, {c}, {verdict} at {some}", document)


@dataclass(frozen=True)
class Case:
    """One run, and what each form says of it."""

    id: str
    document: Report

    @cached_property
    def said(self) -> list[str]:
        """The terminal's text, the Markdown and the top of the page."""
        return [shown(self.document), markdown(self.document), words(html(self.document))]


@pytest.fixture(
    scope="module",
    params=[2, pytest.param(4, marks=pytest.mark.nightly)],
    ids=["any two together", "all together"],
)
def cases(request: pytest.FixtureRequest) -> list[Case]:
    return list(every(together=request.param))


def junit_of(document: Report) -> ET.Element:
    return ET.fromstring(junit(document))  # noqa: S314 - our own text


def test_g04_junit_is_red_where_the_exit_code_is_not_0_and_green_where_it_is(cases: list[Case]) -> None:
    kinds = set()
    for case in cases:
        code, root = exit_code(case.document), junit_of(case.document)
        red = len(root.findall(".//failure")) + len(root.findall(".//error"))
        assert (red > 0) == (code is not Exit.HOLDS), f"{case.id}: {code!r}, {red} red"
        assert int(root.get("failures", "")) + int(root.get("errors", "")) == red, case.id
        kinds.add(code)
    assert kinds == {Exit.HOLDS, Exit.DOES_NOT_HOLD, Exit.CANNOT_TELL, Exit.TROUBLE}


CONTRADICTIONS = (
    (r"[Nn]othing( that decides)? got worse|no worse", r"\d+ deciding checks? got worse since|^Worse: "),
    (r"[Nn]othing got worse", r"cannot be told"),
    (r"Nothing got worse since|As in the baseline; nothing got worse", r"Since .*: .*\d+ worse"),
    (r"Every deciding check holds", r"\d+ of \d+ deciding checks? fails?|The run was interrupted"),
    (r"The run fails for", r"cannot be told|was interrupted"),
    (r"[Ww]orks as a catalog", r"^INCONCLUSIVE  The run was interrupted"),
)


def test_g02_no_form_says_one_thing_and_its_opposite(cases: list[Case]) -> None:
    for case in cases:
        for said in case.said:
            for one, other in CONTRADICTIONS:
                both = re.search(one, said, re.MULTILINE) and re.search(other, said, re.MULTILINE)
                assert not both, f"{case.id}:\n{said}"
            if "The run fails for" in said:
                assert exit_code(case.document) is Exit.DOES_NOT_HOLD, f"{case.id}:\n{said}"


def words(page: str) -> str:
    """The top of the page, up to the findings: one line a paragraph."""
    head = page.partition('id="findings-title"')[0]
    return "\n".join(re.findall(r"<(?:p|h1|h2)[^>]*>(.*?)</", head, re.DOTALL))


def test_g02_where_the_exit_code_differs_from_the_result_every_form_says_why(cases: list[Case]) -> None:
    holds = {"conformant": Exit.HOLDS, "conformant-with-waivers": Exit.HOLDS}
    usual = holds | {"nonconformant": Exit.DOES_NOT_HOLD, "inconclusive": Exit.CANNOT_TELL}
    why = "worse since the baseline|As in the baseline|Whether anything got worse|Better than the baseline"
    why += "|The run fails for|Trouble inside scimproof"
    for case in cases:
        if exit_code(case.document) is not usual[case.document["result"]]:
            for said in case.said:
                assert re.search(why, said), f"{case.id}:\n{said}"


def test_g02_a_baseline_that_is_no_worse_is_green_though_nonconformant() -> None:
    document = against(report(READ_BACK), READ_BACK)
    assert (document["result"], exit_code(document)) == ("nonconformant", Exit.HOLDS)
    case = next(c for c in junit_of(document).iter("testcase") if READ_BACK.endswith(str(c.get("name"))))
    (skipped,) = list(case)
    assert skipped.get("message") == "fail: as in the baseline of 2026-11-23: it was fail"
    assert f"Fails: {STATEMENT}" in str(skipped.text)
    worse = against(report(READ_BACK), READ_BACK, WIZARD)
    assert [f.get("type") for f in junit_of(worse).iter("failure")] == ["okta-deactivate-persists"]


def test_g02_what_is_fixed_is_not_called_as_in_the_baseline() -> None:
    document = against(report(READ_BACK, WIZARD), WIZARD)
    assert "Better than the baseline: 1 check fixed, nothing got worse." in shown(document)


def test_g02_what_got_worse_without_deciding_is_not_called_nothing() -> None:
    document = against(report(), RFC)
    assert "Nothing that decides got worse since the baseline." in shown(document)


def test_g02_an_interrupted_run_does_not_say_that_a_dialect_works() -> None:
    whole = report()
    assert whole["summary"]["dialects"]["okta.oin"]["result"] == "conformant"
    ended = report(stop="interrupted (Ctrl-C)", interrupted=True)
    assert {part["result"] for part in ended["summary"]["dialects"].values()} == {"inconclusive"}


def test_g02_strictness_is_said_in_the_number_of_what_it_counts() -> None:
    old = report() | {"findings": [row for row in report()["findings"] if row["id"] != READ_BACK]}
    one = compare(old, report(READ_BACK), strict=True)
    assert "1 deciding check got worse, newly fails or is no longer checked (--strict)." in compared(one)
    lax = compare(old, report(READ_BACK))
    assert "newly checked, which does not count as worse" in compared(lax)
    assert "newly checked, which does not count as worse" not in compared(one)


# G03


def test_g03_a_failure_is_a_sentence_with_what_was_expected_and_observed() -> None:
    document = synthetic.report(told=TRUE)
    (failure,) = junit_of(document).iter("failure")
    assert failure.get("message") == f"{STATEMENT} Expected: active = false; observed: true"


def test_g03_a_comparison_says_what_does_not_hold_any_more() -> None:
    found = compare(report(), synthetic.report(told=TRUE))
    for said in (compared(found), compared_markdown(found)):
        assert f"pass -> fail: {STATEMENT} Expected: active = false; observed: true" in said


def test_g03_a_run_against_a_baseline_says_it_too() -> None:
    document = synthetic.report(told=TRUE, baseline=Baseline("base.json", report()))
    for said in (shown(document), markdown(document)):
        wrong = "fail now: true; expected: active = false. A deactivated user stays deactivated."
        assert wrong in said.replace("\\", "")


def test_g03_no_form_shows_a_mere_value_for_a_reason() -> None:
    document = synthetic.report(told=TRUE, waivers=[waiver(READ_BACK)])
    (skipped,) = (s for s in junit_of(document).iter("skipped") if "waived" in str(s.get("message")))
    told = f"fail: {STATEMENT} Expected: active = false; observed: true"
    assert str(skipped.get("message")).endswith(told)
    assert "expected: active = false" in str(skipped.text)


# G04


def untold(**more: Any) -> Report:
    """A run that judged nothing, as when the preflight fails."""
    told = dict.fromkeys([f["id"] for f in report()["findings"]], (Verdict.INCONCLUSIVE, "", "refused"))
    return synthetic.report(told=told, **more)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (untold(stop="GET /Users answered 401: the target refuses the credentials"), "answered 401"),
        (untold(stop="127.0.0.1:9 refuses the connection"), "refuses the connection"),
        (untold(stop="the observer bitwarden cannot be asked"), "the observer bitwarden cannot be asked"),
        (report(**STOPS["stopped"]), "budget"),
        (report(**STOPS["interrupted"]), "interrupted"),
        (untold(), "8 deciding checks could not be decided; the first is okta.oin.user.create/find#"),
        (report(READ_BACK, verdict=Verdict.INCONCLUSIVE), "1 deciding check could not be decided"),
        (report(*[f["id"] for f in report()["findings"]], verdict=Verdict.NOT_APPLICABLE), "nothing was"),
        (against(report(), READ_BACK, verdict=Verdict.INCONCLUSIVE), "was decided then is not now"),
    ],
)
def test_g04_what_could_not_tell_is_one_error_that_says_why(document: Report, says: str) -> None:
    assert exit_code(document) is Exit.CANNOT_TELL
    root = junit_of(document)
    (error,) = root.iter("error")
    assert str(error.get("message")).startswith("could not tell: ")
    assert says in str(error.get("message"))
    assert (root.get("errors"), root.get("failures")) == ("1", "0")


def test_g04_a_waiver_that_lapsed_is_an_error_where_it_is_about() -> None:
    document = report(waivers=[waiver(READ_BACK), waiver(FOUND, ENDED)])
    assert exit_code(document) is Exit.DOES_NOT_HOLD
    errors = {
        f"{case.get('classname')}/{case.get('name')}": error.get("message")
        for case in junit_of(document).iter("testcase")
        for error in case.findall("error")
    }
    assert set(errors) == {READ_BACK, FOUND}
    assert "matches nothing that this run found" in str(errors[READ_BACK])
    assert "ended on 2026-01-01" in str(errors[FOUND])


def test_g04_what_was_left_is_a_failure_where_strictness_was_asked_for() -> None:
    left = {"created": 3, "removed": 2, "left": [{"kind": "User", "name": "x", "id": "1", "why": "405"}]}
    plain = report(ledger=left)
    assert not list(junit_of(plain).iter("failure"))
    strict = report(ledger=left, options={"strict": True})
    (failure,) = junit_of(strict).iter("failure")
    assert "1 resource of this run could not be removed; the first is User x: 405" in str(
        failure.get("message")
    )


def test_g02_pytest_fails_for_what_got_worse_only(tmp_path: Path) -> None:
    options = (f"--scim-sequence={READ_BACK.partition('/')[0]}", "--scim-baseline=before.json", "-rs")
    kept = tmp_path / "report/report.json"
    with recording(build(token=TOKEN, faults=["patch-active-ignored"])) as wrong, recording() as honest:
        scimproof(tmp_path, "run", "okta.oin.user.deactivate", "--target", wrong.url)
        kept.rename(tmp_path / "before.json")
        same = pytest_in(tmp_path, SUITES, f"--scim-target={wrong.url}", *options)
        scimproof(tmp_path, "run", "okta.oin.user.deactivate", "--target", honest.url)
        kept.rename(tmp_path / "before.json")
        worse = pytest_in(tmp_path, SUITES, f"--scim-target={wrong.url}", *options)
    assert same.returncode == Exit.HOLDS, same.stdout
    assert "as in the baseline; fail: A " in same.stdout
    assert worse.returncode == Exit.DOES_NOT_HOLD
    assert "got worse since the baseline" in worse.stdout
