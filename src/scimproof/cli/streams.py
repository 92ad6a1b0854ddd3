"""Standard streams that a run outlives: closed descriptors, a terminal that is gone, a full disk."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO


class LastingStream:
    """A text stream whose failures to write are nobody's: what it says is lost, what goes on is not."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as far as there is somewhere to write to."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError):  # ValueError: it was closed
            return len(text)

    def flush(self) -> None:
        """Flush likewise."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def secure_streams() -> None:
    """Open what is closed of descriptors 0 to 2, and make standard error one that a run outlives.

    A file that is opened while 2 is closed becomes 2: what is said there would be written into the ledger.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    error = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
    if not isinstance(error, LastingStream):
        sys.stderr = LastingStream(error)
