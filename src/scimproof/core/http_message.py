"""HTTP requests and answers as values: the exact bytes, the evidence of an exchange, JSON within bounds."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

Json = Any


Lost = Literal["", "unsent", "closed", "ended"]
TIMED_OUT = "no complete answer within"  # how the error of an exchange begins that took too long


@dataclass(frozen=True)
class Request:
    """A request with all template variables filled in: exactly the bytes that are sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @cached_property
    def json(self) -> Json:
        """The body parsed, None when there is none or it is not JSON."""
        return parse_json(self.body)

    def wire(self) -> bytes:
        """The whole HTTP/1.1 message."""
        head = f"{self.method} {self.target} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return head.encode("latin-1") + b"\r\n" + self.body


@dataclass(frozen=True)
class Exchange:
    """One request with its answer, or with the reason why there is none: the evidence of a finding.

    `status` is 0 and `error` a sentence when no complete answer arrived. `seconds` is from the first byte
    sent to the last byte read (or to giving up). `cut` is how many bytes of the body were not kept. `by` is
    "observer" for an answer of the observer: then the request is the question, and the body one JSON object
    of words (null for no such user).

    `lost` is "unsent" when no connection was made, so that the target never saw the request, "closed" when
    the connection ended before any byte of an answer, "ended" if the target stopped answering then. `surplus`
    is how many bytes came after the answer. `known` says that a create was answered with an id that was given
    out before.
    """

    number: int
    request: Request
    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""
    cut: int = 0
    by: str = ""
    lost: Lost = ""
    surplus: int = 0
    known: bool = False

    @cached_property
    def json(self) -> Json:
        """The body parsed, None when it is empty or not JSON."""
        return parse_json(self.body)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def ok(self) -> bool:
        """Whether it is a complete answer with a 2xx status."""
        return not self.error and 200 <= self.status < 300

    def summary(self) -> str:
        """One line for a person: status and the start of the body, or why there is no answer."""
        if self.error:
            return self.error
        start = " ".join(self.body[:1000].decode("utf-8", "replace").split())
        text = short(start + ("…" if len(self.body) > 1000 else ""), 200)
        return f"{self.status} {self.reason}".strip() + (f" {text}" if text else "")


# Bytes of a body that are kept as evidence: a report shows 64 KiB of it, and needs complete JSON to tell
# whose resources are in it.
KEPT_BODY = 256 * 1024


def slim(exchange: Exchange, body: int = KEPT_BODY) -> Exchange:
    """The exchange as evidence: without parsed JSON, and with at most so many bytes of its answer.

    Of a request as many are kept as of the longest answer.
    """
    kept = exchange.body[:body]
    cut = exchange.cut + len(exchange.body) - len(kept)
    sent = replace(exchange.request, body=exchange.request.body[:KEPT_BODY])
    return replace(exchange, request=sent, body=kept, cut=cut)


def short(text: str, most: int) -> str:
    """The text cut to `most` characters and a …, which tells the redactor that a secret may be cut."""
    return text if len(text) <= most else text[:most] + "…"


# A body of more values is not parsed: 16 MiB of `{},{},` would fill 450 MB. Twenty thousand users at once,
# each with 25 values, are still read.
MOST_VALUES = 600_000


def crowded(body: bytes | bytearray) -> bool:
    """Whether a body may hold more JSON values than are parsed; commas inside strings count too."""
    if len(body) <= MOST_VALUES:
        return False
    return body.count(b",") + body.count(b"{") + body.count(b"[") > MOST_VALUES


def parse_json(body: bytes) -> Json:
    """JSON from UTF-8 bytes; None for what is not JSON, is nested too deep or has too many values."""
    if not body or crowded(body):
        return None
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
