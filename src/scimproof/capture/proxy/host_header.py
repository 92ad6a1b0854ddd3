"""Host header on its way to the target: its value is replaced, nothing else, and nothing waits for it."""

from __future__ import annotations

import re

_HOST = re.compile(rb"^(host[ \t]*:[ \t]*)[^\r\n]*?([ \t]*)(?=\r?$)", re.IGNORECASE | re.MULTILINE)
_NAME = b"host"


class HostReplacement:
    """Replaces the value of Host in the heads of one connection, fed as they come.

    Only a line that is Host, or may still become it, is kept back until its end is there; all other bytes are
    given on at once.
    """

    def __init__(self, value: bytes) -> None:
        self._value = value
        self._kept = b""
        self._first = True  # the request line is none of the headers
        self._inside = False  # of a line whose beginning was given on

    def begin(self) -> None:
        """A new head begins."""
        self._first, self._inside = True, False

    def feed(self, data: bytes) -> bytes:
        """The bytes to send on."""
        data, self._kept = self._kept + data, b""
        sent = b""
        if self._first or self._inside:
            end = data.find(b"\n") + 1
            if not end:
                return data
            sent, data = data[:end], data[end:]
            self._first = self._inside = False
        last = data.rfind(b"\n") + 1
        lines, tail = data[:last], data[last:]
        if tail and self._may_be_host(tail):
            self._kept, tail = tail, b""
        self._inside = bool(tail)
        return sent + _HOST.sub(self._replaced, lines, count=1) + tail

    def rest(self) -> bytes:
        """What was kept back, where no more comes."""
        rest, self._kept = self._kept, b""
        return rest

    def _replaced(self, found: re.Match[bytes]) -> bytes:
        return found[1] + self._value + found[2]

    @staticmethod
    def _may_be_host(line: bytes) -> bool:
        name, colon, _ = line.partition(b":")
        name = name.rstrip(b" \t").lower()
        return name == _NAME if colon else _NAME.startswith(name)
