"""Reads and validates the ledgers of earlier runs."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from scimproof.cleanup.ledger import FORMAT, Entries, Entry, counts, key, ledger_folder, reason, try_lock
from scimproof.core.scim import CREATED_NAME, NAME_ATTRIBUTE, PREFIX, Kind, usable_id

LONGEST = 1 << 20  # bytes of a line; a run's own are under 3 KB
ENDPOINT = re.compile(r"(?:/[\w-]+)+", re.ASCII)  # a kind that is neither users nor groups
OPS = ("intend", "made", "accepted", "shown", "removed", "stranger")


@dataclass
class StaleLedger:
    """The ledger of an earlier run: its target, and the resources that it may have left there.

    With `running` the run is not over: its process still holds the lock. `youngest` is the age in seconds of
    the latest resource found by name instead, None where the target does not show it.
    """

    path: Path
    target: str
    prefix: str
    embedded: bool
    running: bool
    entries: Entries = field(default_factory=dict)
    youngest: float | None = None

    @property
    def open(self) -> bool:
        """Whether a resource may still be there: not all creates are known to be gone."""
        return any(not entry.settled for entry in self.entries.values())

    def entry(self, kind: Kind, name: str) -> Entry:
        """The entry of that name, created if there is none."""
        return self.entries.setdefault(key(kind, name), Entry(kind, name))

    def removed(self, kind: Kind, name: str, id: str) -> None:
        """Record that the resource is gone."""
        self.entries[key(kind, name)].removed.add(id)

    def stranger(self, kind: Kind, name: str, id: str) -> None:
        """Record that the id belongs to a resource of somebody else."""
        self.entries[key(kind, name)].strangers.add(id)

    def counts(self) -> dict[str, Any]:
        """Created, removed, left and unknown, as in a report."""
        return counts(self.entries.values())


@dataclass(frozen=True)
class Unreadable:
    """A ledger file that is not used, and why. It is never deleted."""

    path: Path
    why: str


class _Wrong(Exception):
    """Raised for a file that is no usable ledger; the text is the reason."""


def earlier(folder: Path | None = None, names: str = "*.jsonl") -> Iterator[StaleLedger | Unreadable]:
    """Read the ledgers of earlier runs, one at a time; an incomplete last line (kill -9) is ignored.

    A file that cannot be read, is of a later version or contains what no run writes comes as Unreadable.
    Files that `names` does not match are not opened: testing a lock takes the lock for a moment.
    """
    place = folder or ledger_folder()
    try:
        paths = sorted(place.glob(names))
    except OSError as problem:
        yield Unreadable(place, reason(problem))
        return
    for path in paths:
        try:
            found = _read(path)
        except FileNotFoundError:
            continue  # its run has just ended and removed it
        except OSError as problem:
            yield Unreadable(path, reason(problem))
        except _Wrong as wrong:
            yield Unreadable(path, str(wrong))
        else:
            yield found


def _read(path: Path) -> StaleLedger:
    # O_NONBLOCK: opening a pipe of that name must not wait for a writer.
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb", closefd=True) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _Wrong("it is not a file")
        running = not try_lock(file)
        lines = enumerate(_lines(file), 1)
        left = _head(path, next(lines, (1, b""))[1], running=running)
        for number, line in lines:
            _learn(left, line, number)
    return left


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The complete lines; bytes after the last line break are ignored."""
    while line := file.readline(LONGEST):
        if line.endswith(b"\n"):
            yield line
        elif len(line) == LONGEST and not line.startswith(b"\0"):
            raise _Wrong(f"a line has over {LONGEST:,} bytes")
        else:
            return


def _fact(line: bytes, number: int) -> dict[str, object]:
    try:
        fact = json.loads(line.decode())
    except (ValueError, RecursionError):
        fact = None
    if not isinstance(fact, dict):
        raise _Wrong(f"line {number} is not a JSON object")
    return fact


def _head(path: Path, line: bytes, *, running: bool) -> StaleLedger:
    if not line:
        raise _Wrong("it is empty, or broke off in its first line")
    fact = _fact(line, 1)
    if fact.get("op") != "run":
        raise _Wrong("its first line is not that of a run")
    found = fact.get("format", FORMAT)  # version 0.1.0 wrote no format
    if found != FORMAT:
        raise _Wrong(f"its format is {found!r}, and this version reads {FORMAT}; update scimproof")
    target, prefix, embedded = fact.get("target"), fact.get("prefix"), fact.get("embedded", False)
    if not isinstance(prefix, str) or not PREFIX.fullmatch(prefix):
        raise _Wrong(f"its prefix {prefix!r} is not that of a run")
    if not isinstance(target, str) or not isinstance(embedded, bool):
        raise _Wrong("its first line names no target")
    return StaleLedger(path, target, prefix, embedded, running)


def _learn(left: StaleLedger, line: bytes, number: int) -> None:
    fact = _fact(line, number)
    op, kind, name, id = (fact.get(what) for what in ("op", "kind", "name", "id"))
    if op not in OPS:
        raise _Wrong(f"line {number} says {op!r}, which this version does not know")
    if not isinstance(kind, str) or not (kind in NAME_ATTRIBUTE or ENDPOINT.fullmatch(kind)):
        raise _Wrong(f"line {number} is about a {kind!r}")
    made = CREATED_NAME.match(name.casefold()) if isinstance(name, str) else None
    if not isinstance(name, str) or not made or made[1] != left.prefix:
        raise _Wrong(f"line {number} has the name {name!r}, which is not one of that run")
    entry = left.entries.setdefault(key(kind, name), Entry(kind, name))
    if op == "intend":
        return
    if op == "accepted":
        entry.accepted += 1
        return
    if not isinstance(id, str) or not usable_id(id):
        raise _Wrong(f"line {number} has the id {id!r}")
    if op == "made":
        entry.give(id)
    elif op == "shown":
        entry.shown.add(id)
    elif op == "removed":
        entry.removed.add(id)
    else:
        entry.strangers.add(id)
