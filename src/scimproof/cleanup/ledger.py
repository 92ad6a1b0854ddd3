"""Ledger of a run: every create is written to disk before it is sent, so that it can be removed later."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import platformdirs

from scimproof.core.scim import Kind

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FORMAT = "scimproof.ledger/1"


@dataclass
class Entry:
    """One name that the run asked to create: the ids that the target gave for it, and those removed since.

    `shown` are ids under which the target has shown a resource of this run, `strangers` those of resources of
    others. `accepted` counts creates that were answered with success but without an id. `left` says why a
    resource of this name is still there, `unknown` why that cannot be known.
    """

    kind: Kind
    name: str
    ids: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    accepted: int = 0
    left: str = ""
    unknown: str = ""

    @property
    def remaining(self) -> list[str]:
        """The ids that are still to be removed."""
        return [id for id in self.ids if id not in self.removed and id not in self.strangers]

    @property
    def settled(self) -> bool:
        """Whether everything created under this name is known to be gone."""
        return bool(self.ids) and not self.remaining and not self.left and not self.unknown

    def give(self, id: str) -> None:
        """Record that the target gave this id for the name, maybe again after it was removed."""
        if id not in self.ids:
            self.ids.append(id)
        self.removed.discard(id)


def key(kind: Kind, name: str) -> tuple[Kind, str]:
    """The key of an entry: names that differ in letter case only are one to a SCIM server."""
    return kind, name.casefold()


Entries = dict[tuple[Kind, str], Entry]


class Ledger:
    """An append-only file of JSON lines, each written before the request that it is about is sent.

    The first line has target and prefix. The file is locked while this process lives. Thread-safe. If a line
    cannot be written, `intend` raises OSError, since a resource that is not on disk must not be created. All
    other facts are kept in memory nevertheless: `trouble` says why the file lacks them, `alarm` is called
    once, and nothing more is written, so that an incomplete line stays the last.
    """

    def __init__(self, path: Path, target: str, prefix: str, *, embedded: bool = False) -> None:
        self.path, self.target, self.prefix, self._embedded = path, target, prefix, embedded
        self.entries: Entries = {}
        self.trouble = ""
        self.alarm: Callable[[str], None] = lambda _: None
        self._owner: dict[tuple[Kind, str], Entry] = {}
        self._proven: set[tuple[Kind, str]] = set()
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        try_lock(self._file)
        head = {"op": "run", "format": FORMAT, "target": target, "prefix": prefix, "embedded": embedded}
        self._append(head)

    def intend(self, kind: Kind, name: str) -> None:
        """Record that a create is about to be sent: a resource of that name may exist from now on."""
        with self._lock:
            if self.trouble:
                raise OSError(self.trouble)
            self._append({"op": "intend", "kind": kind, "name": name})
            self.entries.setdefault(key(kind, name), Entry(kind, name))

    def made(self, kind: Kind, name: str, id: str) -> None:
        """Record that the target gave this id for the name."""
        with self._lock:
            entry = self.entries.setdefault(key(kind, name), Entry(kind, name))
            entry.give(id)
            self._owner.setdefault((kind, id), entry)
            self._note({"op": "made", "kind": kind, "name": name, "id": id})

    def accepted(self, kind: Kind, name: str) -> None:
        """Record that a create was answered with success, but without an id."""
        with self._lock:
            self.entries.setdefault(key(kind, name), Entry(kind, name)).accepted += 1
            self._note({"op": "accepted", "kind": kind, "name": name})

    def entry(self, kind: Kind, name: str) -> Entry:
        """The entry of that name, created if there is none."""
        with self._lock:
            return self.entries.setdefault(key(kind, name), Entry(kind, name))

    def removed(self, kind: Kind, name: str, id: str) -> None:
        """Record that the resource was not found after its DELETE."""
        with self._lock:
            self.entries[key(kind, name)].removed.add(id)
            self._proven.discard((kind, id))
            self._note({"op": "removed", "kind": kind, "name": name, "id": id})

    def gone(self, kind: Kind, id: str) -> None:
        """As `removed`, for the entry that the id was given for."""
        entry = self._owner.get((kind, id))
        if entry is not None and id not in entry.removed:
            self.removed(kind, entry.name, id)

    def stranger(self, kind: Kind, name: str, id: str) -> None:
        """Record that the target gave this id for a create, but the resource belongs to somebody else."""
        with self._lock:
            self.entries[key(kind, name)].strangers.add(id)
            self._proven.discard((kind, id))
            self._note({"op": "stranger", "kind": kind, "name": name, "id": id})

    def is_ours(self, kind: Kind, id: str) -> bool:
        """Whether a create of this run was answered with that id."""
        return (kind, id) in self._owner

    def is_proven(self, kind: Kind, id: str) -> bool:
        """Whether the target's latest answer about this id showed a resource of this run."""
        return (kind, id) in self._proven

    def prove(self, kind: Kind, id: str) -> None:
        """Record that a read of this id showed a resource with the run's prefix."""
        self._proven.add((kind, id))
        entry = self._owner.get((kind, id))
        if entry is not None and id not in entry.shown:
            with self._lock:
                entry.shown.add(id)
                self._note({"op": "shown", "kind": kind, "name": entry.name, "id": id})

    def doubt(self, kind: Kind, id: str) -> None:
        """Record that the id was deleted, is not found or shows another name: it may be anybody's now."""
        self._proven.discard((kind, id))

    def counts(self) -> dict[str, Any]:
        """How many resources were created and removed, and which were left and why, as in the report."""
        return counts(self.entries.values())

    def close(self) -> None:
        """Delete the file when nothing is left; keep it for `scimproof clean` otherwise.

        Resources on an embedded target are gone with it.
        """
        try:
            self._file.close()
        except OSError as problem:
            self._fail(problem)
        totals = self.counts()
        if self._embedded or not (totals["left"] or totals["unknown"]):
            self.path.unlink(missing_ok=True)

    def _note(self, fact: dict[str, object]) -> None:
        """Write a line that helps after a crash; an error of the disk is ignored here."""
        if self.trouble:
            return
        try:
            self._append(fact)
        except OSError as problem:
            self._fail(problem)

    def _append(self, fact: dict[str, object]) -> None:
        try:
            write(self._file.fileno(), (json.dumps(fact) + "\n").encode())
        except OSError as problem:
            self._fail(problem)
            raise

    def _fail(self, problem: OSError) -> None:
        if not self.trouble:
            self.trouble = reason(problem)
            self.alarm(self.trouble)


def write(descriptor: int, data: bytes) -> None:
    """Write all of it; raises OSError when the disk takes only a part."""
    while data:
        data = data[os.write(descriptor, data) :]


def reason(problem: OSError) -> str:
    """The text of an OSError, without its number."""
    return problem.strerror or str(problem)


def counts(entries: Any) -> dict[str, Any]:
    """Totals of entries as in a report: created, removed, left and unknown, with reasons."""
    rows: dict[str, list[dict[str, str]]] = {"left": [], "unknown": []}
    created = removed = 0
    for entry in entries:
        about = {"kind": entry.kind, "name": entry.name}
        remaining = entry.remaining
        created += len(set(entry.ids) - entry.strangers) or min(entry.accepted, 1)
        removed += len(entry.removed & set(entry.ids))
        if entry.unknown and not entry.left:
            rows["unknown"] += [{**about, "id": id, "why": entry.unknown} for id in remaining or [""]]
        elif remaining or entry.left:
            why = entry.left or "not removed"
            rows["left"] += [{**about, "id": id, "why": why} for id in remaining or [""]]
    return {"created": created, "removed": removed, **rows}


def ledger_folder() -> Path:
    """Where ledgers live: SCIMPROOF_LEDGERS, else the state folder of this system's user."""
    override = os.environ.get("SCIMPROOF_LEDGERS")
    return Path(override) if override else Path(platformdirs.user_state_dir("scimproof")) / "ledgers"


def try_lock(file: IO[Any]) -> bool:
    """Lock the file for as long as it is open; False when another process holds it."""
    try:
        if sys.platform == "win32":
            file.seek(2**30)  # a byte beyond all that is written
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
