"""Remembers on disk what a run is about to create, before it is sent, so that it can always be removed."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from scimproof.model import Kind


@dataclass
class Entry:
    """One resource: intended under a name, made once an id is known, removed once it is gone."""

    kind: Kind
    name: str
    ids: list[str] = field(default_factory=list)
    proven: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    left: str = ""


class Ledger:
    """An append-only file of JSON lines, one a fact, written before the request it is about is sent.

    The first line names target and prefix. Safe to use from several threads of one run.
    """

    def __init__(self, path: Path, target: str, prefix: str) -> None:
        self.path, self.target, self.prefix = path, target, prefix
        self.entries: dict[tuple[str, str], Entry] = {}
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        self._append({"op": "run", "target": target, "prefix": prefix, "pid": os.getpid()})

    def intend(self, kind: Kind, name: str) -> None:
        """About to send a create: from now on a resource of that name may exist."""
        with self._lock:
            self.entries.setdefault((kind, name), Entry(kind, name))
            self._append({"op": "intend", "kind": kind, "name": name})

    def made(self, kind: Kind, name: str, id: str, *, proven: bool) -> None:
        """The target gave this id; `proven` when its answer also showed our name."""
        with self._lock:
            entry = self.entries.setdefault((kind, name), Entry(kind, name))
            if id not in entry.ids:
                entry.ids.append(id)
            if proven:
                entry.proven.add(id)
            self._append({"op": "made", "kind": kind, "name": name, "id": id, "proven": proven})

    def removed(self, kind: Kind, name: str, id: str) -> None:
        """The resource is gone."""
        with self._lock:
            self.entries[(kind, name)].removed.add(id)
            self._append({"op": "removed", "kind": kind, "name": name, "id": id})

    def is_ours(self, id: str) -> bool:
        """Whether this run created the resource of that id: only those may be changed."""
        return any(id in entry.ids for entry in self.entries.values())

    def is_proven(self, id: str) -> bool:
        """Whether the target has shown this id together with a name of ours."""
        return any(id in entry.proven for entry in self.entries.values())

    def prove(self, id: str) -> None:
        """The target showed this id with the run's prefix."""
        for entry in self.entries.values():
            if id in entry.ids:
                entry.proven.add(id)

    def counts(self) -> dict[str, object]:
        """For the report: how many resources were created and removed, and which were left and why."""
        created = sum(len(entry.ids) for entry in self.entries.values())
        removed = sum(len(entry.removed & set(entry.ids)) for entry in self.entries.values())
        left = [
            {"kind": entry.kind, "name": entry.name, "id": id, "why": entry.left or "not removed"}
            for entry in self.entries.values()
            for id in entry.ids
            if id not in entry.removed
        ]
        return {"created": created, "removed": removed, "left": left}

    def close(self) -> None:
        """Forget the file when nothing is left; keep it for `scimproof clean` otherwise."""
        self._file.close()
        if not self.counts()["left"] and not self.unknown():
            self.path.unlink(missing_ok=True)

    def unknown(self) -> list[Entry]:
        """Resources that were asked for, whose id no answer told, and that were not looked for since."""
        return [entry for entry in self.entries.values() if not entry.ids and entry.left]

    def _append(self, fact: dict[str, object]) -> None:
        self._file.write(json.dumps(fact) + "\n")
        self._file.flush()


def ledger_folder() -> Path:
    """Where ledgers live: SCIMPROOF_LEDGERS, else the state folder of this system's user."""
    override = os.environ.get("SCIMPROOF_LEDGERS")
    return Path(override) if override else Path(platformdirs.user_state_dir("scimproof")) / "ledgers"


@dataclass(frozen=True)
class Left:
    """What an earlier run's file tells: where it ran and what it may have left there."""

    path: Path
    target: str
    prefix: str
    pid: int
    entries: dict[tuple[str, str], Entry]


def earlier(folder: Path | None = None) -> Iterator[Left]:
    """Read the ledgers of earlier runs; a half-written last line (kill -9) is passed over."""
    for path in sorted((folder or ledger_folder()).glob("*.jsonl")):
        facts = list(_facts(path))
        if facts and facts[0].get("op") == "run":
            head = facts[0]
            yield Left(path, str(head["target"]), str(head["prefix"]), int(str(head["pid"])), _entries(facts))


def _facts(path: Path) -> Iterator[dict[str, object]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return


def _entries(facts: list[dict[str, object]]) -> dict[tuple[str, str], Entry]:
    entries: dict[tuple[str, str], Entry] = {}
    for fact in facts[1:]:
        kind: Kind = "User" if fact["kind"] == "User" else "Group"
        name = str(fact["name"])
        entry = entries.setdefault((kind, name), Entry(kind, name))
        id = str(fact.get("id", ""))
        if fact["op"] == "made" and id not in entry.ids:
            entry.ids.append(id)
        elif fact["op"] == "removed":
            entry.removed.add(id)
    return entries
