"""Framing is the same however the bytes are cut, and what is no HTTP/1.1 is never taken for it."""

from __future__ import annotations

import random

import pytest

from scimproof.capture.proxy.framing import AnswerFraming, MessageFraming, RequestFraming

GET = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nhost:h\r\nContent-Length: 4\r\n\r\nbody"
CHUNKED = (
    b"PUT /c HTTP/1.1\r\nTransfer-Encoding:\r\n gzip, Chunked\r\nContent-Length: 3\r\n\r\n"
    b'005 ;a="b"\r\n12345\r\n1\r\n\n\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n'
)


class Seen:
    """Keeps what is read, as (what, bytes); parts of one head or body are joined."""

    def __init__(self) -> None:
        self.whole: list[tuple[str, bytes]] = []
        self.passed = b""

    def began(self) -> None:
        self.whole.append(("began", b""))

    def head_part(self, data: bytes) -> None:
        self.passed += data

    def head(self, whole: bytes) -> None:
        self.whole.append(("head", whole))

    def body_part(self, data: bytes) -> None:
        self.passed += data
        if self.whole[-1][0] == "body":
            self.whole[-1] = ("body", self.whole[-1][1] + data)
        else:
            self.whole.append(("body", data))

    def ended(self) -> None:
        self.whole.append(("ended", b""))

    def opaque_part(self, data: bytes) -> None:
        self.passed += data


def read(
    data: bytes, cuts: list[int], kind: type[MessageFraming] = RequestFraming, method: bytes = b""
) -> Seen:
    seen = Seen()
    framing = kind(seen)
    if isinstance(framing, AnswerFraming):
        framing.method = method
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        framing.feed(data[start:end])
    assert seen.passed == data
    return seen


@pytest.mark.parametrize("seed", range(20))
def test_requests_are_read_the_same_however_they_are_cut(seed: int) -> None:
    data = b"\r\n" + GET + POST + b"\n" + CHUNKED + GET.replace(b"\r\n", b"\n") + POST
    chosen = random.Random(seed)
    cuts = sorted(chosen.sample(range(1, len(data)), chosen.choice([0, 1, 5, 40, len(data) - 1])))
    whole = read(data, cuts).whole
    messages = [GET, POST, CHUNKED, GET.replace(b"\r\n", b"\n"), POST]
    assert whole == [
        event
        for one in messages
        for head, end, body in [one.partition(b"\n\n" if b"\r" not in one else b"\r\n\r\n")]
        for event in [
            ("began", b""),
            ("head", head + end),
            *([("body", body)] if body else []),
            ("ended", b""),
        ]
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "request line of HTTP/1.1"),
        (b"hello\r\n\r\nworld", "request line of HTTP/1.1"),
        (b"POST /a HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\nab", "where its body ends"),
        (b"POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\nab", "where its body ends"),
        (b"POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "where its body ends"),
        (b"POST /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nab", "where its body ends"),
        (b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n", "not framed"),
        (b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "not framed"),
        (b"GET /a HTTP/1.1\r\nX: " + b"x" * 300_000, "256 KiB"),
    ],
)
@pytest.mark.parametrize("step", [1_000_000, 7])
def test_what_is_no_http_is_not_taken_for_it(data: bytes, why: str, step: int) -> None:
    framing = RequestFraming(seen := Seen())
    step = step if len(data) < 1000 else 50_000
    for at in range(0, len(data), step):
        framing.feed(data[at : at + step])
    assert why in framing.opaque
    assert seen.passed == data


@pytest.mark.parametrize(
    ("method", "data", "messages"),
    [
        (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 1),
        (b"GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", 1),
        (b"GET", b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 1),
        (
            b"GET",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.0 200\r\nContent-Length: 0\r\n\r\n",
            1,
        ),
        (b"GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nto the end", 0),
    ],
)
def test_the_end_of_an_answer_is_found(method: bytes, data: bytes, messages: int) -> None:
    for cuts in ([], list(range(1, len(data)))):
        whole = read(data, cuts, AnswerFraming, method).whole
        assert sum(what == "ended" for what, _ in whole) == messages
        assert sum(what == "head" for what, _ in whole) == 1


def test_another_protocol_ends_the_reading() -> None:
    framing = AnswerFraming(seen := Seen())
    framing.feed(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x00\x01")
    assert "another protocol" in framing.opaque
    assert [what for what, _ in seen.whole] == ["began", "head"]
