"""Removal of what many creates of a run have made, over the connections of the load, at the load's cost."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from scimproof.catalog.loader import load_catalog
from scimproof.catalog.own_app import with_app
from scimproof.cleanup.cleaner import TIDY_SECONDS, Cleaner
from scimproof.load.client.client import LoadClient
from scimproof.load.generator.channel import ControlChannel
from scimproof.load.generator.unscheduled_client import UnscheduledClient
from scimproof.load.launch.cleanup import books_of, removed_row, seconds_for
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.unscheduled_counters import PurposeCounters
from scimproof.load.plan.identities import learn_passwords
from scimproof.load.plan.job import Job
from scimproof.load.player.retry import LoadRetry
from scimproof.load.workload.compiled_sequence import run_blanks
from scimproof.target.sender_rules import own_retry_policy

AT_ONCE = 32
TOLD = 200  # resources between two reports of how far it has come
REMOVED_TWICE = frozenset({"GET", "DELETE"})  # as good as once


@dataclass
class Removal:
    """Removal by the ledger files of a run; each resource is read, deleted and read again, as ever."""

    job: Job
    pipe: ControlChannel
    stop: str = ""
    counts: PurposeCounters = field(default_factory=PurposeCounters)

    def run(self) -> dict[str, Any]:
        """Remove it, and give the `ledger` of load.json."""
        job, catalog = self.job, load_catalog()
        provider = catalog.sender_of_mix(job.profile, job.plan.mix)
        catalog = with_app(catalog.as_sent_by(provider), provider, job.app)
        self.pipe.listen(self._halt)
        played = [catalog.sequences[id] for id in job.plan.mix]
        learn_passwords(played, job.prefix, job.plan.seed, provider.identities)
        target = job.target(os.environ, provider.timeout)
        sender = LoadClient(target, min(target.seconds, TIDY_SECONDS))
        retry = LoadRetry(Metrics(), policy=own_retry_policy(provider))
        client = UnscheduledClient(sender, target, retry, self.counts, lambda: self.stop)
        client.repeatable = REMOVED_TWICE
        books = books_of(job.prefix, job.whose)
        client.late = "the time for tidying up is used up"
        client.begin(seconds_for(books))
        known = run_blanks(target, job.prefix)

        def blanks() -> dict[str, str]:
            return known | {"authorization": target.credentials.authorization()}

        with self.counts.timed():
            for book in books:
                cleaner = Cleaner(client.send, catalog.templates, blanks, book.prefix, book)
                cleaner.remove(book.entries.values(), parallel=AT_ONCE, tell=self._told)
        client.close()
        sender.close()
        return removed_row(books)

    def _told(self, done: int, of: int) -> None:
        if done % TOLD == 0 or done == of:
            self.pipe.tell("removal", done=done, of=of)

    def _halt(self, why: str) -> None:
        self.stop = self.stop or why
