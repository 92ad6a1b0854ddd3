"""Faults that shipped servers had and that passed as conformant, each by the row that reports it."""

from __future__ import annotations

import pytest

from scimproof.core.results import Finding, Outcome, Verdict
from scimproof.embedded.app import build
from tests.matrix.inprocess import TOKEN, outcomes_of, play_against, tripped
from tests.matrix.reach import PLAYED_HONESTLY
from tests.matrix.reach import honest as played_honestly

pytestmark = PLAYED_HONESTLY
BOTH = ("oin", "aiw")


def findings(fault: str, *wanted: str) -> list[Finding]:
    """What these sequences say of a server with that fault."""
    return play_against(build(token=TOKEN, faults=[fault]), *wanted)


def failed(fault: str, *wanted: str) -> set[str]:
    """The ids of the findings that fail, those of the RFCs and of the watches apart."""
    return {
        f.id
        for f in findings(fault, *wanted)
        if f.verdict is Verdict.FAIL and f.requirement.startswith("okta-") and f.step != "all"
    }


@pytest.fixture(scope="module")
def honest() -> dict[str, Verdict]:
    """The verdicts on the honest server, by finding."""
    return {finding.id: finding.verdict for finding in played_honestly().findings}


def holds(honest: dict[str, Verdict], *ids: str) -> bool:
    """Whether the honest server passes each of these."""
    return all(honest[id] is Verdict.PASS for id in ids)


def only(honest: dict[str, Verdict], fault: str, *ids: str) -> None:
    """The fault fails these findings and no others of their sequences; the honest server passes them."""
    assert holds(honest, *ids)
    assert failed(fault, *{id.partition("/")[0] for id in ids}) == set(ids)


@pytest.mark.parametrize("dialect", BOTH)
def test_f04_a_put_that_takes_over_a_name_is_refused(honest: dict[str, Verdict], dialect: str) -> None:
    sequence = f"okta.{dialect}.user.rename-taken"
    only(honest, "put-taken-accepted", f"{sequence}/rename#okta-rename-to-taken-refused")
    other_case = f"{sequence}/rename-other-case#okta-username-unique-in-any-case"
    only(honest, "put-taken-other-case-accepted", other_case)


@pytest.mark.parametrize("dialect", BOTH)
def test_f04_both_users_are_unchanged_afterwards(honest: dict[str, Verdict], dialect: str) -> None:
    sequence = f"okta.{dialect}.user.rename-taken"
    same = "okta-state-after-refused"
    only(honest, "put-conflict-saves-rest", f"{sequence}/rename-state#{same}")
    only(honest, "put-taken-changes-other", f"{sequence}/read-other#{same}")


def test_f04_a_server_that_keeps_every_user_name_is_not_asked() -> None:
    asked = findings("put-username-kept", "okta.oin.user.rename-taken")
    assert {f.verdict for f in asked if f.step.startswith("rename")} == {Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("dialect", BOTH)
def test_f05_a_manager_known_by_name_only_is_accepted(honest: dict[str, Verdict], dialect: str) -> None:
    sequence = f"okta.{dialect}.user.manager-by-name"
    rule = "okta-manager-by-name-accepted"
    only(honest, "create-manager-value-demanded", f"{sequence}/create#{rule}")
    only(honest, "put-manager-value-demanded", f"{sequence}/update#{rule}")


@pytest.mark.parametrize("dialect", BOTH)
def test_f26_a_name_that_was_given_up_is_free(honest: dict[str, Verdict], dialect: str) -> None:
    newcomer = f"okta.{dialect}.user.rename-reuse/create-newcomer#okta-rename-frees-name"
    back = f"okta.{dialect}.user.rename-back/rename-back#okta-rename-frees-name"
    only(honest, "old-username-stays-taken", newcomer, back)
    only(honest, "old-username-stays-its-own", newcomer)
    group = f"okta.{dialect}.group.rename-reuse"
    only(honest, "old-group-name-stays-taken", f"{group}/create-newcomer#okta-group-rename-frees-name")
    only(honest, "group-lookup-finds-old-name", f"{group}/find-old-name#okta-group-search-forgets-old-name")


def test_f29_a_user_made_by_the_minimal_body_is_deactivated(honest: dict[str, Verdict]) -> None:
    rule = "deactivate-minimal/deactivate#okta-deactivate-answered"
    only(honest, "put-display-name-demanded", f"okta.aiw.user.{rule}")
    only(honest, "patch-display-name-demanded", f"okta.oin.user.{rule}")
    assert holds(honest, "okta.aiw.user.deactivate-minimal/read-back#okta-deactivate-persists")
    assert holds(honest, "okta.oin.user.deactivate-minimal/read-back#okta-deactivate-persists")


def test_f33_the_list_shows_the_members_that_a_read_by_id_shows(honest: dict[str, Verdict]) -> None:
    pages = "okta.oin.group.import-members/pages"
    whole = f"{pages}#okta-state-shown"
    only(honest, "list-group-members-cut", f"{pages}#okta-import-members-as-by-id", whole)


def test_f33_a_list_without_any_members_is_one_reason() -> None:
    found = tripped(findings("list-group-members-missing", "okta.oin.group"))
    assert found == {"okta-import-group-members"}


def test_f40_a_request_without_credentials_is_refused(honest: dict[str, Verdict]) -> None:
    rule, sequence = "okta-token-needed", "okta.oin.wrong-token"
    wizard = f"okta.aiw.no-token/test-without#{rule}"
    only(honest, "auth-missing-token-accepted", f"{sequence}/test-without#{rule}", wizard)
    only(honest, "auth-empty-token-accepted", f"{sequence}/test-empty#{rule}")
    only(honest, "auth-other-scheme-accepted", f"{sequence}/test-other-scheme#okta-unauthorized")
    only(honest, "auth-create-without-token", f"{sequence}/create-without#{rule}")
    only(honest, "auth-missing-token-500", f"{sequence}/test-without#{rule}", wizard)


def test_f40_the_request_is_oktas_without_that_one_line() -> None:
    played = outcomes_of(build(token=TOKEN), "okta.oin.connect", "okta.oin.wrong-token")
    probe, without = sent(played, "okta.oin.connect/test"), sent(played, "okta.oin.wrong-token/test-without")
    assert b"\r\nAuthorization: Bearer secret-token\r\n" in probe
    assert without == probe.replace(b"Authorization: Bearer secret-token\r\n", b"")


def sent(played: list[Outcome], step: str) -> bytes:
    """The request of that step as it went out."""
    return next(outcome.exchanges[0].request.wire() for outcome in played if outcome.id == step)


@pytest.mark.parametrize("dialect", BOTH)
def test_f41_a_user_name_is_unique_whatever_else_differs(honest: dict[str, Verdict], dialect: str) -> None:
    sequence = f"okta.{dialect}.user.create-taken"
    only(honest, "create-unique-by-external-id", f"{sequence}/create-same-name#okta-username-unique")
    other_case = f"{sequence}/create-other-case#okta-username-unique-in-any-case"
    only(honest, "create-unique-by-letters", other_case)
    only(honest, "create-duplicate-accepted", f"{sequence}/create-again#okta-create-conflict")


def test_f42_a_create_without_id_fails_where_it_happens(honest: dict[str, Verdict]) -> None:
    only(honest, "create-plus-without-id", "okta.oin.user.plus/create#okta-create-id")


@pytest.mark.parametrize("fault", ["create-id-empty", "create-without-id", "id-is-number"])
def test_f42_also_where_it_is_a_preparing_step(fault: str) -> None:
    found = {f.id: f.verdict for f in findings(fault, "okta.oin.user.deactivate")}
    assert found["okta.answers/all#okta-create-id"] is Verdict.FAIL


def test_f42_a_location_that_leads_elsewhere() -> None:
    assert "rfc7644-3.3-location-names-id" in tripped(
        findings("create-location-undefined", "okta.oin.user.plus")
    )


@pytest.mark.parametrize("dialect", BOTH)
def test_f44_names_of_several_words_are_kept(honest: dict[str, Verdict], dialect: str) -> None:
    sequence, rule = f"okta.{dialect}.user.several-words", "okta-words-in-names-kept"
    only(
        honest,
        "names-split-at-first-blank",
        f"{sequence}/read-back#{rule}",
        f"{sequence}/read-updated#{rule}",
    )


def test_f44_neither_unicode_nor_punctuation_is_blamed_for_blanks() -> None:
    odd = ("german", "polish", "japanese", "arabic", "emoji", "punctuation", "apostrophe")
    found = failed("names-split-at-first-blank", *(f"okta.oin.user.{kind}" for kind in odd))
    assert found == set()
