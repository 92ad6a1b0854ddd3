"""What the promise book understands of requests, and how little it keeps."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from scimproof.core.scim import Kind
from scimproof.load.audit.document import document, merged
from scimproof.load.audit.evidence import NOT_KEPT, EvidenceStore, RawExchange
from scimproof.load.audit.violation import Result
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.client.response import Response
from scimproof.state.register import ANY, WriteOutcome, fate_of
from scimproof.state.request_effects import effect, facts, plain
from scimproof.target.target import Target

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
WIRE = b"POST /scim/v2/Users HTTP/1.1\r\nAuthorization: Bearer very-secret\r\nHost: h\r\n\r\n"


def patched(kind: Kind, *operations: dict[str, Any]) -> Any:
    body = json.dumps({"schemas": [PATCH], "Operations": operations}).encode()
    return effect("PATCH", f"/scim/v2/{kind}s/7", body)


def test_what_okta_patches_of_users() -> None:
    assert patched("User", {"op": "replace", "value": {"active": False}}).values == {"active": False}
    assert patched("User", {"op": "Replace", "path": "active", "value": True}).values == {"active": True}
    assert patched("User", {"op": "remove", "path": "title"}).values == {"title": ANY}
    assert patched("User", {"op": "replace", "value": {"name": {"givenName": "Al"}}}).values == {
        "name.givenName": "al"
    }
    assert patched("User", {"op": "replace", "value": {"password": "x"}}).values == {}


def test_what_okta_patches_of_groups() -> None:
    one, two = {"value": "a", "display": "x"}, {"value": "b"}
    add = {"op": "add", "path": "members", "value": [one]}
    remove = {"op": "remove", "path": 'members[value eq "b"]'}
    assert patched("Group", remove, add).members == {"b": False, "a": True}
    replaced = patched("Group", add, {"op": "replace", "path": "members", "value": [two]})
    assert (replaced.members, replaced.everyone) == ({"b": True}, True)
    emptied = patched("Group", {"op": "replace", "value": {"members": [], "id": "7", "displayName": "G"}})
    assert (emptied.members, emptied.everyone, emptied.name) == ({}, True, "G")
    assert patched("Group", {"op": "remove", "path": "members"}).everyone
    entra = patched("Group", {"op": "remove", "path": "members", "value": [two]})
    assert (entra.members, entra.everyone) == ({"b": False}, False)


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/scim/v2/Users?startIndex=1&count=100", b""),
        ("GET", "/scim/v2/ServiceProviderConfig", b""),
        ("POST", "/scim/v2/Users", b"no json"),
        ("POST", "/scim/v2/Bulk", b"{}"),
        ("PATCH", "/scim/v2/Users/7", b"[]"),
        ("PUT", "/scim/v2/Me", b"{}"),
    ],
)
def test_what_is_not_followed(method: str, target: str, body: bytes) -> None:
    assert effect(method, target, body) is None
    WriteLog().answered(WriteLog().sent(method, target, body, 1.0), 200, 2.0)


def test_values_are_compared_as_directories_fold_them() -> None:
    assert plain(" Jürgen  WEISS ") == plain("jürgen weiss")
    assert plain("Stra\u00dfe") == plain("STRASSE")
    assert plain(7) == 7


def test_ids_that_are_integers_and_names_in_odd_case() -> None:
    shown = facts("User", {"ID": 7, "username": "A@example.com", "ACTIVE": True, "title": None})
    assert shown is not None
    assert (shown.id, shown.name) == ("7", "A@example.com")
    assert shown.values == {"userName": "a@example.com", "active": True}


def test_what_an_answer_says_about_a_write() -> None:
    accepted, unknown = [200, 201, 204], [202, 302, 408, 502, 503, 504, 524]
    refused = [400, 401, 404, 409, 412, 429, 500, 501]
    assert {fate_of(status) for status in accepted} == {WriteOutcome.ACCEPTED}
    assert {fate_of(status) for status in unknown} == {WriteOutcome.UNKNOWN}
    assert {fate_of(status) for status in refused} == {WriteOutcome.REFUSED}
    assert fate_of(0, unknown=True) is WriteOutcome.UNKNOWN


def created(book: WriteLog, number: int, at: float) -> None:
    body = json.dumps({"userName": f"u{number}@example.com", "active": True}).encode()
    answer = Response(at)
    answer.status, answer.body = 201, json.dumps({"id": str(number)}).encode()
    answer.head = b"HTTP/1.1 201 Created\r\nContent-Type: application/scim+json\r\n\r\n"
    ticket = book.sent("POST", "/scim/v2/Users", body, at)
    book.answered(ticket, 201, at + 0.5, body=answer.body, proof=RawExchange(WIRE + body, answer))


def switched(book: WriteLog, number: int, at: float, *, active: bool) -> None:
    body = json.dumps({"Operations": [{"op": "replace", "value": {"active": active}}]}).encode()
    ticket = book.sent("PATCH", f"/scim/v2/Users/{number}", body, at)
    book.answered(ticket, 200, at + 0.5)


def read(book: WriteLog, number: int, at: float, *, active: bool, status: int = 200) -> None:
    ticket = book.sent("GET", f"/scim/v2/Users/{number}", b"", at)
    book.answered(ticket, status, at + 0.5, json={"id": str(number), "active": active})


def test_a_read_is_held_to_what_was_answered_before_it_began() -> None:
    book = WriteLog()
    created(book, 1, 0)
    read(book, 1, 1, active=True)
    switched(book, 1, 2, active=False)
    read(book, 1, 2.2, active=True)
    read(book, 1, 3, active=False)
    assert not book.stale
    read(book, 1, 4, active=True)
    read(book, 1, 5, active=True)
    (found,) = book.stale.values()
    assert (found.sort, found.attribute, book.stale_times[found.about]) == ("stale", "active", 2)
    read(book, 1, 6, active=True, status=404)
    assert len(book.stale) == 2


def test_evidence_comes_from_the_raw_bytes_and_is_redacted_in_the_document() -> None:
    book = WriteLog()
    created(book, 1, 0)
    read(book, 1, 1, active=True, status=404)
    result = Result()
    result.add(book.stale.values())
    whole = document(result, Target("http://127.0.0.1:1/scim/v2"), "scimproof-00000000", {"1"})
    (row,) = whole["stale"]
    create, seen = (whole["exchanges"][number - 1] for number in row["exchanges"])
    assert (create["status"], create["request"]["method"], seen["status"]) == (201, "POST", 404)
    assert "u1@example.com" in create["request"]["body"]
    assert "very-secret" not in json.dumps(whole)
    both = merged([whole, whole])
    assert both["counts"]["stale"] == 2
    assert [row["exchanges"] for row in both["stale"]] == [[1, 2], [3, 4]]
    assert [exchange["number"] for exchange in both["exchanges"]] == [1, 2, 3, 4]


def test_memory_is_bounded_and_what_was_not_kept_says_so() -> None:
    book = WriteLog(EvidenceStore(limit=50_000))
    for number in range(500):
        created(book, number, number)
    assert book.shelf.weight <= 50_000
    assert book.shelf.dropped > 300
    bare = book.shelf.exchange(book.creations["User", "u1@example.com"][0].write)
    assert (bare.request.method, bare.status) == ("POST", 201)
    assert NOT_KEPT in bare.reason


def test_thousands_of_writes_to_one_user_are_no_more_than_the_last_few() -> None:
    book = WriteLog()
    created(book, 1, 0)
    for turn in range(5000):
        switched(book, 1, turn + 1, active=turn % 2 == 0)
    resource = book.resource("User", "1")
    assert resource is not None
    assert len(resource.register("active").entries) < 8


def test_it_may_be_written_from_many_threads() -> None:
    book = WriteLog()

    def create(start: int) -> None:
        for number in range(start, start + 200):
            created(book, number, number)

    threads = [threading.Thread(target=create, args=(start,)) for start in range(0, 1600, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(book.resources) == book.writes == 1600


def group_with(book: WriteLog, *members: str) -> None:
    body = json.dumps({"displayName": "G", "members": []}).encode()
    ticket = book.sent("POST", "/scim/v2/Groups", body, 0)
    book.answered(ticket, 201, 0.5, body=b'{"id": "g"}')
    added = {"op": "Add", "path": "members", "value": [{"value": id} for id in members]}
    body = json.dumps({"schemas": [PATCH], "Operations": [added]}).encode()
    book.answered(book.sent("PATCH", "/scim/v2/Groups/g?aadOptscim062020", body, 1), 204, 1.5)


def looked_at(book: WriteLog, query: str, at: float, **shown: Any) -> int:
    """How many contradictions are known after a read of the group with that query."""
    ticket = book.sent("GET", f"/scim/v2/Groups/g{query}", b"", at)
    book.answered(ticket, 200, at + 0.5, json={"id": "g", "displayName": "G", **shown})
    return len(book.stale)


@pytest.mark.parametrize(
    "query", ["?excludedAttributes=members", "?excludedAttributes=meta,Members&x", "?attributes=displayName"]
)
def test_a_read_says_nothing_of_what_it_asks_to_have_left_out(query: str) -> None:
    book = WriteLog()
    group_with(book, "1")
    assert looked_at(book, query, 2) == 0
    assert looked_at(book, f"{query}&x=1", 3, members=[{"value": "1"}]) == 0
    assert looked_at(book, "?x=members", 4) == 1, "any other query changes nothing"


def test_a_read_that_leaves_members_out_still_shows_the_name() -> None:
    book = WriteLog()
    group_with(book, "1")
    body = json.dumps({"Operations": [{"op": "Replace", "path": "displayName", "value": "H"}]}).encode()
    book.answered(book.sent("PATCH", "/scim/v2/Groups/g", body, 2), 204, 2.5)
    assert looked_at(book, "?excludedAttributes=members", 3) == 1
    assert looked_at(book, "?excludedAttributes=members", 4, displayName="H") == 1


def test_who_is_deleted_may_leave_the_groups() -> None:
    book = WriteLog()
    created(book, 1, 0)
    group_with(book, "1", "2")
    assert not book.may_leave("1")
    book.answered(book.sent("DELETE", "/scim/v2/Users/1", b"", 2), 204, 2.5)
    assert book.may_leave("1")
    assert looked_at(book, "", 3, members=[{"value": "2"}]) == 0
    assert looked_at(book, "", 4, members=[]) == 1, "the other stays"


def test_the_id_of_who_was_deleted_may_come_back_with_the_name() -> None:
    for again, alive in (("u1@example.com", True), ("another@example.com", False)):
        book = WriteLog()
        created(book, 1, 0)
        book.answered(book.sent("DELETE", "/scim/v2/Users/1", b"", 1), 204, 1.5)
        body = json.dumps({"userName": again, "active": True}).encode()
        book.answered(book.sent("POST", "/scim/v2/Users", body, 2), 201, 2.5, body=b'{"id": "1"}')
        read(book, 1, 3, active=True)
        assert (not book.stale) is alive


USER_FORMS = [
    ({"op": "Replace", "path": "active", "value": "False"}, {"active": False}),
    ({"op": "Replace", "path": "active", "value": "false"}, {"active": False}),
    ({"op": "Replace", "path": "active", "value": False}, {"active": False}),
    ({"op": "replace", "value": {"active": False}}, {"active": False}),
    ({"op": "Add", "path": "active", "value": "True"}, {"active": True}),
    ({"op": "add", "value": {"name.givenName": "Al"}}, {"name.givenName": "al"}),
    (
        {
            "op": "replace",
            "value": {
                "displayName": "D",
                "name.familyName": "F",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "X",
            },
        },
        {"displayName": "d", "name.familyName": "f"},
    ),
    (
        {"op": "Replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:title", "value": "T"},
        {"title": "t"},
    ),
    ({"op": "Replace", "path": 'emails[type eq "work"].value', "value": "a@example.com"}, {}),
    (
        {
            "op": "Add",
            "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            "value": "17",
        },
        {},
    ),
    ({"op": "Add", "path": "roles", "value": [{"value": '{"id":"1","value":"active"}'}]}, {}),
]


@pytest.mark.parametrize(("operation", "values"), USER_FORMS)
def test_what_entra_patches_of_users(operation: dict[str, Any], values: dict[str, Any]) -> None:
    assert patched("User", operation).values == values


def test_what_entra_patches_of_groups() -> None:
    one, two = {"$ref": None, "value": "a"}, {"value": "b"}
    assert patched("Group", {"op": "Add", "path": "members", "value": [one, two]}).members == {
        "a": True,
        "b": True,
    }
    removed = patched("Group", {"op": "Remove", "path": "members", "value": [one, two]})
    assert (removed.members, removed.everyone) == ({"a": False, "b": False}, False)
    several = [{"op": "remove", "path": f'members[value eq "{id}"]'} for id in "ab"]
    assert patched("Group", *several).members == {"a": False, "b": False}
    renamed = patched("Group", {"op": "replace", "value": {"displayName": "Crew"}})
    assert (renamed.values, renamed.name, renamed.members, renamed.everyone) == (
        {"displayName": "crew"},
        "Crew",
        {},
        False,
    )
