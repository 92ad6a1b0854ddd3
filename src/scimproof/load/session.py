"""A load run from its options to its document, as the command line takes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from scimproof.access import Access
from scimproof.catalog import Catalog
from scimproof.cleanup import Tell
from scimproof.doctor import preflight
from scimproof.errors import CannotTell, ScimproofError
from scimproof.load.child import Child
from scimproof.load.job import Job
from scimproof.load.plan import Plan
from scimproof.load.tidy import Tidy
from scimproof.model import Exchange
from scimproof.people import new_prefix
from scimproof.redaction import Redactor
from scimproof.run import PROBE_FILE
from scimproof.target import Target
from scimproof.transport import HttpTransport

Event = dict[str, Any]
Hear = Callable[[Event], None]
PROBE_SECONDS = 10.0
TOKEN = "SCIMPROOF_TOKEN"


class Reached(Protocol):
    """A target that is served: where, and the token it wants."""

    base_url: str
    token: str


@dataclass
class LoadSession:
    """Starts the target if need be and the process that makes the load, and removes what it created.

    This process sends no load itself and imports neither Locust nor gevent. With `access` None, `embedded`
    serves the target. Raises UsageError for options that do not fit, before anything is sent.
    """

    plan: Plan
    access: Access | None
    catalog: Catalog
    embedded: Callable[[], AbstractContextManager[Reached]]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    target: Target | None = field(init=False)
    prefix: str = field(init=False, default_factory=new_prefix)
    _child: Child | None = None
    _stop: str = ""
    _tidied: bool = False

    def __post_init__(self) -> None:
        self.target = self.access.target(self.environment) if self.access else None

    def summary(self) -> str:
        """One or two sentences: how much is sent for how long, and what is created."""
        plan, (users, groups) = self.plan, self.creations()
        model = f"{plan.users} users, each waiting for its answer, at up to " if plan.users else "up to "
        return (
            f"{model}{plan.rate:g} sequences per second for {plan.seconds:g} s "
            f"(about {plan.schedule.expected:,.0f} sequences); about {users:,} users and {groups:,} groups "
            "will be created."
        )

    def creations(self) -> tuple[int, int]:
        """About how many users and groups an honest target is asked to create."""
        plan, users, groups = self.plan, 0.0, 0.0
        total = sum(plan.mix.values())
        for id, weight in plan.mix.items():
            times = plan.schedule.expected * weight / total
            for step in self.catalog.sequences[id].steps:
                template = self.catalog.templates[step.request]
                if template.method == "POST" and step.creates:
                    if template.target.endswith("/Groups"):
                        groups += times * step.times
                    else:
                        users += times * step.times
        shared = max(plan.prefill, *(self.catalog.sequences[id].population for id in plan.mix))
        return round(users) + shared, round(groups)

    def redactor(self) -> Redactor:
        """Takes this target's secrets out of whatever is printed."""
        if self.target is None:
            return Redactor()
        return Redactor([*self.target.credentials.secrets(), *(value for _, value in self.target.headers)])

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
            self.target = job.target(self.environment)
            self._preflight(self.target)
            try:
                yield job
            finally:
                if not self._tidied:
                    self.tidy()

    def load(self, job: Job, hear: Hear) -> dict[str, Any]:
        """Make the load and give the document; its `ledger` is still to come, from `tidy`."""
        self._child = child = Child(job, self.environment)
        try:
            if self._stop:
                child.stop(self._stop)
            for event in child.events():
                if event.get("event") == "done":
                    return dict(event["document"])
                hear(event)
        finally:
            child.close()
        raise CannotTell("the process that made the load told no result")

    def tidy(self, tell: Tell = lambda *_: None) -> dict[str, Any]:
        """Remove what was created; gives the `ledger` of the document. A second call does nothing."""
        assert self.target is not None
        self._tidied = True
        return Tidy(self.catalog, self.target, self.prefix).run(tell)

    def _preflight(self, target: Target) -> None:
        transport = HttpTransport(target)
        blanks = {"base": target.base, "host": target.host_header, "prefix": self.prefix}

        def ask() -> Exchange:
            known = blanks | {"authorization": target.credentials.authorization()}
            return transport.send(self.catalog.templates[PROBE_FILE].fill(known), PROBE_SECONDS)

        try:
            preflight(target, ask, PROBE_SECONDS)
        finally:
            transport.close()

    def _embedded(self, stack: ExitStack) -> Job:
        try:
            served = stack.enter_context(self.embedded())
        except (OSError, RuntimeError) as problem:
            raise ScimproofError(f"the embedded target did not start: {problem}") from None
        self.environment = {**self.environment, TOKEN: served.token}
        return Job(plan=self.plan, access=Access(url=served.base_url), prefix=self.prefix, embedded=True)
