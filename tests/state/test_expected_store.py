"""Expected store: what every write promises, and which answers break the promise, of the whole resource."""

from __future__ import annotations

import itertools
import json
from typing import Any

from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import CheckResult
from scimproof.core.scim import ENTERPRISE_USER
from scimproof.state.expected_store import ExpectedStore
from tests.matrix.inprocess import catalog

PERSON = {
    "userName": "jdoe",
    "name": {"givenName": "Jane", "familyName": "Doe"},
    "emails": [{"value": "jane@example.com", "type": "work", "primary": True}],
    "externalId": "00u1",
    "active": True,
}
SWITCH = {"Operations": [{"op": "replace", "value": {"active": False}}]}


class Talk:
    """Requests to a server that answers what the test says, noted in an expected store."""

    def __init__(self) -> None:
        self.store = ExpectedStore(catalog().variety, clock=itertools.count(1).__next__)
        self.numbers = itertools.count(1)

    def says(self, method: str, path: str, sent: Any, answer: Any, status: int = 200) -> Exchange:
        body = b"" if sent is None else json.dumps(sent).encode()
        request = Request(method, f"/scim/v2/{path}", (), body)
        pending = self.store.begin(request)
        told = b"" if answer is None else json.dumps(answer).encode()
        exchange = Exchange(next(self.numbers), request, status, body=told)
        self.store.settle(pending, exchange)
        return exchange

    def created(self, person: dict[str, Any] | None = None, id: str = "1", kind: str = "Users") -> None:
        body = person or PERSON
        self.says("POST", kind, body, {**body, "id": id}, 201)

    def read(self, shown: Any, id: str = "1", kind: str = "Users", status: int = 200) -> CheckResult:
        return self.store.verdict([self.says("GET", f"{kind}/{id}", None, shown, status)])

    def listed(self, *rows: Any, kind: str = "Users") -> CheckResult:
        answer = {"totalResults": len(rows), "Resources": list(rows)}
        return self.store.verdict([self.says("GET", f"{kind}?startIndex=1&count=100", None, answer)])


def shown(**changes: Any) -> dict[str, Any]:
    return {"id": "1", "meta": {"version": "x"}, "schemas": ["urn"], "groups": [], **PERSON, **changes}


def test_what_was_sent_and_what_the_server_adds_is_held() -> None:
    talk = Talk()
    talk.created()
    assert talk.read(shown(userType="Member", displayName="Jane Doe")).held
    assert talk.listed(shown(userType="Member", displayName="Jane Doe")).held


def test_another_value_is_told_once_with_path_expected_and_found() -> None:
    talk = Talk()
    talk.created()
    wrong = talk.read(shown(name={"givenName": "Jane", "familyName": "Roe"}))
    assert wrong.held is False
    assert wrong.observed == 'name.familyName: expected "Doe", found "Roe"'
    assert wrong.wrong == ("name.familyName",)
    assert talk.read(
        shown(name={"givenName": "Jane", "familyName": "Roe"})
    ).held  # told of the write that made it


def test_of_a_list_the_entries_that_differ_are_told() -> None:
    talk = Talk()
    home = {"value": "home@example.com", "type": "home"}
    talk.created(PERSON | {"emails": [*PERSON["emails"], home]})  # type: ignore[misc]
    lost = talk.read(shown())
    assert lost.observed == f"emails: expected [{json.dumps(home)}], found no value"


def test_what_a_target_chose_at_a_write_stays_as_it_showed_it() -> None:
    talk = Talk()
    talk.created()
    chosen = shown(emails=[{"value": "jane@example.com", "type": "other"}])
    assert talk.read(chosen).held
    talk.says("PATCH", "Users/1", SWITCH, None, 204)
    back = talk.read(shown(active=False))
    assert back.observed.startswith('emails: expected [{"value": "jane@example.com", "type": "other"}]')


def test_what_is_never_shown_is_declined_and_what_was_shown_is_lost() -> None:
    talk = Talk()
    talk.created(PERSON | {"title": "Clerk", "nickName": "J"})
    assert talk.read(shown(title="Clerk")).held
    assert [one.path for one in talk.store.declined.values()] == ["nickName"]
    talk.says("PATCH", "Users/1", SWITCH, None, 204)
    lost = talk.read(shown(active=False))
    assert lost.observed == 'title: expected "Clerk", found no value'


def test_what_a_write_spills_into_other_attributes_is_told() -> None:
    talk = Talk()
    talk.created()
    talk.read(shown())
    talk.says("PATCH", "Users/1", SWITCH, None, 204)
    spilled = shown(active=False, name={**PERSON["name"], "active": False})  # type: ignore[dict-item]
    assert talk.read(spilled).observed == "name.active: expected no value, found false"


def test_a_refused_write_changes_nothing_and_a_lost_answer_may_have() -> None:
    talk = Talk()
    talk.created()
    talk.read(shown())
    talk.says("PUT", "Users/1", shown(userName="taken"), None, 409)
    assert talk.read(shown(userName="taken")).held is False
    other = Talk()
    other.created()
    other.says("PATCH", "Users/1", SWITCH, None, 504)
    assert other.read(shown(active=False)).held
    assert other.read(shown(active=True)).held


def test_a_merge_changes_what_it_names_and_may_clear_the_rest() -> None:
    talk = Talk()
    extension = {ENTERPRISE_USER: {"department": "Sales"}}
    talk.created(PERSON | extension)
    talk.read(shown(**extension, userType="Member"))
    new = {ENTERPRISE_USER: {"department": "Support"}}
    talk.says("PUT", "Users/1", PERSON | new, None, 200)
    assert talk.read(shown(**new)).held
    talk.says("PUT", "Users/1", PERSON | extension, None, 200)
    stuck = talk.read(shown(**new))
    assert stuck.observed == f'{ENTERPRISE_USER}:department: expected "Sales", found "Support"'


def test_what_refers_to_who_was_deleted_may_go_or_stay() -> None:
    group = {"displayName": "Staff", "members": [{"value": "1"}, {"value": "2"}]}
    boss = {**PERSON, ENTERPRISE_USER: {"manager": {"value": "1"}}}
    for left in (group["members"], [{"value": "2"}]):
        talk = Talk()
        talk.created()
        talk.created(boss, id="2")
        talk.created(group, id="9", kind="Groups")
        assert talk.read(shown(id="2", **{ENTERPRISE_USER: {"manager": {"value": "1"}}}), id="2").held
        talk.says("DELETE", "Users/1", None, None, 204)
        assert talk.read({**group, "id": "9", "members": left}, id="9", kind="Groups").held
        assert talk.read({**group, "id": "9", "members": []}, id="9", kind="Groups").held is False
        assert talk.read(shown(id="2"), id="2").held
        assert talk.read(shown(id="2", userName="other"), id="2").held is False


def test_a_deletion_that_is_refused_excuses_nothing() -> None:
    talk = Talk()
    group = {"displayName": "Staff", "members": [{"value": "1"}]}
    talk.created()
    talk.created(group, id="9", kind="Groups")
    assert talk.read({**group, "id": "9"}, id="9", kind="Groups").held
    talk.says("DELETE", "Users/1", None, None, 405)
    assert talk.read({**group, "id": "9", "members": []}, id="9", kind="Groups").held is False


def test_members_are_a_set_and_who_was_deactivated_may_leave() -> None:
    talk = Talk()
    talk.created({"displayName": "G", "members": [{"value": "1"}, {"value": "2"}]}, "7", "Groups")
    group = {"id": "7", "displayName": "G"}
    both = [{"value": "2", "display": "x"}, {"value": "1"}]
    assert talk.read(group | {"members": both}, "7", "Groups").held
    assert talk.listed(group, kind="Groups").held  # a list may leave members out
    assert "also 1" in talk.listed(group | {"members": both[:1]}, kind="Groups").observed
    twice = talk.read(group | {"members": [*both, both[0]]}, "7", "Groups")
    assert twice.observed == "members: expected each member once, found 3 entries of 2 members"
    talk.created(id="2")
    talk.says("PATCH", "Users/2", SWITCH, None, 204)
    assert talk.read(group | {"members": both[1:]}, "7", "Groups").held
    assert "also 1" in talk.read(group | {"members": []}, "7", "Groups").observed


def test_a_resource_is_there_until_it_is_deleted() -> None:
    talk = Talk()
    talk.created({"displayName": "G"}, "7", "Groups")
    assert talk.read(None, "7", "Groups", 404).observed == "existence: expected there, found not there"
    talk.created({"displayName": "H"}, "8", "Groups")
    talk.says("DELETE", "Groups/8", None, None, 204)
    assert talk.read(None, "8", "Groups", 404).held
    assert talk.read({"id": "8", "displayName": "H"}, "8", "Groups").held is False


def test_words_for_no_value_are_nobodys_value() -> None:
    talk = Talk()
    talk.created()
    assert talk.read(shown(title="null")).observed == 'title: expected no value, found "null"'


def test_an_account_that_a_create_brings_back_may_keep_its_profile() -> None:
    for family, right in (("Doe", True), ("Roe", True), ("Moe", False)):
        talk = Talk()
        talk.created()
        talk.read(shown())
        talk.says("PATCH", "Users/1", SWITCH, None, 204)
        talk.created(PERSON | {"name": {"givenName": "Jane", "familyName": "Roe"}})
        assert talk.read(shown(name={"givenName": "Jane", "familyName": family})).held is right
    assert talk.read(shown(active=False)).held is False


def test_an_answer_about_nobody_of_the_run_tells_nothing() -> None:
    talk = Talk()
    assert not talk.read(shown(), id="9").applies
    assert not talk.listed(shown(id="9")).applies
