"""Removes what the processes of a load run created, from the ledgers they left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from glob import escape
from typing import Any

from scimproof.catalog import Catalog
from scimproof.cleanup import Tell
from scimproof.ledger import Entry, Left, earlier
from scimproof.leftovers import Sweep
from scimproof.line import Line
from scimproof.redaction import remembered
from scimproof.target import Target
from scimproof.transport import HttpTransport

AT_ONCE = 8
SECONDS = 1800.0


@dataclass
class Tidy:
    """Takes down what the processes of one run created; what stays is told, and its ledger kept.

    `whose` says which processes, as a pattern of `role-number`: those of other machines remove their own,
    and may do so from this folder at this moment.
    """

    catalog: Catalog
    target: Target
    prefix: str
    whose: str = "*"

    def run(self, tell: Tell = lambda *_: None) -> dict[str, Any]:
        """Remove it all, several at a time, groups first; gives the `ledger` of load.json."""
        names = f"{escape(self.prefix)}-{self.whose}.jsonl"
        books = [book for book in earlier(names=names) if book.prefix == self.prefix and not book.running]
        transport = HttpTransport(self.target)
        line = Line(transport, self.target.credentials, limit="the time for tidying up")
        line.begin(SECONDS)
        sweep = Sweep(self.target, line, self.catalog.templates)
        try:
            for book in books:
                sweep.cleaner(book).remove(book.entries.values(), parallel=AT_ONCE, tell=tell)
        finally:
            transport.close()
        for book in books:
            if not any(entry.left for entry in book.entries.values()):
                book.path.unlink(missing_ok=True)
        return counts(books)


def counts(books: Iterable[Left]) -> dict[str, Any]:
    """How many resources were created and removed, and which stayed and why."""
    entries = [entry for book in books for entry in book.entries.values()]
    return {
        "created": sum(len(set(entry.ids) - entry.strangers) for entry in entries),
        "removed": sum(len(entry.removed & set(entry.ids)) for entry in entries),
        "left": [row for entry in entries for row in _left(entry)],
    }


def _left(entry: Entry) -> list[dict[str, str]]:
    ids = entry.remaining or ([""] if entry.left and not entry.ids else [])
    why = entry.left or "not removed"
    rows = [{"kind": entry.kind, "name": entry.name, "id": id, "why": why} for id in ids]
    return list(remembered().walk(rows)) if rows else []
