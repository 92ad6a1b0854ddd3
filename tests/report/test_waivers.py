"""Waivers: what is excused, until when, and that a file which cannot mean what it says is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.errors import Exit, UsageError
from scimproof.core.results import Verdict
from scimproof.render.conformance.junit import junit
from scimproof.render.conformance.markdown import markdown
from scimproof.report.document import Report, build_report, exit_code
from scimproof.report.waivers import Waiver, deviations, read
from tests.report.gating import (
    CATALOG,
    CREATE,
    FOUND,
    READ_BACK,
    RFC,
    WIZARD,
    report,
    shown,
    synthetic,
    told,
    waivers,
)

TODAY = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


def waiver(*ids: str, **fields: Any) -> Waiver:
    given = {"name": ids[0], "reason": "known", "issue": "https://i.example.com/1", "owner": "me"}
    return Waiver(
        **{**given, "ids": ids, "until": date(2026, 12, 31), "origin": "waivers.toml, line 1", **fields}
    )


def finding(document: Report, id: str) -> dict[str, Any]:
    return next(dict(row) for row in document["findings"] if row["id"] == id)


def state(document: Report) -> list[tuple[str, int]]:
    return [(row["state"], row["findings"]) for row in document["waivers"]]


def test_without_waivers_a_report_says_so() -> None:
    document = report(READ_BACK)
    assert (document["waivers"], document["baseline"]) == ([], None)
    assert (finding(document, READ_BACK)["waiver"], finding(document, READ_BACK)["because"]) == (None, "")


@pytest.mark.parametrize(
    ("id", "excused"),
    [
        (READ_BACK, {READ_BACK}),
        ("okta-deactivate-persists", {READ_BACK, WIZARD}),
        ("okta.aiw#okta-deactivate-persists", {WIZARD}),
        ("okta.aiw.*#okta-deactivate-persists", {WIZARD}),
        ("okta.oin.user.deactivate#okta-deactivate-persists", {READ_BACK}),
        ("okta.oin.user.deact#okta-deactivate-persists", set()),
        ("okta#okta-deactivate-persists", {READ_BACK, WIZARD}),
    ],
)
def test_an_id_stands_for_a_finding_a_requirement_or_that_of_some_sequences(
    id: str, excused: set[str]
) -> None:
    document = report(READ_BACK, WIZARD, waivers=[waiver(id)])
    assert {row["id"] for row in document["findings"] if row["verdict"] == "waived"} == excused
    assert document["result"] == ("conformant-with-waivers" if len(excused) == 2 else "nonconformant")


def test_a_waived_finding_keeps_what_was_seen_and_says_who_excuses_it() -> None:
    document = report(READ_BACK, waivers=[waiver(READ_BACK, source="S1")])
    row = finding(document, READ_BACK)
    assert (row["verdict"], row["unwaived"], row["observed"]) == ("waived", "fail", "it was fail")
    assert row["waiver"] == {
        "name": READ_BACK,
        "reason": "known",
        "issue": "https://i.example.com/1",
        "owner": "me",
        "until": "2026-12-31",
        "source": "S1",
        "origin": "waivers.toml, line 1",
    }
    assert (document["result"], exit_code(document)) == ("conformant-with-waivers", Exit.HOLDS)
    assert document["summary"]["gating_fails"] == 0
    assert document["summary"]["dialects"]["okta.oin"]["result"] == "conformant-with-waivers"


@pytest.mark.parametrize(
    ("until", "verdict", "code"),
    [
        (date(2026, 11, 22), "fail", Exit.DOES_NOT_HOLD),
        (date(2026, 11, 23), "waived", Exit.HOLDS),
        (date(2026, 11, 24), "waived", Exit.HOLDS),
    ],
)
def test_the_last_day_is_a_day_on_which_it_holds(until: date, verdict: str, code: Exit) -> None:
    document = report(READ_BACK, waivers=[waiver(READ_BACK, until=until)], started=TODAY)
    assert (finding(document, READ_BACK)["verdict"], exit_code(document)) == (verdict, code)


def test_an_expired_waiver_fails_a_run_in_which_all_holds_and_is_named() -> None:
    document = report(waivers=[waiver(READ_BACK, until=date(2026, 1, 31))])
    assert document["result"] == "conformant"
    assert (state(document), exit_code(document)) == ([("expired", 0)], Exit.DOES_NOT_HOLD)
    said = shown(document)
    assert f"The waiver of {READ_BACK} ended on 2026-01-31 (waivers.toml, line 1, me, https://" in said
    assert "CONFORMANT  The run fails for 1 waiver that ended or is not needed." in said
    assert "ended on 2026-01-31" in markdown(document)


def test_a_waiver_of_what_holds_by_now_matches_nothing_and_fails_the_run() -> None:
    document = report(waivers=[waiver(READ_BACK)])
    assert (state(document), exit_code(document)) == ([("unused", 0)], Exit.DOES_NOT_HOLD)
    assert f"The waiver of {READ_BACK} matches nothing that this run found" in shown(document)


def test_what_a_run_was_not_asked_about_needs_no_waiver_and_is_no_trouble() -> None:
    some = [sequence for sequence in synthetic.SEQUENCES if "aiw" in sequence.id]
    outcomes = [outcome for outcome in synthetic.played().outcomes if "aiw" in outcome.sequence]
    document = report(waivers=[waiver(READ_BACK)], sequences=some, outcomes=outcomes)
    assert (state(document), exit_code(document)) == ([("not-asked", 0)], Exit.HOLDS)


def test_it_only_holds_where_that_was_observed() -> None:
    other = report(READ_BACK, waivers=[waiver(READ_BACK, observed="it was undone")])
    assert (state(other), other["result"]) == ([("unused", 0)], "nonconformant")
    same = report(READ_BACK, waivers=[waiver(READ_BACK, observed="was fail")])
    assert (state(same), same["result"]) == ([("used", 1)], "conformant-with-waivers")


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.NOT_APPLICABLE])
def test_what_holds_is_never_called_waived(verdict: Verdict) -> None:
    document = report(READ_BACK, verdict=verdict, waivers=[waiver(READ_BACK)])
    assert finding(document, READ_BACK)["verdict"] == verdict


def test_trouble_of_our_own_cannot_be_waived() -> None:
    document = report(READ_BACK, verdict=Verdict.ERROR, waivers=[waiver(READ_BACK)])
    assert finding(document, READ_BACK)["verdict"] == "error"
    assert (state(document), exit_code(document)) == ([("not-asked", 0)], Exit.TROUBLE)


@pytest.mark.parametrize("verdict", [Verdict.WARNING, Verdict.INCONCLUSIVE])
def test_a_warning_and_a_check_that_could_not_tell_may_be_waived(verdict: Verdict) -> None:
    document = report(READ_BACK, verdict=verdict, waivers=[waiver(READ_BACK)])
    assert finding(document, READ_BACK)["unwaived"] == verdict
    assert document["result"] == "conformant-with-waivers"


def test_what_does_not_decide_can_be_waived_without_changing_the_result() -> None:
    document = report(RFC, waivers=[waiver("rfc7644-3.8-media-type")])
    assert (finding(document, RFC)["verdict"], document["result"]) == ("waived", "conformant")


def held_back(gate: str, *ids: str, observed: str = "500", asked: bool = False) -> list[Any]:
    """Outcomes in which these findings were held back by that gate."""
    made = []
    for outcome in synthetic.outcomes(synthetic.ordinary(), told(gate)):
        findings = tuple(
            replace(
                one,
                verdict=Verdict.INCONCLUSIVE,
                observed=f"{gate} did not hold: {observed}",
                exchange=one.exchange if asked else None,
                because=gate,
            )
            if one.id in ids
            else one
            for one in outcome.findings
        )
        made.append(replace(outcome, findings=findings))
    return made


@pytest.mark.parametrize("asked", [True, False])
def test_what_a_waived_gate_held_back_is_waived_with_it(asked: bool) -> None:
    document = report(outcomes=held_back(FOUND, CREATE, asked=asked), waivers=[waiver(FOUND)])
    row = finding(document, CREATE)
    assert (row["verdict"], row["unwaived"], row["because"]) == ("waived", "inconclusive", FOUND)
    assert (state(document), document["result"]) == ([("used", 2)], "conformant-with-waivers")


def test_a_preparing_step_that_is_waived_by_its_requirement_excuses_what_stands_on_it() -> None:
    gate = "okta.aiw.user.deactivate/create#okta-create-201"
    document = report(outcomes=held_back(gate, WIZARD), waivers=[waiver("okta-create-201", observed="500")])
    assert finding(document, WIZARD)["verdict"] == "waived"
    assert state(document) == [("used", 1)]


def test_what_a_failing_gate_held_back_is_not_excused_by_a_waiver_of_its_own() -> None:
    document = report(outcomes=held_back(FOUND, CREATE, asked=True), waivers=[waiver(CREATE)])
    assert finding(document, CREATE)["verdict"] == "inconclusive"
    assert (state(document), document["result"]) == ([("not-asked", 0)], "nonconformant")


def test_what_nothing_was_sent_for_is_not_excused_and_its_waiver_is_not_called_useless() -> None:
    document = report(outcomes=[], stop="the target stopped answering", waivers=[waiver(READ_BACK)])
    assert finding(document, READ_BACK)["verdict"] == "inconclusive"
    assert (state(document), exit_code(document)) == ([("not-asked", 0)], Exit.CANNOT_TELL)


def test_the_first_of_several_is_named_and_all_count_as_used() -> None:
    both = [
        waiver(READ_BACK),
        waiver("okta-deactivate-persists", name="BW-01", until=None, issue="", owner=""),
    ]
    document = report(READ_BACK, waivers=both)
    assert finding(document, READ_BACK)["waiver"]["name"] == READ_BACK
    assert state(document) == [("used", 1), ("used", 1)]


def test_a_documented_deviation_that_is_not_seen_is_told_and_fails_nothing() -> None:
    product = waiver(READ_BACK, name="BW-09", until=None, issue="", owner="", origin="profile bitwarden")
    note = replace(product, name="BW-10", ids=())
    document = report(waivers=[product, note])
    assert (state(document), exit_code(document)) == ([("unused", 0), ("note", 0)], Exit.HOLDS)
    assert "BW-09 was not seen, though it is documented (profile bitwarden)." in shown(document)
    assert "BW-10" not in shown(document)


@pytest.mark.parametrize(
    ("until", "says"),
    [
        (date(2026, 11, 23), "ends today"),
        (date(2026, 11, 24), "ends in 1 day, on"),
        (date(2026, 12, 7), "ends in 14 days, on 2026-12-07"),
        (date(2026, 12, 8), ""),
    ],
)
def test_a_waiver_that_ends_within_two_weeks_is_told_and_fails_nothing(until: date, says: str) -> None:
    document = report(READ_BACK, waivers=[waiver(READ_BACK, until=until)])
    assert exit_code(document) is Exit.HOLDS
    assert says in shown(document)
    assert (" ends " in shown(document)) == bool(says)


def test_waived_findings_are_seen_in_every_form() -> None:
    document = report(READ_BACK, waivers=[waiver(READ_BACK)])
    assert 'message="waived: known, until 2026-12-31, https://i.example.com/1; fail: it was fail"' in junit(
        document
    )
    assert "1 waiver excuses 1 check." in shown(document)
    assert "1 waiver excuses 1 check." in markdown(document)
    assert "CONFORMANT WITH WAIVERS" in shown(document)


def test_a_secret_in_a_waiver_reaches_no_report() -> None:
    document = report(READ_BACK, waivers=[waiver(READ_BACK, reason=f"with {synthetic.TOKEN} it fails")])
    assert synthetic.TOKEN not in str(document)
    assert document["waivers"][0]["ids"] == [READ_BACK]


# The user's file


def test_a_file_is_read(tmp_path: Path) -> None:
    path = waivers(tmp_path / "waivers.toml", READ_BACK, "okta-create-201", more='observed = "no seats"\n')
    first, second = read(path, CATALOG)
    assert (first.ids, first.name, first.origin) == ((READ_BACK,), READ_BACK, "waivers.toml, line 1")
    assert (second.observed, second.until, second.owner) == ("no seats", date(2026, 12, 31), "team-identity")
    assert second.origin == "waivers.toml, line 9"


def test_a_file_without_waivers_is_one(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("# none yet\n")
    assert read(tmp_path / "w.toml", CATALOG) == []


GOOD = f'[[waiver]]\nid = "{READ_BACK}"\nreason = "r"\nissue = "i"\nowner = "o"\nuntil = 2027-01-31\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[waiver]\n", "w.toml:1: "),
        ("[[waivers]]\n", "w.toml:1: no key is called 'waivers' here; did you mean 'waiver'?"),
        ("\n[waiver]\nid = 'x'\n", "w.toml:2: each waiver is a table of its own, headed [[waiver]]"),
        ("waiver = 3", "w.toml:1: each waiver is a table of its own"),
        (GOOD.replace("reason", "# reason"), "w.toml:1: this waiver lacks reason, why this is accepted"),
        (GOOD.replace("owner", "ownr"), "w.toml:5: no key is called 'ownr' here; did you mean 'owner'?"),
        (
            GOOD.replace("until", "# until"),
            "w.toml:1: this waiver lacks until, the last day on which it holds",
        ),
        (
            GOOD.replace("2027-01-31", '"2027-01-31"'),
            "w.toml:6: until should be a day, without quotes or time",
        ),
        (GOOD.replace("2027-01-31", "2027-01-31T10:00:00"), "w.toml:6: until should be a day"),
        (GOOD.replace("2027-01-31", "20270131"), "w.toml:6: until should be a day"),
        (GOOD.replace('"r"', '" "'), "w.toml:3: reason is empty"),
        (GOOD.replace('"r"', "3"), 'w.toml:3: reason should be text in quotes, like "...", not 3'),
        (GOOD + GOOD, f"w.toml:7: {READ_BACK} is waived on line 1 already"),
        (GOOD.replace("/read-back", "/readback"), f"did you mean {READ_BACK!r}?"),
        (GOOD.replace(READ_BACK, "okta-deactivate-persist"), "did you mean 'okta-deactivate-persists'?"),
        (
            GOOD.replace(READ_BACK, "okta.spec#okta-create-201"),
            "asked of no sequence that begins with 'okta.spec'",
        ),
        (
            GOOD.replace(READ_BACK, "okta.oin#nothing-of-the-kind"),
            "w.toml:2: no requirement is called 'nothing",
        ),
        (GOOD.replace(READ_BACK, "#"), "w.toml:2: no requirement is called ''"),
    ],
)
def test_a_slip_is_refused_with_file_and_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "w.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as refused:
        read(path, CATALOG)
    assert says in str(refused.value)


def test_two_waivers_of_one_id_for_two_observations_are_two(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text(GOOD + 'observed = "a"\n' + GOOD + 'observed = "b"\n')
    assert len(read(path, CATALOG)) == 2


def test_what_watches_and_preparing_steps_are_called_is_known(tmp_path: Path) -> None:
    catalog = load_catalog()
    every = {f"{name}/all#{w.requirement}" for name, watches in catalog.watches.items() for w in watches}
    sequence = catalog.sequences["okta.oin.user.deactivate"]
    given = next(step for step in sequence.steps if step.given)
    known = [min(every), f"{sequence.id}/{given.id}#{given.checks[0].requirement}"]
    assert len(read(waivers(tmp_path / "w.toml", *known), catalog)) == 2


# A product's documented deviations


def product(tmp_path: Path, text: str) -> Catalog:
    folder = tmp_path / "suites" / "deviations"
    folder.mkdir(parents=True)
    (folder / "acme.toml").write_text(text)
    return replace(CATALOG, root=tmp_path)


DOCUMENTED = (
    f'[[deviation]]\nname = "AC-01"\nids = ["{READ_BACK}"]\nreason = "as documented"\nsource = "its manual"\n'
)


def test_what_a_product_documents_is_read(tmp_path: Path) -> None:
    (found,) = deviations(
        "acme", product(tmp_path, DOCUMENTED + "[recognize]\npath = '/acme/'\n"), "profile acme"
    )
    assert (found.name, found.ids, found.until, found.origin) == ("AC-01", (READ_BACK,), None, "profile acme")
    document = build_report(replace(synthetic.played(told=told(READ_BACK)), waivers=[found]))
    assert (document["result"], exit_code(document)) == ("conformant-with-waivers", Exit.HOLDS)
    assert document["waivers"][0]["until"] == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (DOCUMENTED + DOCUMENTED, "acme.toml:7: there is a AC-01 already"),
        (DOCUMENTED.replace("source", "# source"), "acme.toml:1: this deviation lacks source"),
        (DOCUMENTED.replace(READ_BACK, "okta-deactivate-persist"), "did you mean 'okta-deactivate-persists'"),
        (DOCUMENTED.replace(f'["{READ_BACK}"]', '"x"'), "ids should be a list of ids"),
    ],
)
def test_what_a_product_documents_is_checked(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=r"acme\.toml:\d+: ") as refused:
        deviations("acme", product(tmp_path, text))
    assert says in str(refused.value)


def test_an_unknown_product_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file suites/deviations/acne\.toml; did you mean 'acme'"):
        deviations("acne", product(tmp_path, DOCUMENTED))


def test_a_deviation_excuses_every_difference_or_the_finding_stands() -> None:
    absent = Waiver(
        name="BW-04",
        ids=("r",),
        observed="name.givenName = absent",
        reason="never kept",
        source="S",
        also=((("r",), "name.familyName = absent"),),
    )
    assert absent.fits("s/t#r", "name.givenName = absent; name.familyName = absent")
    assert not absent.fits("s/t#r", 'name.givenName = absent; userName = "somebody-else@example.com"')
    assert not absent.fits("s/t#other", "name.givenName = absent")
    members = Waiver(name="BW-10", ids=("r",), observed="(no attribute members)", reason="", source="S")
    assert members.fits("s/t#r", "missing: 2; not wanted: none (no attribute members)")
