"""The retry policy after a 429, and what load makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scimproof.load.client.response import Response
from scimproof.load.metrics.counters import Metrics
from scimproof.load.player import retry
from scimproof.target.retry_policy import RETRY, RetryPolicy, busy, told_seconds


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


def waits(policy: RetryPolicy, told: Sequence[str | None]) -> list[float | None]:
    """The wait after each answer of a row of 429s."""
    found: list[float | None] = []
    for attempt, value in enumerate(told, 1):
        headers = [] if value is None else [("retry-after", value)]
        found.append(policy.after(attempt, headers, found[-1] if found else None))
    return found


def test_without_it_five_minutes_double_and_the_tenth_is_the_last() -> None:
    assert waits(RETRY, [None] * 10) == [300.0 * 2**n for n in range(9)] + [None]


def test_the_wait_doubles_from_whatever_it_was_before() -> None:
    assert waits(RETRY, ["4", "Fri, 31 Dec 2027 23:59:59 GMT", None, "0", None]) == [4, 8, 16, 0, 0]


def test_ten_answers_with_a_good_header_are_the_end_too() -> None:
    assert waits(RETRY, ["1"] * 10) == [1.0] * 9 + [None]


def test_a_sender_may_not_listen_and_may_have_enough_sooner() -> None:
    deaf = RetryPolicy(first_wait=2, attempts=3, factor=3, honours_retry_after=False)
    assert waits(deaf, ["9", "9", "9"]) == [2, 6, None]
    assert waits(RetryPolicy(longest=60), ["60", "61"]) == [60, None]


@pytest.mark.parametrize(
    ("status", "told", "reads", "waited_out"),
    [(429, None, False, True), (503, 1, True, True), (503, None, True, False), (503, 1, False, False)],
)
def test_a_503_is_waited_out_by_reads_that_are_told_when_to_come_again(
    status: int, told: int | None, reads: bool, waited_out: bool
) -> None:
    assert busy(status, told, reads=reads) is waited_out


def persisted(monkeypatch: pytest.MonkeyPatch, clock: float, told: Sequence[str | None]) -> list[float]:
    """How long the load slept between answers of 429, and at the end there is a 200."""
    slept: list[float] = []
    monkeypatch.setattr(retry, "sleep", slept.append)
    answers = iter([answer(429, value) for value in told] + [answer(200, None)])
    figures = Metrics()
    assert retry.patiently(lambda: next(answers), retry.LoadRetry(figures, clock)).status == 200
    verdicts = figures.judged[retry.FINDING].verdicts
    assert verdicts.total() == len(told)
    assert verdicts["fail"] == sum(told_seconds(value) is None for value in told)
    return slept


def answer(status: int, told: str | None) -> Response:
    made = Response(0.0)
    made.status = status
    header = f"Retry-After: {told}\r\n" if told is not None else ""
    made.head = f"HTTP/1.1 {status} x\r\n{header}Content-Length: 0\r\n\r\n".encode()
    return made


def test_retry_after_is_waited_exactly_however_fast_the_senders_own_waits_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert persisted(monkeypatch, 1000, ["7", "2"]) == [7, 2]
    assert persisted(monkeypatch, 10, ["4", "Fri, 31 Dec 2027 23:59:59 GMT", None]) == [4, 0.8, 1.6]
    assert persisted(monkeypatch, 1, [None, None]) == [300, 600]
