"""The ledger of one process of a load run."""

from __future__ import annotations

from collections.abc import Iterable

from scimproof.cleanup.ledger import Entry
from scimproof.core.context import Member
from scimproof.load.ledger.fast_ledger import FastLedger


class ProcessLedger(FastLedger):
    """A tape that also knows users whom another process of the run created and will remove."""

    def adopt(self, members: Iterable[Member]) -> None:
        """They are this run's and shown to be, yet not this ledger's to remove."""
        for member in members:
            self._owner.setdefault(("User", member.id), Entry("User", member.user_name))
            self.prove("User", member.id)
