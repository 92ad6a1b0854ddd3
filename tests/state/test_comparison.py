"""Comparison of one read with the expected state, while writes overlap."""

from __future__ import annotations

import itertools
import json
from typing import Any

from scimproof.core.http_message import Exchange, Request
from scimproof.state.expected_store import ExpectedStore
from tests.matrix.inprocess import catalog


def test_while_a_write_is_under_way_either_value_may_be_shown() -> None:
    clock = itertools.count(1).__next__
    store, numbers = ExpectedStore(catalog().variety, clock=clock), itertools.count(1)

    def request(method: str, path: str, body: Any = None) -> Request:
        return Request(method, f"/{path}", (), b"" if body is None else json.dumps(body).encode())

    def settle(pending: Any, asked: Request, status: int, shown: Any = None) -> Exchange:
        answer = b"" if shown is None else json.dumps(shown).encode()
        exchange = Exchange(next(numbers), asked, status, body=answer)
        store.settle(pending, exchange)
        return exchange

    create = request("POST", "Users", {"userName": "a", "title": "old"})
    settle(store.begin(create), create, 201, {"id": "1"})
    write = request("PATCH", "Users/1", {"Operations": [{"op": "replace", "path": "title", "value": "new"}]})
    under_way = store.begin(write)
    read = request("GET", "Users/1")
    for title, right in (("old", True), ("new", True), ("other", False)):
        seen = settle(store.begin(read), read, 200, {"id": "1", "userName": "a", "title": title})
        assert store.verdict([seen]).held is right
    settle(under_way, write, 204)
    seen = settle(store.begin(read), read, 200, {"id": "1", "userName": "a", "title": "old"})
    assert store.verdict([seen]).observed == 'title: expected "new", found "old"'
