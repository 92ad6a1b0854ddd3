"""What is said of a case: never proven where nothing proved it."""

from __future__ import annotations

import pytest

from scimproof.core.results import Verdict
from scimproof.render.submission.sections import NOT_READY, UNDECIDED, blockers, brief, headline
from scimproof.render.submission.url_rules import address
from tests.render.submission.made import document, pack, submission, told

PERSISTS = "okta.oin.user.deactivate/read-back#okta-deactivate-persists"
DEACTIVATE = {"C9292", "C9294", "C9311", "C9333"}


def test_an_honest_run_proves_or_provokes_all_that_is_not_outside() -> None:
    found = pack(inferred=True)
    assert {state: n for state, n in found.counts.items() if n} == {
        "proven": 28,
        "provoked": 11,
        "outside": 22,
    }
    assert [found.score(asked) for _, asked in found.suites] == [(52, 52), (13, 13)]
    assert blockers(found) == []
    assert headline(found) == submission().words.ready
    cases = "28 proven here, 11 need eyes in Okta, 22 outside SCIM"
    assert brief(found) == f"SPEC 52 of 52, CRUD 13 of 13; of 61 manual cases: {cases}"


def test_what_okta_is_only_thought_to_send_is_never_proven_unasked() -> None:
    found = pack()
    assert found.counts["inferred"] == 3
    for id in ("C9337", "C9301", "C9302"):
        assert "--include-inferred" in told(found, id).says


def test_a_failure_fails_the_cases_it_decides_and_no_other() -> None:
    found = pack({PERSISTS: (Verdict.FAIL, "active is true")})
    assert {case.id for case, one in found.cases if one.state == "fails"} == DEACTIVATE
    one = told(found, "C9292")
    assert one.finding == PERSISTS
    assert "active is true" in one.says
    assert one.admin == "Okta shows the user as deprovisioned while the account goes on working."
    (stop,) = blockers(found)
    assert set(stop.breaks) == DEACTIVATE
    assert headline(found) == NOT_READY


def test_what_was_held_back_is_open_with_its_cause_and_told_with_the_reason() -> None:
    gate = "okta.oin.group.push/create#okta-group-create-answered"
    back = "okta.oin.group.delete/create-group#okta-group-create-answered did not hold: 500"
    held_back = {"okta.oin.group.delete/delete#okta-group-delete-answered": (Verdict.INCONCLUSIVE, back)}
    found = pack({gate: (Verdict.FAIL, "500")} | held_back)
    assert told(found, "C9312").state == "fails"
    one = told(found, "C9318")
    assert one.state == "open"
    assert "okta-group-create-answered did not hold: 500" in one.says
    (stop,) = blockers(found)
    assert set(stop.breaks) == {"C9312", "C9323"}
    assert set(stop.holds_back) == {"C9318", "C9325", "C9327"}


def test_waived_is_said_with_its_reason_and_is_not_ready_since_okta_knows_no_waivers() -> None:
    found = pack({PERSISTS: (Verdict.WAIVED, "active is true")})
    assert {case.id for case, one in found.cases if one.state == "waived"} == DEACTIVATE
    assert told(found, "C9292").says == "waived: The directory team replaces that part in March."
    assert headline(found) == NOT_READY


def test_trouble_of_our_own_is_open() -> None:
    assert told(pack({PERSISTS: (Verdict.ERROR, "KeyError")}), "C9292").state == "open"


def test_what_did_not_apply_proves_nothing() -> None:
    said = {PERSISTS: (Verdict.NOT_APPLICABLE, "the server has no deactivation")}
    one = told(pack(said), "C9292")
    assert (one.state, one.says) == ("open", "the server has no deactivation")


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.WARNING, Verdict.NOT_APPLICABLE])
def test_without_a_finding_that_proves_it_a_case_is_open(verdict: Verdict) -> None:
    """An answer alone is no proof: what is read back is."""
    said = {
        f"okta.oin.group.push-now/read-back#{name}": (Verdict.NOT_APPLICABLE, "no members are shown")
        for name in ("okta-group-replace-persists",)
    } | {"okta.oin.group.add-member/read-back#okta-group-add-persists": (verdict, "no members are shown")}
    assert told(pack(said), "C9329").state == ("proven" if verdict == Verdict.PASS else "open")


def test_what_was_not_played_is_said_to_be_so() -> None:
    found = pack(left_out=["okta.oin.user.deactivate", "okta.oin.user.rename", "okta.spec"])
    assert told(found, "C9292").state == "not-played"
    one = told(found, "C9310")  # update was played, rename was not
    assert (one.state, one.says) == ("open", "not played in this run: okta.oin.user.rename")
    assert headline(found) == UNDECIDED
    spec = found.suites[0][1]
    assert [t.state for _, t in spec[0].assertions] == ["not-played"] * 12
    assert found.score(spec) == (4, 52)  # step 11 is a sequence of its own


def test_a_requirement_no_case_looks_at_is_told_beside_it() -> None:
    leak = "okta.oin.user.create/create#okta-password-never-returned"
    one = told(pack({leak: (Verdict.FAIL, "it does")}), "C9336")
    assert one.state == "proven"
    assert one.beside == (leak,)


def test_a_broken_should_is_a_warning_of_a_case_and_a_failed_assertion_of_the_suite() -> None:
    title, slow = "okta.oin.user.update/read-back#okta-title-kept", "okta.spec/groups#spec-groups-in-time"
    found = pack({title: (Verdict.WARNING, "absent"), slow: (Verdict.WARNING, "812 ms")})
    assert told(found, "C9291").state == "proven"
    assert told(found, "C9291").warnings == (title,)
    assert found.score(found.suites[0][1]) == (51, 52)
    (stop,) = blockers(found)
    assert stop.breaks == ["SPEC step 10 (optional)"]


def test_an_assertion_that_did_not_apply_is_open() -> None:
    """A user from before the run without `active` is not of this run's making, and fails Okta's own run."""
    name = "okta.spec/list-one-user#spec-first-active"
    found = pack({name: (Verdict.NOT_APPLICABLE, "the list begins with a user from before the run")})
    states = [t.state for _, t in found.suites[0][1][0].assertions]
    assert states.count("open") == 1
    assert found.score(found.suites[0][1]) == (51, 52)
    assert headline(found) == UNDECIDED


def test_every_case_that_holds_links_what_proves_it() -> None:
    found = pack(inferred=True)
    known = {finding["id"]: finding["requirement"] for finding in found.report["findings"]}
    for case, one in found.cases:
        if case.kind != "outside":
            assert {known[finding] for finding in one.evidence} & submission().proof, case.id


URLS = [
    ("https://scim.example.com/scim/v2", "bearer", ["keeps", "keeps", "keeps", "keeps"]),
    ("http://scim.example.com/scim_v2", "basic", ["breaks", "keeps", "breaks", "breaks"]),
    ("https://scim.example.com/" + "a" * 1000, "header", ["keeps", "breaks", "keeps", "keeps"]),
    ("http://127.0.0.1:8404/scim/v2", "oauth2-client-credentials", ["open", "keeps", "keeps", "open"]),
    ("https://scim.example.com", "other", ["keeps", "keeps", "keeps", "open"]),
]


@pytest.mark.parametrize(("url", "auth", "states"), URLS)
def test_address_and_authentication_are_held_to_what_the_wizard_takes(
    url: str, auth: str, states: list[str]
) -> None:
    target = document()["target"] | {"url": url, "auth": auth}
    assert [state for _, state, _ in address(target, submission())] == states
