"""Name conflicts: two resources of one name, refused creates that were stored, accepted that were not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from scimproof.core.http_message import Exchange
from scimproof.core.scim import Kind
from scimproof.load.audit.messages import proofs
from scimproof.load.audit.store_snapshot import Key, Snapshot
from scimproof.load.audit.violation import Sort, Violation
from scimproof.load.audit.write_log import Creation, WriteLog
from scimproof.state.expected_resource import EXISTS
from scimproof.state.register import ANY, BEGINNING, WriteOutcome

READS = 3
Carriers = Mapping[str, Exchange]


def by_name(book: WriteLog, snapshot: Snapshot) -> Iterator[Violation]:
    """Duplicate userNames, resources whose create was refused, and creates that left nothing."""
    names = snapshot.named()
    for key, creations in list(book.creations.items()):
        yield from _name(book, snapshot, key, creations, names.get(key, {}))


def stored_though_refused(book: WriteLog, snapshot: Snapshot) -> Counter[int]:
    """Creates whose answer said that they failed, yet left open whether, and that are there: by status."""
    names, found = snapshot.named(), Counter[int]()
    for key, creations in list(book.creations.items()):
        told = {creation.id for creation in creations if creation.id}
        stored = [id for id in names.get(key, {}) if id not in told]
        failed = [
            c.write.status
            for c in creations
            if c.write.fate is WriteOutcome.UNKNOWN and c.write.status >= 400
        ]
        found.update(failed[: len(stored)])
    return found


def _name(
    book: WriteLog, snapshot: Snapshot, key: Key, creations: list[Creation], carriers: Carriers
) -> Iterator[Violation]:
    kind = key[0]
    who = ", ".join(sorted(carriers))
    refused = [creation for creation in creations if creation.write.fate is WriteOutcome.REFUSED]
    if kind == "User" and len(carriers) > 1:
        observed = f"{len(carriers)} resources carry it: {who}"
        yield _violation(
            book, "duplicate", kind, creations, "one resource of that userName", observed, carriers
        )
    elif refused and _too_many(book, key, creations, carriers):
        expected = "nothing: the create was refused"
        yield _violation(book, "phantom", kind, refused, expected, f"it is there: {who}", carriers)
    nameless = [c for c in creations if c.write.fate is WriteOutcome.ACCEPTED and not c.id]
    if nameless and not carriers and key in snapshot.found:
        seen = {"": snapshot.found[key][0]}
        yield _violation(book, "lost", kind, nameless, "there", "looking for its name finds nobody", seen)


def _too_many(book: WriteLog, key: Key, creations: list[Creation], carriers: Carriers) -> bool:
    """Whether more carry the name than accepted creates, and those of unknown outcome, can have made."""
    created = {creation.id for creation in creations if creation.id}
    strangers = [id for id in carriers if id not in created and not _renamed(book, (key[0], id), key[1])]
    silent = [c for c in creations if c.write.fate is not WriteOutcome.REFUSED and not c.id]
    return len(strangers) > len(silent)


def _renamed(book: WriteLog, key: Key, name: str) -> bool:
    """Whether a write may have given this resource that name."""
    resource = book.resources.get(key)
    if resource is None:
        return False
    register = resource.register("userName" if key[0] == "User" else "displayName")
    legal = register.legal(math.inf, math.inf)
    return any(entry.value in (name, ANY) for entry in legal if entry.write is not BEGINNING)


def _violation(
    book: WriteLog,
    sort: Sort,
    kind: Kind,
    creations: list[Creation],
    expected: str,
    observed: str,
    seen: Carriers,
) -> Violation:
    writes = proofs((creation.write for creation in creations), book.shelf)
    reads = tuple({exchange.number: exchange for exchange in seen.values()}.values())[:READS]
    return Violation(
        sort,
        kind,
        max(seen, default=""),
        creations[0].name,
        EXISTS,
        expected,
        observed,
        (*writes, *reads),
    )
