"""Removes what a run created, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from scimproof.ledger import Entry
from scimproof.model import Exchange, Kind, Request
from scimproof.scene import look, resources
from scimproof.wire import Template

GONE = (404, 410)
PAGE = 100


class Book(Protocol):
    """Where removals are written down."""

    def removed(self, kind: Kind, name: str, id: str) -> None:
        """That resource is gone."""
        ...


class Cleaner:
    """Sends the harness's own requests (fixtures/harness/): find, look at, delete."""

    def __init__(
        self, send: Callable[[Request], Exchange], templates: Mapping[str, Template], blanks: Callable[[], dict[str, str]]
    ) -> None:
        self._send, self._templates, self._blanks = send, templates, blanks
        self._checked: dict[Kind, bool] = {}

    def ask(self, file: str, **values: str) -> Exchange:
        """Fill one of the harness's own requests and send it."""
        return self._send(self._templates[f"harness/{file}.http"].fill(self._blanks() | values))

    def remove(self, entries: Iterable[Entry], prefix: str, book: Book, *, verify: bool, parallel: int = 1) -> int:
        """Remove every resource of these entries; groups first. Returns how many are left.

        With `verify` each one is looked at before it is deleted and must carry the prefix; without, only
        those whose create was not answered with our name are. Why one is left stands in its entry.
        """
        todo = sorted(entries, key=lambda entry: entry.kind)
        for kind in ("Group", "User"):
            with ThreadPoolExecutor(max_workers=max(1, parallel)) as pool:
                chosen = [entry for entry in todo if entry.kind == kind]
                list(pool.map(lambda entry: self._remove_entry(entry, prefix, book, verify=verify), chosen))
        return sum(1 for entry in todo if entry.left)

    def _remove_entry(self, entry: Entry, prefix: str, book: Book, *, verify: bool) -> None:
        entry.left = ""
        ids = list(entry.ids)
        if not ids:
            ids, trouble = self.find(entry.kind, entry.name)
            entry.ids.extend(ids)
            if trouble:
                entry.left = f"the create was not answered with an id, and looking for it failed: {trouble}"
        for id in ids:
            if id in entry.removed:
                continue
            if verify or id not in entry.proven:
                trouble = self._not_ours(entry.kind, id, prefix)
                if trouble == "gone":
                    book.removed(entry.kind, entry.name, id)
                    entry.removed.add(id)
                    continue
                if trouble:
                    entry.left = trouble
                    continue
            self._delete(entry, id, book)

    def find(self, kind: Kind, name: str) -> tuple[list[str], str]:
        """The ids of resources of exactly that name, and why they cannot be known."""
        exchange = self.ask(f"{kind.lower()}-find", name=name)
        if exchange.status in GONE:
            return [], ""
        if not exchange.ok:
            return [], exchange.summary()
        attribute = "displayName" if kind == "Group" else "userName"
        found = [entry for entry in resources(exchange.json) if _text(look(entry, attribute)) == name.casefold()]
        return [str(look(entry, "id")) for entry in found if look(entry, "id")], ""

    def _not_ours(self, kind: Kind, id: str, prefix: str) -> str:
        exchange = self.ask(f"{kind.lower()}-get", id=id)
        if exchange.status in GONE:
            return "gone"
        name = look(exchange.json, "displayName" if kind == "Group" else "userName")
        if exchange.ok and prefix in _text(name):
            return ""
        return f"not deleted: reading it did not show the run's prefix ({exchange.summary()})"

    def _delete(self, entry: Entry, id: str, book: Book) -> None:
        exchange = self.ask(f"{entry.kind.lower()}-delete", id=id)
        if not (exchange.ok or exchange.status in GONE):
            entry.left = f"DELETE answered {exchange.summary()}"
            return
        if self._stays(entry.kind, id):
            entry.left = f"DELETE answered {exchange.status}, yet it can still be read"
            return
        book.removed(entry.kind, entry.name, id)
        entry.removed.add(id)

    def _stays(self, kind: Kind, id: str) -> bool:
        """Whether it is still there; asked for the first of a kind, and for all when that one stayed."""
        if self._checked.get(kind) is False:
            return False
        stays = self.ask(f"{kind.lower()}-get", id=id).ok
        self._checked.setdefault(kind, stays)
        return stays

    def by_prefix(self, kind: Kind, prefix: str) -> list[tuple[str, str]]:
        """All (id, name) of a kind whose name carries the prefix, by walking the whole list."""
        attribute = "displayName" if kind == "Group" else "userName"
        found: dict[str, str] = {}
        start = 1
        while True:
            exchange = self.ask(f"{kind.lower()}-list", startIndex=str(start))
            page = resources(exchange.json)
            for resource in page:
                id, name = look(resource, "id"), look(resource, attribute)
                if id and prefix in _text(name):
                    found[str(id)] = str(name)
            start += PAGE
            total = look(exchange.json, "totalResults")
            if not exchange.ok or not page or not isinstance(total, int) or start > total:
                return list(found.items())


def _text(value: object) -> str:
    return value.casefold() if isinstance(value, str) else ""
