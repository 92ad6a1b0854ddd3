"""Append-only file mapped into memory: a line survives a killed process without a write() for each."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

STEP = 1 << 20  # bytes that the file is ahead of what was written; they are NUL until then


class MappedAppendFile:
    """Append-only file through mmap. Until it is trimmed NULs follow its last line: a reader stops there."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR)
        self._end = os.fstat(self._fd).st_size
        self._room = 0
        self._map: mmap.mmap | None = None

    def put(self, data: bytes) -> None:
        """Append; raises OSError when the disk is full."""
        end = self._end + len(data)
        if self._map is None or end > self._room:
            self._map = self._grow(end)
        self._map[self._end : end] = data
        self._end = end

    def _grow(self, end: int) -> mmap.mmap:
        if self._map is not None:
            self._map.close()
        self._room = (end // STEP + 1) * STEP
        os.posix_fallocate(self._fd, 0, self._room)  # a full disk is an error here, not a signal later
        return mmap.mmap(self._fd, self._room)

    def trim(self) -> None:
        """Take off what is ahead."""
        if self._map is not None:
            self._map.close()
            self._map, self._room = None, 0
            os.ftruncate(self._fd, self._end)

    def close(self) -> None:
        """Trim, and let go of the file."""
        self.trim()
        os.close(self._fd)
