"""The process that makes the load: Locust as a library, told its job on standard input."""

from __future__ import annotations

import locust  # isort: skip  # noqa: F401 - first: it patches what everything after it imports

import os
import sys
import time
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from locust import User, task
from locust.env import Environment

from scimproof.catalog import Catalog, load_catalog
from scimproof.conduct import GaveUp
from scimproof.errors import CannotTell, Exit, ScimproofError
from scimproof.ledger import ledger_folder
from scimproof.load.auditing import Auditor
from scimproof.load.hub import sleep, spawn
from scimproof.load.job import Job, Tick
from scimproof.load.pipe import Pipe
from scimproof.load.report import NO_AUDIT, Loaded, make
from scimproof.load.roll import Roll
from scimproof.load.sender import Sender
from scimproof.load.timeline import Timeline
from scimproof.load.work import Work
from scimproof.scene import Member
from scimproof.target import Target

EVERY = 1.0  # seconds between two ticks
NOBODY_AT_ALL = 1


@dataclass
class Post:
    """What every process of a run has: target, a ledger of its own, sender, its share of the work."""

    job: Job
    pipe: Pipe
    catalog: Catalog = field(init=False)
    target: Target = field(init=False)
    ledger: Roll = field(init=False)
    sender: Sender = field(init=False)
    auditor: Auditor = field(init=False)
    work: Work = field(init=False)
    stop: str = ""

    def __post_init__(self) -> None:
        job = self.job
        self.catalog = load_catalog()
        self.target = job.target(os.environ)
        path = ledger_folder() / f"{job.prefix}-{job.role}-{job.number}.jsonl"
        self.ledger = Roll(path, self.target.url, job.prefix, embedded=job.embedded)
        self.sender = Sender(self.target)
        self.auditor = Auditor(self.catalog, self.target, self.ledger, self.sender, stopped=lambda: self.stop)
        self.work = Work(job, self.catalog, self.target, self.ledger, self.sender, self.auditor.slot)

    def populate(self) -> list[Member]:
        """Create the users that the plan wants to be there, and those that its sequences share."""
        plan = self.job.plan
        count = max(plan.prefill, *(self.catalog.sequences[id].population for id in plan.mix))
        try:
            return self.auditor.users(count, self._told) if count else []
        except GaveUp as cause:
            if self.stop:
                return []
            raise CannotTell(f"creating the users that have to be there before failed: {cause}") from None

    def sizes(self, population: list[Member]) -> dict[str, Any]:
        """Push groups of the sizes that the plan names, once nothing else is under way."""
        counts = self.job.plan.group_sizes
        if not counts or self.stop:
            return {}
        self.pipe.tell(
            "phase", name=f"pushing groups of {', '.join(f'{count:,}' for count in counts)} members"
        )
        try:
            return self.auditor.sizes(counts, population)
        except GaveUp as cause:
            raise CannotTell(f"pushing the groups of the plan failed: {cause}") from None

    def audit(self) -> dict[str, Any]:
        """Read the store back, when that was asked for and the run came to its end."""
        if not self.job.plan.audit or self.stop:
            return NO_AUDIT | {"why": self.stop or NO_AUDIT["why"]}
        self.pipe.tell("phase", name="auditing: reading everything back")
        return self.auditor.document(
            lambda done, of: self.pipe.tell("audit", done=done, of=of) if done % 50 == 0 else None
        )

    def _told(self, done: int, of: int) -> None:
        if done % 20 == 0 or done == of:
            self.pipe.tell("prefill", done=done, of=of)

    def halt(self, why: str) -> None:
        """Start nothing more."""
        self.stop = self.stop or why
        self.work.stop()

    def play(self) -> None:
        """Play this process's share as the one user of a Locust runner."""
        environment = Environment(user_classes=[_user(self.work)])
        self.work.fire = environment.events.request.fire
        runner = environment.create_local_runner()
        runner.start(NOBODY_AT_ALL, spawn_rate=NOBODY_AT_ALL)
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


def _user(work: Work) -> type[User]:
    class Okta(User):
        """One Locust user that plays all arrivals of its process."""

        @task
        def play(self) -> None:
            work.perform()
            while True:  # until the runner takes it down
                sleep(3600)

    return Okta


@dataclass
class Alone:
    """A run in one process."""

    post: Post
    timeline: Timeline = field(init=False)
    began: float = 0.0
    cpu: float = 0.0

    def __post_init__(self) -> None:
        plan = self.post.job.plan
        self.timeline = Timeline(plan.seconds + plan.drain)

    def run(self) -> dict[str, Any]:
        """Prefill, play, and give the document."""
        post = self.post
        started = datetime.now(UTC)
        population = post.populate()
        if not post.stop:
            post.work.prepare(population)
            post.work.figures.take()  # what preparing cost is not the load's
            self.began, self.cpu = time.monotonic(), time.process_time()
            ticker = spawn(self._tick)
            if post.job.plan.races:
                spawn(post.auditor.race, population)
            try:
                post.play()
            finally:
                ticker.kill()
        seconds = time.monotonic() - self.began if self.began else 0.0
        share = (time.process_time() - self.cpu) / seconds if seconds else 0.0
        self._add()
        sizes = post.sizes(population)
        audit = post.audit()
        return make(
            Loaded(
                job=post.job,
                catalog=post.catalog,
                target=post.target,
                timeline=self.timeline,
                started=started,
                seconds=seconds,
                shares=(share,),
                stop=post.stop,
                interrupted=post.stop.startswith("interrupted"),
                unfinished=post.work.unfinished,
                audit=audit,
                group_sizes=sizes,
                memory_mb=peak_memory_mb(),
            )
        )

    def _tick(self) -> None:
        while True:
            sleep(EVERY)
            self._add()
            self.post.pipe.tick(tick_of(self.timeline, self._at(), self.post.work.in_flight))

    def _at(self) -> float:
        return time.monotonic() - (self.post.work.started or self.began)

    def _add(self) -> None:
        at, packed = self._at(), self.post.work.figures.take()
        if at <= self.post.job.plan.warm_up:
            packed["cpu"] = 0.0  # what the warm-up cost belongs to no request that is counted
        self.timeline.add(max(at - 0.001, 0.0), packed)


def tick_of(timeline: Timeline, at: float, in_flight: int, workers: int = 1) -> Tick:
    """How far a run has come."""
    operations = timeline.whole.operations.values()
    return Tick(
        at=at,
        due=sum(operation.due for operation in operations),
        sent=sum(operation.sent for operation in operations),
        answered=sum(operation.answered for operation in operations),
        errors=sum(sum(operation.errors.values()) for operation in operations),
        in_flight=in_flight,
        workers=workers,
    )


def peak_memory_mb() -> float:
    """The most memory that this process ever had, in MB; 0 where the system does not tell."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return 0.0
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def main() -> int:
    """Read a job, do it, and tell the document; trouble is told in one line."""
    pipe = Pipe()
    try:
        post = Post(pipe.job(), pipe)
        pipe.listen(post.halt)
        try:
            pipe.tell("done", document=Alone(post).run())
        finally:
            post.close()
    except ScimproofError as problem:
        pipe.tell("trouble", text=str(problem), code=int(problem.exit_code))
        return int(problem.exit_code)
    except Exception as problem:  # noqa: BLE001 - told in one line; the traceback for those who ask for it
        if os.environ.get("SCIMPROOF_DEBUG"):
            traceback.print_exc(file=sys.stderr)
        pipe.tell(
            "trouble", text=f"trouble inside scimproof: {type(problem).__name__}", code=int(Exit.TROUBLE)
        )
        return int(Exit.TROUBLE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
