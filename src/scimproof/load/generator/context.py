"""Context of one generator process (target, ledger, client, auditor, share), and its Locust user."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from locust import User, task
from locust.env import Environment

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.own_app import with_app
from scimproof.catalog.senders import Sender
from scimproof.cleanup.ledger import ledger_folder
from scimproof.core.context import Member
from scimproof.core.errors import CannotTell, RunStopped
from scimproof.core.escaping import line
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.client.client import LoadClient
from scimproof.load.generator.auditor import Auditor
from scimproof.load.generator.channel import EventSink
from scimproof.load.generator.share import LoadShare
from scimproof.load.greenlets import sleep
from scimproof.load.ledger.process_ledger import ProcessLedger
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.packed_json import to_json
from scimproof.load.plan.job import Job
from scimproof.load.plan.storage_rules import keeps
from scimproof.load.result.document import NO_AUDIT, redactor_of
from scimproof.load.unscheduled.races import RESIDENTS
from scimproof.observer.factory import make
from scimproof.target.target import Target

MANY = 1000  # users above which they are created faster than usual
AT_ONCE, MANY_AT_ONCE = 8, 32  # creates of the prefill that are under way at a time


@dataclass
class GeneratorContext:
    """Context of a generator process: target, a ledger of its own, HTTP client, auditor and share."""

    job: Job
    pipe: EventSink
    catalog: Catalog = field(init=False)
    target: Target = field(init=False)
    ledger: ProcessLedger = field(init=False)
    sender: LoadClient = field(init=False)
    provider: Sender = field(init=False)
    auditor: Auditor = field(init=False)
    work: LoadShare = field(init=False)
    stop: str = ""
    aborted: str = ""

    def __post_init__(self) -> None:
        job = self.job
        catalog = load_catalog()
        provider = catalog.sender_of_mix(job.profile, job.plan.mix)
        self.catalog = with_app(catalog.as_sent_by(provider), provider, job.app)
        self.catalog = self.catalog.pushing(provider, job.plan.group_batch)
        self.provider = self.catalog.sender_of_mix(job.profile, job.plan.mix)
        self.target = job.target(os.environ, self.provider.timeout)
        path = ledger_folder() / f"{job.prefix}-{job.role}-{job.number}.jsonl"
        self.ledger = ProcessLedger(path, self.target.url, job.prefix, embedded=job.embedded)
        self.ledger.alarm = lambda why: self.halt(
            f"the ledger cannot be written ({why}); without it nothing more is created"
        )
        self.sender = LoadClient(self.target)
        kept = keeps(self.catalog.profile(job.profile) if job.profile else None)
        self.auditor = Auditor(
            self.catalog,
            self.target,
            self.ledger,
            self.sender,
            self.provider,
            WriteLog(keeps=kept),
            stopped=lambda: self.stop,
            observer=make(job.observer, self.target, os.environ, self.catalog.root) if job.observer else None,
        )
        self.work = LoadShare(
            job,
            self.catalog,
            self.target,
            self.ledger,
            self.sender,
            self.auditor.slot,
            self.provider,
            raced=self.auditor.raced,
        )

    def populate(self) -> list[Member]:
        """Create the users that the plan wants to be there, and those that its sequences share."""
        plan = self.job.plan
        shared = max(self.catalog.sequences[id].population for id in plan.mix)
        count = max(plan.prefill, shared)
        # Who is to be put into groups has to be seen first; of many more, the audit sees each.
        shown = max(shared, RESIDENTS, *plan.group_sizes) if plan.group_sizes else max(shared, RESIDENTS)
        parallel = min(plan.in_flight, MANY_AT_ONCE if count > MANY else AT_ONCE)
        try:
            return self.auditor.users(count, self._told, shown=shown, parallel=parallel) if count else []
        except RunStopped as cause:
            if self.stop:
                return []
            raise self._cannot_tell("creating the users that have to be there before failed", cause) from None

    def sizes(self, population: list[Member]) -> dict[str, Any]:
        """Push groups of the sizes that the plan names, once nothing else is under way."""
        counts = self.job.plan.group_sizes
        if not counts or self.stop or self.aborted:
            return {}
        self.pipe.tell(
            "phase", name=f"pushing groups of {', '.join(f'{count:,}' for count in counts)} members"
        )
        try:
            return self.auditor.sizes(counts, population)
        except RunStopped as cause:
            if self.stop:
                return {}
            raise self._cannot_tell("pushing the groups of the plan failed", cause) from None

    def audit(self) -> dict[str, Any]:
        """Read the store back, when that was asked for and the run came to its end."""
        if not self.job.plan.audit or self.stop:
            return NO_AUDIT | {"why": self.stop or NO_AUDIT["why"]}
        self.pipe.tell("phase", name="auditing: reading everything back")
        return self.auditor.document(
            lambda done, of: self.pipe.tell("audit", done=done, of=of) if done % 50 == 0 else None
        )

    def tell_counts(self, at: float, made: Metrics, in_flight: int) -> None:
        """Tell what one process counted until `at` seconds after the start, where somebody exports it.

        `in_flight` are the arrivals of all processes that are being played.
        """
        if self.job.counts:
            self.pipe.tell("counts", at=round(at, 3), in_flight=in_flight, counts=to_json(made.pack()))

    def _cannot_tell(self, what: str, cause: RunStopped) -> CannotTell:
        """With what the target said, fit to be printed."""
        return CannotTell(f"{what}: {line(redactor_of(self.target).sentence(str(cause)))}")

    def _told(self, done: int, of: int) -> None:
        if done % 20 == 0 or done == of:
            self.pipe.tell("prefill", done=done, of=of)

    def halt(self, why: str) -> None:
        """Start nothing more."""
        self.stop = self.stop or why
        self.work.stop()

    def abort(self, why: str) -> None:
        """Start nothing more, since a limit of the plan is broken; what was written is still audited."""
        self.aborted = self.aborted or why
        self.auditor.stop_racing()
        self.work.stop()

    def play(self) -> None:
        """Play this process's share as the one user of a Locust runner."""
        environment = Environment(user_classes=[user_class(lambda: self.work)])
        runner = environment.create_local_runner()
        runner.start(1, spawn_rate=1)
        while not self.work.done:
            sleep(0.05)
        runner.quit()
        if self.work.trouble:
            raise self.work.trouble

    def close(self) -> None:
        """Give back what is held. The ledger's file stays for whoever removes what was created."""
        self.auditor.close()
        self.sender.close()
        self.ledger.settle()


def user_class(work: Callable[[], LoadShare]) -> type[User]:
    """A Locust user that plays everything that is its process's share."""

    class ScheduledUser(User):
        """Knows nothing of the work before it starts."""

        @task
        def play(self) -> None:
            work().fire = self.environment.events.request.fire
            work().perform()
            while True:  # until the runner takes it down
                sleep(3600)

    return ScheduledUser
