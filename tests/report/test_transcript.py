"""What a report keeps of an exchange."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scimproof.core.http_message import KEPT_BODY, Exchange, slim
from scimproof.core.redaction import REDACTED, Redactor
from scimproof.report.transcript import BODY, LEFT_OUT, UNREADABLE, Recorder
from tests.report.synthetic import PREFIX, TOKEN, USER, exchange, request

STRANGER = {
    "id": "s-9",
    "userName": "somebody.real@corp.example",
    "displayName": "Somebody Real",
    "emails": [{"value": "sr@corp.example"}],
}
RECORDER = Recorder(Redactor([TOKEN]), PREFIX, ids=("made-1",))
LIST = request("GET", "/scim/v2/Users?startIndex=1&count=100")


def body_of(seen: Exchange) -> Any:
    return json.loads(RECORDER.record(seen, "s", "t")["body"])


def test_of_a_list_only_this_runs_resources_are_kept() -> None:
    sent = {"totalResults": 3, "Resources": [STRANGER, USER, STRANGER | {"id": "made-1"}]}
    kept = RECORDER.record(exchange(1, LIST, 200, sent), "s", "t")
    assert kept["left_out"] == 1
    assert json.loads(kept["body"]) == {
        "totalResults": 3,
        "Resources": [LEFT_OUT, USER, STRANGER | {"id": "made-1"}],
    }


@pytest.mark.parametrize("sent", [[STRANGER], {"data": [STRANGER]}, {"resources": [STRANGER]}, STRANGER])
def test_other_shapes_give_nobody_away(sent: object) -> None:
    assert "omebody" not in json.dumps(RECORDER.record(exchange(2, LIST, 200, sent), "s", "t"))


def test_a_list_of_our_own_is_kept_byte_for_byte() -> None:
    sent = b'{ "Resources" : [ {"userName":"' + PREFIX.upper().encode() + b'@example.com"} ] }'
    assert RECORDER.record(exchange(3, LIST, 200, sent), "s", "t")["body"] == sent.decode()


@pytest.mark.parametrize("path", ["Schemas", "ResourceTypes", "ServiceProviderConfig"])
def test_what_a_server_says_about_itself_is_kept(path: str) -> None:
    sent = {"Resources": [{"id": "User", "name": "User"}]}
    assert body_of(exchange(4, request("GET", f"/scim/v2/{path}"), 200, sent)) == sent


def test_an_answer_to_a_write_is_kept_whatever_it_says() -> None:
    assert body_of(exchange(5, request("POST", "/scim/v2/Users", USER), 201, STRANGER)) == STRANGER


def test_of_a_list_that_cannot_be_read_only_the_beginning_is_kept() -> None:
    kept = RECORDER.record(exchange(6, LIST, 200, b"<" * 10_000), "s", "t")
    assert len(kept["body"]) == UNREADABLE


def test_a_finding_about_a_list_does_not_name_others() -> None:
    seen = exchange(7, LIST, 200, {"totalResults": 1, "Resources": [STRANGER]})
    told = f"found somebody.real@corp.example (Somebody Real): {seen.summary()}"
    kept = RECORDER.sentence(told, seen)
    assert "omebody" not in kept
    assert "sr@corp" not in kept
    assert "totalResults" in kept


def test_the_length_told_is_that_of_the_answer_also_when_the_run_kept_less() -> None:
    seen = exchange(901, request(), 500, b"no " * KEPT_BODY)
    kept = RECORDER.record(slim(slim(seen)), "s", "t")
    assert (len(kept["body"]), kept["truncated"], kept["length"]) == (BODY, True, 3 * KEPT_BODY)
    bare = RECORDER.record(slim(exchange(902, request(), 500, b"x" * 9), 0), "s", "t")
    assert (bare["body"], bare["truncated"], bare["length"]) == ("", True, 9)


def test_a_long_body_is_cut_and_says_so() -> None:
    kept = RECORDER.record(exchange(8, request("POST", body={}), 200, b"x" * (BODY + 5)), "s", "t")
    assert (len(kept["body"]), kept["truncated"], kept["length"]) == (BODY, True, BODY + 5)


def test_a_secret_across_the_cut_leaves_no_piece() -> None:
    sent = b"x" * (BODY - 6) + TOKEN.encode() + b"y" * 50
    kept = RECORDER.record(exchange(9, request("POST", body={}), 200, sent), "s", "t")["body"]
    assert TOKEN[:4] not in kept


def test_headers_and_reason_are_redacted() -> None:
    seen = exchange(
        10, request(), 200, None, reason=TOKEN, headers=(("X-Echo", f"Bearer {TOKEN}"), ("Set-Cookie", "a"))
    )
    kept = RECORDER.record(seen, "s", "t")
    assert kept["reason"] == REDACTED
    assert kept["headers"] == [["X-Echo", f"Bearer {REDACTED}"], ["Set-Cookie", REDACTED]]
    assert ["Authorization", f"Bearer {REDACTED}"] in kept["request"]["headers"]


def test_an_exchange_without_an_answer_says_why() -> None:
    kept = RECORDER.record(exchange(11, request(), 0, error="no complete answer within 60 s"), "s", "t")
    assert (kept["status"], kept["error"], kept["body"]) == (0, "no complete answer within 60 s", "")
