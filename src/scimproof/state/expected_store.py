"""Expected store: what a sender believes of every resource after its writes, and where answers differ."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from scimproof.catalog.legal_variety import LegalVariety
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import GONE, Kind, id_of, resources
from scimproof.state.comparison import Comparison, Difference, missing
from scimproof.state.equality import equal
from scimproof.state.expected_resource import Resource
from scimproof.state.register import ANY, Write, WriteOutcome, fate_of
from scimproof.state.request_effects import KINDS, RequestEffect, effect, left_out

Key = tuple[Kind, str]
MOST_LINES = 5  # differences that a finding lists


@dataclass(slots=True)
class Pending:
    """Request under way: its effect, when it was sent, and the resource where one is known by then."""

    effect: RequestEffect | None
    write: Write
    kind: Kind | None
    resource: Resource | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Difference of one resource, as one answer shows it."""

    kind: Kind
    id: str
    difference: Difference

    def __str__(self) -> str:
        return str(self.difference)


@dataclass(frozen=True, slots=True)
class Declined:
    """Attribute that the target never shows though it was sent; the first exchange that shows it missing."""

    kind: Kind
    path: str
    number: int


@dataclass(frozen=True, slots=True)
class Departed:
    """Group that does not show members whom a write deactivated; the first exchange that shows it so."""

    id: str
    difference: Difference
    number: int


@dataclass
class ExpectedStore:
    """Expected state of every resource that a run wrote, kept from its requests alone.

        pending = store.begin(request)
        exchange = send(request)
        store.settle(pending, exchange)
        result = store.verdict([exchange])

    Every read is compared when it is settled, by id or row by row. Thread-safe; several requests to one
    resource may be under way, then a read may show any order of them. `declined` are attributes that were
    sent and not shown of that resource, `kept` those that were shown of any. `departed` are groups that
    deactivated members have left, by id.
    """

    variety: LegalVariety = field(default_factory=LegalVariety)
    clock: Callable[[], float] = time.monotonic
    resources: dict[Key, Resource] = field(default_factory=dict)
    differences: dict[int, list[Found]] = field(default_factory=dict)
    compared: dict[int, int] = field(default_factory=dict)
    declined: dict[tuple[Kind, str], Declined] = field(default_factory=dict)
    kept: set[tuple[Kind, str]] = field(default_factory=set)
    departed: dict[str, Departed] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    _deactivated: set[str] = field(default_factory=set)
    _deleted: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self, request: Request) -> Pending:
        """A request is about to be sent."""
        found = effect(request.method, request.target, request.body, followed=None)
        kind = _kind(request.target)
        with self._lock:
            write = Write(next(self._numbers), self.clock(), request.method, request.target)
            if found is None or found.verb == "read":
                return Pending(found, write, kind)
            self.spelled |= {path: name for path, name in found.spelled.items() if path not in self.spelled}
            resource = self.resources.get((found.kind, found.id))
            self._work_out(found, resource)
            if found.verb == "create":
                return Pending(found, write, kind)
            if resource is not None:
                resource.begin(write, found)
            if found.kind == "User" and found.values.get("active", True) is False:
                self._deactivated.add(found.id)
            if found.verb == "delete":
                self._deleted.add(found.id)
            return Pending(found, write, kind, resource)

    def settle(self, pending: Pending, exchange: Exchange) -> None:
        """It was answered, or given up."""
        write, found = pending.write, pending.effect
        write.status = exchange.status
        with self._lock:
            if exchange.request.method == "GET":
                self._compare(pending, exchange)
                return
            unsent = exchange.lost == "unsent"
            fate = fate_of(exchange.status, unknown=bool(exchange.error))
            write.fate = WriteOutcome.REFUSED if unsent else fate
            write.answered = math.inf if write.fate is WriteOutcome.UNKNOWN else self.clock()
            if found is None:
                return
            if found.verb == "delete" and write.fate is WriteOutcome.REFUSED and exchange.status not in GONE:
                self._deleted.discard(found.id)
            if pending.resource is not None:
                pending.resource.settle(write, found)
            elif found.verb == "create" and write.fate is WriteOutcome.ACCEPTED:
                self._made(write, found, id_of(exchange.json))

    def verdict(self, exchanges: Collection[Exchange]) -> CheckResult:
        """Whether what these answers show is what was written; an answer that shows nothing tells nothing."""
        numbers = [exchange.number for exchange in exchanges]
        with self._lock:
            compared = sum(self.compared.get(number, 0) for number in numbers)
            found = [one for number in numbers for one in self.differences.get(number, ())]
        if not compared:
            return does_not_apply("the answer shows nothing that this run has written")
        whole = "the whole resource as it was written"
        expected = whole if compared == 1 else f"{compared} resources as they were written"
        if not found:
            return held(expected)
        several = len({(one.kind, one.id) for one in found}) > 1
        lines = [self._line(one, several=several) for one in found[:MOST_LINES]]
        if len(found) > MOST_LINES:
            lines.append(f"and {len(found) - MOST_LINES} more differences")
        about = tuple(dict.fromkeys(self._name(one.difference.path) for one in found))
        lost = tuple(dict.fromkeys(self._name(one.difference.path) for one in found if one.difference.lost))
        return broken(expected, "; ".join(lines), about=about)._replace(lost=lost)

    def _line(self, found: Found, *, several: bool) -> str:
        where, one = f"{found.kind} {found.id}: " if several else "", found.difference
        return f"{where}{self._name(one.path)}: expected {one.expected}, found {one.found}"

    def _name(self, path: str) -> str:
        """A path as it was sent."""
        return self.spelled.get(path, path)

    def _work_out(self, found: RequestEffect, resource: Resource | None) -> None:
        """Attributes that the target may work out anew from those that change.

        Of what is sent with them that is left to requirements of its own: it may be sent back as it was.
        """
        for path, value in list(found.values.items()):
            for derived in self.variety.moved_by(path):
                before = resource.register(path).certain if resource else None
                if derived not in found.values or (resource and not equal(path, value, before, self.variety)):
                    found.values[derived] = ANY

    def _made(self, write: Write, found: RequestEffect, id: str) -> None:
        if not id:
            return
        known = self.resources.get((found.kind, id))
        if known is None:
            found.values = {path: value for path, value in found.values.items() if value is not ANY}
            self.resources[found.kind, id] = Resource(found.kind, id, write, found)
            return
        # Answered with a resource that was there: an account that is brought back may keep its profile or
        # take the new one, but what the create says of `active` holds.
        for path, value in found.values.items():
            if path == "active":
                known.adopt(path, value, self.clock())
            else:
                known.allow(path, value)

    def _compare(self, pending: Pending, exchange: Exchange) -> None:
        found, sent, now = pending.effect, pending.write.sent, self.clock()
        if pending.kind is None:
            return
        if found is None:
            rows = resources(exchange.json) if exchange.ok else []
            shown = [(id_of(row), row) for row in rows if isinstance(row, dict)]
            self._note(exchange, pending.kind, shown, sent, now, by_id=False)
        elif exchange.status in GONE:
            resource = self.resources.get((found.kind, found.id))
            gone = missing(resource, sent, now) if resource else None
            if resource:
                self._tell(exchange, found.kind, found.id, [gone] if gone else [])
        elif exchange.ok and isinstance(exchange.json, dict):
            self._note(exchange, found.kind, [(found.id, exchange.json)], sent, now, by_id=True)

    def _note(
        self,
        exchange: Exchange,
        kind: Kind,
        shown: list[tuple[str, Json]],
        start: float,
        end: float,
        *,
        by_id: bool,
    ) -> None:
        hidden = left_out(exchange.request.target)
        for id, body in shown:
            resource = self.resources.get((kind, id))
            if resource is None:
                continue
            comparison = Comparison(
                resource,
                body,
                self.variety,
                by_id,
                start,
                end,
                excused=self._deactivated.__contains__,
                hidden=hidden,
                gone=self._deleted.__contains__,
            )
            self._tell(exchange, kind, id, comparison.differences())
            self.kept |= {(kind, path) for path in resource.shown or ()}

    def _tell(self, exchange: Exchange, kind: Kind, id: str, differences: list[Difference]) -> None:
        number = exchange.number
        self.compared[number] = self.compared.get(number, 0) + 1
        for one in differences:
            if one.departed:
                before = self.departed.get(id)
                if before is None or number < before.number:
                    self.departed[id] = Departed(id, one, number)
            elif one.declined:
                key = (kind, one.path)
                if key not in self.declined or number < self.declined[key].number:
                    self.declined[key] = Declined(kind, self._name(one.path), number)
            else:
                self.differences.setdefault(number, []).append(Found(kind, id, one))


def _kind(target: str) -> Kind | None:
    """Of which kind the resources are that a request is about; None for other endpoints."""
    parts = target.partition("?")[0].split("/")
    return next((KINDS[part] for part in parts[-1:-3:-1] if part in KINDS), None)
