"""Masking: replaces secrets in a captured exchange by marks of equal length, before anything is written.

What is secret by its name (headers, passwords, tokens, parameters of queries) is masked there, remembered,
and masked wherever else it shows, then and later, in every usual encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from scimproof.capture.exchange import CapturedExchange, CapturedMessage, chunk_places
from scimproof.capture.known_secrets import KnownSecrets, Span, bytes_view
from scimproof.capture.secret_places import SecretPlace, in_body, in_head, in_pairs
from scimproof.target.content_decoding import DEFLATE, GZIP, content_coding, read_body

MARK = b"*"
DIGIT = b"1"  # in place of each digit of a number in JSON, which marks would make unreadable
ECHO = "echo"  # in `masked`: a secret that was seen elsewhere

_CHARSET = re.compile(r'(?i)charset\s*=\s*"?([^\s;"]+)')
_ASCII_LIKE = re.compile(r"(?i)utf-?8|(?:us-?)?ascii|iso-?8859-?\d+|latin-?\d|windows-125\d|cp125\d")
_ALONE = re.compile(rb"[:\[,\s]-?[0-9][0-9.eE+-]*[,}\]\s]")  # a number in JSON
_MARKED = re.compile(rb"[^\r\n]")


@dataclass
class _Masked:
    """What was done to one exchange."""

    names: set[str] = field(default_factory=set)
    withheld: list[str] = field(default_factory=list)


class Masking:
    """Masks the exchanges of one recording, in the order in which they are written.

    `hidden` are names of headers, in any case, that are secret beside those whose names say so.
    """

    def __init__(self, hidden: Iterable[str] = ()) -> None:
        self._hidden = frozenset(name.lower() for name in hidden)
        self._known = KnownSecrets()

    def exchange(self, exchange: CapturedExchange) -> CapturedExchange:
        """The exchange without secrets; `masked` and `withheld` say what was taken out."""
        done = _Masked(withheld=[exchange.withheld] if exchange.withheld else [])
        texts = [_MessageText(exchange.request, "request", done)]
        if exchange.answer:
            texts.append(_MessageText(exchange.answer, "answer", done))
        for text in texts:  # both before either is searched for what the other one shows
            self._find(text)
        request, *answers = [self._finished(text) for text in texts]
        return replace(
            exchange,
            request=request,
            answer=answers[0] if answers else None,
            masked=tuple(sorted(done.names)),
            withheld="; ".join(done.withheld),
        )

    def learn(self, message: CapturedMessage) -> None:
        """Remember the secrets of a message that is under way: others that end earlier may show them."""
        self._find(_MessageText(message, "", _Masked()))

    def url(self, url: str) -> str:
        """A URL without the secrets in its query."""
        data = bytearray(url.encode())
        for place in in_pairs(bytes_view(bytes(data))):
            self._remember(place)
            _mark(data, place.span)
        return data.decode()

    def _find(self, text: _MessageText) -> None:
        for place in (*in_head(text.head, self._hidden), *in_pairs(text.head)):
            self._remember(place)
            text.hide_in_head(place)
        for place in in_body(text.body):
            self._remember(place)
            text.hide_in_body(place)
        for place in (*in_head(text.trailers, self._hidden), *in_body(text.trailers)):
            self._remember(place)
            text.hide_in_trailers(place)

    def _finished(self, text: _MessageText) -> CapturedMessage:
        for span in self._known.spans(text.head):
            text.hide_in_head(SecretPlace(span, ECHO))
        for span in self._known.spans(text.body):
            text.hide_in_body(SecretPlace(span, ECHO))
        if text.framed:
            for span in self._known.spans(text.framed):  # extensions of chunks, trailers
                text.hide_in_framing(SecretPlace(span, ECHO))
        return text.message()

    def _remember(self, place: SecretPlace) -> None:
        if place.secret:
            self._known.add(place.secret, lasting=place.lasting)


class _MessageText:
    """A message as texts to be searched: one character a byte, the body without framing and codings.

    A body that nobody can read is left out, since nobody can say what is in it.
    """

    def __init__(self, message: CapturedMessage, whose: str, done: _Masked) -> None:
        self._message, self._done = message, done
        self._head, self._body = bytearray(message.head), bytearray(message.body)
        self._chunks = list(chunk_places(message.body)) if message.chunked else []
        self._decoded: bytearray | None = None
        self._changed = False
        self.head = bytes_view(message.head)
        content, problem = _content(message)
        if problem:
            done.withheld.append(f"the {whose}'s body ({len(message.body):,} bytes): {problem}")
            self._body = bytearray()
            self._chunks = []
        elif content is not None:
            self._decoded = bytearray(content)
        self.body = bytes_view(self._payload() if self._decoded is None else bytes(self._decoded))
        framed = message.chunked and self._decoded is None
        self.framed = bytes_view(bytes(self._body)) if framed else ""
        self._trailers_at = self._chunks[-1][1] if self._chunks else 0
        self.trailers = self.framed[self._trailers_at :]

    def _payload(self) -> bytes:
        if not self._message.chunked:
            return bytes(self._body)
        return b"".join(bytes(self._body[start:end]) for start, end in self._chunks)

    def hide_in_head(self, place: SecretPlace) -> None:
        self._hide(self._head, place)

    def hide_in_framing(self, place: SecretPlace) -> None:
        self._hide(self._body, place)

    def hide_in_trailers(self, place: SecretPlace) -> None:
        start, end = place.span
        self._hide(self._body, place._replace(span=(start + self._trailers_at, end + self._trailers_at)))

    def hide_in_body(self, place: SecretPlace) -> None:
        if self._decoded is not None:
            self._changed |= self._hide(self._decoded, place, numbers=True)
        elif not self._message.chunked:
            self._hide(self._body, place, numbers=True)
        else:
            for span in _in_chunks(self._chunks, place.span):
                self._hide(self._body, place._replace(span=span))

    def _hide(self, data: bytearray, place: SecretPlace, *, numbers: bool = False) -> bool:
        changed = _mark(data, place.span, numbers=numbers)
        if changed:
            self._done.names.add(place.name)
        return changed

    def message(self) -> CapturedMessage:
        """The message with its marks."""
        if self._decoded is not None and self._changed:
            return replace(self._message, head=bytes(self._head), body=bytes(self._decoded), decoded=True)
        return replace(self._message, head=bytes(self._head), body=bytes(self._body))


def _mark(data: bytearray, span: Span, *, numbers: bool = False) -> bool:
    """Put marks in place of these bytes; False where they are marks already.

    With `numbers`, one that stands as such in JSON becomes another one.
    """
    start, end = span
    found = bytes(data[start:end])
    if not found.strip(MARK):
        return False
    if numbers and start and _ALONE.fullmatch(bytes(data[start - 1 : end + 1])):
        marks = re.sub(rb"[0-9]", DIGIT, found)
    else:
        marks = _MARKED.sub(MARK, found)
    data[start:end] = marks
    return marks != found


def _in_chunks(chunks: Iterable[Span], span: Span) -> Iterator[Span]:
    """Where in a chunked body a part of its content stands: in one chunk, or in several."""
    start, end = span
    at = 0
    for first, last in chunks:
        size = last - first
        if at + size > start and at < end:
            yield first + max(0, start - at), first + min(size, end - at)
        at += size


def _content(message: CapturedMessage) -> tuple[bytes | None, str]:
    """The content of a body with a coding, None for one without; and why it cannot be read, if so."""
    coding = "" if message.decoded else content_coding(message.headers)
    words = [word for part in coding.split(",") if (word := part.strip().lower()) not in ("", "identity")]
    if not message.body:
        return None, ""
    content = message.payload
    found: bytes | None = None
    if words:
        if unknown := [word for word in words if word not in (*GZIP, *DEFLATE)]:
            return None, f"its coding {unknown[0]} cannot be undone"
        decoded = bytearray()
        if problem := read_body([content], coding, decoded):
            return None, problem
        content = found = bytes(decoded)
    charset = _CHARSET.search(message.header("Content-Type") or "")
    if charset and not _ASCII_LIKE.fullmatch(charset[1]):
        return None, f"its charset {charset[1]} is not read"
    if b"\0" in content:
        return None, "it is no text"
    return found, ""
