"""Content decoding: reads an answer's body and undoes its codings, up to a size."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

MAX_BODY = 16 * 1024 * 1024
PIECE = 64 * 1024  # bytes that are unpacked at a time: a bomb never holds more than these beside the body
SLICE = 4 * 1024  # bytes that are put in at a time: what is left over by a member is copied, each time anew
MEMBERS = 50_000  # of one body; that many are unpacked in half a second
CODINGS = 4
GZIP, DEFLATE = ("gzip", "x-gzip"), ("deflate",)
MAGIC = b"\x1f\x8b"


class _TooMuch(Exception):
    """Raised when a body is larger than the limit, as sent or decoded."""


def content_coding(headers: Iterable[tuple[str, str]]) -> str:
    """The combined value of all Content-Encoding headers of an answer (RFC 9110 section 5.3)."""
    return ", ".join(value.strip() for name, value in headers if name.lower() == "content-encoding")


def read_body(chunks: Iterable[bytes], encoding: str, body: bytearray, limit: int = MAX_BODY) -> str:
    """Read the decoded body into `body` and give an error sentence, empty when all is well.

    Codings are undone from the last to the first (RFC 9110 section 8.4); one that nobody knows stays, with
    those before it. Reading stops at `limit` bytes, of what came and of what it unpacks to at each coding;
    of a longer body the first 64 KiB are kept.
    """
    codings = [word for part in encoding.split(",") if (word := part.strip().lower()) not in ("", "identity")]
    if len(codings) > CODINGS:
        return f"the body is packed {len(codings)} times; reading stopped"
    stages = list(_stages(codings, limit))
    try:
        for chunk in chunks:
            for piece in _through(stages, chunk) if stages else [chunk]:
                body += piece
                if len(body) > limit:
                    raise _too_large(limit)
    except zlib.error as problem:
        return f"the body is not the {encoding} it says: {problem}"
    except _TooMuch as problem:
        del body[65536:]
        return f"the body {problem}; reading stopped"
    return "" if all(stage.ended for stage in stages) else f"the {encoding} body broke off"


def _too_large(limit: int) -> _TooMuch:
    return _TooMuch(f"is over {limit // 2**20} MiB")


def _stages(codings: Sequence[str], limit: int) -> Iterator[_Gzip | _Deflate]:
    for coding in reversed(codings):
        if coding in GZIP:
            yield _Gzip(limit)
        elif coding in DEFLATE:
            yield _Deflate(limit)
        else:
            return


def _through(stages: Sequence[_Gzip | _Deflate], data: bytes) -> Iterator[bytes]:
    """The decoded bytes when these are passed through all decoders."""
    first, rest = stages[0], stages[1:]
    for start in range(0, len(data), SLICE):
        for piece in first.put(data[start : start + SLICE]):
            yield from _through(rest, piece) if rest else [piece]


class _Gzip:
    """gzip decoder: takes several members, and ignores zeros and anything else after the last one.

    So do Java's and the gzip program; RFC 1952 section 2.2 allows any number of members.
    """

    def __init__(self, limit: int) -> None:
        self._bound = _Bound(limit)
        self._member: zlib._Decompress | None = None
        self._members = 0
        self._begun = b""
        self._over = False

    def put(self, data: bytes) -> Iterator[bytes]:
        """The decoded bytes of this input."""
        self._bound.take(len(data))
        data, self._begun = self._begun + data, b""
        while data and not self._over:
            if self._member is None:
                data = data.lstrip(b"\0") if self._members else data
                if self._members and not data.startswith(MAGIC):
                    self._begun, self._over = data, len(data) > 1 or not MAGIC.startswith(data)
                    return
                self._begin()
            assert self._member is not None
            yield from _pieces(self._member, data, self._bound)
            if not self._member.eof:
                return
            data, self._member = self._member.unused_data, None

    def _begin(self) -> None:
        self._members += 1
        if self._members > MEMBERS:
            raise _TooMuch(f"has more than {MEMBERS:,} gzip members")
        self._member = zlib.decompressobj(31)

    @property
    def ended(self) -> bool:
        """Whether the last member is complete, or there was no input."""
        return self._member is None


class _Deflate:
    """deflate decoder, with the zlib header as RFC 9110 section 8.4.1.2 has it, or without.

    Some servers send it without the frame, and clients have learnt to take it. What comes after its end is
    left out.
    """

    def __init__(self, limit: int) -> None:
        self._bound = _Bound(limit)
        self._stream = zlib.decompressobj(15)
        self._begun: bytes | None = b""  # what came so far, until it is clear that there is a frame
        self._came = False

    def put(self, data: bytes) -> Iterator[bytes]:
        """The decoded bytes of this input."""
        self._bound.take(len(data))
        self._came = self._came or bool(data)
        if self._stream.eof:  # it would keep all that comes after its end
            return
        if self._begun is not None:
            self._begun = self._begun + data if len(self._begun) < PIECE else None
        try:
            for piece in _pieces(self._stream, data, self._bound):
                self._begun = None
                yield piece
        except zlib.error:
            if self._begun is None:
                raise
            data, self._begun = self._begun, None
            self._stream = zlib.decompressobj(-15)
            yield from _pieces(self._stream, data, self._bound)

    @property
    def ended(self) -> bool:
        """Whether the stream is complete, or there was no input."""
        return self._stream.eof or not self._came


class _Bound:
    """Counts the bytes before and after each decoding; each may be as many as a body may have."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._took = self._gave = 0

    def take(self, count: int) -> None:
        """Count so many input bytes."""
        self._took += count
        if self._took > self._limit:
            raise _too_large(self._limit)

    def give(self, count: int) -> None:
        """Count so many output bytes; one beyond the limit shows that there are too many."""
        self._gave += count
        if self._gave > self._limit + PIECE:
            raise _too_large(self._limit)


def _pieces(stream: zlib._Decompress, data: bytes, bound: _Bound) -> Iterator[bytes]:
    """All decoded bytes of this input, a piece at a time."""
    while True:
        piece = stream.decompress(data, PIECE)
        bound.give(len(piece))
        if piece:
            yield piece
        data = stream.unconsumed_tail
        if stream.eof or (not data and len(piece) < PIECE):
            return
