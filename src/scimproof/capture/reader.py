"""Reads a capture of any known form: capture files, a folder of them, HAR, report.json."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scimproof.capture.capture_file import SUFFIX, read_lines
from scimproof.capture.exchange import CapturedExchange
from scimproof.core.errors import UsageError


@dataclass
class Capture:
    """Capture at a path; iterating reads it anew each time, one exchange after another, in bounded memory.

    Afterwards `unreadable` is how many lines were torn or are no exchanges. Raises UsageError with the path
    for what cannot be read or is no capture.
    """

    path: Path
    unreadable: int = 0

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise UsageError(f"{self.path}: there is no such file or folder")
        if not self.files:
            raise UsageError(f"{self.path}: no capture is in it (files that end in {SUFFIX})")

    @property
    def files(self) -> list[Path]:
        """The files that it consists of, oldest name first."""
        return sorted(self.path.glob(f"*{SUFFIX}")) if self.path.is_dir() else [self.path]

    def __iter__(self) -> Iterator[CapturedExchange]:
        self.unreadable = 0
        for path in self.files:
            for exchange in read_lines(path):
                if exchange is None:
                    self.unreadable += 1
                else:
                    yield exchange
