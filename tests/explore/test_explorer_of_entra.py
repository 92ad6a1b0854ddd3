"""What Entra does in any order, and what Okta and Entra do in turn to the same people and groups."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scim2_server.responses import ScimResponse

from scimproof.core.validation import published, wrongs
from scimproof.embedded.app import Application
from scimproof.embedded.fault import Fault, ok
from scimproof.embedded.faults import HISTORIES
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.explore.explorer import Explorer
from scimproof.explore.history import Failure
from scimproof.explore.history_file import FORMAT, document, read_history
from scimproof.explore.literal import literal
from scimproof.explore.narrative import lines
from scimproof.explore.outcomes import outcomes
from tests.explore.kit import exploring, faulty, honest, until_found, with_behaviour
from tests.explore.test_explorer import ALONE, KNOWN, told
from tests.matrix.inprocess import TOKEN, catalog

BOTH = "okta,entra"
PROFILES = ("entra", BOTH)
HANDFUL = ("conflict-deactivates-owner", "recreated-inactive", "freed-name-found-twice")
# What Entra cannot say (a list of all members, an emptied attribute, a PUT), or what a right server may do.
OUT_OF_REACH = {
    "emptied-title-returns",
    "group-add-drops-inactive",
    "group-same-number-ignored",
    "taken-rename-moves-email",
    "update-takes-others-title",
}
MOST_ACTIONS = 8
LONGER = {"groups-equal-share-members": 16}  # of this, before shrinking ran out of requests


@pytest.mark.parametrize(("profile", "at_once"), [("entra", 1), ("entra", 3), (BOTH, 2)])
def test_a_right_target_gives_no_failure(profile: str, at_once: int) -> None:
    with exploring(honest(), profile=profile, actions=60, at_once=at_once) as explorer:
        list(explorer.explore())
        assert told(explorer) == []
        assert len(explorer.played) > 20
        explorer.run.tidy()
        assert explorer.run.ledger.counts()["left"] == []


@pytest.mark.nightly
@pytest.mark.parametrize("at_once", [1, 3])
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("profile", ["entra-default", "entra-flag", BOTH])
def test_a_right_target_gives_no_failure_in_a_thousand_actions(profile: str, seed: int, at_once: int) -> None:
    with exploring(honest(), seed=seed, profile=profile, actions=1000, at_once=at_once) as explorer:
        list(explorer.explore())
        assert told(explorer) == []


@pytest.mark.nightly
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("names", ALONE, ids=" ".join)
def test_every_legal_variety_gives_no_failure(names: tuple[str, ...], profile: str) -> None:
    app = Application(TOKEN, [KNOWN[name] for name in names], 0.0)
    with exploring(app, profile=profile, actions=150) as explorer:
        list(explorer.explore())
        assert told(explorer) == []


def found(name: str) -> None:
    with exploring(faulty(name), profile="entra", actions=4000) as explorer:
        until_found(explorer)
        certain = [failure for failure in explorer.failures if failure.certain]
        assert certain, f"not found in {explorer.actions} actions"
        assert certain[0].length <= LONGER.get(name, MOST_ACTIONS), told(explorer)
        assert certain[0].requirement.startswith("entra-")


@pytest.mark.parametrize("name", HANDFUL)
def test_a_fault_of_a_history_is_found_and_shrunk(name: str) -> None:
    found(name)


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(set(HISTORIES) - OUT_OF_REACH - set(HANDFUL)))
def test_every_fault_that_entra_can_reach_is_found_and_shrunk(name: str) -> None:
    found(name)


def _text_hides(call: InterceptedRequest) -> ScimResponse:
    """Leave who was disabled by a text out of searches by page: one sender writes it, the other sees it."""
    response = call.proceed()
    with call.kept("hidden", set[str]) as hidden:
        if call.on("Users", "patch") and ok(response):
            values = [op.get("value") for op in call.operations if op.get("path") == "active"]
            (hidden.add if "False" in values else hidden.discard)(call.id)
        if call.on("Users", "list") and ok(response) and response.body and "filter" in call.request.query:
            paged = "startIndex" in call.request.query
            rows = response.body.get("Resources") or []
            shown = [one for one in rows if not paged or one.get("id") not in hidden]
            response.body["Resources"], response.body["totalResults"] = shown, len(shown)
    return response


BETWEEN = Fault("text-hides", "test", "test", "Made by a test.", _text_hides)


def between() -> Application:
    """A target that is wrong only between the two senders."""
    return with_behaviour(BETWEEN)


@pytest.mark.parametrize("profile", ["okta", "entra"])
def test_what_is_wrong_between_two_senders_shows_to_neither_alone(profile: str) -> None:
    with exploring(between(), profile=profile, actions=50) as explorer:
        list(explorer.explore())
        assert told(explorer) == []


def certain(explorer: Explorer) -> Failure:
    """The first failure that showed again."""
    until_found(explorer)
    return next(one for one in explorer.failures if one.certain)


def test_what_one_sender_did_shows_to_the_other_and_breaks_its_rule(tmp_path: Path) -> None:
    with exploring(between(), profile=BOTH, actions=400) as explorer:
        failure, repertoire = certain(explorer), explorer.repertoire
        assert (failure.requirement, failure.discrepancy.sender) == ("okta-history-found", "okta")
        did = {repertoire.actions[call.action].sender for some in failure.rounds for call in some}
        assert "entra" in did
        assert failure.length <= 4
        said = "\n".join(lines(failure, repertoire))
        assert "1. " in said
        assert "Microsoft Entra ID: " in said
        assert "(shown by a request of Okta)" in said
        broken = {one.id for some in outcomes(explorer) for one in some.findings if one.verdict == "fail"}
        assert repertoire.finding(failure.action, failure.requirement) in broken

        file = tmp_path / "history.json"
        saved = document(failure, repertoire, explorer.seed)
        assert list(wrongs(published(FORMAT), saved)) == []
        assert saved["sender"] == "okta+entra"
        file.write_text(json.dumps(saved))
        again = read_history(file, catalog().repertoires)
        telling = explorer.replay(again.rounds, again.label, again.dialect)
        assert telling.discrepancy is not None
        assert telling.discrepancy.like(failure.discrepancy)


def test_a_history_of_entra_is_a_literal_sequence(tmp_path: Path) -> None:
    with exploring(faulty(HANDFUL[0]), profile="entra", actions=400) as explorer:
        failure = certain(explorer)
        file = tmp_path / "history.json"
        file.write_text(json.dumps(document(failure, explorer.repertoire, explorer.seed)))
    saved = read_history(file, catalog().repertoires)
    printed = literal(saved, catalog().repertoires["entra"], catalog().templates)
    compile(printed, "pasted.py", "exec")
    assert f'id="entra.{failure.dialect}.history.{failure.action}"' in printed
    assert "entra-history-answered" in printed
