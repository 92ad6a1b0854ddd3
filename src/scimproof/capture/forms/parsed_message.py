"""Messages put together from what others took apart: start line, header pairs, decoded body."""

from __future__ import annotations

from collections.abc import Iterable

from scimproof.capture.exchange import CapturedMessage

# Of the body as it passed, and not as it is kept here. (RFC 9110 section 8.4, RFC 9112 section 6.1)
CODING, FRAMING, LENGTH = "content-encoding", "transfer-encoding", "content-length"


def message(
    start: str, headers: Iterable[tuple[str, str]], body: bytes, *, whole: bool = True
) -> CapturedMessage:
    """A message of these parts, whose head agrees with a body that was decoded meanwhile.

    Pseudo headers of HTTP/2 (`:path`) are left out, Content-Encoding too; Content-Length says how long the
    body is now, where one was sent; a chunked body is one chunk. The head is kept as it was for a body that
    is not `whole`.
    """
    pairs = [(name, _line(value)) for name, value in headers if name and not name.startswith(":")]
    if whole:
        chunked = any(name.lower() == FRAMING and "chunked" in value.lower() for name, value in pairs)
        pairs = [
            (name, str(len(body)) if name.lower() == LENGTH else value)
            for name, value in pairs
            if name.lower() != CODING or not body
        ]
        if chunked:
            body = (f"{len(body):x}\r\n".encode() + body + b"\r\n" if body else b"") + b"0\r\n\r\n"
    head = "\r\n".join([_line(start), *(f"{name}: {value}" for name, value in pairs)]) + "\r\n\r\n"
    return CapturedMessage(_octets(head), body)


def _line(text: str) -> str:
    """The text without line ends, which would begin another header."""
    return " ".join(text.splitlines()) if "\n" in text or "\r" in text else text


def _octets(text: str) -> bytes:
    """The bytes of a head: one a character (RFC 9112 section 2.2), or UTF-8 where there is no such byte."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
