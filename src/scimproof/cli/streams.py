"""Standard streams whose failure does not end a run: closed descriptors, a lost terminal, a full disk."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO


class LastingStream:
    """A text stream that ignores errors of writing: its output is lost, the run goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, and ignore an error."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError):  # ValueError: it was closed
            return len(text)

    def flush(self) -> None:
        """Flush, and ignore an error."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def secure_streams() -> None:
    """Open descriptors 0 to 2 where they are closed, and make standard error a LastingStream.

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
