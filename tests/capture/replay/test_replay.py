"""Whole replays: what was recorded on one embedded target, played on another."""

from __future__ import annotations

import itertools
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.reader import Capture
from scimproof.capture.replay.player import Pace
from scimproof.core.results import Verdict
from scimproof.embedded.app import Application, build
from tests.capture.replay import kit
from tests.capture.replay.kit import PREFIX, RECORDED, everybody, record, replay, written
from tests.matrix.inprocess import TOKEN
from tests.matrix.varieties import VARIETIES
from tests.safety.test_strangers import Confused

OKTA = (
    "okta.oin.user.create", "okta.oin.user.find-other-case", "okta.oin.user.deactivate",
    "okta.oin.user.reactivate", "okta.oin.user.update", "okta.oin.user.rename",
    "okta.oin.user.create-existing",
    "okta.oin.user.emoji", "okta.oin.user.plus", "okta.oin.user.password", "okta.oin.group.push",
    "okta.oin.group.rename", "okta.oin.group.add-member", "okta.oin.group.remove-member",
    "okta.oin.group.delete", "okta.oin.group.quotes-search",
)  # fmt: skip
FEW = (
    "okta.oin.user.create", "okta.oin.user.update", "okta.oin.user.deactivate", "okta.oin.group.push",
    "okta.oin.group.remove-member",
)  # fmt: skip
# What a fault must break, and beside what it shows first.
FAULTS = {
    "patch-active-500": {"replay-status-as-recorded"},
    "put-not-stored": {"replay-written-as-recorded"},
    "title-dropped": {"replay-written-as-recorded"},
    "locale-dropped": {"replay-written-as-recorded"},
    "create-conflict-500": {"replay-status-as-recorded"},
    "group-remove-clears": {"replay-written-as-recorded"},
    "group-rename-ignored": {"replay-written-as-recorded"},
    "delete-ineffective": {"replay-found-as-recorded"},
    "create-id-differs": {"replay-status-as-recorded"},
    "create-without-id": {"replay-written-as-recorded"},
}


@cache
def okta() -> Path:
    return record(build(token=TOKEN), *OKTA)


@cache
def okta_few() -> Path:
    return record(build(token=TOKEN), *FEW)


@cache
def entra() -> Path:
    return record(build(token=TOKEN), "entra.default", profile="entra-default")


def test_our_own_run_replayed_holds_and_leaves_nothing() -> None:
    target = build(token=TOKEN)
    kit.seeded(target)
    before = everybody(target)
    played = replay(okta(), target)
    assert not played.wrong
    assert not played.verdict(Verdict.WARNING)
    assert len(played.verdict(Verdict.PASS)) > 3 * played.replay.history.exchanges
    assert everybody(target) == before
    assert played.ledger["created"] == played.ledger["removed"] > 10


def test_requests_go_out_byte_for_byte_but_for_names_ids_and_secrets() -> None:
    played = replay(okta())
    sent = {_as_recorded(request.wire()) for request in played.sent}
    for exchange in Capture(okta()):
        if exchange.method == "GET" and "filter=userName" in exchange.target:
            head = exchange.request.head.replace(b"*" * len(f"Bearer {TOKEN}"), f"Bearer {TOKEN}".encode())
            assert head in sent


def _as_recorded(wire: bytes) -> bytes:
    for old, new in ((PREFIX, RECORDED), (PREFIX.upper(), RECORDED.upper())):
        wire = wire.replace(old.encode(), new.encode())
    return wire


def test_what_entra_sends_replays_as_entra() -> None:
    played = replay(entra(), sender="entra")
    assert not played.wrong
    assert {outcome.sequence for outcome in played.outcomes} >= {"replay.entra-09", "replay.afterwards"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_named(fault: str) -> None:
    played = replay(okta(), build(token=TOKEN, faults=(fault,)))
    failed = {finding.requirement for finding in played.verdict(Verdict.FAIL)}
    assert failed >= FAULTS[fault]
    named = {finding.exchange for finding in played.verdict(Verdict.FAIL)}
    assert named <= {exchange.number for outcome in played.outcomes for exchange in outcome.exchanges}
    assert named <= played.replay.recorded.keys() | {None, *_afterwards(played)}


def _afterwards(played: kit.Replayed) -> set[int]:
    last = [outcome for outcome in played.outcomes if outcome.sequence == "replay.afterwards"]
    return {exchange.number for outcome in last for exchange in outcome.exchanges}


@pytest.mark.parametrize("variety", VARIETIES, ids=lambda one: one.name)
def test_a_right_server_that_is_unusual_is_not_blamed(variety: Any) -> None:
    played = replay(okta_few(), Application(TOKEN, [variety], 0.0))
    assert not played.wrong
    assert not played.verdict(Verdict.WARNING)
    assert not played.left


def test_a_capture_of_an_unusual_server_replays_on_a_plain_one() -> None:
    digits = next(one for one in VARIETIES if one.name == "ids-are-digits")
    path = record(Application(TOKEN, [digits], 0.0), *FEW)
    assert not replay(path).wrong


def test_no_mark_and_no_recorded_secret_is_sent() -> None:
    played = replay(okta())
    wires = b"\n".join(request.wire() for request in played.sent)
    assert b"****" not in wires
    assert RECORDED.encode() not in wires
    assert all(dict(request.headers).get("Authorization") == f"Bearer {TOKEN}" for request in played.sent)


# Captures written by hand.


def exchange(
    number: int,
    line: str,
    body: Any = None,
    status: int = 200,
    answer: Any = None,
    *,
    at: float = 0.0,
    seconds: float = 0.01,
    connection: int = 1,
) -> CapturedExchange:
    data = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{line} HTTP/1.1\r\nHost: old.corp.com\r\nAuthorization: *****\r\nAccept: application/scim+json\r\n"
    )
    head += (
        f"Content-Type: application/scim+json\r\nContent-Length: {len(data)}\r\n" if body is not None else ""
    )
    told = b"" if answer is None else json.dumps(answer).encode()
    reply = (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/scim+json\r\nContent-Length: {len(told)}\r\n\r\n"
    )
    return CapturedExchange(
        number, connection, at or float(number),
        CapturedMessage(f"{head}\r\n".encode(), data), CapturedMessage(reply.encode(), told),
        seconds, masked=("authorization",),
    )  # fmt: skip


def user(id: str, user_name: str, **more: Any) -> dict[str, Any]:
    schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"]
    return {"schemas": schemas, "id": id, "userName": user_name, "active": True, **more}


def patch(**operation: Any) -> dict[str, Any]:
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}


JANE = "userName%20eq%20%22jane%40corp.com%22"
OFF = patch(op="replace", value={"active": False})


def listed(*rows: Any) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(rows), "startIndex": 1, "itemsPerPage": len(rows), "Resources": list(rows),
    }  # fmt: skip


def test_who_was_there_before_is_created_first() -> None:
    jane = user("7", "Jane@corp.com", title="Boss", name={"givenName": "Jane", "familyName": "Doe"})
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "9", "displayName": "Sales"}
    played = replay(
        written([
            exchange(1, f"GET /scim/v2/Users?filter={JANE}", None, 200, listed(jane)),
            exchange(2, "GET /scim/v2/Users/7", None, 200, jane),
            exchange(3, "PATCH /scim/v2/Groups/9", patch(op="add", value={"members": [{"value": "7"}]}), 204),
            exchange(4, "PATCH /scim/v2/Groups/9", patch(op="remove", path='members[value eq "8"]'), 204),
            exchange(5, "GET /scim/v2/Groups/9", None, 200, group | {"members": [{"value": "7"}]}),
            exchange(6, "PATCH /scim/v2/Users/7", OFF, 200, jane | {"active": False}),
            exchange(7, "DELETE /scim/v2/Users/7", None, 204),
            exchange(8, "GET /scim/v2/Users/7", None, 404),
        ])
    )  # fmt: skip
    assert not played.wrong
    assert not played.left
    assert "2 of the people, 1 of the groups" in played.replay.notes()[0]


def test_a_name_that_was_taken_is_taken_here_too() -> None:
    played = replay(written([exchange(1, "POST /scim/v2/Users", user("", "jane@corp.com"), 409, {})]))
    assert not played.wrong
    assert played.ledger["created"] == 1


def test_an_id_that_was_nobodys_is_nobodys_here() -> None:
    target = build(token=TOKEN)
    kit.seeded(target)
    before = everybody(target)
    stranger = before[0]["id"]
    played = replay(
        written([
            exchange(1, f"GET /scim/v2/Users/{stranger}", None, 404, {}),
            exchange(2, f"DELETE /scim/v2/Users/{stranger}", None, 404, {}),
            exchange(3, "DELETE /scim/v2/Users/12", None, 404, {}),
        ]),
        target,
    )  # fmt: skip
    assert not played.wrong
    assert everybody(target) == before
    assert not [request for request in played.sent if stranger in request.target]


@pytest.mark.parametrize(
    "line",
    [
        "DELETE /scim/v2/Users",
        "PATCH /scim/v2/Me",
        "POST /scim/v2/Users/1/deactivate",
        "DELETE /scim/v2/Rooms/1",
    ],
)
def test_what_could_touch_anybody_is_never_sent(line: str) -> None:
    target = build(token=TOKEN)
    kit.seeded(target)
    before = everybody(target)
    played = replay(written([exchange(1, line, {} if line.startswith("P") else None, 204)]), target)
    assert everybody(target) == before
    assert [request for request in played.sent if request.method != "GET"] == []


def test_a_target_that_gives_out_the_id_of_a_stranger_loses_nobody() -> None:
    """The recorded DELETE goes to whomever the create named: the guard reads first, and refuses."""
    target = build(token=TOKEN)
    kit.seeded(target)
    before = everybody(target)
    lying = Confused(target)
    lying.strangers["Users"] = itertools.cycle([before[0]["id"]])
    jane = user("7", "jane@corp.com")
    played = replay(
        written([
            exchange(1, "POST /scim/v2/Users", jane, 201, jane),
            exchange(2, "PATCH /scim/v2/Users/7", OFF, 204),
            exchange(3, "DELETE /scim/v2/Users/7", None, 204),
        ]),
        lying,
    )  # fmt: skip
    lying.strangers["Users"] = itertools.cycle([""])
    assert [one for one in everybody(target) if PREFIX not in json.dumps(one)] == before
    told = [one.observed for one in played.verdict(Verdict.INCONCLUSIVE)]
    assert len(told) == 2
    assert all("not sent" in one for one in told)


def test_two_connections_keep_their_order() -> None:
    """What began after something had ended on the other connection waits for it; what overlapped need not."""
    jane, joe = user("7", "jane@corp.com"), user("8", "joe@corp.com")
    renamed = jane | {"title": "Boss"}
    played = replay(
        written([
            exchange(1, "POST /scim/v2/Users", jane, 201, jane, at=10.0, connection=1),
            exchange(2, "POST /scim/v2/Users", joe, 201, joe, at=10.005, connection=2),
            exchange(3, "PATCH /scim/v2/Users/7", patch(op="replace", value={"title": "Boss"}), 200, renamed,
                     at=10.02, connection=2),
            exchange(4, "GET /scim/v2/Users/7", None, 200, renamed, at=10.04, connection=1),
            exchange(5, "GET /scim/v2/Users/8", None, 200, joe, at=10.041, connection=2),
        ])
    )  # fmt: skip
    assert not played.wrong
    order = [(one.method, one.target.rpartition("/")[2]) for one in played.sent if one.method != "POST"]
    assert [method for method, _ in order].index("PATCH") < len(order) - 2


def test_support_case_fails_until_it_is_fixed() -> None:
    jane = user("7", "jane@corp.com")
    path = written([
        exchange(1, "POST /scim/v2/Users", jane, 201, jane),
        exchange(2, "PATCH /scim/v2/Users/7", OFF, 500, {}),
        exchange(3, "PATCH /scim/v2/Users/7", OFF, 400, {}),
    ])  # fmt: skip
    broken = build(token=TOKEN, faults=("patch-active-500",))
    failed = replay(path, broken, pace=Pace(fixed=frozenset({3}))).verdict(Verdict.FAIL)
    assert {one.requirement for one in failed} == {"replay-served-now", "replay-fixed"}
    assert not replay(path, pace=Pace(fixed=frozenset({3}))).wrong
    assert (
        "/3#replay-status-as-recorded" in replay(path).wrong[0]
    )  # without --fixed the recording is what holds


def test_what_no_capture_can_repeat_is_not_judged() -> None:
    played = replay(
        written([
            exchange(1, "GET /scim/v2/Users?count=1", None, 401, {}),
            exchange(2, "GET /scim/v2/Users?count=1", None, 429, {}),
            exchange(3, "POST /oauth/token", {}, 200, {}),
            exchange(4, "GET /scim/v2/Users?count=1", None, 200, listed()),
        ])
    )  # fmt: skip
    assert [one.verdict for one in played.findings[:3]] == [Verdict.NOT_APPLICABLE] * 3
    assert not played.wrong
    assert len(played.sent) == 1


def test_what_is_never_shown_is_told_at_the_end_too() -> None:
    jane = user("7", "jane@corp.com", title="Boss")
    path = written([exchange(1, "POST /scim/v2/Users", jane, 201, jane)])
    failed = replay(path, build(token=TOKEN, faults=("title-dropped",))).verdict(Verdict.FAIL)
    assert "never shown: title" in [one.observed for one in failed]


def test_a_loss_that_no_recorded_read_shows_is_found_at_the_end() -> None:
    jane = user("7", "jane@corp.com", title="Boss")
    path = written([
        exchange(1, "POST /scim/v2/Users", jane, 201, jane),
        exchange(2, "PUT /scim/v2/Users/7", jane | {"title": "Chief"}, 204),
    ])  # fmt: skip
    failed = replay(path, build(token=TOKEN, faults=("put-not-stored",))).verdict(Verdict.FAIL)
    assert [one.sequence for one in failed] == ["replay.afterwards"]
    assert not replay(path).verdict(Verdict.FAIL)
