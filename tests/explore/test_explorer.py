"""What is right gives no failure; what is wrong is found, shrunk and told once."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from scim2_server.responses import ScimResponse

from scimproof.embedded.app import Application
from scimproof.embedded.fault import Fault, ok, when
from scimproof.embedded.faults import HISTORIES
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error
from scimproof.explore.explorer import Explorer
from scimproof.explore.narrative import summary
from tests.explore.kit import exploring, faulty, honest, until_found, with_behaviour
from tests.matrix.field_varieties import FIELD, TOGETHER
from tests.matrix.inprocess import TOKEN
from tests.matrix.varieties import VARIETIES

KNOWN = {variety.name: variety for variety in (*VARIETIES, *FIELD)}
ALONE = tuple((name,) for name in KNOWN if not any(name in some for some in TOGETHER))
FEW = (
    ("ids-are-digits", "user-patch-200"),
    ("leavers-leave", "external-id-unique"),
    ("blanks-folded", "nulls"),
)
# Not to be told: inactive members may leave, and an emptied attribute is only sent by requests of grade D.
UNTOLD = {"group-add-drops-inactive", "emptied-title-returns"}
HANDFUL = ("reactivate-old-name", "freed-name-found-twice", "conflict-moves-external-id", "list-row-stays")
# What differs between runs: ids of the target, external ids, and times.
IDS = re.compile(r"0000[0-9a-f]{4}-[0-9a-f-]{27}|00u\w{17}|\d{4}-\d\d-\d\dT[\d:.]+Z|W/[^,}]*")
MOST_ACTIONS, MOST_REQUESTS = 6, 1500
# Of these the shortest history that was ever found is longer.
LONGER = {
    "group-last-member-deletes": 7,
    "joiner-inherits-groups": 8,
    "reactivate-rejoins-left-groups": 7,
    "third-group-leaves-first": 8,
}


def told(explorer: Explorer) -> list[str]:
    """The failures, for the reader of a failed test."""
    return [
        f"{one.requirement}: {one.discrepancy.observed} after {summary(one, explorer.repertoire)}"
        for one in explorer.failures
    ]


def test_a_right_target_gives_no_failure() -> None:
    with exploring(honest(), actions=200) as explorer:
        assert list(explorer.explore())[-1] == 200
        assert told(explorer) == []
        assert len(explorer.played) > 25
        explorer.run.tidy()
        assert explorer.run.ledger.counts()["left"] == []


def test_a_right_target_gives_no_failure_when_several_things_are_done_at_once() -> None:
    with exploring(honest(), actions=120, at_once=3) as explorer:
        list(explorer.explore())
        assert told(explorer) == []


@pytest.mark.parametrize("names", FEW, ids=" ".join)
def test_legal_varieties_give_no_failure(names: tuple[str, ...]) -> None:
    app = Application(TOKEN, [KNOWN[name] for name in names], 0.0)
    with exploring(app, actions=80) as explorer:
        list(explorer.explore())
        assert told(explorer) == []


@pytest.mark.nightly
def test_a_right_target_gives_no_failure_in_two_thousand_actions() -> None:
    with exploring(honest(), seed=2, actions=2000) as explorer:
        list(explorer.explore())
        assert told(explorer) == []


@pytest.mark.nightly
@pytest.mark.parametrize("names", [*ALONE, *TOGETHER], ids=" ".join)
def test_every_legal_variety_gives_no_failure(names: tuple[str, ...]) -> None:
    app = Application(TOKEN, [KNOWN[name] for name in names], 0.0)
    with exploring(app, actions=200) as explorer:
        list(explorer.explore())
        assert told(explorer) == []


def found_and_shrunk(name: str) -> None:
    with exploring(faulty(name), actions=4000) as explorer:
        until_found(explorer)
        certain = [failure for failure in explorer.failures if failure.certain]
        assert certain, f"not found in {explorer.actions} actions"
        first = certain[0]
        assert first.length <= LONGER.get(name, MOST_ACTIONS), told(explorer)
        assert first.requests <= MOST_REQUESTS + 100


@pytest.mark.parametrize("name", HANDFUL)
def test_a_fault_of_a_history_is_found_and_shrunk(name: str) -> None:
    found_and_shrunk(name)


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(set(HISTORIES) - UNTOLD - set(HANDFUL)))
def test_every_fault_of_a_history_is_found_and_shrunk(name: str) -> None:
    found_and_shrunk(name)


@when("Users", "replace")
def _second_rename_is_a_500(call: InterceptedRequest) -> ScimResponse:
    before = call.current() or {}
    with call.kept("renames", dict[str, int]) as renames:
        renamed = before.get("userName") != call.body.get("userName")
        renames[call.id] = renames.get(call.id, 0) + renamed
        if renamed and renames[call.id] == 2:
            return ScimResponse(HTTPStatus.INTERNAL_SERVER_ERROR)
    return call.proceed()


@when("Groups", "patch", "replace")
def _third_change_of_a_group_forgets_its_name(call: InterceptedRequest) -> ScimResponse:
    with call.kept("changes", dict[str, int]) as changes:
        changes[call.id] = changes.get(call.id, 0) + 1
        third = changes[call.id] == 3
    response = call.proceed()
    group = call.fetch("Groups", call.id) if third and ok(response) else None
    if group:
        call.ask("PUT", call.request.path, {**group, "displayName": f"{group['displayName']} (3)"})
    return response


@when("Users", "list")
def _list_forgets_who_came_back(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and "filter" not in call.request.query and response.body:
        rows = response.body.get("Resources") or []
        response.body["Resources"] = [row for row in rows if row.get("displayName") != row.get("title")]
        inactive = [row for row in rows if row.get("active") is False]
        response.body["Resources"] = [row for row in rows if row not in inactive]
        response.body["totalResults"] = len(response.body["Resources"])
    return response


OWN = {
    "second-rename-500": (_second_rename_is_a_500, "okta-history-answered"),
    "third-change-name": (_third_change_of_a_group_forgets_its_name, "okta-state-after-group-change"),
    "list-without-inactive": (_list_forgets_who_came_back, "okta-history-listed"),
}


@pytest.mark.parametrize("name", OWN)
def test_the_rule_that_is_broken_is_named(name: str) -> None:
    behave, requirement = OWN[name]
    fault = Fault(name, "test", "test", "Made by a test.", behave)
    with exploring(with_behaviour(fault), actions=400) as explorer:
        until_found(explorer)
        (failure,) = explorer.failures
        assert failure.requirement == requirement, told(explorer)
        assert failure.certain
        assert failure.length <= MOST_ACTIONS


def test_one_cause_is_one_failure_and_exploring_goes_on() -> None:
    with exploring(faulty("conflict-deactivates-owner"), actions=150) as explorer:
        assert list(explorer.explore())[-1] == 150
        assert len({(one.action, one.requirement) for one in explorer.failures}) == len(explorer.failures)
        assert sum(one.seen for one in explorer.failures) > len(explorer.failures)


def _groups_unlisted(call: InterceptedRequest) -> ScimResponse:
    listed = call.on("Groups", "list") and "filter" not in call.request.query
    return error(500, "no groups") if listed else call.proceed()


def test_a_list_that_is_not_answered_is_one_failure_whatever_was_done_before() -> None:
    fault = Fault("unlisted", "test", "test", "Made by a test.", _groups_unlisted)
    with exploring(with_behaviour(fault), actions=60) as explorer:
        list(explorer.explore())
        told_by = [
            (one.requirement, one.certain) for one in explorer.failures if "500" in one.discrepancy.observed
        ]
    assert told_by == [("okta-history-listed", True)]


def _short_ids(call: InterceptedRequest) -> ScimResponse:
    """Answers a create of a group with the id of the first user."""
    response = call.proceed()
    if call.on("Groups", "create") and response.body:
        response.body["id"] = "2"
    return response


def test_a_short_id_is_no_part_of_a_word() -> None:
    fault = Fault("short", "test", "test", "Made by a test.", _short_ids)
    with exploring(with_behaviour(fault), actions=60) as explorer:
        until_found(explorer)
        said = [one.discrepancy.observed for one in explorer.failures]
    assert said
    assert not any(re.search(r"\w(group|person)-\d|(group|person)-\d\d", one) for one in said), said


def test_the_same_seed_sends_the_same_but_for_ids_and_prefix() -> None:
    sent = []
    for prefix in ("scimproof-aaaaaaaa", "scimproof-bbbbbbbb"):
        with exploring(honest(), seed=9, prefix=prefix, actions=40) as explorer:
            list(explorer.explore())
            done = [one for telling in explorer.samples.values() for one in telling.performed]
            requests = [one.exchange.request for performed in done for one in performed.sent]
            bodies = [request.body.decode().replace(prefix, "PREFIX") for request in requests]
            sent.append([IDS.sub("ID", body) for body in bodies])
            sent[-1] += [repr(performed.call) for performed in done]
    assert sent[0] == sent[1]
    assert len(sent[0]) > 40
