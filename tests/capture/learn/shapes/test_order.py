"""The fewest items whose move explains another order."""

from __future__ import annotations

import pytest

from scimproof.capture.learn.shapes.order import moved


@pytest.mark.parametrize(
    ("expected", "seen", "items"),
    [
        ("abcd", "abcd", ""),
        ("abcd", "bcda", "a"),
        ("abcd", "dabc", "d"),
        ("abcde", "acbde", "c"),  # of two neighbours either explains it
        ("abcd", "dcba", "dcb"),
        ("aab", "aba", "b"),
        ("", "", ""),
    ],
)
def test_only_what_moved_is_named(expected: str, seen: str, items: str) -> None:
    assert "".join(seen[place] for place in moved(expected, seen)) == items
