"""Right verdicts whose cause was wrong or lost: rows C02, C03, C06, C07, C08 and C10 of the field reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scim2_server.responses import ScimResponse

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Requirement, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, Verdict, broken, held
from scimproof.embedded.app import build
from scimproof.embedded.fault import listed, refused, sent, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.engine.capabilities import Capabilities
from scimproof.engine.executor import execute
from tests.matrix.inprocess import TOKEN, catalog
from tests.right.kit import Kept, Played, bent, names, played, running

ODD = ("okta.oin.user.german", "okta.oin.user.punctuation", "okta.oin.user.long", "okta.oin.user.one-letter")
ODD_GROUPS = ("okta.oin.group.marks", "okta.oin.group.unicode", "okta.oin.group.long")


def without(*attributes: str) -> Any:
    """A target that keeps none of these of a user."""

    def drop(body: dict[str, Any]) -> None:
        for name in attributes:
            body.pop(name, None)

    return bent(sent("Users", ("create", "replace"), drop))


def decided(found: Played) -> bool:
    """Whether no deciding finding stays open."""
    return found.rules("inconclusive") | found.rules("inconclusive", authority="okta-spec") == set()


@pytest.mark.parametrize("profile", ["okta", pytest.param("okta-oin", marks=pytest.mark.nightly)])
def test_c02_names_that_are_kept_of_nobody_are_not_garbled_names(profile: str) -> None:
    wanted = (
        "okta.oin.user.create",
        "okta.oin.user.update",
        "okta.oin.user.link",
        "okta.oin.user.import",
        *ODD,
    )
    found = played(without("name"), *wanted, profile=profile)
    assert found.rules("fail", "warning") == {"okta-given-name-kept", "okta-family-name-kept"}
    assert decided(found)
    stands = {
        f.because for f in found.findings if f.requirement in ("okta-unicode-kept", "okta-import-profile")
    }
    assert stands == {"okta.oin.user.create/read-back#okta-given-name-kept"}
    assert stands <= names(f for f in found.findings if f.verdict == Verdict.FAIL)
    assert found.result == "nonconformant"


def test_c02_only_one_attribute_that_is_kept_of_nobody_leaves_the_others_asked() -> None:
    def drop(body: dict[str, Any]) -> None:
        if isinstance(body.get("name"), dict):
            body["name"].pop("givenName", None)

    found = played(
        bent(sent("Users", ("create", "replace"), drop)), "okta.oin.user.create", "okta.oin.user.update", *ODD
    )
    assert found.rules("fail", "warning") == {"okta-given-name-kept"}
    assert found.of("okta-update-persists")[0].verdict == Verdict.PASS  # it is about the last name


def test_c02_odd_values_that_are_garbled_where_plain_ones_are_kept_fail_as_ever() -> None:
    for fault in ("latin-1-stored", "names-cut"):
        known = {"latin-1-stored": "shown-html-escaped", "names-cut": "create-family-name-missing"}[fault]
        found = played(build(token=TOKEN, faults=(known,)), "okta.oin.user.create", *ODD)
        assert found.rules("fail")
    found = played(build(token=TOKEN, faults=("shown-html-escaped",)), "okta.oin.user.create", *ODD)
    assert "okta-punctuation-kept" in found.rules("fail")


def test_c02_where_nothing_of_the_run_asks_for_the_plain_value_the_odd_one_is_asked() -> None:
    found = played(without("name"), "okta.oin.user.german")
    assert found.rules("fail") == {"okta-unicode-kept"}


def test_c02_a_display_name_that_need_not_be_kept_makes_no_rule_undecided() -> None:
    wanted = ("okta.oin.user.create", "okta.oin.user.update", "okta.oin.user.german")
    found = played(without("displayName"), *wanted)
    assert found.rules("warning") == {"okta-display-name-kept"}
    assert found.result == "conformant"


def test_c02_a_create_that_is_declined_of_everybody_is_not_about_odd_names() -> None:
    """C01's row: "Unknown field 'locale'" is one rule, and what can be asked without a locale is asked."""
    app = bent(
        refused("Users", ("create",), 400, "Unknown field 'locale'", where=lambda call: "locale" in call.body)
    )
    wanted = ["okta.oin.user.create", "okta.oin.user.create-enterprise", "okta.oin.user.seven-at-once"]
    wanted += (
        "okta.oin.user.create-existing",
        "okta.oin.user.deactivate",
        "okta.oin.group.push",
        "okta.crud",
        *ODD,
    )
    found = played(app, *wanted)
    assert found.rules("fail") == {"okta-create-answered"}
    asked = {finding.sequence for finding in found.findings if finding.verdict == Verdict.PASS}
    assert {"okta.oin.user.deactivate", "okta.oin.group.push", "okta.crud"} <= asked
    held_back = {f.because for f in found.findings if f.verdict == Verdict.INCONCLUSIVE}
    assert held_back == {"okta.oin.user.create/create#okta-create-answered"}


def test_c02_odd_group_names_are_not_blamed_where_no_group_is_created() -> None:
    app = bent(refused("Groups", ("create",), 400, "no groups today"))
    found = played(app, "okta.oin.group.push-empty", *ODD_GROUPS)
    assert found.rules("fail") == {"okta-group-create-answered"}
    odd = bent(
        refused(
            "Groups",
            ("create",),
            400,
            "bad name",
            where=lambda call: not str(call.body["displayName"]).isascii(),
        )
    )
    assert played(odd, "okta.oin.group.push-empty", *ODD_GROUPS).rules("fail") == {"okta-unicode-accepted"}


DEACTIVATED = (
    "okta.{}.user.deactivate", "okta.{}.user.deactivate-twice", "okta.{}.user.stale-order",
    "okta.{}.group.deactivated-member", "okta.{}.user.second-cycle",
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "action"), [("aiw", "replace"), ("oin", "patch")])
def test_c03_a_deactivation_without_effect_is_one_rule(dialect: str, action: str) -> None:
    @when("Users", action)
    def ignores(call: InterceptedRequest) -> ScimResponse:
        return call.unchanged() if call.active is False else call.proceed()

    wanted = [id.format(dialect) for id in DEACTIVATED]
    wanted += ["okta.aiw.user.renamed-trap"] if dialect == "aiw" else ["okta.oin.user.import-inactive"]
    found = played(bent(ignores), *wanted)
    assert found.rules("fail") == {"okta-deactivate-persists"}
    gates = {f.because.rpartition("#")[2] for f in found.findings if f.verdict == Verdict.INCONCLUSIVE}
    assert gates == {"okta-deactivate-persists"}
    assert found.of("okta-late-deactivation-wins")[0].verdict == Verdict.INCONCLUSIVE


def test_c03_a_reactivation_without_effect_is_one_rule() -> None:
    @when("Users", "patch")
    def ignores(call: InterceptedRequest) -> ScimResponse:
        return call.unchanged() if call.active else call.proceed()

    found = played(
        bent(ignores), "okta.oin.user.reactivate", "okta.oin.user.stale-order", "okta.oin.user.second-cycle"
    )
    assert found.rules("fail") == {"okta-reactivate-persists"}


@pytest.mark.parametrize("shows_empty", [True, False])
def test_c03_members_that_are_never_added_are_not_lost_by_what_comes_after(shows_empty: bool) -> None:
    """Whether a group without members shows an empty list, or no list as groups may that never show any."""

    @when("Groups", "patch")
    def ignores(call: InterceptedRequest) -> ScimResponse:
        adds = any(str(operation.get("op")).lower() == "add" for operation in call.operations)
        return call.unchanged() if adds else call.proceed()

    wanted = ["okta.oin.group.add-member", "okta.oin.group.remove-member", "okta.oin.group.remove-and-add"]
    wanted += ("okta.oin.group.same-name", "okta.oin.group.update-keeps-groups", "okta.oin.group.link")

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = ignores(call)
        if call.kind == "Groups" and response.body and "displayName" in response.body and shows_empty:
            response.body.setdefault("members", [])
        return response

    found = played(bent(behave), *wanted)
    assert found.rules("fail") == {"okta-group-add-persists"}


def test_c03_where_members_are_never_shown_nobody_can_tell_and_all_is_asked() -> None:
    def hide(body: dict[str, Any]) -> None:
        body.pop("members", None)

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if call.kind == "Groups" and response.body:
            hide(response.body)
        return response

    found = played(bent(behave), "okta.oin.group.same-name")
    assert "okta-group-rename-answered" in found.rules("pass")
    assert found.rules("inconclusive") == set()


def test_c03_the_look_is_evidence_and_no_step_of_its_own() -> None:
    found = played(build(token=TOKEN), "okta.oin.user.stale-order")
    (prepared,) = [outcome for outcome in found.outcomes if outcome.step == "prepare-inactive"]
    assert [exchange.request.method for exchange in prepared.exchanges] == ["PATCH", "GET"]
    assert prepared.findings == ()


def test_c06_a_spec_seed_that_is_refused_is_a_certain_failure_of_the_suite() -> None:
    app = bent(
        refused(
            "Users",
            ("create",),
            400,
            "externalId is required",
            where=lambda call: not call.body.get("externalId"),
        )
    )
    for wanted in (("okta.spec",), ("okta.spec", "okta.oin.user.create", "okta.oin.user.link")):
        found = played(app, *wanted)
        assert found.result == "nonconformant"
        assert "spec-status-201" in found.rules("fail", authority="okta-spec")
        undecided = {
            f.step for f in found.findings if f.verdict == Verdict.INCONCLUSIVE and f.sequence == "okta.spec"
        }
        assert undecided <= {"list-one-user", "read-that-user", "read-it-back"}
    assert found.of("okta-link-persists")[0].verdict == Verdict.PASS


def test_c06_every_spec_step_but_those_that_need_the_seed_is_asked() -> None:
    app = bent(refused("Users", ("create",), 403, "not today"))
    found = played(app, "okta.spec")
    asked = {finding.step for finding in found.findings if finding.verdict in ("pass", "fail")}
    assert {"filter-nobody", "unknown-id", "create-user", "groups", "unknown-id-again"} <= asked
    assert found.result == "nonconformant"


class Deciding(Capabilities):
    """Only Okta's own rules decide."""

    def decides(self, requirement: Requirement) -> bool:
        return requirement.authority == "okta"


def fails(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    return broken("something", exchange.summary())


def holds(_: ExecutionContext, __: Exchange) -> CheckResult:
    return held("something")


@pytest.mark.parametrize(
    ("gate", "verdict"), [("rfc7643-3.1-id", Verdict.PASS), ("okta-search-answered", Verdict.INCONCLUSIVE)]
)
def test_c07_a_rule_that_does_not_decide_keeps_no_deciding_one_undecided(gate: str, verdict: Verdict) -> None:
    request = "okta/both/users-test.http"
    one = Step(id="one", request=request, checks=(Check(gate, fails), Check("okta-answer-is-json", holds)))
    two = Step(id="two", request=request, checks=(Check("okta-list-is-json", holds),))
    sequence = Sequence(id="okta.oin.x", title="", source="", steps=(one, two))
    with running(build(token=TOKEN), "okta.oin.connect") as run:
        outcomes = list(execute(sequence, run.scene(sequence, "x"), catalog(), run.stage, Deciding()))
    later = [finding for outcome in outcomes for finding in outcome.findings][1:]
    assert {finding.verdict for finding in later} == {verdict}


def test_c07_a_target_that_breaks_an_rfc_rule_only_is_decided() -> None:
    app = build(token=TOKEN, faults=("create-duplicate-other-case",))
    found = played(app, "okta.oin.user.create-other-case", "okta.oin.user.create")
    assert found.rules("fail", authority="rfc7643") == {"rfc7643-4.1.1-username-unique"}
    assert found.result == "conformant"
    assert found.rules("inconclusive") == set()


def test_c07_no_gate_of_the_catalogue_is_a_rule_that_no_profile_holds_to_while_others_stand_on_it() -> None:
    """Where one is, it is the mechanism that keeps the others decided; those are named here."""
    # Those of identity providers: in the profile rfc the RFC's own requirements decide.
    profiles = [one for one in catalog().profiles.values() if not one.id.startswith("rfc")]
    deciding = {gate for profile in profiles for gate in profile.gates}
    known = catalog().requirements
    gates = {
        f"{sequence.id}/{step.id}"
        for sequence in catalog().sequences.values()
        if not sequence.id.startswith("rfc.")
        for step in sequence.steps
        for check in step.checks[:1]
        if known[check.requirement].authority not in deciding
    }
    assert gates == {"okta.oin.user.create-other-case/create-again"}


def test_a_search_that_misses_with_404_leaves_the_create_asked() -> None:
    """404 to a miss is tolerated; it used to end the sequence, so that nothing of the create was judged."""
    app = build(token=TOKEN, faults=("filter-miss-404", "create-is-inactive"))
    found = played(app, "okta.oin.user.create", "okta.oin.group.push-empty")
    assert "okta-new-user-active" in found.rules("fail")
    assert found.of("okta-group-create-empty")[0].verdict == Verdict.PASS


def capped(size: int, *, total: bool) -> Any:
    """A target whose pages never have more than so many; `total`: it says that there are no more either."""

    def edit(_: InterceptedRequest, body: dict[str, Any]) -> None:
        rows = body["Resources"][:size]
        body |= {"Resources": rows, "itemsPerPage": len(rows)}
        if total:
            body["totalResults"] = min(size, body["totalResults"])

    return bent(listed(edit, filtered=False))


IMPORTS = (
    "okta.oin.user.import",
    "okta.oin.user.import-inactive",
    "okta.oin.group.import",
    "okta.oin.group.import-pages",
)


def test_c08_short_pages_are_one_rule_that_says_what_is_never_seen() -> None:
    found = played(capped(50, total=False), *IMPORTS, most=250)
    assert found.rules("fail") == {"okta-import-complete"}
    assert decided(found)
    (users,) = [f for f in found.of("okta-import-complete") if f.sequence == "okta.oin.user.import"]
    assert users.observed == "page 1 had 50 of 100; Okta goes on at 101, so 51 to 100 are never seen"


def test_c08_a_total_that_counts_the_page_is_one_rule_that_says_what_is_never_seen() -> None:
    found = played(capped(50, total=True), *IMPORTS, most=250)
    assert found.rules("fail") == {"okta-import-total"}
    assert decided(found)
    (users,) = [f for f in found.of("okta-import-total") if f.sequence == "okta.oin.user.import"]
    assert "page 1 had 50 of 100, and totalResults is 50, though this run made 250" in users.observed
    assert "51 to 250 are never seen" in users.observed


def test_c08_somebody_who_is_missing_from_whole_pages_fails_as_ever() -> None:
    found = played(build(token=TOKEN, faults=("inactive-not-listed",)), "okta.oin.user.import-inactive")
    assert found.rules("fail") == {"okta-import-shows-inactive"}


def test_c10_a_size_that_is_refused_is_named() -> None:
    def many(call: InterceptedRequest) -> bool:
        return len(call.members) > 100

    app = bent(refused("Groups", ("replace",), 400, "too many members", where=many))
    found = played(app, "okta.aiw.group.large", "okta.aiw.group.add-members", most=250)
    assert found.rules("fail") == {"okta-group-large-put"}
    (finding,) = [f for f in found.of("okta-group-large-put") if f.verdict == Verdict.FAIL]
    assert finding.observed.startswith("250 members in one PUT: 400")


def test_c10_a_batch_that_is_refused_is_named() -> None:
    app = bent(refused("Groups", ("patch",), 413, "too many", where=lambda call: len(call.members) > 50))
    found = played(app, "okta.oin.group.large", "okta.oin.group.add-member", most=250)
    assert found.rules("fail") == {"okta-group-large-batches"}
    (finding,) = [f for f in found.of("okta-group-large-batches") if f.verdict == Verdict.FAIL]
    assert finding.observed.startswith("100 members in one PATCH: 413")


def test_nothing_is_asked_of_ordinary_people_where_nothing_odd_fails() -> None:
    """What tells causes apart costs a right server no request."""
    kept = Kept(build(token=TOKEN))
    found = played(None, "okta.oin.user.create", *ODD, transport=kept)
    made = [request for request in kept.sent if request.method == "POST"]
    assert len(made) == 1 + len(ODD)
    assert replace(found, outcomes=[]).findings == []
