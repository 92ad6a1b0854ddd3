"""Removes what a load run created: several at a time, with progress, on every way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scimproof.catalog.request_template import Template
from scimproof.cleanup.cleaner import TIDY_SECONDS, Cleaner, Tell
from scimproof.cleanup.ledger import Ledger
from scimproof.load.audit.store_snapshot import Snapshot
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target
from scimproof.target.transport import Transport

PATIENCE = 600.0


def learn(ledger: Ledger, snapshot: Snapshot) -> None:
    """Write down what the audit saw: the ids of resources whose create was refused or unknown."""
    entries = dict(ledger.entries)
    for (kind, name), carriers in snapshot.named().items():
        entry = entries.get((kind, name))
        for id in carriers:
            if entry is not None and id not in entry.ids and ledger.prefix in name:
                ledger.made(kind, entry.name, id)


@dataclass
class Tidying:
    """Removes everything a ledger knows, `parallel` at a time, within `patience` seconds; groups first.

    What is left, and why, stands in the ledger. Call `remove` in a `finally`: it never raises for anything
    that the target does, and goes on from where an earlier call was interrupted.
    """

    target: Target
    transport: Transport
    templates: Mapping[str, Template]
    ledger: Ledger
    parallel: int = 8
    patience: float = PATIENCE

    def remove(self, tell: Tell = lambda *_: None) -> int:
        """How many entries have something left; `tell(done, of)` is for progress."""
        line = RetryingClient(self.transport, self.target.credentials, limit="the time for tidying up")
        line.begin(self.patience)
        fixed = {"base": self.target.base, "host": self.target.host_header, "prefix": self.ledger.prefix}
        cleaner = Cleaner(
            send=lambda request: line.send(request, min(self.target.seconds, TIDY_SECONDS)),
            templates=self.templates,
            blanks=lambda: fixed | {"authorization": line.authorization()},
            prefix=self.ledger.prefix,
            book=self.ledger,
            whole=True,
        )
        todo = [entry for entry in self.ledger.entries.values() if not entry.settled]
        return cleaner.remove(todo, parallel=self.parallel, tell=tell)
