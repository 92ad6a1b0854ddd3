"""Log of all writes of a load run, and of the reads that contradict one that was answered before."""

from __future__ import annotations

import itertools
import math
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from scimproof.core.http_message import Json
from scimproof.core.scim import GONE, NAME_ATTRIBUTE, Kind, id_of
from scimproof.load.audit.evidence import EvidenceStore, Proof, exchange_of
from scimproof.load.audit.messages import stale
from scimproof.load.audit.violation import Violation
from scimproof.load.fast_json import load_json
from scimproof.load.plan.storage_rules import StorageRules
from scimproof.state.expected_resource import EXISTS, MEMBERS, AttributeAnomaly, Resource
from scimproof.state.register import Write, WriteOutcome, fate_of
from scimproof.state.request_effects import RequestEffect, effect, facts, left_out, plain

MOST_STALE = 1000  # resources whose stale reads are kept one by one


@dataclass(slots=True)
class Creation:
    """Create of a name; `id` is what its answer gave, empty when there is none."""

    write: Write
    name: str
    id: str = ""


class PendingRequest:
    """Request under way, kept until it is `answered`."""

    __slots__ = ("creation", "effect", "resource", "write")

    def __init__(self, write: Write, effect: RequestEffect, resource: Resource | None) -> None:
        self.write, self.effect, self.resource = write, effect, resource
        self.creation: Creation | None = None


@dataclass
class WriteLog:
    """Log of writes: `sent()` is called before each request, `answered()` when its answer is there.

        ticket = book.sent("PATCH", "/scim/v2/Users/17", body, monotonic())
        ...
        book.answered(ticket, 200, monotonic(), body=answer, proof=Raw(wire, answer))

    `ticket` is None for what the audit does not follow (lists, searches). A read by id is judged at once:
    it must show what an answered write promised (a sender builds its next PUT from it). Safe from threads and
    greenlets; moments are of one clock, and `sent` must be taken before, `answered` after the bytes went.
    What the product does not keep (`keeps`) nobody promised.
    """

    shelf: EvidenceStore = field(default_factory=EvidenceStore)
    keeps: StorageRules = field(default_factory=StorageRules)
    resources: dict[tuple[Kind, str], Resource] = field(default_factory=dict)
    creations: dict[tuple[Kind, str], list[Creation]] = field(default_factory=dict)
    stale: dict[tuple[Kind, str, str], Violation] = field(default_factory=dict)
    stale_times: Counter[tuple[Kind, str, str]] = field(default_factory=Counter)
    writes: int = 0
    unknown: int = 0
    last: float = -math.inf
    _departing: set[str] = field(default_factory=set)
    _numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, method: str, target: str, body: bytes, at: float) -> PendingRequest | None:
        """A request is about to be sent."""
        found = effect(method, target, body, parse=load_json)
        if found is None:
            return None
        if not self.keeps.everything:
            self._leave_out(found)
        with self._lock:
            return self._begin(found, Write(self._number(), at, method, target))

    def answered(
        self,
        ticket: PendingRequest | None,
        status: int,
        at: float,
        *,
        body: bytes = b"",
        json: Json = None,
        unknown: bool = False,
        proof: Proof | None = None,
    ) -> None:
        """It was answered, or given up: then `status` is 0, and `unknown` says that it may have arrived.

        `json` is the body parsed, where somebody has done so. `proof` is kept as evidence.
        """
        if ticket is None:
            return
        ticket.write.status = status
        if ticket.effect.verb == "read":
            resource = ticket.resource
            if resource is None or unknown or not (resource.contested or status in GONE):
                return  # written once at most: a read cannot show anything older
            json = load_json(body) if json is None and status not in GONE else json
            with self._lock:
                self._judge(ticket, at, json, proof)
            return
        json = load_json(body) if json is None and ticket.creation else json
        with self._lock:
            self._settle(ticket, fate_of(status, unknown=unknown), at, json, proof)

    def resource(self, kind: Kind, id: str) -> Resource | None:
        """Expected state of that id; None when no write was about it."""
        return self.resources.get((kind, id))

    def bore(self, kind: Kind, id: str, name: str) -> bool:
        """Whether a write gave that resource the name, now or formerly."""
        known = plain(name)
        made = self.creations.get((kind, known), ())
        resource = self.resources.get((kind, id))
        register = resource.registers.get(NAME_ATTRIBUTE[kind]) if resource else None
        renamed = any(entry.value == known for entry in register.entries) if register else False
        return renamed or any(creation.id == id for creation in made)

    def may_leave(self, id: str) -> bool:
        """Whether a target may have taken this user out of its groups: by a deactivation, or a deletion."""
        return id in self._departing

    def _leave_out(self, found: RequestEffect) -> None:
        """Take out of an effect what the product does not keep."""
        created = found.verb == "create"
        kept = self.keeps.of(found.kind, created=created)
        found.values = {name: value for name, value in found.values.items() if name in kept}
        if not created and NAME_ATTRIBUTE[found.kind] not in kept:
            found.name = ""

    def _number(self) -> int:
        return next(iter(self._numbers))

    def _begin(self, found: RequestEffect, write: Write) -> PendingRequest:
        key = (found.kind, found.id)
        if found.verb == "read":
            return PendingRequest(write, found, self.resources.get(key))
        self.writes += 1
        if found.verb == "create":
            ticket = PendingRequest(write, found, None)
            ticket.creation = Creation(write, found.name)
            self.creations.setdefault((found.kind, plain(found.name)), []).append(ticket.creation)
            return ticket
        resource = self.resources.setdefault(key, Resource(*key))
        resource.begin(write, found)
        if found.kind == "User" and (found.verb == "delete" or found.values.get("active", True) is not True):
            self._departing.add(found.id)
        return PendingRequest(write, found, resource)

    def _settle(
        self, ticket: PendingRequest, fate: WriteOutcome, at: float, json: Json, proof: Proof | None
    ) -> None:
        write, found = ticket.write, ticket.effect
        write.fate = fate
        write.answered = math.inf if fate is WriteOutcome.UNKNOWN else at
        self.unknown += fate is WriteOutcome.UNKNOWN
        self.last = max(self.last, at)
        if proof is not None:
            self.shelf.put(write.number, proof)
        if ticket.resource is not None:
            ticket.resource.settle(write, found)
            if fate is WriteOutcome.ACCEPTED and found.name:
                ticket.resource.name = found.name
        elif ticket.creation is not None and fate is WriteOutcome.ACCEPTED:
            self._made(ticket.creation, found, json)

    def _made(self, creation: Creation, found: RequestEffect, json: Json) -> None:
        creation.id = id_of(json)
        if not creation.id:
            return
        known = self.resources.get((found.kind, creation.id))
        if known is not None and known.ours:  # answered twice with one id: the second create wrote over it
            known.begin(creation.write, found)
            known.settle(creation.write, found)
            if plain(known.name) == plain(found.name):  # the id of somebody else is not given again
                known.revive(creation.write)
            return
        self.resources[found.kind, creation.id] = Resource(found.kind, creation.id, creation.write, found)

    def _judge(self, ticket: PendingRequest, at: float, json: Json, proof: Proof | None) -> None:
        """Compare a read by id with the writes that were answered before it began."""
        resource, write = ticket.resource, ticket.write
        assert resource is not None
        if write.status in GONE:
            doubt = resource.must_exist(write.sent, at)
            self._contradicted(resource, AttributeAnomaly(EXISTS, doubt) if doubt else None, proof, write)
            return
        if not 200 <= write.status < 300:
            return
        # What a read asks to have left out of the answer (`?excludedAttributes=members`) it says nothing of.
        hidden = left_out(write.target) if "?" in write.target else None
        only = [path for path in resource.registers if not hidden(path)] if hidden else resource.registers
        told = self.keeps.members == "scim" and not (hidden and hidden(MEMBERS))
        shown = facts(resource.kind, json, whole=told, only=only)
        if shown is None:
            return
        for suspect in resource.suspects(shown, write.sent, at, excused=self.may_leave):
            self._contradicted(resource, suspect, proof, write)

    def _contradicted(
        self, resource: Resource, suspect: AttributeAnomaly | None, proof: Proof | None, read: Write
    ) -> None:
        if suspect is None:
            return
        key = (resource.kind, resource.id, suspect.attribute)
        if key not in self.stale and len(self.stale) >= MOST_STALE:
            return
        self.stale_times[key] += 1
        if key in self.stale:
            return
        seen = exchange_of(read.number, proof) if proof is not None else self.shelf.exchange(read)
        self.stale[key] = stale(resource, suspect, seen, self.shelf)
