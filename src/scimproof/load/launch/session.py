"""Session of a load run: from the options of the command line to the document."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from scimproof.catalog.app import AppSettings
from scimproof.catalog.loader import Catalog
from scimproof.catalog.products import hints, warnings
from scimproof.catalog.senders import Sender
from scimproof.cleanup.cleaner import Tell
from scimproof.core.errors import CannotTell, ScimproofError, UsageError
from scimproof.core.redaction import Redactor
from scimproof.core.scim import new_prefix
from scimproof.load.capacity.settings import SearchSettings
from scimproof.load.launch.child_process import GeneratorProcess, removed_by_a_process
from scimproof.load.launch.cleanup import books_of, remove_created
from scimproof.load.launch.probe import probe
from scimproof.load.launch.worker_secret import for_one_run, worker_secret
from scimproof.load.plan.identities import learn_passwords
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.storage_rules import keeps
from scimproof.observer.factory import Choice, make
from scimproof.observer.protocol import Observer
from scimproof.target.options import TargetOptions
from scimproof.target.sender_rules import held_to, own_retry_policy
from scimproof.target.target import Target

Event = dict[str, Any]
Hear = Callable[[Event], None]
TOKEN = "SCIMPROOF_TOKEN"
MANY = 2000  # resources above which a process of its own, with the connections of the load, removes them


class Reached(Protocol):
    """Embedded target that is served: its URL, and the token it wants."""

    base_url: str
    token: str


@dataclass(frozen=True)
class Cluster:
    """Distributed run: on which address the master listens, and how many workers it waits for."""

    host: str
    port: int
    workers: int
    seconds: float = 120.0


@dataclass
class LoadSession:
    """Session of a load run: starts the target if need be and the generator, and removes what it created.

    This process sends no load itself and imports neither Locust nor gevent. With `access` None, `embedded`
    serves the target. With `processes` above 1 as many workers are started here, with `cluster` they are
    waited for. With a `search` the plan is played in steps of a rate each. `profile` names the product whose
    manners are data, `observer` who shows what SCIM does not; with `counts` the events have all that was
    counted, for exports.
    Raises UsageError for options that do not fit, before anything is sent.
    """

    plan: Plan
    access: TargetOptions | None
    catalog: Catalog
    embedded: Callable[[], AbstractContextManager[Reached]]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    processes: int = 1
    cluster: Cluster | None = None
    profile: str = ""
    observer: Choice | None = None
    counts: bool = False
    search: SearchSettings | None = None
    target: Target | None = field(init=False)
    prefix: str = field(init=False, default_factory=new_prefix)
    _child: GeneratorProcess | None = None
    _stop: str = ""
    _tidied: bool = False
    _job: Job | None = None
    _elsewhere: int = 0

    def __post_init__(self) -> None:
        workers = self.cluster.workers if self.cluster else self.processes
        if 0 < self.plan.users < workers:
            raise UsageError(f"--users {self.plan.users} are fewer than the {workers} workers")
        if self.cluster:
            worker_secret(self.environment)
        patience = self.provider.timeout
        self.target = self.access.target(self.environment, patience) if self.access else None
        keeps(self.catalog.profile(self.profile) if self.profile else None)
        if self.target:
            held_to(self.provider, self.target)
            self._observer(self.target)

    def summary(self) -> str:
        """One or two sentences: how much is sent for how long, and what is created."""
        plan, (users, groups) = self.plan, self.creations()
        if search := self.search:
            return (
                f"from {search.start:g} sequences per second up to {search.most:g} at most, in steps of "
                f"{search.warm_up + search.step_seconds:g} s, until one does not hold, then between the two; "
                f"at most about {users:,} users and {groups:,} groups will be created."
            )
        most = "at most " if plan.users else ""
        model = f"{plan.users:,} at a time (closed model), together " if plan.users else ""
        return (
            f"{model}up to {round(plan.rate, 3):g} sequences per second for {plan.seconds:g} s "
            f"({most}about {plan.schedule.expected:,.0f} sequences); {most}about {users:,} users and "
            f"{groups:,} groups will be created."
        )

    def creations(self) -> tuple[int, int]:
        """About how many users and groups an honest target is asked to create."""
        plan, users, groups = self.plan, 0.0, 0.0
        total, arrivals = sum(plan.mix.values()), self._arrivals
        for id, weight in plan.mix.items():
            times = arrivals * weight / total
            for step in self.catalog.sequences[id].unattended:
                template = self.catalog.templates[step.request]
                if template.method == "POST" and step.creates:
                    if template.target.endswith("/Groups"):
                        groups += times * step.times
                    else:
                        users += times * step.times
        shared = max(plan.prefill, *(self.catalog.sequences[id].population for id in plan.mix))
        return round(users) + shared, round(groups)

    @property
    def _arrivals(self) -> float:
        """How many arrivals are expected; of a search at most about so many."""
        return self.search.arrivals if self.search else self.plan.schedule.expected

    def warnings(self) -> list[str]:
        """What is known of the product there that is to be said before anything is created; else nothing."""
        users, _ = self.creations()
        if self.target is None or not users:
            return []
        return warnings(self.catalog.root, self.target.url, self._product, users)

    @property
    def provider(self) -> Sender:
        """Whose traffic the plan is."""
        return self.catalog.sender_of_mix(self.profile, self.plan.mix)

    @property
    def _product(self) -> str:
        return self.catalog.profile(self.profile).deviations if self.profile else ""

    def _known(self, status: int) -> list[str]:
        assert self.target is not None
        return hints(self.catalog.root, self.target.url, status, self._product)

    def redactor(self) -> Redactor:
        """Takes this target's secrets out of whatever is printed."""
        shared = [worker_secret(self.environment)] if self.cluster else []
        if self.target is None:
            return Redactor(shared)
        headers = (value for _, value in self.target.headers)
        return Redactor([*shared, *self.target.credentials.secrets(), *headers])

    def interrupt(self, how: str) -> None:
        """Let nothing more be started; what is under way is finished and told."""
        self._stop = f"interrupted ({how})"
        if self._child is not None:
            self._child.stop(self._stop)

    @contextmanager
    def reached(self) -> Iterator[Job]:
        """The target is there, started if it is the embedded one; gives the job for it."""
        with ExitStack() as stack:
            if self.access is not None:
                job = Job(plan=self.plan, access=self.access, prefix=self.prefix)
            else:
                job = self._embedded(stack)
            own = self.catalog.app.settings if self.catalog.app else AppSettings()
            job = replace(job, profile=self.profile, observer=self.observer, app=own)
            job = self._job = self._spread(replace(job, search=self.search, counts=self.counts))
            self.target = job.target(self.environment, self.provider.timeout)
            self._preflight(self.target)
            try:
                yield job
            except ScimproofError as problem:
                left = [] if self._tidied else self.tidy()["left"]
                if left:
                    told = f"{problem}; {len(left):,} resources could not be removed: scimproof clean"
                    raise type(problem)(told) from None
                raise
            finally:
                if not self._tidied:
                    self.tidy()

    def load(self, job: Job, hear: Hear) -> dict[str, Any]:
        """Make the load and give the document; its `ledger` is still to come, from `tidy`."""
        here = job.role == "master" and not job.apart
        environment = {**self.environment, **for_one_run()} if here else self.environment
        with ExitStack() as stack:
            self._child = stack.enter_context(closing(GeneratorProcess(job, environment)))
            if here:
                workers = [GeneratorProcess(job.worker(number), environment) for number in range(job.workers)]
                for worker in workers:
                    stack.enter_context(closing(worker))
                    worker.drain()
            if self._stop:
                self._child.stop(self._stop)
            for event in self._child.events():
                if event.get("event") == "done":
                    self._elsewhere = event["document"]["ledger"]["elsewhere"]
                    return dict(event["document"])
                hear(event)
        raise CannotTell("the process that made the load told no result")

    def tidy(self, tell: Tell = lambda *_: None) -> dict[str, Any]:
        """Remove what was created here; gives the `ledger` of the document. A second call does nothing.

        Thousands are removed by a process with the connections of the load, at a tenth of the cost.
        """
        assert self.target is not None
        self._tidied = True
        played = [self.catalog.sequences[id] for id in self.plan.mix]
        learn_passwords(played, self.prefix, self.plan.seed, self.provider.identities)
        whose = "master-*" if self.cluster is not None else "*"
        books = books_of(self.prefix, whose)
        found = None
        began = time.monotonic()
        if self._job is not None and sum(len(book.entries) for book in books) >= MANY:
            cleaner = replace(self._job, role="cleaner", whose=whose)
            found = removed_by_a_process(cleaner, self.environment, tell)
        if found is None:
            policy = own_retry_policy(self.provider)
            found = remove_created(self.catalog, self.target, books, policy, tell)
        found |= {"seconds": round(time.monotonic() - began, 3)}
        return found | {"created": found["created"] + self._elsewhere}

    def _spread(self, job: Job) -> Job:
        """The job for one process, or for the master of several."""
        if self.cluster is not None:
            far = self.cluster
            return replace(
                job,
                role="master",
                apart=True,
                host=far.host,
                port=far.port,
                workers=far.workers,
                seconds=far.seconds,
            )
        if self.processes > 1:
            return replace(job, role="master", port=_free_port(), workers=self.processes)
        return job

    def _preflight(self, target: Target) -> None:
        probe(target, self.catalog, self.provider, self.prefix, self._known)
        observer = self._observer(target)
        if observer:
            observer.ready()
            observer.close()

    def _observer(self, target: Target) -> Observer | None:
        chosen = self.observer
        return make(chosen, target, self.environment, self.catalog.root) if chosen else None

    def _embedded(self, stack: ExitStack) -> Job:
        try:
            served = stack.enter_context(self.embedded())
        except (OSError, RuntimeError) as problem:
            raise ScimproofError(f"the embedded target did not start: {problem}") from None
        self.environment = {**self.environment, TOKEN: served.token}
        return Job(
            plan=self.plan, access=TargetOptions(url=served.base_url), prefix=self.prefix, embedded=True
        )


def _free_port() -> int:
    """A port of this machine that nobody uses just now, with the next one, which Locust wants too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WorkerSession:
    """Session of a worker on this machine, whose master is elsewhere; removes what it created itself."""

    def __init__(self, job: Job, catalog: Catalog, environment: Mapping[str, str]) -> None:
        worker_secret(environment)
        self.job, self.catalog, self.environment = job, catalog, environment
        self._child: GeneratorProcess | None = None

    def interrupt(self, how: str) -> None:
        """Start nothing more, tell the master, and leave."""
        if self._child is not None:
            self._child.stop(f"interrupted ({how})")

    def run(self, hear: Hear, tell: Tell) -> dict[str, Any]:
        """Work until the master says that it is over; gives what was created and removed."""
        about: Event = {}

        def listen(event: Event) -> None:
            if event.get("event") == "joined":
                about.update(event)
            hear(event)

        try:
            with closing(GeneratorProcess(self.job, self.environment)) as self._child:
                for event in self._child.events():
                    listen(event)
        finally:
            ledger = self._tidy(about, tell)
        return ledger

    def _tidy(self, about: Event, tell: Tell) -> dict[str, Any]:
        if not about:
            return {"created": 0, "removed": 0, "left": []}
        target = replace(self.job.access, url=about["url"]).target(self.environment)
        books = books_of(about["prefix"], f"worker-{int(about['number'])}")
        return remove_created(self.catalog, target, books, tell=tell)
