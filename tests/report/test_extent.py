"""Row D of the field reports: a part is never announced as the whole, by no writer, text or exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scimproof.core.definitions import Feature
from scimproof.core.errors import Exit
from scimproof.core.results import Outcome, Verdict
from scimproof.render.comparison.markdown import markdown as compared_markdown
from scimproof.render.comparison.terminal import text as compared_text
from scimproof.render.conformance.features import features
from scimproof.render.matrix import Source, tabulate
from scimproof.render.matrix import html as matrix_html
from scimproof.render.matrix import markdown as matrix_markdown
from scimproof.report.comparison import compare
from scimproof.report.document import Report, exit_code
from scimproof.report.waivers import Waiver
from tests.report import synthetic
from tests.report.make_samples import rendered
from tests.report.synthetic import PROFILE, SEQUENCES, Told
from tests.report.test_document_samples import VALIDATOR

THE_WORD = re.compile(r"(?<!non)conformant|works as|: works\b|passes Okta", re.IGNORECASE)
ASKED = "1 of 4 sequences of okta was asked"
FIND = "okta.oin.user.create/find#okta-found-by-name"
FAST = "okta.oin.user.deactivate/deactivate#okta-answers-fast"
RFC = "rfc7644.answers/all#rfc7644-3.8-media-type"


def of(*ids: str, told: Told | None = None, **more: Any) -> Report:
    """The small catalogue's report of these sequences, in which these findings do not hold."""
    every = synthetic.outcomes(synthetic.ordinary(), told or {})
    fields: dict[str, Any] = {
        "sequences": [sequence for sequence in SEQUENCES if sequence.id in ids],
        "whole": SEQUENCES,
        "outcomes": [outcome for outcome in every if outcome.sequence in (*ids, "rfc7644.answers")],
    }
    return dict(json.loads(json.dumps(synthetic.report(**(fields | more)))))


def one(told: Told | None = None, **more: Any) -> Report:
    return of("okta.oin.user.create", told=told, **more)


def written(document: Report) -> Mapping[str, str]:
    """Every form of a report, alone, beside the whole one, and in the matrix."""
    whole = synthetic.report()
    beside = compare(whole, document)
    table = tabulate([Source("server", document)])
    return {
        **rendered(document),
        "compare.txt": compared_text(beside).replace("Then: conformant", ""),
        "compare.md": compared_markdown(beside).replace("Then: conformant", ""),
        "matrix.md": matrix_markdown(table),
        "matrix.html": matrix_html(table),
    }


def words(form: str, content: str) -> str:
    """What a reader of that form sees of it, on one line."""
    if form.endswith(".html"):
        content = re.sub(r"<(style|script)>.*?</\1>", "", content, flags=re.DOTALL)
        content = re.sub(r"<[^>]*>", " ", content)
    if form == "report.json":  # `sender` has all that can be said of a dialect; what was said is elsewhere
        content = json.dumps({key: value for key, value in json.loads(content).items() if key != "sender"})
    return " ".join(content.split())


# Named, not made, so that whoever only collects the tests writes no reports.
FORMS = (
    "report.json", "junit.xml", "report.html", "report.md", "oin.html", "oin.md", "terminal.txt",
    "compare.txt", "compare.md", "matrix.md", "matrix.html",
)  # fmt: skip


def test_d_every_form_is_looked_at() -> None:
    assert set(FORMS) == set(written(one()))


@pytest.mark.parametrize("form", FORMS)
def test_d_no_writer_says_the_word_of_the_whole_of_a_part(form: str) -> None:
    told = words(form, written(one())[form])
    assert not THE_WORD.search(told), THE_WORD.findall(told)
    if form != "report.json":
        assert ASKED in told


def test_d_a_part_that_holds_is_a_number_of_checks_and_passes() -> None:
    document = one()
    VALIDATOR.validate(document)
    assert document["asked"] == {
        "sequences": 1,
        "of": 4,
        "others": 0,
        "left_out": [sequence.id for sequence in SEQUENCES[1:]],
        "inferred": 0,
    }
    assert exit_code(document) is Exit.HOLDS
    assert document["result"] == "inconclusive"
    assert document["summary"]["dialects"]["okta.oin"]["result"] == "inconclusive"
    assert f"\n3 checks hold; {ASKED}" in rendered(document)["terminal.txt"]
    assert f"<h1>3 checks hold; {ASKED}</h1>" in written(document)["report.html"]
    assert '<header class="inconclusive">' in written(document)["report.html"]


def test_d_the_whole_has_its_word() -> None:
    document = synthetic.report(whole=SEQUENCES)
    assert (document["result"], exit_code(document)) == ("conformant", Exit.HOLDS)
    assert document["asked"]["of"] == document["asked"]["sequences"] == 4
    assert rendered(document)["terminal.txt"].splitlines()[-1].startswith("CONFORMANT")


@pytest.mark.parametrize(
    ("verdict", "code", "result", "said"),
    [
        (Verdict.FAIL, Exit.DOES_NOT_HOLD, "nonconformant", "NONCONFORMANT"),
        (Verdict.INCONCLUSIVE, Exit.CANNOT_TELL, "inconclusive", "INCONCLUSIVE"),
        (Verdict.ERROR, Exit.TROUBLE, "inconclusive", "INCONCLUSIVE"),
        (Verdict.WARNING, Exit.HOLDS, "inconclusive", "3 checks hold"),
        (Verdict.NOT_APPLICABLE, Exit.HOLDS, "inconclusive", "2 checks hold"),
    ],
)
def test_d_what_does_not_hold_in_a_part_counts_as_ever(
    verdict: Verdict, code: Exit, result: str, said: str
) -> None:
    document = one({FIND: (verdict, "this", "that")})
    assert (exit_code(document), document["result"]) == (code, result)
    last = rendered(document)["terminal.txt"].splitlines()
    assert any(line.startswith(said) for line in last)
    assert ASKED in " ".join(" ".join(last).split())


def test_d_a_part_with_waivers_says_how_many() -> None:
    document = one({FIND: (Verdict.FAIL, "this", "that")}, waivers=[waiver(FIND)])
    assert exit_code(document) is Exit.HOLDS
    assert f"2 checks hold and 1 is waived; {ASKED}" in rendered(document)["terminal.txt"]
    assert not any(THE_WORD.search(words(*form)) for form in rendered(document).items())


def test_d_nothing_that_applies_is_no_pass() -> None:
    idle = dict.fromkeys(
        (FIND, FIND.replace("found-by-name", "answers-fast"), "okta.oin.user.create/create#okta-create-201"),
        (Verdict.NOT_APPLICABLE, "", "nothing to ask"),
    )
    document = one(idle)
    assert exit_code(document) is Exit.CANNOT_TELL
    assert "INCONCLUSIVE  Nothing was judged." in rendered(document)["terminal.txt"]


@pytest.mark.parametrize("more", [{"interrupted": True}, {"stop": "the run's budget of time is used up"}])
def test_d_a_run_that_ended_early_says_how_far_it_came(more: dict[str, Any]) -> None:
    ids = [sequence.id for sequence in SEQUENCES]
    seen = synthetic.ordinary()
    del seen["okta.spec.users.list/list"], seen["okta.aiw.user.deactivate/create"]
    del seen["okta.aiw.user.deactivate/deactivate"]
    document = of(*ids, outcomes=synthetic.outcomes(seen, {}), sequences=SEQUENCES, **more)
    assert exit_code(document) is Exit.CANNOT_TELL
    assert document["asked"]["left_out"] == ["okta.aiw.user.deactivate", "okta.spec.users.list"]
    for form, told in rendered(document).items():
        assert not THE_WORD.search(words(form, told)), form
    assert "2 of 4 sequences of okta were asked" in " ".join(rendered(document)["terminal.txt"].split())


def test_d_what_is_only_inferred_and_what_does_not_apply_is_said_of_the_whole() -> None:
    idle = dict.fromkeys(("okta.spec.users.list/list#spec-status-200",), (Verdict.NOT_APPLICABLE, "", "-"))
    document = synthetic.report(told=idle, inferred=3)
    assert document["result"] == "conformant"
    shown = " ".join(rendered(document)["terminal.txt"].split())
    assert "1 of 4 sequences does not apply here." in shown
    assert "3 more, whose requests are only inferred, were not asked (--include-inferred)." in shown


def test_d_sequences_of_another_profile_are_no_part_of_this_one() -> None:
    document = of("okta.spec.users.list", whole=SEQUENCES[:2])
    assert "none of 2 sequences of okta was asked, and 1 that is not of it" in document_line(document)
    assert exit_code(document) is Exit.HOLDS


def document_line(document: Report) -> str:
    return " ".join(rendered(document)["terminal.txt"].split())


def test_d_a_report_of_an_earlier_version_tells_what_was_selected() -> None:
    document = synthetic.report(sequences=SEQUENCES[:1], options={"sequences": ["okta.oin.user.create"]})
    del document["asked"]
    assert document["result"] == "conformant"
    said = document_line(document)
    assert "8 checks hold; 1 sequence was asked, not all of okta" in said
    assert not THE_WORD.search(said)
    assert exit_code(document) is Exit.HOLDS


def test_d_what_is_not_asked_is_not_fixed() -> None:
    failed = synthetic.report(told={FAST: (Verdict.FAIL, "this", "that")})
    found = compare(failed, one())
    assert (found["counts"]["fixed"], found["result"]) == (0, "not-worse")
    assert found["counts"]["gone"] == len(failed["findings"]) - len(one()["findings"])
    assert f"checks of the earlier run were not asked: {ASKED}." in compared_text(found)


def test_d_what_had_no_occasion_to_be_asked_is_not_fixed() -> None:
    failed = synthetic.report(told={FAST: (Verdict.FAIL, "this", "that")})
    now = synthetic.report(told={FAST: (Verdict.NOT_APPLICABLE, "", "no observer was asked")})
    next(row for row in now["findings"] if row["id"] == FAST)["exchange"] = None
    found = compare(failed, now)
    assert (found["counts"]["fixed"], found["counts"]["gone"]) == (0, 1)


def test_d_a_baseline_of_the_whole_says_what_a_part_did_not_ask() -> None:
    from scimproof.report.comparison import Baseline  # noqa: PLC0415 - beside the test it is for

    before = Baseline("baseline.json", synthetic.report(told={FAST: (Verdict.FAIL, "this", "that")}))
    document = one(baseline=before)
    assert exit_code(document) is Exit.HOLDS
    assert document["baseline"]["fixed"] == []
    assert not THE_WORD.search(document_line(document))


def waiver(id: str) -> Waiver:
    return Waiver(
        name=id, ids=(id,), reason="known", issue="I-1", owner="me", until=date(2027, 1, 1), origin="w.toml"
    )


@pytest.mark.parametrize("id", ["okta-answers-fast", FAST, RFC, "okta#okta-answers-fast"])
def test_d_a_waiver_is_not_called_unneeded_where_not_all_that_it_names_was_asked(id: str) -> None:
    document = one(waivers=[waiver(id)])
    assert [row["state"] for row in document["waivers"]] == ["not-asked"]
    assert exit_code(document) is Exit.HOLDS
    assert [row["state"] for row in synthetic.report(waivers=[waiver(id)])["waivers"]] == ["unused"]


def test_d_a_waiver_of_what_was_asked_and_holds_is_unneeded_in_a_part_too() -> None:
    assert exit_code(one(waivers=[waiver(FIND)])) is Exit.DOES_NOT_HOLD


def test_d_a_feature_of_which_a_part_was_asked_does_not_work_yet() -> None:
    whole = Feature(title="Users", findings=("okta.oin.user",))
    asked = Feature(title="Create", findings=("okta.oin.user.create",))
    document = one(profile=replace(PROFILE, features=(whole, asked)))
    assert [row["state"] for row in features(document)] == ["holds as far as asked", "works"]


def test_d_the_matrix_has_a_word_of_its_own_for_a_part() -> None:
    (line,) = tabulate([Source("server", one())]).lines
    assert {cell.state for cell in line.cells} <= {"part", "not played"}
    assert line.result == f"3 checks hold; {ASKED}"


def test_d_outcomes_are_not_needed_to_be_left_out() -> None:
    assert of("okta.oin.user.create", outcomes=list[Outcome]())["asked"]["sequences"] == 1
