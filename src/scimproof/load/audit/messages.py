"""Violations made of anomalies: their kind, their messages and their evidence."""

from __future__ import annotations

from collections.abc import Iterable

from scimproof.core.http_message import Exchange
from scimproof.load.audit.evidence import EvidenceStore
from scimproof.load.audit.violation import Sort, Violation
from scimproof.state.expected_resource import EXISTS, MEMBERS, AttributeAnomaly, Resource
from scimproof.state.register import BEGINNING, Anomaly, Write, WrittenValue

PROOFS = 6  # exchanges shown for one violation, the read included


def stale(resource: Resource, suspect: AttributeAnomaly, seen: Exchange, shelf: EvidenceStore) -> Violation:
    """A read by id during the load that shows an older state than the last accepted write."""
    return violation("stale", resource, suspect, seen, shelf, "a read that began after that was answered")


def broken(
    resource: Resource, suspect: AttributeAnomaly, seen: Exchange, shelf: EvidenceStore, via: str
) -> Violation:
    """A value that the store shows after the load and that no legal order of the writes can give."""
    return violation(_sort(suspect), resource, suspect, seen, shelf, f"read back {via}")


def violation(
    sort: Sort, resource: Resource, suspect: AttributeAnomaly, seen: Exchange, shelf: EvidenceStore, how: str
) -> Violation:
    """The violation with its sentences and the exchanges that prove it."""
    doubt = suspect.doubt
    writes = [entry.write for entry in doubt.expected] + ([doubt.wrote.write] if doubt.wrote else [])
    return Violation(
        sort,
        resource.kind,
        resource.id,
        resource.name,
        suspect.attribute,
        _expected(suspect),
        f"{how}: {_observed(suspect)}",
        (*proofs(writes, shelf), seen),
    )


def proofs(writes: Iterable[Write], shelf: EvidenceStore) -> tuple[Exchange, ...]:
    """The exchanges of these writes, oldest first, so many that a person reads them."""
    numbered = {write.number: write for write in writes if write is not BEGINNING}
    return tuple(shelf.exchange(numbered[number]) for number in sorted(numbered)[-(PROOFS - 1) :])


def _sort(suspect: AttributeAnomaly) -> Sort:
    if suspect.attribute == EXISTS:
        return "undead" if suspect.doubt.value else "lost"
    if suspect.attribute == MEMBERS:
        return "membership"
    if suspect.doubt.refused:
        return "phantom"
    alive = suspect.attribute == "active" and suspect.doubt.value is True
    return "undead" if alive else "stale"


def _expected(suspect: AttributeAnomaly) -> str:
    told = " or ".join(dict.fromkeys(_told(suspect, entry) for entry in suspect.doubt.expected))
    one = len(suspect.doubt.expected) == 1
    return f"{told}, as {'the last accepted write says' if one else 'overlapping writes allow'}"


def _told(suspect: AttributeAnomaly, entry: WrittenValue) -> str:
    if suspect.attribute == EXISTS:
        return "there" if entry.value else "deleted"
    if suspect.attribute == MEMBERS:
        return f"{suspect.member} is {'a' if entry.value else 'no'} member"
    return f"{suspect.attribute} {entry.value!r}"


def _observed(suspect: AttributeAnomaly) -> str:
    doubt: Anomaly = suspect.doubt
    if suspect.attribute == EXISTS:
        return "it is there" if doubt.value else "it is not there"
    if suspect.attribute == MEMBERS:
        return f"{suspect.member} is {'a' if doubt.value else 'no'} member{_whence(doubt)}"
    return f"{suspect.attribute} is {doubt.value!r}{_whence(doubt)}"


def _whence(doubt: Anomaly) -> str:
    if doubt.wrote is None:
        return ", which no request asked for"
    return ", from a write that was refused" if doubt.refused else ", as an earlier write had it"
