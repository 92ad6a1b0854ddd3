"""Ledger of one process of a load run."""

from __future__ import annotations

from collections.abc import Iterable

from scimproof.cleanup.ledger import Entry
from scimproof.core.context import Member
from scimproof.core.scim import Kind
from scimproof.load.ledger.fast_ledger import FastLedger


class ProcessLedger(FastLedger):
    """Ledger that also accepts users whom another process of the run created and will remove."""

    def adopt(self, members: Iterable[Member]) -> None:
        """Accept these as this run's and proven; they are in no line here, and removed by nobody here."""
        for member in members:
            self._owner.setdefault(("User", member.id), Entry("User", member.user_name))
            self.prove("User", member.id)

    def claim(self, kind: Kind, id: str) -> None:
        """Take it for this run's, as the master says; only a read proves it, and nobody here removes it."""
        self._owner.setdefault((kind, id), Entry(kind, ""))
