"""Okta's rules after a 429."""

from __future__ import annotations

import pytest

from scimproof.load.player.patience import RetryPolicy, told_seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        (" 12 ", 12),
        (None, None),
        ("", None),
        ("1.5", None),
        ("-1", None),
        ("\u0663", None),
        ("9" * 10, None),
        ("Fri, 31 Dec 2027 23:59:59 GMT", None),
    ],
)
def test_only_whole_seconds_are_read(header: str | None, seconds: int | None) -> None:
    assert told_seconds(header) == seconds


def test_retry_after_is_waited_exactly_however_compressed_the_clock() -> None:
    patience = RetryPolicy(compress=1000)
    assert [patience.after("7"), patience.after("2")] == [7, 2]
    assert (patience.told, patience.okta_seconds) == (2, 9)


def test_without_it_five_minutes_double_and_the_tenth_is_the_last() -> None:
    patience = RetryPolicy()
    waits = [patience.after(None) for _ in range(10)]
    assert waits == [300.0 * 2**n for n in range(9)] + [None]
    assert patience.told == 0


def test_the_wait_doubles_from_whatever_it_was_before() -> None:
    patience = RetryPolicy(compress=10)
    assert patience.after("4") == 4
    assert patience.after("Fri, 31 Dec 2027 23:59:59 GMT") == 0.8
    assert patience.after(None) == 1.6
    assert patience.okta_seconds == 4 + 8 + 16


def test_ten_answers_with_a_good_header_are_the_end_too() -> None:
    patience = RetryPolicy()
    assert [patience.after("1") for _ in range(10)] == [1.0] * 9 + [None]
