"""Masking of secrets in what was captured."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.core.redaction import HIDDEN_HEADERS


class Masking:
    """Replaces secrets by marks of equal length."""

    def __init__(self, hidden: Iterable[str] = ()) -> None:
        names = "|".join(re.escape(name) for name in sorted({*HIDDEN_HEADERS, *(h.lower() for h in hidden)}))
        self._line = re.compile(
            rf"(?im)^({names})([ \t]*:[ \t]*(?:(?:bearer|basic|digest)[ \t]+)?)".encode()
            + rb"([^\n]*(?:\n[ \t][^\n]*)*)"
        )

    def exchange(self, exchange: CapturedExchange) -> CapturedExchange:
        """The exchange without secrets."""
        masked: set[str] = set()

        def marked(found: re.Match[bytes]) -> bytes:
            masked.add(found[1].decode("latin-1").lower())
            return found[1] + found[2] + re.sub(rb"[^\r\n\t ]", b"*", found[3])

        def message(one: CapturedMessage) -> CapturedMessage:
            return replace(one, head=self._line.sub(marked, one.head))

        return replace(
            exchange,
            request=message(exchange.request),
            answer=message(exchange.answer) if exchange.answer else None,
            masked=tuple(sorted(masked)),
        )

    def url(self, url: str) -> str:
        """A URL without secrets."""
        return url
