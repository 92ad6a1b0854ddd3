"""Checker of the audit: compares the log of writes with the store as it was read back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scimproof.core.http_message import Exchange
from scimproof.core.scim import NAME_ATTRIBUTE, Kind
from scimproof.load.audit.linearizability import explains
from scimproof.load.audit.messages import broken
from scimproof.load.audit.name_conflicts import by_name
from scimproof.load.audit.store_snapshot import Key, Snapshot
from scimproof.load.audit.violation import Violation
from scimproof.load.audit.write_log import WriteLog
from scimproof.state.expected_resource import EXISTS, MEMBERS, AttributeAnomaly, Resource
from scimproof.state.register import Anomaly
from scimproof.state.request_effects import ShownResource, plain

# The names by which searches found a resource, as they are compared, each with the answer.
Hits = Sequence[tuple[str, Exchange]]
BY_NAME, IN_THE_LIST = "by its name, unlike by id", "in the whole list, unlike by id"


def judge(book: WriteLog, snapshot: Snapshot) -> list[Violation]:
    """Violations of the store, each told once: as seen by id, else in the list, else by search."""
    hits = snapshot.hits()
    found = [one for key in list(book.resources) for one in _resource(book, snapshot, key, hits.get(key, ()))]
    return found + list(by_name(book, snapshot))


def together(found: list[Violation], snapshot: Snapshot) -> list[Violation]:
    """The same, with all that one list, or the search, leaves out as the one violation that it is."""
    several: dict[tuple[Kind, str], list[Violation]] = {}
    for violation in found:
        if violation.sort == "unlisted":
            several.setdefault((violation.kind, violation.observed), []).append(violation)
    rest = [violation for violation in found if violation.sort != "unlisted"]
    return rest + [_one(some, snapshot) for some in several.values()]


def _one(some: list[Violation], snapshot: Snapshot) -> Violation:
    """What a list or a search leaves out, with the first of it as the example."""
    first, kind = some[0], some[0].kind.lower()
    of = sum(1 for key in snapshot.by_id if key[0] == first.kind and snapshot.facts(key) is not None)
    way = "the search by name" if BY_NAME in first.observed else "the whole list"
    return replace(
        first,
        expected=f"{way} shows every {kind} that can be read by id",
        observed=f"it leaves out {len(some):,} of {of:,}, this one first",
        times=len(some),
    )


def _resource(book: WriteLog, snapshot: Snapshot, key: Key, hits: Hits) -> Iterator[Violation]:
    resource = book.resources[key]
    facts = snapshot.facts(key)
    if snapshot.gone(key):
        doubt = resource.must_exist()
        if doubt:
            yield broken(resource, AttributeAnomaly(EXISTS, doubt), snapshot.by_id[key], book.shelf, "by id")
        else:
            yield from _still_shown(book, snapshot, resource, hits)
    elif facts is not None:
        found = list(_values(book, snapshot, resource, facts))
        yield from found
        if all(violation.attribute != EXISTS for violation in found):
            yield from _not_shown(book, snapshot, resource, facts)
        if all(violation.attribute != NAME_ATTRIBUTE[resource.kind] for violation in found):
            yield from _by_former_name(book, resource, hits)


def _still_shown(book: WriteLog, snapshot: Snapshot, resource: Resource, hits: Hits) -> Iterator[Violation]:
    """What was deleted and cannot be read by id must be in no list, and no search may find it."""
    doubt = resource.registers[EXISTS].doubt(value=True) if EXISTS in resource.registers else None
    if doubt is None:
        return
    there = AttributeAnomaly(EXISTS, doubt)
    listed = snapshot.listed.get(resource.kind, {}).get(resource.id)
    if listed:
        yield broken(resource, there, listed.exchange, book.shelf, IN_THE_LIST)
    elif hits:
        yield broken(resource, there, hits[0][1], book.shelf, BY_NAME)


def _by_former_name(book: WriteLog, resource: Resource, hits: Hits) -> Iterator[Violation]:
    """Who was renamed must not be found by a name that no accepted write left."""
    attribute = NAME_ATTRIBUTE[resource.kind]
    register = resource.registers.get(attribute)
    for name, exchange in hits if register else ():
        doubt = register.doubt(name) if register else None
        if doubt:
            suspect = AttributeAnomaly(attribute, doubt)
            found = broken(resource, suspect, exchange, book.shelf, "by a former name")
            yield replace(found, observed=f"a search for the former {attribute} {name!r} still finds it")
            return


def _values(
    book: WriteLog, snapshot: Snapshot, resource: Resource, facts: ShownResource
) -> Iterator[Violation]:
    """Attributes and members that cannot be, each once."""
    told: set[str] = set()
    for shown, seen, via in _views(snapshot, resource, facts):
        for suspect in resource.suspects(shown, excused=book.may_leave):
            if suspect.attribute not in told:
                yield broken(resource, suspect, seen, book.shelf, via)
                told.add(suspect.attribute)
    if MEMBERS not in told:
        yield from _impossible_set(book, snapshot, resource)


def _views(
    snapshot: Snapshot, resource: Resource, facts: ShownResource
) -> Iterator[tuple[ShownResource, Exchange, str]]:
    """All that shows this resource."""
    kind, id = resource.kind, resource.id
    yield facts, snapshot.by_id[kind, id], "by id"
    if kind == "Group" and id in snapshot.observed:
        seen, members = snapshot.observed[id]
        yield ShownResource(id, facts.name, {}, members), seen, "by the observer"
    listed = snapshot.listed.get(kind, {}).get(id)
    if listed:
        yield listed.facts, listed.exchange, "in the list"
    exchange, hits = snapshot.found.get((kind, plain(facts.name)), (None, []))
    for hit in hits:
        if hit.id == id and exchange:
            yield hit, exchange, "by its name"


def _not_shown(
    book: WriteLog, snapshot: Snapshot, resource: Resource, facts: ShownResource
) -> Iterator[Violation]:
    """What can be read by id and must be there has to be in the list and to be found by its name."""
    kind, id = resource.kind, resource.id
    doubt = resource.must_exist()
    if doubt is None:
        return
    lost = AttributeAnomaly(EXISTS, doubt)
    exchange, hits = snapshot.found.get((kind, plain(facts.name)), (None, []))
    if exchange and all(hit.id != id for hit in hits):
        yield replace(broken(resource, lost, exchange, book.shelf, BY_NAME), sort="unlisted")
    elif kind in snapshot.listed and not snapshot.lists((kind, id)):
        read = snapshot.by_id[kind, id]
        yield replace(broken(resource, lost, read, book.shelf, IN_THE_LIST), sort="unlisted")


def _impossible_set(book: WriteLog, snapshot: Snapshot, resource: Resource) -> Iterator[Violation]:
    """Members that are each possible, yet not all together."""
    known = snapshot.members((resource.kind, resource.id))
    if known is None:
        return
    seen, shown = known
    histories = [
        (register.legal(math.inf, math.inf), id in shown)
        for id, register in resource.members.items()
        if id in shown or not book.may_leave(id)
    ]
    if explains(histories):
        return
    overlapping = {e.write.number: e for entries, _ in histories if len(entries) > 1 for e in entries}
    suspect = AttributeAnomaly(MEMBERS, Anomaly(len(shown), None, tuple(overlapping.values())))
    mixed = broken(resource, suspect, seen, book.shelf, "by id")
    yield replace(
        mixed,
        expected="the members that some order of the overlapping changes leaves",
        observed=f"read back: {len(shown)} members, which no order of them leaves",
    )
