"""Worker of a distributed run: receives its job from the master and sends metrics every second."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from typing import Any

from locust.env import Environment
from locust.runners import WorkerRunner
from locust.stats import RequestStats

from scimproof.core.context import Member
from scimproof.core.errors import CannotTell
from scimproof.core.scim import PREFIX
from scimproof.load.generator.capacity.worker_steps import WorkerSteps
from scimproof.load.generator.channel import ControlChannel
from scimproof.load.generator.context import GeneratorContext, user_class
from scimproof.load.generator.meter import EVERY, Meter, peak_memory_mb
from scimproof.load.generator.racing_workers import RacingHand
from scimproof.load.greenlets import sleep, spawn
from scimproof.load.launch.worker_secret import worker_secret
from scimproof.load.plan.job import Job
from scimproof.load.rpc.admission import AdmittedWorker
from scimproof.load.rpc.curve_keys import CurveKeys
from scimproof.load.rpc.encrypted_sockets import EncryptedSockets
from scimproof.load.rpc.knock import knock
from scimproof.load.rpc.messages import (
    ABORT,
    AUDIT,
    AUDITED,
    DONE,
    END,
    FIGURES,
    JOB,
    RACE,
    RACED,
    READY,
    STOP,
)

STEP = 0.05
GONE = "the master is gone, and with it the run"


@dataclass
class Worker:
    """Worker with one share; `job` has this machine's own access to the target, the master sends the rest.

    The credentials are this machine's: they never travel between machines. Without a URL of its own it
    takes the master's. Whom to ask beside SCIM is this machine's to say, too: nobody elsewhere names a
    program that is started here, or a place to which this machine's secrets are sent.
    """

    job: Job
    pipe: ControlChannel
    post: GeneratorContext | None = None
    runner: WorkerRunner | None = None
    hand: RacingHand | None = None
    over: str = ""
    _told: dict[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        """Until the master says that it is over, or is gone."""
        self.pipe.listen(self.halt)
        runner = self._admitted()
        if runner is None:
            return
        if not self._until(JOB):
            return
        post = self.post = self._taken(self._told[JOB])
        try:
            meter = Meter(post.work)
            meter.begin()
            runner.send_message(READY)
            if post.job.search:
                self._steps(runner, post, meter)
            else:
                self._play(runner, post, meter)
            if self._until(AUDIT, END) and AUDIT in self._told:
                document = post.auditor.document(lambda *_: None)
                told = {"document": json.dumps(document, ensure_ascii=False)}
                runner.send_message(AUDITED, told | {"unscheduled": post.auditor.counts.rows()})
                self._until(END)
        finally:
            post.close()

    def _admitted(self) -> AdmittedWorker | None:
        """Locust's side of a worker whom the master admitted; None where it was stopped before."""
        mine, keys = self.job, CurveKeys.of(worker_secret(os.environ))
        self.pipe.tell("phase", name=f"waiting for the master at {mine.host}:{mine.port}")
        if not knock(mine.host, mine.port, keys, mine.seconds, lambda: self.over):
            return None
        EncryptedSockets(keys).installed()
        environment = Environment(user_classes=[user_class(lambda: self._post().work)])
        environment.stats = RequestStats(use_response_times_cache=False)  # no Locust master shows them
        environment.runner = self.runner = runner = AdmittedWorker(
            environment, mine.host, mine.port, self._hear, self._gone
        )
        if runner.refused:
            raise CannotTell(f"{mine.host}:{mine.port} refused this worker: {runner.refused}")
        return runner

    def halt(self, why: str) -> None:
        """Start nothing more; the master is told with the figures."""
        if self.post is not None:
            self.post.halt(why)
        self.over = self.over or why

    def _taken(self, data: dict[str, Any]) -> GeneratorContext:
        """Get ready for the part that the master gave."""
        given, mine = Job.from_text(data["job"]), self.job
        if not PREFIX.fullmatch(given.prefix):  # it becomes the name of a file, and decides what is removed
            raise CannotTell(f"{mine.host}:{mine.port} sent a job that no master of scimproof sends")
        access = replace(mine.access, url=mine.access.url or given.access.url)
        own = replace(given, access=access, observer=mine.observer, host=mine.host, port=mine.port)
        post = GeneratorContext(own, self.pipe)
        self.pipe.tell(
            "joined", url=access.url, prefix=given.prefix, number=given.number, workers=given.workers
        )
        members = [Member(id, name) for id, name in data["members"]]
        post.ledger.adopt(members)
        post.work.prepare(members)
        return post

    def _play(self, runner: WorkerRunner, post: GeneratorContext, meter: Meter) -> None:
        """Report once a second while Locust's user plays, then once more."""
        while not post.work.started and not self.over and not post.work.done:
            sleep(STEP)
        while not post.work.done and not self.over:
            sleep(EVERY)
            self._report(runner, post, meter)
        while post.work.started and not post.work.done:
            sleep(STEP)
        self._report(runner, post, meter)
        trouble = post.work.trouble
        told = {
            "share": meter.share(),
            "created": post.ledger.counts()["created"],
            "unfinished": post.work.unfinished,
            "memory_mb": peak_memory_mb(),
            "unscheduled": post.auditor.counts.rows(),
            "trouble": f"trouble inside scimproof on a worker: {type(trouble).__name__}" if trouble else "",
        }
        runner.send_message(DONE, told)

    def _steps(self, runner: WorkerRunner, post: GeneratorContext, meter: Meter) -> None:
        """Play the steps of a search, until the master wants no more."""
        WorkerSteps(
            post,
            meter,
            named=lambda: dict(self._told[JOB]),
            over=lambda: bool(self.over) or AUDIT in self._told or END in self._told,
            figures=lambda data: runner.send_message(FIGURES, data),
            done=lambda data: runner.send_message(DONE, data),
        ).play()

    def _race(self, asked: dict[str, Any]) -> None:
        """Send what the master asks for, while the load goes on here, and tell it what was answered."""
        if self.post is None or self.runner is None:
            return
        self.hand = self.hand or self.post.auditor.racing_hand(self.post.ledger)
        self.runner.send_message(RACED, self.hand.reply(asked))

    def _report(self, runner: WorkerRunner, post: GeneratorContext, meter: Meter) -> None:
        at, made = meter.drain()
        runner.send_message(FIGURES, {"at": at, "packed": made.pack(), "in_flight": post.work.in_flight})

    def _hear(self, kind: str, data: Any) -> None:
        self._told[kind] = data
        if kind == RACE:
            spawn(self._race, data)
        elif kind == STOP:
            self.halt(str(data["why"]))
        elif kind == ABORT and self.post is not None:
            self.post.abort(str(data["why"]))

    def _until(self, *kinds: str) -> bool:
        """Wait for one of these messages, or for the end; whether one came."""
        while not any(kind in self._told for kind in kinds):
            if self.over == GONE:
                raise CannotTell(GONE)
            if self.over and END not in kinds:
                return False
            sleep(STEP)
        return True

    def _gone(self) -> None:
        if END not in self._told:
            self.halt(GONE)

    def _post(self) -> GeneratorContext:
        assert self.post is not None, "Locust starts users only after the job has come"
        return self.post
