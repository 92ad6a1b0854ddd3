"""Recognises captured requests: the nearest request of a sender, and where it differs from that."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recognition import Recognition, RequestDifference
from scimproof.capture.learn.resource_reads import ResourceReads, relation
from scimproof.capture.learn.shapes.known_attributes import KnownAttributes
from scimproof.capture.learn.shapes.request_shape import RequestShape, SeenRequest, far
from scimproof.capture.learn.shapes.sender_shapes import OWN, normative, ranks, request_shapes
from scimproof.capture.learn.shapes.target_shape import SeenTarget
from scimproof.capture.learn.skeleton import Skeletons
from scimproof.capture.learn.unknown_request import asked
from scimproof.catalog.loader import Catalog
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.http_message import Json

# How much farther a template is for each attribute that was changed although it keeps it, up to so many.
STRAYED, MOST_STRAYED = 0.4, 10
MOST_KEPT = 4000  # skeletons whose matches are remembered
EQUALS = 8  # templates that fit equally well and are told
# What is added to how far a request is from a template: for what a product's own sequences try, of the
# harness (as it is, and changed), of another dialect, of another sender, and from one behind any endpoint.
OF_PRODUCT, OWN_REQUEST, OWN_CHANGED, OTHER_DIALECT, OTHER_SENDER, ANY_TARGET = 0.3, 0.4, 0.8, 1.5, 3.0, 5.0


@dataclass(frozen=True)
class Match:
    """Template that fits a request, and where the request differs from it.

    `strayed` is how many attributes are sent otherwise than they were read, although the template keeps them.
    """

    shape: RequestShape
    differences: tuple[RequestDifference, ...]
    strayed: int
    far: float


@dataclass(frozen=True, eq=False)
class Candidates:
    """Templates that may be what a request is: the nearest of each sender, and of each of its dialects.

    `asked` describes those that fit no template of somebody.
    """

    matches: tuple[Match, ...]
    asked: str = ""

    def outcome(self, *, coarse: bool = False) -> Hashable:
        """What tells it from others: templates and differences, `coarse` without the places of these."""
        return self.asked, tuple(
            (
                match.shape.sender,
                match.shape.template.path,
                tuple((one.kind, "" if coarse else (one.where, one.ours)) for one in match.differences),
            )
            for match in self.matches
        )


@dataclass(frozen=True)
class TrafficOwner:
    """Whose traffic a capture is taken for: a sender, and one of its dialects; empty where nobody knows.

    `dialects` are that one and those that count with it; `beside` are other dialects of the sender that are
    in the capture too, from several apps. `strictly` nothing of another sender or dialect is taken into
    account.
    """

    sender: str = ""
    dialect: str = ""
    dialects: frozenset[str] = frozenset()
    strictly: bool = False
    beside: frozenset[str] = frozenset()


@dataclass
class Recogniser:
    """Recognises requests.

    With `traffic` those of that sender are preferred. `base_query` are the raw parameters that came with the
    base URL. `misses` counts the requests that were like none before. It remembers what the target showed
    last of a resource, since some senders send that back with changes.
    """

    catalog: Catalog
    traffic: TrafficOwner = TrafficOwner()
    base_query: str = ""
    misses: int = 0
    endpoints: frozenset[str] = field(init=False)
    _shapes: dict[str, list[RequestShape]] = field(init=False)
    _base: tuple[str, ...] = ()
    _remembered: dict[Hashable, Candidates] = field(default_factory=dict)
    reads: ResourceReads = field(default_factory=ResourceReads)

    def __post_init__(self) -> None:
        self._shapes = request_shapes(self.catalog)
        every = [shape for shapes in self._shapes.values() for shape in shapes]
        self.endpoints = frozenset(shape.target.endpoint for shape in every if shape.target.endpoint)
        self._nobody = normative(self._shapes)
        self._ranks = ranks(self.catalog, every)
        self._skeletons = Skeletons(every)
        schemas = self.catalog.standard_schemas
        self._known = {
            sender: KnownAttributes(schemas, [shape.body.root for shape in shapes])
            for sender, shapes in self._shapes.items()
        }
        self._by_method: dict[tuple[str, str], list[RequestShape]] = {}
        for shape in every:
            self._by_method.setdefault((shape.sender, shape.template.method), []).append(shape)

    def look(self, exchange: CapturedExchange) -> Recognition:
        """What a captured request is: the nearest template of the sender, else of any."""
        candidates, seen = self.candidates(exchange)
        best = self.best(candidates)
        return self._recognition(best, candidates, seen) if best else Recognition()

    def candidates(self, exchange: CapturedExchange) -> tuple[Candidates, SeenRequest]:
        """What a captured request may be, and the request taken apart."""
        target = SeenTarget.of(exchange.target, self.endpoints, self._base)
        self._base = target.segments[: target.base] or self._base
        seen = SeenRequest.of(exchange, target)
        read = self.reads.of(exchange)
        if read is not None:
            for known in self._known.values():
                known.learn_answer(read)
        key = self._skeletons.of(seen), relation(seen.json, read), read is not None and self._attributes
        found = self._remembered.get(key)
        if found is None:
            self.misses += 1
            found = self.compare(seen, read)
            if len(self._remembered) >= MOST_KEPT:
                self._remembered.clear()
            self._remembered[key] = found
        self.reads.note(exchange)
        return found, seen

    @property
    def _attributes(self) -> int:
        """How many attributes answers have shown, of which what is nobody's attribute depends."""
        return max(known.size for known in self._known.values())

    def compare(self, seen: SeenRequest, read: Json) -> Candidates:
        """What a request may be, compared anew; `read` is the resource as it was read last, if it was."""
        senders = [sender for sender in self._shapes if sender not in self._nobody]
        if self.traffic.strictly:
            senders = [self.traffic.sender, OWN]
        matches = [match for sender in senders for match in self._matches(seen, sender, read)]
        if not self.traffic.strictly and not any(match.far == 0 for match in matches):
            # What nobody sends explains only what nothing else does.
            matches += [match for sender in self._nobody for match in self._matches(seen, sender, read)]
        known = any(
            match.shape.sender not in self._nobody and not match.shape.target.any_endpoint
            for match in matches
        )
        return Candidates(tuple(matches), "" if known else asked(seen))

    def _matches(self, seen: SeenRequest, sender: str, read: Json) -> list[Match]:
        """The nearest templates of one sender that fit a request, and the nearest of each dialect."""
        query = tuple(self.base_query.split("&")) if self.base_query and self._carries(sender) else ()
        found = []
        for shape in self._by_method.get((sender, seen.method), ()):
            if shape.fits(seen):
                differences = shape.compare(seen, self._known[sender].unknown, query, read)
                found.append(Match(shape, differences, shape.strayed(seen, read), far(differences)))
        found.sort(key=self._nearness)
        kept, told = found[:1], set(found[0].shape.dialects) if found else set()
        for match in found[1:]:
            equal = match.far == found[0].far and len(kept) < EQUALS
            if equal or not match.shape.dialects <= told:
                kept.append(match)
                told |= match.shape.dialects
        return kept

    def _nearness(self, match: Match) -> tuple[float, int, int, tuple[bool, int, str]]:
        farther = match.far + STRAYED * min(match.strayed, MOST_STRAYED)
        return farther, match.strayed, match.shape.vague, self._ranks[match.shape.template.path]

    def best(self, candidates: Candidates, traffic: TrafficOwner | None = None) -> Match | None:
        """The nearest of several candidates in that traffic, the recogniser's own without one.

        A small difference from what the owner sends is nearer than no difference from what another does: what
        changed is what a reader has to see.
        """
        found = traffic or self.traffic
        matches = [match for match in candidates.matches if self._explains(match, found)]
        return min(matches, key=lambda match: self._preferred(match, found), default=None)

    def _explains(self, match: Match, traffic: TrafficOwner) -> bool:
        """Whether a match says anything of a request in that traffic.

        Of what nobody sends, in the traffic of somebody, only what is the same, and nothing of any endpoint.
        """
        shape = match.shape
        vague = shape.target.any_endpoint or (shape.sender in self._nobody and match.differences)
        if vague and traffic.sender and traffic.sender not in self._nobody:
            return False
        if not traffic.strictly:
            return True
        same = shape.sender == traffic.sender and (
            not traffic.dialects or not shape.dialects or bool(shape.dialects & traffic.dialects)
        )
        return same or shape.sender == OWN

    def _preferred(self, match: Match, traffic: TrafficOwner) -> tuple[object, ...]:
        shape, extra = match.shape, 0.0
        if shape.target.any_endpoint or shape.target.onward:
            extra = ANY_TARGET
        if shape.sender == OWN:
            # Its own requests do not change by themselves; what is nearly one of them is somebody else's.
            extra += OWN_CHANGED if match.differences else OWN_REQUEST
        elif shape.sender in self._nobody and shape.sender != traffic.sender:
            extra += OTHER_SENDER + OWN_REQUEST
        elif traffic.sender and shape.sender != traffic.sender:
            extra += OTHER_SENDER
        elif traffic.dialects and shape.dialects and not shape.dialects & traffic.dialects:
            exact = not match.differences and shape.dialects & traffic.beside
            extra += OF_PRODUCT if exact else OTHER_DIALECT
        elif not shape.template.path.startswith(f"{shape.sender}/"):
            extra += OF_PRODUCT
        nearness = self._nearness(match)
        return nearness[0] + extra, *nearness[1:]

    def _recognition(self, match: Match, candidates: Candidates, seen: SeenRequest) -> Recognition:
        shape = match.shape
        return Recognition(
            sender=shape.sender,
            dialect=next(iter(shape.dialects)) if len(shape.dialects) == 1 else "",
            operation=shape.template.operation,
            template=shape.template.path,
            differences=match.differences,
            also=equals(candidates, match),
            blanks=shape.blanks(seen),
        )

    def _carries(self, sender: str) -> bool:
        if sender == OWN:
            return any(map(self._carries, self.catalog.senders))
        return sender in self.catalog.senders and self.catalog.senders[sender].base_query == "carry"

    def traffic_named(self, name: str) -> TrafficOwner:
        """The traffic of a sender or a dialect of that name; UsageError with a suggestion for none."""
        for sender in self.catalog.senders.values():
            if name == sender.id:
                return TrafficOwner(sender.id, strictly=True)
            if name in sender.dialects:
                return TrafficOwner(
                    sender.id, name, frozenset({name, *sender.dialects[name].counts}), strictly=True
                )
        known = [*self.catalog.senders, *self._dialects()]
        raise UsageError(f"no sender and no dialect is called {name!r}{did_you_mean(name, known)}")

    def _dialects(self) -> Iterable[str]:
        return (id for sender in self.catalog.senders.values() for id in sender.dialects)

    @property
    def parameters(self) -> frozenset[str]:
        """The names, in lower case, of the query parameters that senders write themselves."""
        every = (shape for shapes in self._shapes.values() for shape in shapes)
        return frozenset(one.name.lower() for shape in every for one in shape.target.parameters)

    @property
    def shapes(self) -> Mapping[str, list[RequestShape]]:
        """The shapes of all requests by sender."""
        return self._shapes


def equals(candidates: Candidates, best: Match) -> tuple[str, ...]:
    """The other operations of the sender whose requests are the same bytes, by their ids."""
    found = {
        match.shape.template.operation
        for match in candidates.matches
        if match.shape.sender == best.shape.sender and match.far == best.far
    }
    return tuple(sorted(found - {best.shape.template.operation}))
