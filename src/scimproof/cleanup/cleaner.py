"""Cleaner: deletes the resources of a run and no others, with a read before and after each DELETE."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from scimproof.catalog.request_template import Template, quoted
from scimproof.cleanup.ledger import Entry, key
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.paging import WalkResult, walk
from scimproof.core.scim import GONE, NAME_ATTRIBUTE, Kind, endpoint_of, id_of, name_in, resources, shows

# So many DELETEs in a row that were refused, none ever having worked, and the rest is not asked.
REFUSALS = 5
UNREAD = "looking for its name finds it, yet reading it by its id does not: not deleted"
STAYS = "DELETE answered {status}, yet it can still be read"
LATER = 2.0  # seconds until the latest creates can be read; waited once
SWEPT = 2000  # resources in a list up to which it is walked for unexpected ones

Tell = Callable[[int, int], None]


class RemovalLog(Protocol):
    """Ledger as the cleaner needs it: it has the run's prefix, and is told what became of each resource."""

    prefix: str

    def removed(self, kind: Kind, name: str, id: str) -> None:
        """The resource is gone."""
        ...

    def stranger(self, kind: Kind, name: str, id: str) -> None:
        """The id was given for a create of this run, but belongs to a resource of somebody else."""
        ...

    def entry(self, kind: Kind, name: str) -> Entry:
        """The entry of that name, created if there is none."""
        ...


@dataclass
class Cleaner:
    """Removes resources by the harness's own requests (fixtures/harness/): find, read, delete, read.

    A DELETE is sent only after a read of that id showed a name with this run's `prefix`; a resource is
    recorded as removed only after a read did not find it. `send` may raise RunStopped: then the entries say
    what is left. With `whole` every resource with the prefix is this run's to remove, not only those in the
    entries.
    """

    send: Callable[[Request], Exchange]
    templates: Mapping[str, Template]
    blanks: Callable[[], dict[str, str]]
    prefix: str
    book: RemovalLog
    whole: bool = False
    _fates: dict[tuple[Kind, str], str] = field(default_factory=dict)
    _walks: dict[Kind, WalkResult] = field(default_factory=dict)
    _worked: set[Kind] = field(default_factory=set)
    _refused: dict[Kind, int] = field(default_factory=dict)
    _never: dict[Kind, str] = field(default_factory=dict)
    _under_way: set[tuple[Kind, str]] = field(default_factory=set)
    _known: threading.Condition = field(default_factory=threading.Condition)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def ask(self, kind: Kind, what: str, **values: str) -> Exchange:
        """Fill one of the harness's own request templates (get, find, list, delete) and send it."""
        file = f"{kind.lower()}-{what}" if kind in NAME_ATTRIBUTE else f"resource-{what}"
        return self.send(
            self.templates[f"harness/{file}.http"].fill(self.blanks() | {"endpoint": kind} | values)
        )

    def remove(self, entries: Iterable[Entry], *, parallel: int = 1, tell: Tell = lambda *_: None) -> int:
        """Remove every resource of these entries, users last; returns how many entries have any left.

        `tell` gets the number of entries done and of all. Each entry says why something is left or unknown.
        """
        todo = list(entries)
        done = iter(range(1, len(todo) + 1))

        def one(entry: Entry) -> None:
            try:
                self._remove(entry)
            except RunStopped as cause:
                self._gave_up(entry, str(cause))
            with self._lock:
                tell(next(done), len(todo))

        others = sorted({entry.kind for entry in todo} - set(NAME_ATTRIBUTE))
        for kind in (*others, "Group", "User"):
            some = [entry for entry in todo if entry.kind == kind]
            with ThreadPoolExecutor(max_workers=max(1, parallel)) as pool:
                list(pool.map(one, some))
            if some:
                self._sweep(kind, some)
        self._look_again(todo)
        return sum(1 for entry in todo if entry.left)

    def _gave_up(self, entry: Entry, cause: str) -> None:
        """Record that cleaning up ended early: known ids are left, a name without one is unknown."""
        if entry.remaining or entry.accepted:
            entry.left = entry.left or f"not removed: {cause}"
        else:
            entry.unknown = f"not looked for: {cause}"

    def _remove(self, entry: Entry) -> None:
        entry.left = entry.unknown = ""
        todo = entry.remaining
        for id in todo:
            self._dispose(entry, id)
        # Without an id, or with one that is not found or is somebody else's, it is searched by name.
        if not entry.left and not any(self._fates[entry.kind, id] == "deleted" for id in todo):
            self._find(entry)

    def _find(self, entry: Entry) -> None:
        """Search for the name, and remove the resources that have it."""
        found, trouble = self.find(entry.kind, entry.name)
        if not found and (entry.accepted or trouble):
            listed = self._list(entry.kind)
            found = [id for id, name in listed.ours if name.casefold() == entry.name.casefold()]
            trouble = listed.trouble
        for id in found:
            entry.give(id)
            self._dispose(entry, id, found=True)
        if found or entry.left:
            return
        if trouble and not entry.removed:
            entry.unknown = f"whether a create of it made something cannot be looked for: {trouble}"
        elif entry.accepted and not entry.removed:
            entry.left = (
                "a create of it was answered with success and without an id; neither a search for its name "
                "nor the list shows it, so that it cannot be removed from here"
            )
        elif entry.strangers - entry.shown and not entry.removed and not entry.remaining:
            entry.left = (
                "a create of it was answered with an id that belongs to somebody else; neither a search for "
                "its name nor the list shows what was made"
            )

    def _dispose(self, entry: Entry, id: str, *, found: bool = False) -> None:
        """Delete the resource of that id if it is this run's, and check whether it is gone.

        `found` says that a search or a list has just shown the name with that id.
        """
        fate = self._outcome_of(entry.kind, id)
        if fate in ("deleted", "gone") and not (found and fate == "gone"):
            self.book.removed(entry.kind, entry.name, id)
        elif fate == "gone":
            entry.left = UNREAD
        elif fate == "stranger":
            self.book.stranger(entry.kind, entry.name, id)
        else:
            entry.left = fate

    def _outcome_of(self, kind: Kind, id: str) -> str:
        """What became of the resource of that id; asked once, however many entries have the id."""
        place = (kind, id)
        with self._known:
            self._known.wait_for(lambda: place not in self._under_way)
            if place in self._fates:
                return self._fates[place]
            self._under_way.add(place)
        try:
            fate = self._fates[place] = self._delete(kind, id)
        finally:
            with self._known:
                self._under_way.discard(place)
                self._known.notify_all()
        return fate

    def _delete(self, kind: Kind, id: str) -> str:
        """`deleted`, `gone` (it was not there), `stranger`, or why it is still there."""
        if kind in self._never:
            return self._never[kind]
        fate = self._owner_of(kind, id)
        if fate != "ours":
            known = ("gone", "stranger")
            return fate if fate in known else f"not deleted, since reading it shows not whose it is: {fate}"
        answer = self.ask(kind, "delete", id=id)
        after = self._owner_of(kind, id)
        if after in ("gone", "stranger"):  # a freed id may have been given to somebody else at once
            self._worked.add(kind)
            return "deleted"
        refused = f"DELETE answered {answer.summary()}"
        if after != "ours":
            return f"{refused}; whether it is gone cannot be read: {after}"
        if answer.ok:
            return STAYS.format(status=answer.status)
        self._count_refusal(kind, refused)
        return f"{refused}, and it is still there"

    def _count_refusal(self, kind: Kind, answer: str) -> None:
        with self._lock:
            self._refused[kind] = self._refused.get(kind, 0) + 1
            if self._refused[kind] >= REFUSALS and kind not in self._worked:
                self._never[kind] = f"not tried: of {REFUSALS} like it none could be deleted ({answer})"

    def _owner_of(self, kind: Kind, id: str) -> str:
        """`ours`, `gone`, `stranger`, or the answer that shows none of these."""
        exchange = self.ask(kind, "get", id=id)
        if exchange.status in GONE:
            return "gone"
        if exchange.ok and shows(exchange.json, id, self.prefix, kind):
            return "ours"
        named = exchange.ok and name_in(kind, exchange.json) is not None
        return "stranger" if named else exchange.summary()

    def find(self, kind: Kind, name: str) -> tuple[list[str], str]:
        """The ids of resources of exactly that name, and why they cannot be known."""
        wanted = name.casefold()
        if kind in NAME_ATTRIBUTE:  # of another type nobody knows which attribute is its name
            exchange = self.ask(kind, "find", name=name)
            page = resources(exchange.json)
            hits = [resource for resource in page if _low(name_in(kind, resource)) == wanted]
            if exchange.ok and len(hits) == len(page):
                return [id for hit in hits if (id := id_of(hit))], ""
        # The filter is refused or ignored: walk the whole list, once for all.
        listed = self._list(kind)
        return [id for id, shown in listed.ours if shown.casefold() == wanted], listed.trouble

    def _list(self, kind: Kind) -> WalkResult:
        """The resources of this run in the list of that kind; the list is walked once."""
        with self._lock:
            if kind not in self._walks:
                self._walks[kind] = self.walk(kind)
            return self._walks[kind]

    def walk(self, kind: Kind, most: int | None = None) -> WalkResult:
        """Walk the list of a kind for resources whose name begins with the prefix."""
        found = walk(lambda place: self.ask(kind, "list", startIndex=str(place)), kind, self.prefix, most)
        if not found.trouble:
            return found
        # A target may know pages by cursor only (RFC 9865).
        by_cursor = walk(lambda place: self._page_by_cursor(kind, str(place)), kind, self.prefix, most, "")
        return found if by_cursor.trouble else by_cursor

    def _page_by_cursor(self, kind: Kind, cursor: str) -> Exchange:
        onward = f"&cursor={quoted(cursor)}" if cursor else ""
        template = self.templates["harness/resource-list-cursor.http"]
        known = self.blanks() | {"endpoint": endpoint_of(kind), "onward": onward}
        return self.send(template.fill(known))

    def _sweep(self, kind: Kind, entries: list[Entry]) -> None:
        """Walk the list once more, where it is short enough, and remove what is still in it.

        That includes resources in no entry, such as a duplicate by one create, or one stored by a refused
        create. Resources of another process of the same run (not `whole`) are left to it.
        """
        if kind in self._never:
            return
        try:
            known = {key(kind, entry.name): entry for entry in entries}
            for id, name in self.walk(kind, SWEPT).ours:
                entry = known.get(key(kind, name)) or (self.book.entry(kind, name) if self.whole else None)
                if entry is not None and self._fates.get((kind, id), "deleted") in ("deleted", "gone"):
                    self._fates.pop((kind, id), None)
                    entry.give(id)
                    self._dispose(entry, id, found=True)
        except RunStopped:
            pass  # these are known to be left

    def _read_later(self, entries: list[Entry]) -> bool:
        """Remove what can be read by now, since some targets show new resources late. True to go on."""
        if entries:
            time.sleep(LATER)
        for entry in entries:
            try:
                for id in entry.remaining:
                    self._fates.pop((entry.kind, id), None)
                    entry.left = ""
                    self._dispose(entry, id, found=True)
            except RunStopped as cause:
                self._gave_up(entry, str(cause))
            if entry.left == UNREAD:
                break  # the target does not delete late: the others are not read again
        return True

    def _look_again(self, entries: list[Entry]) -> None:
        """Read once more what was still there after an accepted DELETE: some targets delete late.

        All are read only if the first of them is gone by now.
        """
        stayed = {place for place, fate in self._fates.items() if fate.startswith(STAYS.partition("{")[0])}
        stayed = {place for place in stayed if self._fates[place].endswith(STAYS.partition("}")[2])}
        # What could be read by the time of the sweep is gone, and tells nothing of the others.
        later = self._read_later([entry for entry in entries if entry.left == UNREAD and entry.remaining])
        for entry in entries:
            for id in entry.remaining:
                place = (entry.kind, id)
                try:
                    if place in stayed and later:
                        later = self._owner_of(*place) in ("gone", "stranger")
                        self._fates[place] = "deleted" if later else self._fates[place]
                except RunStopped:
                    later = False
                if place in stayed and self._fates[place] == "deleted":
                    self.book.removed(entry.kind, entry.name, id)
            if not entry.remaining and entry.removed:
                entry.left = ""


def _low(value: object) -> str:
    return value.casefold() if isinstance(value, str) else ""


TIDY_SECONDS = 15.0  # for one answer while tidying up: less than a run's timeout, so that a person waits less
