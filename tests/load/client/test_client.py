from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scimproof.core.http_message import Request
from scimproof.load.client.client import FRESH, LoadClient, Slot
from scimproof.load.client.response import Response, ResponseParser
from scimproof.load.greenlets import sleep
from scimproof.target.target import Target
from tests.load.scripted import OK, Listener, Script, Talk, answering, filled, scripted
from tests.waiting import HANG

GET = b"GET /Users HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
POST = b"POST /Users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


def sender(listener: Listener, seconds: float = HANG) -> LoadClient:
    host = f"[{listener.host}]" if ":" in listener.host else listener.host
    return LoadClient(Target(f"http://{host}:{listener.port}"), seconds)


@contextmanager
def talking(
    script: Script, seconds: float = HANG, host: str = "127.0.0.1"
) -> Iterator[tuple[Slot, LoadClient, Listener]]:
    with scripted(script, host=host) as listener:
        sends = sender(listener, seconds)
        slot = sends.slot()
        try:
            yield slot, sends, listener
        finally:
            slot.close()
            sends.close()


def once(script: Script, wire: bytes = GET, seconds: float = HANG) -> Response:
    with talking(script, seconds) as (slot, _, _):
        return slot.exchange(filled(wire), time.monotonic())


def test_a_connection_is_kept_for_the_next_request() -> None:
    with talking(answering(OK)) as (slot, sends, listener):
        answers = [slot.exchange(filled(wire), time.monotonic()) for wire in (GET, POST, GET)]
    assert [(a.status, a.body, a.error, a.unknown) for a in answers] == [(200, b"{}", "", False)] * 3
    assert listener.requests == [GET, POST, GET]
    assert (listener.connections, sends.connections.opened, sends.connections.stale) == (1, 1, 0)


def test_times_count_from_when_the_request_was_due_and_from_when_it_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of the two pauses lies between two moments that both sides agree on, however long it takes."""
    reached, feed = threading.Event(), ResponseParser.feed
    moments: list[float] = []

    def fed(self: ResponseParser, data: memoryview, answer: Response) -> bool:
        over = feed(self, data, answer)
        reached.set()  # only then has the first part arrived: a busy client may find both at once
        return over

    def script(talk: Talk) -> None:
        talk.request()
        moments.append(time.monotonic())
        time.sleep(0.02)
        talk.answer(OK[:-1])
        assert reached.wait(HANG)
        moments.append(time.monotonic())
        time.sleep(0.02)
        talk.answer(OK[-1:])

    monkeypatch.setattr(ResponseParser, "feed", fed)
    with talking(script) as (slot, _, _):
        now = time.monotonic()
        answer = slot.exchange(filled(GET), now - 1)
        ended = time.monotonic()
    came, got = moments
    assert now <= answer.sent <= came
    assert came + 0.02 <= answer.first <= got
    assert got + 0.02 <= answer.done <= ended
    assert answer.due == now - 1
    assert answer.response == answer.done - answer.due
    assert answer.service == answer.done - answer.sent


def test_headers_are_there_when_they_are_asked_for() -> None:
    answer = once(
        answering(b"HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n")
    )
    assert answer.status == 429
    assert answer.header("retry-after") == "7"
    assert answer.headers == (("Retry-After", "7"), ("X-A", "1"), ("x-a", "2"), ("Content-Length", "0"))


@pytest.mark.parametrize(
    ("parts", "status", "body"),
    [
        ([CHUNKED, b'3\r\n{"a', b'\r\n4\r\n":1}', b"\r\n0\r\n\r\n"], 200, b'{"a":1}'),
        ([b"HTTP/1.1 204 No Content\r\nETag: x\r\n\r\n"], 204, b""),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", OK], 200, b"{}"),
        ([b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK], 200, b"{}"),
        ([bytes([byte]) for byte in OK], 200, b"{}"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"{" * 300000], 200, b"{" * 300000),
        ([b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}"], 200, b"{}"),
    ],
    ids=["chunked", "204", "100", "103", "byte by byte", "large", "no reason"],
)  # fmt: skip
def test_answers_of_every_shape_are_read(parts: list[bytes], status: int, body: bytes) -> None:
    with talking(answering(*parts)) as (slot, sends, _):
        for _ in range(3):
            answer = slot.exchange(filled(GET), time.monotonic())
            assert (answer.status, answer.body, answer.error) == (status, body, "")
    assert sends.connections.opened == 1


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n",
    ],
    ids=["close", "1.0", "1.0 with length"],
)  # fmt: skip
def test_servers_that_close_get_a_new_connection_each_time(head: bytes) -> None:
    def script(talk: Talk) -> None:
        if talk.request():
            talk.answer(head, b"{}")

    with talking(script) as (slot, sends, listener):
        answers = [slot.exchange(filled(POST), time.monotonic()) for _ in range(4)]
    assert [(a.status, a.body, a.error, a.stale) for a in answers] == [(200, b"{}", "", False)] * 4
    assert (listener.connections, sends.connections.stale) == (4, 0)


def test_http_1_0_with_keep_alive_is_kept() -> None:
    kept = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"
    with talking(answering(kept)) as (slot, _, listener):
        for _ in range(3):
            assert slot.exchange(filled(GET), time.monotonic()).body == b"{}"
    assert listener.connections == 1


def after_first(talk: Talk) -> None:
    """Answer once, then close without a word."""
    if talk.request():
        talk.answer(OK)


@pytest.mark.parametrize("wire", [GET, POST])
def test_a_connection_closed_while_idle_is_reopened_and_is_no_error(wire: bytes) -> None:
    with talking(after_first) as (slot, sends, listener):
        for number in (1, 2, 3):
            assert slot.exchange(filled(wire), time.monotonic()).error == ""
            listener.wait_closed(number)
            sleep(FRESH * 2)  # one that was used just now is not looked at before it is used again
    assert (listener.connections, sends.connections.opened, sends.connections.stale) == (3, 3, 2)
    assert listener.requests == [wire] * 3


def closing_on_the_second(talk: Talk) -> None:
    """Answer the first request of a connection; take the second one and close."""
    talk.request()
    talk.answer(OK)
    talk.request()


def test_a_get_is_sent_again_when_a_kept_connection_closed_without_a_byte() -> None:
    with talking(closing_on_the_second) as (slot, sends, listener):
        answers = [slot.exchange(filled(GET), time.monotonic()) for _ in range(2)]
    assert [(a.status, a.error, a.stale) for a in answers] == [(200, "", False), (200, "", True)]
    assert len(listener.requests) == 3
    assert sends.connections.stale == 1


def test_a_write_is_never_sent_again_and_its_outcome_is_unknown() -> None:
    with talking(closing_on_the_second) as (slot, _, listener):
        slot.exchange(filled(POST), time.monotonic())
        answer = slot.exchange(filled(POST), time.monotonic())
    assert (answer.status, answer.error, answer.unknown) == (0, "closed", True)
    assert len(listener.requests) == 2


def test_a_get_is_not_sent_again_when_the_connection_was_new_or_something_came() -> None:
    def nothing(talk: Talk) -> None:
        talk.request()

    def half(talk: Talk) -> None:
        talk.request()
        talk.answer(OK)
        talk.request()
        talk.answer(OK[:20])

    with talking(nothing) as (slot, _, listener):
        answer = slot.exchange(filled(GET), time.monotonic())
    assert (answer.error, answer.unknown, len(listener.requests)) == ("closed", False, 1)
    with talking(half) as (slot, _, listener):
        slot.exchange(filled(GET), time.monotonic())
        answer = slot.exchange(filled(GET), time.monotonic())
    assert (answer.error, answer.why, len(listener.requests)) == ("closed", "the answer broke off", 2)


@pytest.mark.parametrize(
    "parts",
    [[OK[:-1]], [b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a"'], [b"HTTP/1.1 200 O"]],
    ids=["length", "chunked", "head"],
)  # fmt: skip
def test_an_answer_that_breaks_off_is_no_answer(parts: list[bytes]) -> None:
    def script(talk: Talk) -> None:
        talk.request()
        talk.answer(*parts)

    answer = once(script, POST)
    assert (answer.error, answer.why, answer.unknown) == ("closed", "the answer broke off", True)


@pytest.mark.parametrize(
    "junk", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x16\x03\x01" * 9, b"<html>"]
)
def test_what_is_not_http_is_garbled_and_leaves_a_write_unknown(junk: bytes) -> None:
    answer = once(answering(junk), POST)
    assert (answer.status, answer.error, answer.unknown) == (0, "garbled", True)
    assert "not HTTP" in answer.why


def test_the_deadline_is_for_the_whole_exchange_however_it_drips() -> None:
    def drip(talk: Talk) -> None:
        talk.request()
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000:
            talk.answer(bytes([byte]))
            time.sleep(0.03)

    answer = once(drip, POST, seconds=0.3)
    assert (answer.error, answer.unknown) == ("timeout", True)
    assert answer.why == "no complete answer within 0.3 s"
    assert 0.3 <= answer.service < 200  # the drip alone would take four minutes


def test_a_slot_works_on_after_a_timeout() -> None:
    over = threading.Event()

    def script(talk: Talk) -> None:
        while talk.request():
            if talk.number == 1:
                over.wait(HANG)
            talk.answer(OK)

    with talking(script) as (slot, sends, listener):
        sends.deadlines.seconds = 0.15
        first = slot.exchange(filled(GET), time.monotonic())
        sends.deadlines.seconds = HANG
        second = slot.exchange(filled(GET), time.monotonic())
        over.set()
    assert (first.error, second.status, second.body) == ("timeout", 200, b"{}")
    assert listener.connections == 2


def test_nobody_listening_is_refused_and_nothing_was_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        sends = LoadClient(Target(f"http://127.0.0.1:{closed.getsockname()[1]}"), HANG)
        answer = sends.slot().exchange(filled(POST), time.monotonic())
        sends.close()
    assert (answer.status, answer.error, answer.unknown) == (0, "refused", False)


def test_a_name_without_address_is_refused() -> None:
    sends = LoadClient(Target("http://nobody.invalid"), HANG)
    answer = sends.slot().exchange(filled(POST), time.monotonic())
    sends.close()
    assert (answer.error, answer.unknown) == ("refused", False)


def test_a_large_request_is_sent_in_the_pieces_the_network_takes() -> None:
    body = bytes(range(256)) * 40_000

    def slow(talk: Talk) -> None:
        time.sleep(0.2)
        talk.request()
        talk.answer(OK)

    wire = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with talking(slow) as (slot, _, listener):
        assert slot.exchange(filled(wire), time.monotonic()).status == 200
    assert listener.requests == [wire]


def test_an_answer_before_the_request_was_all_sent_is_taken() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    def early(talk: Talk) -> None:
        talk.socket.recv(100)
        talk.answer(refusal)
        talk.socket.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        while talk.socket.recv(1 << 20):
            pass

    body = b"x" * 10_000_000
    answer = once(early, b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert (answer.status, answer.error) == (413, "")


@pytest.mark.parametrize("surplus", [b"garbage", OK], ids=["garbage", "second answer"])
def test_what_comes_after_an_answer_is_not_taken_for_the_next(surplus: bytes) -> None:
    def script(talk: Talk) -> None:
        if talk.request():
            talk.answer(OK + surplus)
            talk.request()

    with talking(script) as (slot, _, listener):
        answers = [slot.exchange(filled(GET), time.monotonic()) for _ in range(3)]
    assert [a.body for a in answers] == [b"{}"] * 3
    assert listener.connections == 3


def packed(encoding: str) -> bytes:
    plain = b'{"totalResults":0}' * 100
    body = gzip.compress(plain) if encoding == "gzip" else zlib.compress(plain)
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        encoding.encode(),
        len(body),
        body,
    )


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_packed_answers_are_unpacked(encoding: str) -> None:
    answer = once(answering(packed(encoding)))
    assert (answer.body, answer.error) == (b'{"totalResults":0}' * 100, "")


def test_a_body_that_is_not_packed_as_it_says_is_garbled() -> None:
    answer = once(answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"))
    assert answer.error == "garbled"
    assert "gzip" in answer.why


def test_a_body_without_end_is_cut_off() -> None:
    def script(talk: Talk) -> None:
        talk.request()
        talk.answer(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            talk.answer(b" " * 1_000_000)

    answer = once(script)
    assert answer.error == "garbled"
    assert "over 16 MiB" in answer.why


def test_redirects_are_answers() -> None:
    answer = once(
        answering(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/\r\nContent-Length: 0\r\n\r\n")
    )
    assert answer.status == 302


def test_ipv6() -> None:
    with talking(answering(OK), host="::1") as (slot, _, _):
        assert slot.exchange(filled(GET), time.monotonic()).status == 200


def test_the_same_as_evidence() -> None:
    answer = once(answering(OK))
    exchange = answer.exchange(7, Request("GET", "/Users", ()))
    assert (exchange.number, exchange.status, exchange.reason, exchange.json) == (7, 200, "OK", {})
    assert exchange.header("content-type") == "application/scim+json"
