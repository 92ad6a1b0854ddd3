"""Remembers on disk what a run is about to create, before it is sent, so that it can always be removed."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import platformdirs

from scimproof.model import Kind

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@dataclass
class Entry:
    """One name the run asked for: the ids the target gave for it, and those that are gone again.

    `strangers` are ids the target gave that turned out to belong to somebody else. `left` says why
    something of this name could not be removed.
    """

    kind: Kind
    name: str
    ids: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    left: str = ""

    @property
    def remaining(self) -> list[str]:
        """The ids that are still to be removed."""
        return [id for id in self.ids if id not in self.removed and id not in self.strangers]


def key(kind: Kind, name: str) -> tuple[str, str]:
    """Under what an entry is kept: names that differ in letter case only are one to a SCIM server."""
    return kind, name.casefold()


class Ledger:
    """An append-only file of JSON lines, one a fact, written before the request it is about is sent.

    The first line names target and prefix. The file stays locked while this process lives. Safe to use
    from several threads of one run.
    """

    def __init__(self, path: Path, target: str, prefix: str, *, embedded: bool = False) -> None:
        self.path, self.target, self.prefix, self._embedded = path, target, prefix, embedded
        self.entries: dict[tuple[str, str], Entry] = {}
        self._owner: dict[str, Entry] = {}
        self._proven: set[str] = set()
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        _try_lock(self._file)
        self._append({"op": "run", "target": target, "prefix": prefix, "embedded": embedded})

    def intend(self, kind: Kind, name: str) -> None:
        """About to send a create: from now on a resource of that name may exist."""
        with self._lock:
            self.entries.setdefault(key(kind, name), Entry(kind, name))
            self._append({"op": "intend", "kind": kind, "name": name})

    def made(self, kind: Kind, name: str, id: str) -> None:
        """The target gave this id for it."""
        with self._lock:
            entry = self.entries.setdefault(key(kind, name), Entry(kind, name))
            if id not in entry.ids:
                entry.ids.append(id)
            self._owner.setdefault(id, entry)
            self._append({"op": "made", "kind": kind, "name": name, "id": id})

    def removed(self, kind: Kind, name: str, id: str) -> None:
        """The resource is gone."""
        with self._lock:
            self.entries[key(kind, name)].removed.add(id)
            self._append({"op": "removed", "kind": kind, "name": name, "id": id})

    def stranger(self, kind: Kind, name: str, id: str) -> None:
        """The target gave this id for a create, yet it belongs to somebody else."""
        with self._lock:
            self.entries[key(kind, name)].strangers.add(id)
            self._append({"op": "stranger", "kind": kind, "name": name, "id": id})

    def is_ours(self, id: str) -> bool:
        """Whether a create of this run was answered with that id."""
        return id in self._owner

    def is_proven(self, id: str) -> bool:
        """Whether the target has also shown this id, when read, together with a name of ours."""
        return id in self._proven

    def prove(self, id: str) -> None:
        """The target showed this id with the run's prefix."""
        self._proven.add(id)

    def counts(self) -> dict[str, object]:
        """For the report: how many resources were created and removed, and which were left and why."""
        entries = self.entries.values()
        left = [
            {"kind": entry.kind, "name": entry.name, "id": id, "why": entry.left or "not removed"}
            for entry in entries
            for id in (entry.remaining or ([""] if entry.left and not entry.ids else []))
        ]
        return {
            "created": sum(len(set(entry.ids) - entry.strangers) for entry in entries),
            "removed": sum(len(entry.removed & set(entry.ids)) for entry in entries),
            "left": left,
        }

    def close(self) -> None:
        """Forget the file when nothing is left; keep it for `scimproof clean` otherwise.

        What is left on an embedded target is gone with it.
        """
        self._file.close()
        if self._embedded or not self.counts()["left"]:
            self.path.unlink(missing_ok=True)

    def _append(self, fact: dict[str, object]) -> None:
        self._file.write(json.dumps(fact) + "\n")
        self._file.flush()


def ledger_folder() -> Path:
    """Where ledgers live: SCIMPROOF_LEDGERS, else the state folder of this system's user."""
    override = os.environ.get("SCIMPROOF_LEDGERS")
    return Path(override) if override else Path(platformdirs.user_state_dir("scimproof")) / "ledgers"


@dataclass
class Left:
    """What an earlier run's file tells: where it ran and what it may have left there.

    `running` says that the run is not over: its process still holds the file.
    """

    path: Path
    target: str
    prefix: str
    embedded: bool
    running: bool
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def removed(self, kind: Kind, name: str, id: str) -> None:
        """Write down that the resource is gone."""
        self.entries[key(kind, name)].removed.add(id)

    def stranger(self, kind: Kind, name: str, id: str) -> None:
        """Write down that the id belongs to somebody else."""
        self.entries[key(kind, name)].strangers.add(id)


def earlier(folder: Path | None = None, names: str = "*.jsonl") -> Iterator[Left]:
    """Read the ledgers of earlier runs; a half-written last line (kill -9) is passed over.

    Files that `names` does not match are not touched: asking whether one is locked locks it for a moment.
    """
    for path in sorted((folder or ledger_folder()).glob(names)):
        with path.open("r+", encoding="utf-8") as file:
            running = not _try_lock(file)
        facts = list(_facts(path))
        if facts and facts[0].get("op") == "run":
            head = facts[0]
            target, prefix, embedded = str(head["target"]), str(head["prefix"]), bool(head.get("embedded"))
            yield Left(path, target, prefix, embedded, running, _entries(facts))


def _try_lock(file: IO[str]) -> bool:
    """Lock the file for as long as it is open; False when another process holds it."""
    try:
        if sys.platform == "win32":
            file.seek(2**30)  # a byte that nobody writes to
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _facts(path: Path) -> Iterator[dict[str, object]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            fact = json.loads(line)
        except ValueError:
            return
        if isinstance(fact, dict):
            yield fact


def _entries(facts: list[dict[str, object]]) -> dict[tuple[str, str], Entry]:
    entries: dict[tuple[str, str], Entry] = {}
    for fact in facts[1:]:
        kind: Kind = "User" if fact.get("kind") == "User" else "Group"
        name, id = str(fact.get("name", "")), str(fact.get("id", ""))
        entry = entries.setdefault(key(kind, name), Entry(kind, name))
        if fact.get("op") == "made" and id not in entry.ids:
            entry.ids.append(id)
        elif fact.get("op") == "removed":
            entry.removed.add(id)
        elif fact.get("op") == "stranger":
            entry.strangers.add(id)
    return entries
