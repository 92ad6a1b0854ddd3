"""What is read of a request never fails, whatever the request has."""

from __future__ import annotations

import json

import pytest

from scimproof.checks.every_answer import by_cursor, count, is_query, projected, start_index
from scimproof.core.http_message import Exchange, Request
from scimproof.core.scim import LIST_RESPONSE

LIST = {"schemas": [LIST_RESPONSE], "totalResults": 0, "Resources": []}


def get(query: str, path: str = "/scim/v2/Users") -> Exchange:
    body = json.dumps(LIST).encode()
    return Exchange(1, Request("GET", f"{path}?{query}", ()), 200, body=body)


def search(body: object) -> Exchange:
    request = Request("POST", "/scim/v2/Users/.search", (), json.dumps(body).encode())
    return Exchange(1, request, 200, body=json.dumps(LIST).encode())


@pytest.mark.parametrize(
    ("query", "number", "first"),
    [
        ("", None, 1),
        ("count=5", 5, 1),
        ("count=abc", None, 1),
        ("count=-1", 0, 1),
        ("count=", None, 1),
        ("count=99999999999999999999", None, 1),
        ("startIndex=0", None, 1),
        ("startIndex=-5&count=1", 1, 1),
        ("startIndex=1.5", None, None),
        ("startIndex=7&startIndex=9", None, 7),
        ("STARTINDEX=3", None, 3),
    ],
)
def test_numbers_of_a_query(query: str, number: int | None, first: int | None) -> None:
    assert (count(get(query)), start_index(get(query))) == (number, first)


@pytest.mark.parametrize(
    "body", [None, [], "x", {"count": None}, {"startIndex": {"a": 1}}, {"attributes": 5}]
)
def test_odd_searches_are_read(body: object) -> None:
    exchange = search(body)
    assert is_query(exchange)
    assert count(exchange) is None
    assert isinstance(projected(exchange, "userName"), bool)


def test_a_search_has_its_numbers_in_the_body() -> None:
    exchange = search({"startIndex": 3, "count": 2, "attributes": ["userName", "emails"]})
    assert (start_index(exchange), count(exchange)) == (3, 2)
    assert not projected(exchange, "emails")
    assert projected(exchange, "displayName")


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ("", False),
        ("attributes=userName", True),
        ("attributes=NAME.familyname", False),
        ("attributes=urn:ietf:params:scim:schemas:core:2.0:User:name", False),
        ("excludedAttributes=name.givenName", True),
        ("excludedAttributes=emails", False),
    ],
)
def test_what_a_projection_takes_away(query: str, *, taken: bool) -> None:
    assert projected(get(query), "name") is taken


def test_a_cursor_is_one_when_empty() -> None:
    assert by_cursor(get("cursor&count=1"))
    assert not by_cursor(get("count=1"))
