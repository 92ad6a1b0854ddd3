"""Bulk jobs: what their operations stand for, what they made, and what the write guard lets through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Exchange, Request
from scimproof.engine.bulk import creates_of, is_bulk, made_by, operations_of
from scimproof.engine.write_guard import WriteGuard

PREFIX = "scimproof-00000000"
POST = {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": f"{PREFIX}.abcdef.x"}}


def job(*operations: Any) -> Request:
    body = json.dumps({"Operations": operations}).encode()
    return Request("POST", "/scim/v2/Bulk", (("Authorization", "Bearer t"),), body)


def answered(request: Request, *results: Any) -> Exchange:
    return Exchange(1, request, 200, body=json.dumps({"Operations": results}).encode())


def test_operations_are_requests_below_the_base() -> None:
    request = job(POST, {"method": "delete", "path": "/Users/7"}, {"method": "GET"}, "text")
    assert is_bulk(request)
    assert [(one.method, one.target) for one in operations_of(request)] == [
        ("POST", "/scim/v2/Users"),
        ("DELETE", "/scim/v2/Users/7"),
    ]
    assert [one.json for one in creates_of(request)] == [POST["data"]]


@pytest.mark.parametrize(
    ("result", "ids"),
    [
        ({"bulkId": "a", "location": "https://h/scim/v2/Users/41", "status": "201"}, ["41"]),
        ({"bulkId": "a", "location": "/scim/v2/Users/4%2F1", "status": {"code": "201"}}, ["4/1"]),
        ({"location": "/Users/41", "status": 201}, ["41"]),  # without bulkId by its place
        ({"bulkId": "a", "status": "201", "response": {"id": "9"}}, ["9"]),
        ({"bulkId": "a", "status": "201"}, [""]),
        ({"bulkId": "a", "location": "/Users/41", "status": "409"}, []),
        ("text", []),
    ],
)
def test_what_a_job_made_is_read_from_its_results(result: Any, ids: list[str]) -> None:
    assert [made.id for made in made_by(answered(job(POST), result))] == ids


def test_results_in_another_order_belong_to_their_bulk_ids() -> None:
    other = POST | {"bulkId": "b", "data": {"userName": f"{PREFIX}.abcdef.y"}}
    results = [{"bulkId": i, "location": f"/Users/{i}1", "status": "201"} for i in ("b", "a")]
    made = {
        one.operation.json["userName"][-1]: one.id for one in made_by(answered(job(POST, other), *results))
    }
    assert made == {"x": "a1", "y": "b1"}


@pytest.mark.parametrize(
    ("operation", "allowed"),
    [
        (POST, True),
        ({"method": "DELETE", "path": f"/Users/{PREFIX}-nobody"}, True),
        ({"method": "DELETE", "path": "/Users/mine"}, True),
        ({"method": "DELETE", "path": "/Users"}, False),
        ({"method": "delete", "path": "Users/%20"}, False),
        ({"method": "DELETE", "path": "/Users/."}, False),
        ({"method": "DELETE"}, False),
        ({"method": "PATCH", "path": "/Users/stranger", "data": {"id": "stranger"}}, False),
        ({"method": "POST", "path": "/Groups", "data": {"members": [{"value": "stranger"}]}}, False),
    ],
)
def test_a_job_is_sent_only_if_each_of_its_operations_may_be(
    tmp_path: Path, operation: Any, allowed: bool
) -> None:
    ledger = Ledger(tmp_path / "l.jsonl", "http://h", PREFIX)
    ledger.made("User", f"{PREFIX}.abcdef.m", "mine")
    ledger.prove("User", "mine")
    guard = WriteGuard(ledger)

    def read(request: Request) -> Exchange:
        named = {"id": "mine", "userName": f"{PREFIX}.abcdef.m"}
        return Exchange(1, request, 200, body=json.dumps(named).encode())

    refusal = guard.refusal(job(operation), {"stranger"}, lambda text: text == "stranger", read)
    assert (refusal == "") is allowed, refusal
    ledger.close()
