"""The line to the target: Okta's patience, a budget, and idle connections that were closed."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.target.content_decoding import read_body
from scimproof.target.credentials import Bearer
from scimproof.target.retry_policy import RETRY, told_seconds
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport
from tests.hostile.servers import empty, hostile, says

GET = Request("GET", "/scim/v2/Users", (("Host", "localhost"),))


@dataclass
class Script:
    """A transport that answers by a script: a status with Retry-After, or an error."""

    answers: Iterable[tuple[int, str | None, str]]
    sent: int = 0
    untils: list[float] = field(default_factory=list)

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        self.sent += 1
        status, after, error = next(iter(self.answers))
        headers = () if after is None else (("Retry-After", after),)
        return Exchange(self.sent, request, status, "", headers, error=error)

    def until(self, moment: float) -> None:
        self.untils.append(moment)


class Watch(threading.Event):
    """Notes how long it was waited for, without waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        return self.is_set()


def line(
    answers: Iterable[tuple[int, str | None, str]], *, alive: bool = False
) -> tuple[RetryingClient, Script, Watch]:
    script, watch = Script(iter(answers)), Watch()
    return RetryingClient(script, Bearer("t"), alive=lambda: alive, stop=watch), script, watch


def test_each_429_doubles_the_previous_wait_and_a_number_told_is_obeyed() -> None:
    told: list[str | None] = [None, None, "7", None, "Wed, 21 Oct 2026 07:28:00 GMT", "1.5", "0"]
    sender, script, watch = line([*((429, after, "") for after in told), (200, None, "")])
    assert sender.send(GET).status == 200
    assert watch.waits == [300, 600, 7, 14, 28, 56, 0]
    assert script.sent == len(told) + 1


def test_ten_attempts_are_made_and_no_more() -> None:
    sender, script, watch = line(itertools.repeat((429, "1", "")))
    assert sender.send(GET).status == 429
    assert script.sent == RETRY.attempts
    assert len(watch.waits) == RETRY.attempts - 1


def test_a_wait_beyond_the_budget_stops_the_run_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scimproof.target.retrying_client.time", SimpleNamespace(monotonic=lambda: 1000.0))
    sender, script, _ = line(itertools.repeat((429, None, "")))
    sender.begin(100)
    with pytest.raises(
        RunStopped, match="the sender would wait 300 s now; only 100 s are left of the run's budget"
    ):
        sender.send(GET)
    assert script.sent == 1
    with pytest.raises(RunStopped):
        sender.send(GET)
    assert script.sent == 1


@pytest.mark.parametrize("value", ["-1", "1.0", "", "٣", "99999999999", "soon"])
def test_what_is_no_whole_number_of_seconds_is_none(value: str) -> None:
    assert told_seconds(value) is None


@pytest.mark.parametrize("alive", [True, False])
def test_silence_stops_the_run_only_when_the_target_answers_nothing_at_all(alive: bool) -> None:
    sender, _, _ = line(itertools.repeat((0, None, "no complete answer within 60 s")), alive=alive)
    for _number in range(3):
        sender.send(GET)
    assert bool(sender.stopped()) is not alive


def test_an_answer_cut_short_by_the_end_of_the_run_is_no_evidence() -> None:
    sender, script, _ = line([(0, None, "no complete answer")])
    send = script.send

    def stopping(request: Request, seconds: float | None = None) -> Exchange:
        sender.halt("interrupted")
        return send(request, seconds)

    script.send = stopping  # type: ignore[method-assign]
    with pytest.raises(RunStopped, match="interrupted"):
        sender.send(GET)


def test_a_connection_closed_while_idle_is_no_failure_of_the_target() -> None:
    def once(connection: socket.socket, raw: bytes) -> None:
        empty(connection, raw)
        connection.shutdown(socket.SHUT_RDWR)

    with hostile(once) as server:
        transport = HttpTransport(Target(server.url))
        statuses = [transport.send(GET).status for _ in range(20)]
        transport.close()
    assert statuses == [200] * 20


def test_a_create_is_never_sent_twice() -> None:
    def slams_the_second(connection: socket.socket, raw: bytes) -> None:
        if raw.startswith(b"POST"):
            connection.shutdown(socket.SHUT_RDWR)
        else:
            empty(connection, raw)

    post = Request("POST", GET.target, (*GET.headers, ("Content-Length", "2")), b"{}")
    with hostile(slams_the_second) as server:
        transport = HttpTransport(Target(server.url))
        transport.send(GET)
        assert transport.send(post).error
        transport.close()
    assert sum(raw.startswith(b"POST") for raw in server.requests) == 1


def test_halting_ends_an_exchange_that_is_under_way() -> None:
    def hangs(connection: socket.socket, _: bytes) -> None:
        connection.recv(1)

    with hostile(hangs) as server:
        sender = RetryingClient(HttpTransport(Target(server.url, seconds=60)), Bearer("t"))
        threading.Timer(0.2, sender.halt, ["interrupted"]).start()
        with pytest.raises(RunStopped):
            sender.send(GET)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", b"{}"),
        ("gzip", zlib.compress(b"{}", wbits=31)),
        ("deflate", zlib.compress(b"{}")),
        ("deflate", zlib.compress(b"{}", wbits=-15)),
        ("GZIP", zlib.compress(b"{}", wbits=31)),
    ],
)
def test_bodies_are_unpacked_as_oktas_client_does(encoding: str, packed: bytes) -> None:
    body = bytearray()
    assert read_body((bytes([byte]) for byte in packed), encoding, body) == ""
    assert body == b"{}"


def test_a_packed_body_that_breaks_off_is_told() -> None:
    body = bytearray()
    packed = zlib.compress(json.dumps(list(range(1000))).encode(), wbits=31)
    assert "broke off" in read_body([packed[:-20]], "gzip", body)


def test_a_body_at_the_limit_is_whole_and_one_byte_more_is_not() -> None:
    for size, trouble in ((100, False), (101, True)):
        body = bytearray()
        packed = zlib.compress(b"a" * size, wbits=31)
        assert bool(read_body([packed], "gzip", body, limit=100)) is trouble
        assert len(body) == 100 or trouble


def test_statuses_and_headers_come_as_they_are() -> None:
    with hostile(says("299 Very odd", "x", "X-Twice: 1", "X-Twice: 2")) as server:
        transport = HttpTransport(Target(server.url))
        exchange = transport.send(GET)
        transport.close()
    assert (exchange.status, exchange.reason, exchange.body) == (299, "Very odd", b"x")
    assert [value for name, value in exchange.headers if name == "X-Twice"] == ["1", "2"]
