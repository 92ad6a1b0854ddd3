"""The query of the base URL is what nearly every request ends in, and no sender writes itself."""

from __future__ import annotations

import pytest

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.learn.base_query import base_query

KNOWN = {"filter", "startindex", "count"}


def sent(*targets: str) -> list[CapturedExchange]:
    return [
        CapturedExchange(number, 1, 0.0, CapturedMessage(f"GET {target} HTTP/1.1\r\n\r\n".encode()))
        for number, target in enumerate(targets, 1)
    ]


@pytest.mark.parametrize(
    ("targets", "query"),
    [
        (("/Users?flag", "/Users/1?flag", "/Groups?filter=a&flag"), "flag"),
        (("/Users?a=1&b=2", "/Users/1?a=1&b=2", "/Groups?count=2&a=1&b=2"), "a=1&b=2"),
        (("/Users?startIndex=1&count=2",) * 9, ""),
        (("/Users?flag", "/Users", "/Users/1"), ""),
        (("/Users?flag", "/Users/1?flag"), ""),
        ((), ""),
    ],
)
def test_what_all_end_in_is_the_query_of_the_base_url(targets: tuple[str, ...], query: str) -> None:
    assert base_query(sent(*targets), KNOWN) == query
