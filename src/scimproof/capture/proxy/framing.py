"""Framing of HTTP/1.1 messages, read incrementally: where a message begins, its head ends, and it ends.

A library would give parsed headers and bodies; a capture needs the bytes themselves, the head as it was
spelled and the body with its chunk sizes and trailers. So this reads boundaries and nothing else (RFC 9112
sections 6 and 7), and never refuses what passes: where bytes are no HTTP/1.1, it stops reading.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Protocol

HEAD_LIMIT = 256 * 1024  # bytes of a head; a longer one is taken for something else than HTTP
LINE_LIMIT = 64 * 1024  # bytes of a line with a chunk size, or of a trailer

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;|$)")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) [^ \r\n]+ HTTP/1\.[01][ \t]*\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?=[ \r\n])")
_LENGTH_HEADER = re.compile(
    rb"^(transfer-encoding|content-length)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE
)


class MessageSink(Protocol):
    """Takes what a reader of framing finds; the pieces of heads and bodies add up to all that was fed."""

    def began(self) -> None:
        """The first byte of a message has come."""

    def head_part(self, data: bytes) -> None:
        """Bytes of a head, as they came; also empty lines before a message."""

    def head(self, whole: bytes) -> None:
        """A head is complete; its last part was given before."""

    def body_part(self, data: bytes) -> None:
        """Bytes of a body with its framing."""

    def ended(self) -> None:
        """The message is complete."""

    def opaque_part(self, data: bytes) -> None:
        """Bytes that are no HTTP/1.1 message."""


class _State(Enum):
    HEAD = auto()
    LENGTH = auto()
    CHUNKED = auto()
    UNTIL_CLOSE = auto()
    OPAQUE = auto()


class BodyLength(Enum):
    """How the end of a body is found where no Content-Length says it."""

    CHUNKED = auto()
    UNTIL_CLOSE = auto()
    OPAQUE = auto()  # what follows is no HTTP any more
    INTERIM = auto()  # a 1xx answer: another head follows for the same request


class MessageFraming:
    """Reader of one direction of a connection. `opaque` says why it reads no more, empty while it does."""

    def __init__(self, sink: MessageSink) -> None:
        self.opaque = ""
        self._sink = sink
        self._state = _State.HEAD
        self._head = b""
        self._begun = False
        self._left = 0
        self._chunks = _Chunks()

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the connection."""
        at, size = 0, len(data)
        while at < size:
            if self._state is _State.HEAD:
                at = self._read_head(data, at)
            elif self._state is _State.LENGTH:
                piece = data[at : at + self._left] if at or self._left < size else data
                at += len(piece)
                self._left -= len(piece)
                self._sink.body_part(piece)
                if not self._left:
                    self._end()
            elif self._state is _State.CHUNKED:
                at = self._read_chunks(data, at)
            elif self._state is _State.UNTIL_CLOSE:
                self._sink.body_part(data[at:])
                return
            else:
                self._sink.opaque_part(data[at:])
                return

    def closed(self) -> bool:
        """The connection ended in this direction: True if that is where a message may end."""
        if self._state is _State.UNTIL_CLOSE:
            self._end()
        return not self._begun or self._state is _State.OPAQUE

    def stop(self, why: str) -> None:
        """Read no more: from here on it is no HTTP/1.1."""
        self.opaque = self.opaque or why
        self._state = _State.OPAQUE

    def _read_head(self, data: bytes, at: int) -> int:
        if not self._begun:
            start = at
            while at < len(data) and data[at] in b"\r\n":  # RFC 9112 section 2.2: a server ignores these
                at += 1
            if at > start:
                self._sink.head_part(data[start:at])
            if at == len(data):
                return at
            self._begun = True
            self._sink.began()
        known = len(self._head)
        so_far = self._head + data[at:] if known else data[at:] if at else data
        found = _EMPTY_LINE.search(so_far, max(0, known - 2))
        end = found.end() if found else len(so_far)
        self._sink.head_part(so_far[known:end] if known or found else so_far)
        if not found:
            self._head = so_far
            if end > HEAD_LIMIT:
                self.stop(f"a head has over {HEAD_LIMIT // 1024} KiB")
            return len(data)
        whole, self._head = so_far[:end], b""
        self._take(self.body_length(whole), whole)
        return at + end - known

    def _take(self, length: int | BodyLength, whole: bytes) -> None:
        """Go on to the body that this head announces."""
        if length is BodyLength.OPAQUE:
            self.stop("a message does not say where its body ends")
            self._sink.head(whole)
            return
        if length is BodyLength.INTERIM:
            self._begun = False
            return
        if length is BodyLength.CHUNKED:
            self._state, self._chunks = _State.CHUNKED, _Chunks()
        elif length is BodyLength.UNTIL_CLOSE:
            self._state = _State.UNTIL_CLOSE
        else:
            assert isinstance(length, int)
            self._state, self._left = _State.LENGTH, length
        self._sink.head(whole)
        if length == 0:
            self._end()

    def _read_chunks(self, data: bytes, at: int) -> int:
        end = self._chunks.feed(data, at)
        self._sink.body_part(data[at:end] if at or end < len(data) else data)
        if self._chunks.broken:
            self.stop("a chunked body is not framed as RFC 9112 says")
        elif self._chunks.ended:
            self._end()
        return end

    def _end(self) -> None:
        self._state, self._begun = _State.HEAD, False
        self._sink.ended()

    def body_length(self, head: bytes) -> int | BodyLength:
        """How long the body after this head is."""
        raise NotImplementedError


class RequestFraming(MessageFraming):
    """Framing of requests; `method` is that of the last head."""

    method = b""

    def body_length(self, head: bytes) -> int | BodyLength:
        """How long the body after this head is: none where neither length nor chunks are announced."""
        line = _REQUEST_LINE.match(head)
        if not line:
            self.opaque = "it does not begin with a request line of HTTP/1.1"
            return BodyLength.OPAQUE
        self.method = line[1]
        length = _announced(head)
        return BodyLength.OPAQUE if length is BodyLength.UNTIL_CLOSE else length or 0


class AnswerFraming(MessageFraming):
    """Framing of answers; `method` has to be that of the request that the next head answers."""

    method = b""
    status = 0

    def body_length(self, head: bytes) -> int | BodyLength:
        """How long the body after this head is (RFC 9112 section 6.3)."""
        line = _STATUS_LINE.match(head)
        if not line:
            self.opaque = "it does not begin with a status line of HTTP/1.1"
            return BodyLength.OPAQUE
        self.status = status = int(line[1])
        if status == 101 or (self.method == b"CONNECT" and 200 <= status < 300):
            self.opaque = "the connection went over to another protocol"
            return BodyLength.OPAQUE
        if 100 <= status < 200:
            return BodyLength.INTERIM
        if self.method == b"HEAD" or status in (204, 304):
            return 0
        length = _announced(head)
        return BodyLength.UNTIL_CLOSE if length is None else length


def _announced(head: bytes) -> int | BodyLength | None:
    """What Transfer-Encoding and Content-Length say, the former first; None for nothing."""
    lengths: set[bytes] = set()
    coding = b""
    for found in _LENGTH_HEADER.finditer(head):
        if found[1][:1] in b"tT":
            coding += b"," + found[2]
        else:
            lengths |= {word.strip() for word in found[2].split(b",")}
    if coding:
        last = coding.rpartition(b",")[2].strip().lower()
        return BodyLength.CHUNKED if last == b"chunked" else BodyLength.UNTIL_CLOSE
    if not lengths:
        return None
    length = lengths.pop()
    return int(length) if not lengths and length.isdigit() and len(length) < 19 else BodyLength.OPAQUE


class _Chunks:
    """Reader of one chunked body: `ended` after its last byte, `broken` where it is none."""

    def __init__(self) -> None:
        self.ended = self.broken = False
        self._line = b""
        self._left = 0
        self._take = self._size

    def feed(self, data: bytes, at: int) -> int:
        """Read from there; gives where it stopped."""
        while at < len(data) and not self.ended and not self.broken:
            if self._left:
                step = min(self._left, len(data) - at)
                at, self._left = at + step, self._left - step
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._line += data[at:]
                self.broken = len(self._line) > LINE_LIMIT
                return len(data)
            line, self._line = (self._line + data[at:end]).rstrip(b"\r"), b""
            at = end + 1
            self._take(line)
        return at

    def _size(self, line: bytes) -> None:
        found = _CHUNK_SIZE.match(line)
        self.broken = not found
        if found:
            self._left = int(found[1], 16)
            self._take = self._end_of_data if self._left else self._trailer

    def _end_of_data(self, line: bytes) -> None:
        self.broken, self._take = bool(line), self._size

    def _trailer(self, line: bytes) -> None:
        self.ended = not line
