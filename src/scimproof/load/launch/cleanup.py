"""Removes what the processes of a load run created, from the ledgers they left."""

from __future__ import annotations

from dataclasses import dataclass
from glob import escape
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.cleanup.cleaner import Tell
from scimproof.cleanup.ledger import counts
from scimproof.cleanup.ledger_reader import StaleLedger, earlier
from scimproof.cleanup.leftovers import LeftoverCleaner
from scimproof.core.redaction import remembered
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport

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
        found = [book for book in earlier(names=names) if isinstance(book, StaleLedger)]
        books = [book for book in found if book.prefix == self.prefix and not book.running]
        transport = HttpTransport(self.target)
        line = RetryingClient(transport, self.target.credentials, limit="the time for tidying up")
        line.begin(SECONDS)
        sweep = LeftoverCleaner(self.target, line, self.catalog.templates)
        try:
            for book in books:
                sweep.cleaner(book).remove(book.entries.values(), parallel=AT_ONCE, tell=tell)
        finally:
            transport.close()
        for book in books:
            if not any(entry.left or entry.unknown for entry in book.entries.values()):
                book.path.unlink(missing_ok=True)
        told = counts(entry for book in books for entry in book.entries.values())
        return told | {what: remembered().walk(told[what]) for what in ("left", "unknown")}
