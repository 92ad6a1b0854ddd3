"""Finds resources left by earlier runs, from ledger files or by the run's name pattern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scimproof.catalog.request_template import Template
from scimproof.cleanup.cleaner import TIDY_SECONDS, Cleaner, RemovalLog, Tell
from scimproof.cleanup.ledger import Entry
from scimproof.cleanup.ledger_reader import StaleLedger
from scimproof.core.errors import CannotTell, RunStopped
from scimproof.core.paging import WalkResult
from scimproof.core.scim import CREATED_NAME, NAME_ATTRIBUTE, Kind
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target

SECONDS, SECONDS_EACH = 600.0, 0.2  # of time to clean up: fixed, and for each name
# A run found by name that created something since may be running on another machine: a run may take as
# long as its budget, half an hour, and a load run creates until its end.
YOUNG = 3600.0


@dataclass
class LeftoverCleaner:
    """Finds leftovers on one target and removes them; each is read again before it is deleted."""

    target: Target
    line: RetryingClient
    templates: Mapping[str, Template]

    def cleaner(self, book: RemovalLog, *, whole: bool = False) -> Cleaner:
        """A cleaner that only deletes what carries the prefix of that ledger's run, and writes into it.

        `whole`: everything with the prefix, not only what the ledger names.
        """
        return Cleaner(
            send=lambda request: self.line.send(request, min(self.target.seconds, TIDY_SECONDS)),
            templates=self.templates,
            blanks=self._blanks,
            prefix=book.prefix,
            book=book,
            whole=whole,
        )

    def remove(self, left: StaleLedger, tell: Tell = lambda *_: None) -> list[Entry]:
        """Remove what a run left; returns the entries of which something is still there."""
        self.cleaner(left).remove(left.entries.values(), tell=tell)
        return [entry for entry in left.entries.values() if entry.left or entry.unknown]

    def by_name(self, prefix: str = "") -> list[StaleLedger]:
        """Resources in the lists of the target by run prefix, for lost ledgers; of `prefix` only, if given.

        Raises CannotTell when the lists cannot be read.
        """
        found: dict[str, StaleLedger] = {}
        for kind in NAME_ATTRIBUTE:
            walked = self._walk(kind)
            for id, name in walked.ours:
                made = CREATED_NAME.match(name.casefold())
                if made and made[1] == (prefix or made[1]):
                    book = found.setdefault(
                        made[1], StaleLedger(Path(), self.target.url, made[1], embedded=False, running=False)
                    )
                    book.entry(kind, name).give(id)
                    ages = [age for age in (book.youngest, walked.ages.get(id)) if age is not None]
                    book.youngest = min(ages, default=None)
        return list(found.values())

    def _walk(self, kind: Kind) -> WalkResult:
        book = StaleLedger(Path(), self.target.url, "scimproof-", embedded=False, running=False)
        try:
            walked = self.cleaner(book).walk(kind)
        except RunStopped as cause:
            raise CannotTell(f"the list of {kind.lower()}s cannot be read: {cause}") from None
        if walked.trouble and not walked.ours and not walked.absent:
            raise CannotTell(f"looking for {kind.lower()}s: {walked.trouble}")
        return walked

    def _blanks(self) -> dict[str, str]:
        return self.target.blanks() | {"authorization": self.line.authorization()}
