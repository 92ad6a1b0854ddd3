"""Self-check of a shared capture: no word that was replaced may show in it, in whatever spelling."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote, unquote_plus

from scimproof.capture.exchange import CapturedExchange, CapturedMessage

SHORTEST = 4  # characters; shorter words are part of everything
SHORTEST_NUMBER = 6  # digits; lengths, counts and years have fewer
WORD = re.compile(r"[^\W_]+")
UNICODE_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")


class SelfCheck:
    """Finds words of the originals in what is about to be written.

    Looked for are whole words of 4 characters and more and numbers of 6 digits and more: as they are, in any
    letter case, escaped as in JSON and HTML, percent-encoded once and twice, and in base64. `shown` are words
    that may stand there because everybody uses them, `keep_headers` names of headers that somebody lets stay.
    """

    def __init__(
        self, originals: Collection[str], shown: Collection[str], keep_headers: Collection[str] = ()
    ) -> None:
        self._originals = {
            word for word in originals
            if len(word) >= (SHORTEST_NUMBER if word.isdecimal() else SHORTEST) and word not in shown
        }  # fmt: skip
        names = "|".join(
            ["content-length[^\n]*", *(f"{re.escape(name)}(?=[ \t]*:)" for name in keep_headers)]
        )
        self._unasked = re.compile(rf"(?im)^(?:{names})")

    def leaks(self, exchange: CapturedExchange) -> list[str]:
        """Where in an exchange an original shows: `request`, `answer`, `error`."""
        answer = exchange.answer or CapturedMessage(b"")
        parts = {"request": exchange.request, "answer": answer}
        found = [where for where, message in parts.items() if self.shows(self._whole(message))]
        return [*found, "error"] if self.shows(exchange.error) else found

    def shows(self, text: str) -> bool:
        """Whether an original shows in a text."""
        return any(
            word in self._originals for form in _forms(text) for word in map(str.lower, WORD.findall(form))
        )

    def _whole(self, message: CapturedMessage) -> str:
        head = self._unasked.sub("", message.head.decode("utf-8", "replace"))
        return head + message.content.decode("utf-8", "replace")


def _forms(text: str) -> Iterator[str]:
    """The text, and what of it is spelled otherwise, decoded."""
    plain = UNICODE_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "\\u" in text else text
    plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    once = unquote(plain) if "%" in plain else plain
    yield from {plain, once, unquote_plus(once), html.unescape(once)}
    for found in ENCODED.finditer(once):
        yield from _decoded(found[0])


def _decoded(text: str) -> Iterator[str]:
    """What a run of base64 stands for, where that is text; a run may begin with something else."""
    standard = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        inner = base64.b64decode(standard + "=" * (-len(standard) % 4)).decode()
    except (binascii.Error, ValueError):
        return
    if inner.isprintable():
        yield inner
        yield unquote_plus(inner)
