"""Rewrites the messages of an exchange for sharing; lengths and chunks are made right again."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.share.rules import HeaderKind
from scimproof.capture.share.texts import TextRewriter

HEADER = re.compile(r"([^:\s]+)([ \t]*:[ \t]*)(.*?)([ \t]*\r?)", re.DOTALL)
WORD = re.compile(r"[^\W_]+")
CHUNK = re.compile(rb"([0-9a-fA-F]+)([^\r\n]*)(\r?\n)")
FORM = "application/x-www-form-urlencoded"
CONTENT_CODING = "content-encoding"
REASONS = frozenset(status.phrase.lower() for status in HTTPStatus)


@dataclass(frozen=True)
class Problem:
    """What could not be placed: in which exchange, where, and what it is."""

    number: int
    where: str
    what: str


class MessageRewriter:
    """Replaces in exchanges what might say something of anybody; `problems` are what it cannot place.

    The values of unknown headers are replaced, and their names are refused but for `keep_headers`.
    """

    def __init__(self, texts: TextRewriter, keep_headers: Collection[str] = ()) -> None:
        self._texts = texts
        self._keep = {name.lower() for name in keep_headers}
        self.problems: list[Problem] = []
        self._number, self._message = 0, ""

    def exchange(self, exchange: CapturedExchange, days: int) -> CapturedExchange:
        """The exchange with stand-ins, so many days away; what cannot be placed is added to `problems`."""
        self._number = exchange.number
        if exchange.withheld:
            self._problem("body", f"it is missing: {exchange.withheld}")
        request = self._rewritten(exchange.request, "request", self._request_line)
        answer = exchange.answer and self._rewritten(exchange.answer, "answer", self._status_line)
        return replace(
            exchange,
            at=exchange.at + days * 86400,
            request=request,
            answer=answer,
            error=self._texts.of_kind(exchange.error, "text"),
            masked=tuple(name for name in exchange.masked if self._known(name)),
        )

    def _problem(self, where: str, what: str) -> None:
        self.problems.append(Problem(self._number, f"{self._message} {where}".strip(), what))

    def _known(self, name: str) -> bool:
        return name in self._texts.rules.headers or name in self._keep or "-" not in name

    def _rewritten(
        self, message: CapturedMessage, whose: str, first: Callable[[str], str]
    ) -> CapturedMessage:
        self._message = whose
        payload, decoded = message.payload, message.content
        body = self._body(message, decoded)
        coded = decoded != payload
        framed = _chunked_as(message.body, body) if message.chunked else body
        if framed is None:
            self._problem("body", "its chunks are followed by headers or broken")
            framed = b""
        changed = len(body) - len(payload)
        lines = [_text(line) for line in message.head.split(b"\n")]
        out = [first(lines[0][0]).encode(lines[0][1])]
        for line, encoding in lines[1:]:
            name = line.partition(":")[0].strip().lower()
            if not (coded and name == CONTENT_CODING):
                out.append(self._header(line, changed).encode(encoding, "replace"))
        self._message = ""
        return CapturedMessage(b"\n".join(out), framed)

    def _request_line(self, line: str) -> str:
        method, _, rest = line.partition(" ")
        target, _, version = rest.rpartition(" ")
        return f"{method} {self._texts.url(target)} {version}"

    def _status_line(self, line: str) -> str:
        parts = line.rstrip("\r").split(" ", 2)
        if len(parts) == 3 and parts[2].lower() not in REASONS:
            parts[2] = self._texts.of_kind(parts[2], "text")
        return " ".join(parts) + ("\r" if line.endswith("\r") else "")

    def _header(self, line: str, changed: int) -> str:
        if not line.strip():
            return line
        found = HEADER.fullmatch(line)
        if not found or line[:1] in " \t":
            self._problem("header", "a line of the head is no header")
            return ""
        name, colon, value, end = found.groups()
        return f"{name}{colon}{self._header_value(name, value, changed)}{end}"

    def _header_value(self, name: str, value: str, changed: int) -> str:
        low = name.lower()
        kind: HeaderKind | None = self._texts.rules.headers.get(low)
        if low in self._keep and kind is None:
            self._texts.tally.unknown_header(name, value)
            kind = "opaque"
        if (f"header {low}", value) in self._texts.rules.literals:
            return value
        if kind is None:
            self._problem(f"header {name}", "nobody knows what it says")
            return value
        if kind == "length":
            return str(int(value) + changed) if value.isdecimal() else value
        rewrite: dict[str, Callable[[str], str]] = {
            "date": self._date,
            "host": self._texts.authority,
            "url": self._url,
            "opaque": lambda text: self._texts.of_kind(text, "http"),
        }
        return rewrite.get(kind, self._words)(value)

    def _words(self, value: str) -> str:
        """The value with every word replaced that is neither public nor a number."""
        kept = self._texts.rules.header_words
        return WORD.sub(
            lambda found: (
                found[0]
                if found[0].lower() in kept or found[0].isdecimal()
                else self._texts.word(found[0], "words")
            ),
            value,
        )

    def _url(self, value: str) -> str:
        if value in ("*", "null"):
            return value
        # Link has several, in angle brackets (RFC 8288).
        if "<" in value:
            return re.sub(r"<([^>]*)>", lambda found: f"<{self._texts.url(found[1])}>", value)
        return self._texts.url(value)

    def _date(self, value: str) -> str:
        try:
            moved = parsedate_to_datetime(value) + timedelta(days=self._texts.shift)
        except (TypeError, ValueError, OverflowError):
            return value if value.isdecimal() else self._texts.of_kind(value, "words")
        return format_datetime(moved.astimezone(UTC), usegmt=True)

    def _body(self, message: CapturedMessage, content: bytes) -> bytes:
        if not content.strip():
            return content
        try:
            text = content.decode()
        except UnicodeDecodeError:
            self._problem("body", f"it is not UTF-8 ({len(content):,} bytes)")
            return b""
        if (message.header("Content-Type") or "").lower().startswith(FORM):
            return self._texts.query(text).encode()
        made = self._texts.json(text)
        if made is None:
            kind = (message.header("Content-Type") or "no Content-Type").partition(";")[0]
            self._problem("body", f"it is neither JSON nor a form ({kind}, {len(content):,} bytes)")
            return b""
        return made.encode()


def _chunked_as(framed: bytes, body: bytes) -> bytes | None:
    """The body in chunks as the framed one, the last one as long as it has to be; None for broken chunks.

    Of a body that broke off no end comes.
    """
    sizes: list[tuple[int, bytes, bytes]] = []
    at, ended, ending = 0, False, b"\r\n"
    while found := CHUNK.match(framed, at):
        size, ending = int(found[1], 16), found[3]
        at = found.end() + (size + len(ending) if size else 0)
        if not size:
            rest = framed[found.end() :]
            if rest.strip():
                return None
            ended = True
            break
        sizes.append((size, found[1], ending))
    if not ended and at < len(framed):
        return None
    out, start = [], 0
    for place, (size, spelled, end) in enumerate(sizes):
        piece = body[start:] if place == len(sizes) - 1 else body[start : start + size]
        start += len(piece)
        if piece:
            length = spelled if len(piece) == size else f"{len(piece):x}".encode()
            out += [length, end, piece, end]
    if ended:
        out += [b"0", ending, ending]
    return b"".join(out)


def _text(raw: bytes) -> tuple[str, str]:
    """A line of a head and its encoding: UTF-8 where it is, else a character a byte."""
    try:
        return raw.decode(), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "latin-1"
