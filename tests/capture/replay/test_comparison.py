"""Whom a search finds: what is there has to be found, and of a page of a longer list nothing is claimed."""

from __future__ import annotations

import json

import pytest

from scimproof.capture.replay.comparison import FOUND, AnswerComparison
from scimproof.capture.replay.endpoint import Endpoint
from scimproof.core.http_message import Exchange, Request
from tests.matrix.inprocess import catalog

PREFIX = "scimproof-replayed"


def search(ids: str, total: int, count: int | None = None, filtered: str = "filter=a&") -> Exchange:
    """An answer to a search that shows these ids, one letter each."""
    rows = [{"id": id, "userName": f"{PREFIX}.{id}@example.com"} for id in ids]
    body = json.dumps({"totalResults": total, "Resources": rows}).encode()
    target = f"/scim/v2/Users?{filtered}startIndex=1{'' if count is None else f'&count={count}'}"
    return Exchange(1, Request("GET", target, (), b""), 200, "OK", (), body, 0.0, "")


@pytest.mark.parametrize(
    ("recorded", "seen", "wrong"),
    [
        (search("ab", 2), search("ba", 2), ""),
        (search("ab", 2), search("a", 1), "b not found"),
        (search("a", 1), search("ab", 2), "b found"),
        (search("", 0), search("a", 1), "a found"),
        # Lists have no order of their own: another server has others on a page of two.
        (search("ab", 3, 2), search("bc", 3, 2), ""),
        (search("ab", 3, 2), search("b", 1, 2), "a not found"),
        (search("ab", 3, 2), search("abc", 3, 2), "3 on a page of 2"),
        # Whoever has smaller pages has to show them all the same.
        (search("abc", 3, 5), search("ab", 3, 5), "c not found"),
        (search("ab", 2), search("aab", 3), "a found more than once"),
        (search("ab", 2, filtered=""), search("a", 1, filtered=""), "b not found"),
        (search("ab", 5, filtered=""), search("c", 1, filtered=""), ""),
    ],
)
def test_what_a_search_finds(recorded: Exchange, seen: Exchange, wrong: str) -> None:
    comparison = AnswerComparison(
        PREFIX, catalog().variety, lambda *_: True, frozenset(), {"User": set("abc"), "Group": set()}
    )
    (result,) = [
        one.result
        for one in comparison.compare(Endpoint("/scim/v2", ("Users",)), recorded, seen)
        if one.requirement == FOUND
    ]
    assert result.held is not bool(wrong), result
    assert wrong in result.observed
