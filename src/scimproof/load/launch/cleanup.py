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
from scimproof.target.retry_policy import RETRY, RetryPolicy
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport, Transport

AT_ONCE = 8
SECONDS, SECONDS_OF_ALL = 600.0, 1800.0  # for what one process created, and all of a run
SECONDS_EACH = 0.1  # of a run that created more than that is enough for


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
    retry: RetryPolicy = RETRY

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
        return removed_row(books)

    def _cleaner(self) -> LeftoverCleaner:
        line = RetryingClient(
            self.transport, self.target.credentials, limit="the time for tidying up", retry=self.retry
        )
        line.begin(self.seconds)
        return LeftoverCleaner(self.target, line, self.templates)


def books_of(prefix: str, whose: str = "*") -> list[StaleLedger]:
    """The ledgers that the processes of one run left.

    `whose` says which processes, as a pattern of `role-number`: those of other machines remove their own,
    and may do so from this folder at this moment.
    """
    found = [
        book for book in earlier(names=f"{escape(prefix)}-{whose}.jsonl") if isinstance(book, StaleLedger)
    ]
    return [book for book in found if book.prefix == prefix and not book.running]


def seconds_for(books: list[StaleLedger]) -> float:
    """The seconds that removing what these name may take."""
    return max(SECONDS_OF_ALL, SECONDS_EACH * sum(len(book.entries) for book in books))


def removed_row(books: list[StaleLedger]) -> dict[str, Any]:
    """The `ledger` of load.json after removal; the file of a ledger of which nothing is left is deleted."""
    for book in books:
        if not any(entry.left or entry.unknown for entry in book.entries.values()):
            book.path.unlink(missing_ok=True)
    told = counts(entry for book in books for entry in book.entries.values())
    return told | {what: remembered().walk(told[what]) for what in ("left", "unknown")}


def remove_created(
    catalog: Catalog,
    target: Target,
    books: list[StaleLedger],
    retry: RetryPolicy = RETRY,
    tell: Tell = lambda *_: None,
) -> dict[str, Any]:
    """Remove what the processes of one run created, from the ledgers that they left."""
    with closing(HttpTransport(target)) as transport:
        cleanup = LoadCleanup(target, transport, catalog.templates, seconds=seconds_for(books), retry=retry)
        return cleanup.of_files(books, tell)
