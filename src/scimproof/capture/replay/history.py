"""History in a capture, read once before it is played: base URL, who was there before, who made what."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.reader import Capture
from scimproof.capture.replay.endpoint import Endpoint, base_in, endpoint
from scimproof.capture.replay.ids import KINDS, Key
from scimproof.capture.replay.spelling import of_query
from scimproof.capture.replay.translation import CLAUSE
from scimproof.core.errors import UsageError
from scimproof.core.http_message import Exchange, Json
from scimproof.core.scim import GONE, NAME_ATTRIBUTE, Kind, id_of, resources, value_at
from scimproof.engine.bulk import made_by, operations_of
from scimproof.engine.sending import identified
from scimproof.engine.write_guard import addressed, mentioned
from scimproof.state.request_effects import effect

MOST_SHOWN = 5_000  # resources of lists that are kept, since one of them may be needed later
FEW = 5  # resources that a search finds whom it is about
FIRST = 2_000  # exchanges that tell where the base URL is


@dataclass
class RecordedHistory:
    """What a capture tells of itself: made by one reading, in bounded memory.

    `base` is the path of the recorded base URL. `created` has the number of the exchange that made a
    resource. `before` are resources that were there already, as an answer showed them first, None where none
    did; `members` are who had to be in a group beforehand. `finds` are the resources that an exchange found
    or met, by its number, and `taken` the name that kept it from creating one. `vanished` are the exchanges
    that did not find somebody of whom no DELETE was recorded. `disorder` is by how many seconds the
    beginnings of exchanges are out of order in the capture.
    """

    base: str = ""
    exchanges: int = 0
    begins: float = 0.0
    disorder: float = 0.0
    created: dict[Key, int] = field(default_factory=dict)
    before: dict[Key, Json] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    finds: dict[int, set[Key]] = field(default_factory=dict)
    taken: dict[int, Key] = field(default_factory=dict)
    vanished: set[int] = field(default_factory=set)
    _shown: dict[Key, Json] = field(default_factory=dict)
    _named: dict[Key, set[str]] = field(default_factory=dict)
    _deleted: set[Key] = field(default_factory=set)
    _added: set[Key] = field(default_factory=set)

    def owner_of(self, taken: Key) -> Key | None:
        """The resource that had that name before; None where no answer showed one."""
        ids = (id for id in self._named.get(taken, ()) if (taken[0], id) not in self.created)
        return next(((taken[0], id) for id in ids), None)

    def shown(self, key: Key) -> Json:
        """The resource as an answer showed it first; None where none did."""
        return self._shown.get(key)

    def take(self, exchange: CapturedExchange) -> None:
        """Learn from one exchange; they come in the order in which they ended."""
        place = endpoint(exchange.target, self.base)
        if place is None or exchange.withheld:
            return
        seen = exchange.as_exchange()
        if place.bulk:
            self._job(exchange, seen)
        elif exchange.method == "GET" or place.search:
            self._read(exchange, place, seen)
        elif place.collection and exchange.method == "POST":
            self._create(exchange, place.kind, seen)
        elif place.id:
            self._write(exchange, place, seen)

    def _create(self, exchange: CapturedExchange, kind: Kind, seen: Exchange) -> None:
        name = value_at(seen.request.json, NAME_ATTRIBUTE[kind])
        if exchange.status == 409 and isinstance(name, str):
            alive = [id for id in self._named.get((kind, name.casefold()), ()) if self._there((kind, id))]
            if not any((kind, id) in self.created for id in alive):
                self.taken[exchange.number] = (kind, name.casefold())
        elif exchange.ok and (id := id_of(identified(seen).json)):
            if (kind, id) not in self.before:
                self.created.setdefault((kind, id), exchange.number)
            self._deleted.discard((kind, id))
            self._call(kind, id, seen.request.json)
            self._call(kind, id, seen.json)
            self._touch_all(kind, seen.request.json)

    def _call(self, kind: Kind, id: str, resource: Json) -> None:
        name = value_at(resource, NAME_ATTRIBUTE[kind])
        if isinstance(name, str):
            self._named.setdefault((kind, name.casefold()), set()).add(id)

    def _there(self, key: Key) -> bool:
        return key not in self._deleted

    def _read(self, exchange: CapturedExchange, place: Endpoint, seen: Exchange) -> None:
        if place.id:
            key = (place.kind, place.id)
            if exchange.ok:
                self._show(key, seen.json)
                self._touch(key)
            elif exchange.status in GONE:
                self._missed(exchange.number, key)
            return
        if not exchange.ok:
            return
        rows = [(id_of(row), row) for row in resources(seen.json)]
        for id, row in rows:
            if place.kind and id:
                self._show((place.kind, id), row)
        if 0 < len(rows) <= FEW and place.kind and CLAUSE.search(_filter_of(exchange)):
            keys = {(place.kind, id) for id, _ in rows if id}
            self.finds[exchange.number] = keys
            for key in keys:
                self._touch(key)

    def _show(self, key: Key, resource: Json) -> None:
        if key not in self._shown and key not in self.created and len(self._shown) < MOST_SHOWN:
            self._shown[key] = resource
        self._call(*key, resource)

    def _write(self, exchange: CapturedExchange, place: Endpoint, seen: Exchange) -> None:
        key = (place.kind, place.id)
        if exchange.status in GONE:
            self._missed(exchange.number, key)
            return
        if exchange.status in (401, 403, 405, 501):
            return
        self._touch(key)
        if not exchange.ok:
            return
        if exchange.method == "DELETE":
            self._deleted.add(key)
            return
        self._touch_all(place.kind, seen.request.json)
        self._call(*key, seen.request.json)
        if place.kind == "Group":
            self._memberships(place.id, exchange, seen.request.body)
        if seen.json is not None:
            self._show(key, seen.json)

    def _memberships(self, group: str, exchange: CapturedExchange, body: bytes) -> None:
        """Whoever is taken out of a group that was there before has been in it."""
        found = effect(exchange.method, exchange.target, body, followed=None)
        for id, inside in (found.members if found else {}).items():
            if inside:
                self._added.add((group, id))
            elif ("Group", group) in self.before and (group, id) not in self._added:
                self.members.setdefault(group, set()).add(id)

    def _missed(self, number: int, key: Key) -> None:
        if (key in self.created or key in self.before) and key not in self._deleted:
            self.vanished.add(number)

    def _job(self, exchange: CapturedExchange, seen: Exchange) -> None:
        if not exchange.ok:
            return
        for made in made_by(seen):
            kind = _kind(made.operation.target)
            if kind and made.id:
                self.created.setdefault((kind, made.id), exchange.number)
                self._call(kind, made.id, made.operation.json)
        for operation in operations_of(seen.request):
            kind = _kind(operation.target)
            id = addressed(operation)
            if operation.method != "POST" and kind and not id.startswith("bulkId:"):
                self._touch((kind, id))
                if operation.method == "DELETE":
                    self._deleted.add((kind, id))
            self._touch_all(kind, operation.json)

    def _touch_all(self, kind: Kind, body: Json) -> None:
        """Everybody whom an accepted body names as a member or manager."""
        for named, id, _ in mentioned(body, frozenset()):
            kinds = KINDS if named == "User" and kind == "Group" else (named,) if named else KINDS
            if named != "Group" and not id.startswith("bulkId:") and "@" not in id:
                known = [k for k in kinds if (k, id) in self.created or (k, id) in self.before]
                if not known:
                    shown = next((k for k in kinds if (k, id) in self._shown), "User")
                    self._touch((shown, id))

    def _touch(self, key: Key) -> None:
        if key not in self.created:
            self.before.setdefault(key, None)


def read_history(capture: Capture) -> RecordedHistory:
    """Read a capture once; raises UsageError where nothing in it is SCIM."""
    history = RecordedHistory(base=_base(capture))
    latest = 0.0
    for exchange in numbered(capture):
        history.exchanges += 1
        history.begins = min(history.begins or exchange.at, exchange.at)
        history.disorder = max(history.disorder, latest - exchange.at)
        latest = max(latest, exchange.at)
        history.take(exchange)
    return history


def numbered(capture: Capture) -> Iterator[CapturedExchange]:
    """The exchanges, each with a number of its own: those of several files are counted anew."""
    if len(capture.files) == 1:
        yield from capture
        return
    for number, exchange in enumerate(capture, 1):
        yield replace(exchange, number=number)


def _base(capture: Capture) -> str:
    """The path before the endpoints of most requests."""
    bases: Counter[str] = Counter()
    for number, exchange in enumerate(capture):
        found = base_in(exchange.target)
        bases.update([] if found is None else [found])
        if number > FIRST and bases:
            break
    if not bases and capture.target:
        return urlsplit(capture.target).path.rstrip("/")
    if not bases:
        raise UsageError(f"{capture.path}: no request of it goes to /Users, /Groups or another SCIM endpoint")
    return bases.most_common(1)[0][0]


def in_order(capture: Capture, history: RecordedHistory) -> Iterator[CapturedExchange]:
    """The exchanges in the order in which they began; holds only those that may still be overtaken."""
    waiting: list[tuple[float, int, int, CapturedExchange]] = []
    latest = 0.0
    for place, exchange in enumerate(numbered(capture)):
        latest = max(latest, exchange.at)
        heapq.heappush(waiting, (exchange.at, exchange.number, place, exchange))
        while waiting and waiting[0][0] < latest - history.disorder:
            yield heapq.heappop(waiting)[-1]
    while waiting:
        yield heapq.heappop(waiting)[-1]


def _filter_of(exchange: CapturedExchange) -> str:

    query = exchange.target.partition("?")[2]
    raw = next((one.partition("=")[2] for one in query.split("&") if one.lower().startswith("filter=")), "")
    return of_query(raw).text or str(value_at(exchange.request.json, "filter") or "")


def _kind(target: str) -> Kind:
    base = base_in(target)
    found = None if base is None else endpoint(target, base)
    return found.kind if found else ""
