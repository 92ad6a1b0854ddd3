"""Read-back after a load: every resource by id and by name, and the whole lists."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from scimproof.catalog.request_template import Template
from scimproof.cleanup.cleaner import Tell
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.paging import LoopDetector, next_start
from scimproof.core.scim import Kind, resources, value_at
from scimproof.load.audit.store_snapshot import Key, Shown, Snapshot, shown
from scimproof.load.audit.violation import Violation
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.fast_json import load_json
from scimproof.state.request_effects import ShownResource, plain

TRIES = 3
MOST_OBSERVED = 200  # groups
# Resources up to which each is read by id and looked for by name, and of how many of more that is done: some
# kilobytes are kept of each, and a store of 100,000 would be asked 200,000 times.
WHOLE, SAMPLE = 10_000, 5_000
MOST_PAGES = 20_000
KINDS: tuple[Kind, ...] = ("User", "Group")


@dataclass
class Readback:
    """Read-back requests of the harness's own (fixtures/harness/), `parallel` at a time.

    `send` may raise RunStopped: what was not read then is not judged. `tell(done, of)` is for progress. Where
    the product shows members elsewhere, `observe(id, name)` asks who is in a group; at most `MOST_OBSERVED`
    groups, since such an observer may be read a few times a second only.
    """

    send: Callable[[Request], Exchange]
    templates: Mapping[str, Template]
    blanks: Callable[[], dict[str, str]]
    book: WriteLog
    parallel: int = 8
    tell: Tell = lambda *_: None
    observe: Callable[[str, str], Exchange] | None = None
    snapshot: Snapshot = field(default_factory=Snapshot)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _done: int = 0
    _of: int = 0

    def __post_init__(self) -> None:
        self.snapshot.elsewhere = self.book.keeps.members == "observer"

    def by_id(self, keys: Iterable[Key]) -> None:
        """Read these by id; what contradicts an answered write is noted in the book at once, as stale."""
        self._all(self._read, keys)

    def first(self) -> list[Key]:
        """What is to be read by id: everything, and of a large store (over WHOLE) not who was only created.

        Of these so many (SAMPLE) are read; the others have to be in the list as they were created, and are
        read by id where they are not.
        """
        keys = list(self.book.resources)
        still = [key for key in keys if key[0] == "User" and not self.book.resources[key].contested]
        if len(keys) <= WHOLE or len(still) <= SAMPLE:
            return keys
        self.snapshot.expected = set(still) - set(still[:: len(still) // SAMPLE])
        return [key for key in keys if key not in self.snapshot.expected]

    def elsewhere(self) -> None:
        """Look for the names that were asked for and walk the lists; read by id who is new among them."""
        self._all(self._search, self._sought())
        self._all(self._walk, [kind for kind in KINDS if self._concerns(kind)])
        self.by_id(self._unlisted())
        self.by_id(self._strangers())
        self._all(self._observe, self.peopled()[:MOST_OBSERVED])

    def peopled(self) -> list[Key]:
        """The groups whose members were written and are to be seen by an observer only."""
        if not self.snapshot.elsewhere:
            return []
        found = [key for key, one in list(self.book.resources.items()) if key[0] == "Group" and one.members]
        return [key for key in found if not self.snapshot.gone(key)]

    def again(self, violations: Iterable[Violation]) -> None:
        """Read once more what these are about."""
        doubted = list(violations)
        kinds = {violation.kind for violation in doubted}
        for kind in kinds:
            self.snapshot.listed.pop(kind, None)
        names = {(v.kind, plain(v.name)): (v.kind, v.name) for v in doubted if v.name}
        carriers = self.snapshot.named()
        ids = {(v.kind, v.resource) for v in doubted if v.resource}
        ids |= {(key[0], id) for key in names for id in carriers.get(key, ())}
        hits = self.snapshot.hits()
        former = {(kind, name) for kind, id in ids for name, _ in hits.get((kind, id), ())}
        names |= {(k, plain(name)): (k, name) for k, name in self._names() if (k, plain(name)) in former}
        self._all(self._search, list(names.values()))
        self._all(self._walk, sorted(kinds))
        self.by_id(ids | set(self._unlisted()) | set(self._strangers()))
        self._all(
            self._observe, [key for key in ids if key[0] == "Group" and key[1] in self.snapshot.observed]
        )

    def _all(self, one: Callable[..., None], items: Iterable[object]) -> None:
        todo = list(items)
        self._of += len(todo)

        def counted(item: object) -> None:
            try:
                one(item)
            except RunStopped as cause:
                self._note((one.__name__, item), f"not read back: {cause}")
            with self._lock:
                self._done += 1
                self.tell(self._done, self._of)

        with ThreadPoolExecutor(max_workers=max(1, self.parallel)) as pool:
            list(pool.map(counted, todo))

    def _ask(self, kind: Kind, what: str, **values: str) -> Exchange:
        template = self.templates[f"harness/{kind.lower()}-{what}.http"]
        return self._send(template.fill(self.blanks() | values))

    def _send(self, request: Request) -> Exchange:
        """The answer; a read that failed at the target is asked again: that tells nothing of the store."""
        for _ in range(TRIES - 1):
            exchange = self.send(request)
            if not exchange.error and exchange.status < 500:
                return exchange
        return self.send(request)

    def _read(self, key: Key) -> None:
        kind, id = key
        request = self.templates[f"harness/{kind.lower()}-get.http"].fill(self.blanks() | {"id": id})
        ticket = self.book.sent(request.method, request.target, b"", time.monotonic())
        exchange = self._send(request)
        self.book.answered(
            ticket,
            exchange.status,
            time.monotonic(),
            body=exchange.body,
            unknown=bool(exchange.error),
            proof=exchange,
        )
        self.snapshot.by_id[key] = exchange
        unclear = not exchange.ok and not self.snapshot.gone(key)
        self._note(("read", key), f"reading a {kind.lower()} by id: {exchange.summary()}" if unclear else "")

    def _observe(self, key: Key) -> None:
        if self.observe is None:
            return
        id = key[1]
        exchange = self.observe(id, self.book.resources[key].name)
        members = value_at(exchange.json, "members") if exchange.ok else None
        if isinstance(members, list):
            self.snapshot.observed[id] = (exchange, frozenset(map(str, members)))
        told = isinstance(members, list)
        self._note(
            ("observe", id), "" if told else f"asking the observer about a group: {exchange.summary()}"
        )

    def _search(self, key: Key) -> None:
        kind, name = key
        exchange = self._ask(kind, "find", name=name)
        searched = self.snapshot.search(kind, name, exchange, lambda one: self.book.bore(kind, one, name))
        why = "" if searched else f"looking for a {kind.lower()} by name: {exchange.summary()}"
        self._note(("search", key), why)

    def _walk(self, kind: Kind) -> None:
        """The list as an import reads it: as far as totalResults says, without it to the first empty page.

        A list whose end nobody knows is no evidence of anything.
        """
        listed: dict[str, Shown] = {}
        self.snapshot.as_listed -= {key for key in self.snapshot.as_listed if key[0] == kind}
        start, progress = 1, LoopDetector()
        for _ in range(MOST_PAGES):
            exchange = self._ask(kind, "list", startIndex=str(start))
            if not exchange.ok:
                self._note(("walk", kind), f"walking the list of {kind.lower()}s: {exchange.summary()}")
                return
            for facts in shown(kind, exchange):
                if not self._as_created((kind, facts.id), facts):
                    listed[facts.id] = Shown(facts, exchange)
            body = load_json(exchange.body)
            following = next_start(body, start)
            if following is None:
                self.snapshot.listed[kind] = listed
                self._note(("walk", kind), "")
                return
            if not progress.turn(str(value_at(row, "id")) for row in resources(body)):
                break
            start = following
        self._note(("walk", kind), f"walking the list of {kind.lower()}s: it comes to no end")

    def _as_created(self, key: Key, shown: ShownResource) -> bool:
        """Whether a list shows somebody as he was created of whom nothing else is asked; he is noted then."""
        if key not in self.snapshot.expected or key in self.snapshot.as_listed:
            return False  # who is shown a second time is shown as anybody is
        resource = self.book.resources[key]
        right = plain(resource.name) == plain(shown.name)
        if not right or any(True for _ in resource.suspects(shown, excused=self.book.may_leave)):
            return False
        self.snapshot.as_listed.add(key)
        return True

    def _unlisted(self) -> list[Key]:
        """Whom the list was to show and does not, or not as he was created; without the list, nobody."""
        if "User" not in self.snapshot.listed:
            return []
        return [key for key in self.snapshot.expected if key not in self.snapshot.as_listed]

    def _sought(self) -> list[Key]:
        """The names to look for: all that were asked for, without those of whom only the list is asked."""
        known = self.snapshot.expected
        if not known:
            return self._names()
        creations = list(self.book.creations.items())
        skipped = {key for key, some in creations if len(some) == 1 and (key[0], some[0].id) in known}
        return [(kind, name) for kind, name in self._names() if (kind, plain(name)) not in skipped]

    def _concerns(self, kind: Kind) -> bool:
        """Whether anything of that kind was asked for: some targets have no groups at all."""
        every = [*self.book.resources, *self.book.creations]
        return any(known == kind for known, _ in every)

    def _names(self) -> list[Key]:
        """Every name that was asked for, and the names given later."""
        names = {key: (key[0], some[0].name) for key, some in list(self.book.creations.items())}
        for resource in list(self.book.resources.values()):
            if resource.name:
                names.setdefault((resource.kind, plain(resource.name)), (resource.kind, resource.name))
        return list(names.values())

    def _strangers(self) -> list[Key]:
        """Ids that carry a name of this run and were not read by id."""
        promised = {(kind, plain(name)) for kind, name in self._names()}
        named = self.snapshot.named()
        keys = [(key[0], id) for key in promised for id in named.get(key, ())]
        found = [key for key in keys if key not in self.snapshot.by_id]
        # Whose name a stranger carries is read, too, where only the list was to show him.
        named_so = {(kind, plain(name)) for kind, id in found for name in self._names_of(kind, id)}
        doubled = [(key[0], one.id) for key in named_so for one in self.book.creations.get(key, ()) if one.id]
        return found + [key for key in doubled if key in self.snapshot.as_listed]

    def _names_of(self, kind: Kind, id: str) -> list[str]:
        """The name under which the list shows that id."""
        listed = self.snapshot.listed.get(kind, {}).get(id) if self.snapshot.expected else None
        return [listed.facts.name] if listed else []

    def _note(self, what: object, why: str) -> None:
        """What could not be read, and why; nothing when it could be after all."""
        with self._lock:
            self.snapshot.unread.pop(what, None)
            if why:
                self.snapshot.unread[what] = why
