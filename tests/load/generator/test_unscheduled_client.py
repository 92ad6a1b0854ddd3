"""What is sent outside the schedule waits out a limit one by one, and leaves a silent target be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.load.client.client import LoadClient
from scimproof.load.generator.unscheduled_client import SILENT, UnscheduledClient
from scimproof.load.greenlets import at_once
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.unscheduled_counters import PurposeCounters, UnscheduledCounters
from scimproof.load.player.retry import LoadRetry
from scimproof.target.credentials import Bearer
from scimproof.target.retry_policy import RetryPolicy
from scimproof.target.target import Target
from tests.load.scripted import OK, Listener, Script, Talk, scripted

LATER = b"HTTP/1.1 %d Later\r\nRetry-After: %d\r\nContent-Length: 0\r\n\r\n"
POLICY = RetryPolicy(first_wait=0.01, attempts=10, longest=60)


@contextmanager
def client(script: Script, seconds: float = 5.0) -> Iterator[tuple[UnscheduledClient, Listener]]:
    """A client of a target that does that."""
    with scripted(script) as listener:
        target = Target(f"http://127.0.0.1:{listener.port}", Bearer("a-token"))
        sender = LoadClient(target, seconds)
        made = UnscheduledClient(sender, target, LoadRetry(Metrics(), policy=POLICY), PurposeCounters())
        try:
            yield made, listener
        finally:
            made.close()
            sender.close()


def send(sender: UnscheduledClient, method: str = "POST") -> Exchange:
    return sender.send(Request(method, "/Users", (("Host", "x"), ("Content-Length", "0"))))


def limited(every: int, status: int = 429) -> Script:
    """Says that it is too much to each request but every so-manieth, whoever asks."""
    asked = count(1)

    def script(talk: Talk) -> None:
        while talk.request():
            talk.answer(OK if next(asked) % every == 0 else LATER % (status, 0))

    return script


def test_many_at_once_are_let_through_one_after_the_other() -> None:
    with client(limited(4)) as (sender, listener):
        answers = at_once(lambda: send(sender) for _ in range(8))
        assert {answer.status for answer in answers} == {200}
        counted = sender.counts
        assert counted.requests == len(listener.requests) == 8 + counted.throttled
        assert counted.throttled >= 3 * 8 - 3


@pytest.mark.parametrize(("method", "asked"), [("GET", 2), ("POST", 1)])
def test_a_503_is_asked_again_only_where_twice_is_as_good_as_once(method: str, asked: int) -> None:
    with client(limited(2, 503)) as (sender, listener):
        assert send(sender, method).status == (200 if asked == 2 else 503)
        assert len(listener.requests) == asked


def test_a_target_that_never_answers_is_left_be() -> None:
    def silent(talk: Talk) -> None:
        talk.request()
        talk.request()  # until the other side has had enough

    with client(silent, seconds=0.05) as (sender, _):
        for _ in range(SILENT):
            assert "no complete answer within" in send(sender).error
        with pytest.raises(RunStopped, match="stopped answering: 16 requests in a row"):
            send(sender)
        assert (sender.counts.requests, sender.counts.unanswered) == (SILENT, SILENT)


def test_a_wait_ends_with_the_run() -> None:
    with client(limited(2)) as (sender, _):
        until = time.monotonic()
        sender.stopped = lambda: "interrupted" if time.monotonic() > until + 0.1 else ""
        with pytest.raises(RunStopped, match="interrupted"):
            sender.wait_out(60)
        assert sender.counts.throttled == 1


def test_what_several_processes_counted_adds_up() -> None:
    one, other = UnscheduledCounters(), UnscheduledCounters()
    one.of("prefill").requests, one.of("prefill").seconds = 3, 1.5
    other.of("prefill").requests, other.of("prefill").seconds = 4, 2.5
    other.of("audit").throttled = 1
    rows = UnscheduledCounters.together(one.rows(), other.rows()).rows()
    assert [(row["purpose"], row["requests"], row["throttled"], row["seconds"]) for row in rows] == [
        ("prefill", 7, 0, 2.5),
        ("audit", 0, 1, 0),
    ]
