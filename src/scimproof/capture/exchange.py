"""Captured exchange: one request of somebody else's client with its answer, byte for byte as far as known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from scimproof.core.http_message import Exchange, Json, Request, parse_json
from scimproof.target.content_decoding import content_coding, read_body

# How true the bytes of a message are. "wire": as they passed. "parsed": somebody else has read and written
# them anew (HAR, report.json): order and values of headers hold, spelling and framing may not.
Fidelity = Literal["wire", "parsed"]


@dataclass(frozen=True)
class CapturedMessage:
    """Message of a capture: `head` from the start line to the empty line, `body` as it was framed.

    A chunked body has its chunk sizes still in it, a compressed one is compressed; `content` is neither. With
    `decoded` the body is without both already, whatever the head says: a secret in it was masked.
    """

    head: bytes
    body: bytes = b""
    decoded: bool = False

    @cached_property
    def start_line(self) -> str:
        """The request line or status line, without its line end."""
        return self.head.partition(b"\n")[0].rstrip(b"\r").decode("latin-1")

    @cached_property
    def header_lines(self) -> tuple[str, ...]:
        """The header lines as they were spelled, without their line ends."""
        lines = self.head.decode("latin-1").split("\n")[1:]
        return tuple(line.rstrip("\r") for line in lines if line.strip())

    @cached_property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers in order: names as spelled, values without the spaces around them."""
        pairs = (line.partition(":") for line in self.header_lines)
        return tuple((name, value.strip(" \t")) for name, colon, value in pairs if colon)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @cached_property
    def chunked(self) -> bool:
        """Whether the body is framed in chunks (RFC 9112 section 7.1)."""
        if self.decoded:
            return False
        return (self.header("Transfer-Encoding") or "").lower().split(",")[-1].strip() == "chunked"

    @cached_property
    def payload(self) -> bytes:
        """The body without chunk framing, still compressed where it is; as far as it came."""
        return _dechunked(self.body) if self.chunked else self.body

    @cached_property
    def content(self) -> bytes:
        """The body without framing and without content codings; of one that cannot be decoded what came."""
        coding = "" if self.decoded else content_coding(self.headers)
        if not coding:
            return self.payload
        body = bytearray()
        return self.payload if read_body([self.payload], coding, body) else bytes(body)

    @cached_property
    def json(self) -> Json:
        """The content parsed, None when there is none or it is not JSON."""
        return parse_json(self.content)


@dataclass(frozen=True)
class CapturedExchange:
    """One exchange of a capture.

    `at` is when the first byte of the request came, in seconds since 1970 (UTC); `seconds` until the last
    byte of the answer (or until it was given up). `answer` is None where none came, and `error` says why.
    `connection` numbers the client's connections, 0 where unknown. `masked` names what was replaced by
    marks: names of headers in lower case, `password`, `echo`. `withheld` says why a body is not there
    although it was sent (it might hold a secret and cannot be read).
    """

    number: int
    connection: int
    at: float
    request: CapturedMessage
    answer: CapturedMessage | None = None
    seconds: float = 0.0
    error: str = ""
    masked: tuple[str, ...] = ()
    withheld: str = ""
    fidelity: Fidelity = "wire"

    @cached_property
    def method(self) -> str:
        """The method of the request."""
        return self.request.start_line.partition(" ")[0]

    @cached_property
    def target(self) -> str:
        """The request target as it was sent: path and query, still encoded."""
        return self.request.start_line.partition(" ")[2].rpartition(" ")[0]

    @cached_property
    def status(self) -> int:
        """The status of the answer, 0 where there is none."""
        code = self.answer.start_line.split(" ")[1:2] if self.answer else []
        return int(code[0]) if code and code[0].isdigit() else 0

    @cached_property
    def reason(self) -> str:
        """The reason phrase of the answer; empty where it has none."""
        return " ".join(self.answer.start_line.split(" ")[2:]) if self.answer else ""

    @property
    def ok(self) -> bool:
        """Whether it is a complete answer with a 2xx status."""
        return not self.error and 200 <= self.status < 300

    def as_exchange(self) -> Exchange:
        """The exchange as the engine and the reports know one: bodies without framing and codings."""
        answer = self.answer or CapturedMessage(b"")
        return Exchange(
            self.number,
            Request(self.method, self.target, self.request.headers, self.request.content),
            self.status,
            self.reason,
            answer.headers,
            answer.content,
            self.seconds,
            self.error,
        )


def _dechunked(body: bytes) -> bytes:
    """The content of a chunked body, as far as it came; trailers are left out."""
    return b"".join(body[start:end] for start, end in chunk_places(body))


def chunk_places(body: bytes) -> Iterator[tuple[int, int]]:
    """Where in a chunked body the data of each chunk begins and ends, as far as it came."""
    at = 0
    while (end := body.find(b"\n", at)) >= 0:
        size = body[at:end].partition(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            break
        if not length:
            break
        yield end + 1, min(end + 1 + length, len(body))
        at = end + 1 + length
        at += 2 if body[at : at + 2] == b"\r\n" else 1
