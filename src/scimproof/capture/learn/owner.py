"""Whose traffic a capture is: the sender and dialect that know most of it, with the fewest differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scimproof.capture.learn.recogniser import Match, Recogniser, TrafficOwner
from scimproof.capture.learn.shapes.sender_shapes import OWN
from scimproof.capture.learn.tally import OutcomeCount
from scimproof.catalog.senders import Sender

UNKNOWN = 10.0  # what a request costs that a sender's templates do not explain
FARTHEST = 8.0  # what one costs at most that they explain with differences
STRANGE = 0.5  # what one costs that only another dialect of the sender sends
CLEARLY = 3.0  # how far from a dialect is what another one sends exactly, so that both are in the capture


def owner_of(recogniser: Recogniser, outcomes: Iterable[OutcomeCount]) -> TrafficOwner:
    """Whose traffic these outcomes are; nobody's where no sender explains any of them.

    Where every dialect explains as much, no dialect is named.
    """
    counts = list(outcomes)
    costs = {
        id: sum(one.count * _cost(_nearest(one, id)) for one in counts if not _is_own(one))
        for id in recogniser.catalog.senders
    }
    known = [id for id in costs if any(_nearest(one, id) for one in counts)]
    if not known:
        return TrafficOwner()
    sender = recogniser.catalog.senders[min(known, key=lambda name: costs[name])]
    dialect = _dialect(sender, counts)
    dialects = dict(applications(sender)).get(dialect, frozenset[str]())
    return TrafficOwner(sender.id, dialect, dialects, beside=_beside(counts, sender.id, dialects))


def _beside(counts: list[OutcomeCount], sender: str, dialects: frozenset[str]) -> frozenset[str]:
    """The other dialects of the sender of which requests are in the capture that are clearly theirs."""
    found: set[str] = set()
    for one in counts:
        matches = [match for match in one.candidates.matches if match.shape.sender == sender]
        own = [match.far for match in matches if not match.shape.dialects or match.shape.dialects & dialects]
        if min(own, default=UNKNOWN) >= CLEARLY:
            found |= {name for match in matches if not match.differences for name in match.shape.dialects}
    return frozenset(found - dialects)


def _dialect(sender: Sender, counts: list[OutcomeCount]) -> str:
    costs = {
        dialect: sum(one.count * _dialect_cost(one, sender.id, dialects) for one in counts)
        for dialect, dialects in applications(sender)
    }
    if len(set(costs.values())) < 2:
        return ""
    return min(costs, key=lambda dialect: costs[dialect])


def applications(sender: Sender) -> Iterator[tuple[str, frozenset[str]]]:
    """The dialects that an application can have, each with those that count with it."""
    shared = {name for dialect in sender.dialects.values() for name in dialect.counts}
    for id, dialect in sender.dialects.items():
        if id not in shared:
            yield id, frozenset({id, *dialect.counts})


def _nearest(one: OutcomeCount, sender: str) -> Match | None:
    return next((match for match in one.candidates.matches if match.shape.sender == sender), None)


def _is_own(one: OutcomeCount) -> bool:
    """Whether nothing but scimproof's own requests explains it exactly."""
    exact = {match.shape.sender for match in one.candidates.matches if not match.differences}
    return exact == {OWN}


def _cost(match: Match | None) -> float:
    return UNKNOWN if match is None else min(match.far, FARTHEST)


def _dialect_cost(one: OutcomeCount, sender: str, dialects: frozenset[str]) -> float:
    """What a dialect leaves unexplained of it, beside what every dialect of the sender does."""
    matches = [match for match in one.candidates.matches if match.shape.sender == sender]
    own = [match.far for match in matches if not match.shape.dialects or match.shape.dialects & dialects]
    best = min((match.far for match in matches), default=0.0)
    if not own:
        return STRANGE if matches else 0.0
    return min(min(own) - best, STRANGE)
