"""Removes what a run created, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from scimproof.conduct import GaveUp
from scimproof.ledger import Entry
from scimproof.model import Exchange, Kind, Request
from scimproof.scene import look, resources
from scimproof.wire import Template

GONE = (404, 410)
PAGE = 100
MAX_PAGES = 1000
NAME: dict[Kind, str] = {"User": "userName", "Group": "displayName"}

Tell = Callable[[int, int], None]


class Book(Protocol):
    """Where it is written down what became of a resource."""

    def removed(self, kind: Kind, name: str, id: str) -> None:
        """That resource is gone."""
        ...

    def stranger(self, kind: Kind, name: str, id: str) -> None:
        """That id was given for a create of ours, yet belongs to somebody else."""
        ...


@dataclass
class Cleaner:
    """Sends the harness's own requests (fixtures/harness/): find, look at, delete.

    `send` may raise GaveUp; what could not be removed then says so in its entry. `proven` tells which
    ids need no look before they are deleted, because the target has shown them with a name of this run.
    """

    send: Callable[[Request], Exchange]
    templates: Mapping[str, Template]
    blanks: Callable[[], dict[str, str]]
    prefix: str
    book: Book
    proven: Callable[[str], bool] = lambda _: False
    _stays: dict[Kind, bool] = field(default_factory=dict)
    _pages: dict[Kind, list[tuple[str, str]]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def ask(self, file: str, **values: str) -> Exchange:
        """Fill one of the harness's own requests and send it."""
        return self.send(self.templates[f"harness/{file}.http"].fill(self.blanks() | values))

    def remove(self, entries: Iterable[Entry], *, parallel: int = 1, tell: Tell = lambda *_: None) -> int:
        """Remove every resource of these entries, groups first; gives how many entries have something left.

        `tell` gets how many entries are done, and of how many. Why something is left stands in its entry.
        """
        todo = list(entries)
        done = iter(range(1, len(todo) + 1))

        def one(entry: Entry) -> None:
            try:
                self._remove(entry)
            except GaveUp as cause:
                entry.left = f"not removed: {cause}"
            with self._lock:
                tell(next(done), len(todo))

        for kind in ("Group", "User"):
            with ThreadPoolExecutor(max_workers=max(1, parallel)) as pool:
                list(pool.map(one, [entry for entry in todo if entry.kind == kind]))
        return sum(1 for entry in todo if entry.left)

    def _remove(self, entry: Entry) -> None:
        entry.left = ""
        lost = not entry.ids  # no answer told an id, or told a wrong one: look for it by name
        for id in entry.remaining:
            fate = "ours" if self.proven(id) else self._whose(entry, id)
            if fate == "ours" and self._delete(entry, id):
                continue
            lost = True
            if fate in ("ours", "gone"):
                self.book.removed(entry.kind, entry.name, id)
            elif fate == "stranger":
                self.book.stranger(entry.kind, entry.name, id)
            else:
                entry.left = f"not deleted, since reading it did not show whose it is: {fate}"
        if lost:
            self._find_and_delete(entry)
        if entry.removed and not entry.remaining:
            entry.left = ""

    def _find_and_delete(self, entry: Entry) -> None:
        found, trouble = self.find(entry.kind, entry.name)
        if trouble and set(entry.ids) <= entry.strangers:
            entry.left = f"looking for what the create may have made failed: {trouble}"
        for id in found:
            if id not in entry.ids:
                entry.ids.append(id)
            entry.removed.discard(id)
            if not self._delete(entry, id):
                entry.left = "DELETE answers that it is not there, yet looking for its name finds it"

    def _whose(self, entry: Entry, id: str) -> str:
        """`ours`, `gone`, `stranger`, or what the answer was that tells neither."""
        exchange = self.ask(f"{entry.kind.lower()}-get", id=id)
        if exchange.status in GONE:
            return "gone"
        name = look(exchange.json, NAME[entry.kind])
        if not exchange.ok or not isinstance(name, str):
            return exchange.summary()
        return "ours" if self.prefix in name.casefold() else "stranger"

    def _delete(self, entry: Entry, id: str) -> bool:
        """Delete it and write down how that went; False when the target says that it is not there."""
        exchange = self.ask(f"{entry.kind.lower()}-delete", id=id)
        if exchange.status in GONE:
            return False
        if not exchange.ok:
            entry.left = f"DELETE answered {exchange.summary()}"
        elif self._is_still_there(entry.kind, id):
            entry.left = f"DELETE answered {exchange.status}, yet it can still be read"
        else:
            self.book.removed(entry.kind, entry.name, id)
        return True

    def _is_still_there(self, kind: Kind, id: str) -> bool:
        """Asked for the first of a kind, and for all when that one stayed."""
        if self._stays.get(kind) is False:
            return False
        stays = self.ask(f"{kind.lower()}-get", id=id).ok
        self._stays.setdefault(kind, stays)
        return stays

    def find(self, kind: Kind, name: str) -> tuple[list[str], str]:
        """The ids of resources of exactly that name, and why they cannot be known."""
        exchange = self.ask(f"{kind.lower()}-find", name=name)
        if exchange.status in GONE:
            return [], ""
        wanted = name.casefold()
        page = resources(exchange.json)
        hits = [
            _text(look(resource, "id")) for resource in page if _low(look(resource, NAME[kind])) == wanted
        ]
        if exchange.ok and len(hits) == len(page):
            return [id for id in hits if id], ""
        # The filter is refused or ignored: walk the whole list, once for all.
        with self._lock:
            if kind not in self._pages:
                self._pages[kind] = self.by_prefix(kind)
            found = [id for id, shown in self._pages[kind] if shown.casefold() == wanted]
        return found, "" if found or exchange.ok else exchange.summary()

    def by_prefix(self, kind: Kind) -> list[tuple[str, str]]:
        """All (id, name) of a kind whose name begins with the prefix, by walking the whole list.

        Raises GaveUp when a page cannot be read.
        """
        found: dict[str, str] = {}
        start = 1
        for _ in range(MAX_PAGES):
            exchange = self.ask(f"{kind.lower()}-list", startIndex=str(start))
            page = resources(exchange.json)
            for resource in page:
                id, name = _text(look(resource, "id")), look(resource, NAME[kind])
                if id and _low(name).startswith(self.prefix):
                    found[id] = str(name)
            start += len(page)
            if not exchange.ok:
                raise GaveUp(exchange.summary())
            total = look(exchange.json, "totalResults")
            if not page or not isinstance(total, int) or start > total:
                break
        return list(found.items())


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _low(value: object) -> str:
    return value.casefold() if isinstance(value, str) else ""
