"""Clean-up after a load run: removes what its processes created, by a ledger in memory or by ledger files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from glob import escape
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.catalog.request_template import Template
from scimproof.cleanup.cleaner import Tell
from scimproof.cleanup.ledger import Ledger, counts
from scimproof.cleanup.ledger_reader import StaleLedger, earlier
from scimproof.cleanup.leftovers import LeftoverCleaner
from scimproof.core.redaction import remembered
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport, Transport

AT_ONCE = 8
SECONDS, SECONDS_OF_ALL = 600.0, 1800.0  # for what one process created, and all of a run


@dataclass
class LoadCleanup:
    """Clean-up of a load run: removes `parallel` resources at a time, groups first, within `seconds`.

    Never raises for anything that the target does; what is left, and why, stands in the ledger, and a later
    call goes on from where an earlier one was interrupted.
    """

    target: Target
    transport: Transport
    templates: Mapping[str, Template]
    parallel: int = AT_ONCE
    seconds: float = SECONDS

    def of_ledger(self, ledger: Ledger, tell: Tell = lambda *_: None) -> int:
        """Remove all that the ledger of a run in one process knows, and whatever else has its prefix.

        Gives how many entries have something left; `tell(done, of)` is for progress.
        """
        todo = [entry for entry in ledger.entries.values() if not entry.settled]
        cleaner = self._cleaner().cleaner(ledger, whole=True)
        return cleaner.remove(todo, parallel=self.parallel, tell=tell)

    def of_files(self, books: list[StaleLedger], tell: Tell = lambda *_: None) -> dict[str, Any]:
        """Remove what these ledgers of processes name; gives the `ledger` of load.json.

        The file of a ledger of which nothing is left is deleted.
        """
        cleaning = self._cleaner()
        for book in books:
            cleaning.cleaner(book).remove(book.entries.values(), parallel=self.parallel, tell=tell)
        for book in books:
            if not any(entry.left or entry.unknown for entry in book.entries.values()):
                book.path.unlink(missing_ok=True)
        told = counts(entry for book in books for entry in book.entries.values())
        return told | {what: remembered().walk(told[what]) for what in ("left", "unknown")}

    def _cleaner(self) -> LeftoverCleaner:
        line = RetryingClient(self.transport, self.target.credentials, limit="the time for tidying up")
        line.begin(self.seconds)
        return LeftoverCleaner(self.target, line, self.templates)


def remove_created(
    catalog: Catalog, target: Target, prefix: str, whose: str = "*", tell: Tell = lambda *_: None
) -> dict[str, Any]:
    """Remove what the processes of one run created, from the files that they left.

    `whose` says which processes, as a pattern of `role-number`: those of other machines remove their own,
    and may do so from this folder at this moment.
    """
    found = [
        book for book in earlier(names=f"{escape(prefix)}-{whose}.jsonl") if isinstance(book, StaleLedger)
    ]
    books = [book for book in found if book.prefix == prefix and not book.running]
    with closing(HttpTransport(target)) as transport:
        cleanup = LoadCleanup(target, transport, catalog.templates, seconds=SECONDS_OF_ALL)
        return cleanup.of_files(books, tell)
