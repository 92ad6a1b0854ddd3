"""Master of a distributed run: hands out jobs over Locust's RPC, merges metrics and audits."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_MISSING

from scimproof.core.errors import CannotTell
from scimproof.load.audit.document import merged
from scimproof.load.generator import heartbeat
from scimproof.load.generator.context import GeneratorContext, user_class
from scimproof.load.generator.live_figures import LiveFigures, WorkerFigures
from scimproof.load.generator.meter import peak_memory_mb
from scimproof.load.generator.racing_workers import WorkerRequests
from scimproof.load.greenlets import sleep, spawn
from scimproof.load.launch.worker_secret import worker_secret
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.metrics.unscheduled_counters import UnscheduledCounters
from scimproof.load.plan.abort_limits import AbortLimits
from scimproof.load.result.document import NO_AUDIT, LoadRecord, build_load_report
from scimproof.load.rpc.admission import AdmittingMaster, host_of
from scimproof.load.rpc.curve_keys import CurveKeys
from scimproof.load.rpc.encrypted_sockets import EncryptedSockets
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
MOST = 3600.0  # seconds that an audit of everything may take


@dataclass
class WorkerState:
    """State of one worker, as the master knows it; `name` is what people are told."""

    name: str
    ready: bool = False
    done: dict[str, Any] | None = None
    audit: dict[str, Any] | None = None
    figures: WorkerFigures = field(default_factory=WorkerFigures)


@dataclass
class Master:
    """Master: waits for the workers, gives each its share, merges what they report, and makes the document.

    It plays nothing itself; the users who are there before are its own. A worker that dies is told in the
    document, which is then no verdict.
    """

    post: GeneratorContext
    timeline: TimeSeries = field(init=False)
    racers: WorkerRequests = field(init=False)
    limits: AbortLimits = field(init=False)
    live: LiveFigures = field(init=False)
    hands: dict[str, WorkerState] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    at: float = 0.0
    _told: float = 0.0

    def __post_init__(self) -> None:
        plan, job = self.post.job.plan, self.post.job
        self.timeline = TimeSeries(plan.seconds + plan.drain)
        self.limits = AbortLimits(plan.abort_if)
        self.live = LiveFigures(plan, self.timeline)
        heartbeat.patient()
        EncryptedSockets(CurveKeys.of(worker_secret(os.environ)), self._refused).installed()
        environment = Environment(user_classes=[user_class(lambda: self.post.work)])
        self.runner = AdmittingMaster(environment, job.host, job.port, job.workers, self._refused)
        environment.runner = self.runner
        self.runner.register_message(READY, self._from(self._ready))
        self.runner.register_message(FIGURES, self._from(self._figures))
        self.runner.register_message(DONE, self._from(self._done))
        self.runner.register_message(AUDITED, self._from(self._audited))
        self.racers = WorkerRequests(self._ids, self._ask_racer)
        self.runner.register_message(RACED, self._from(lambda _, data: self.racers.answered(data)))

    def run(self) -> dict[str, Any]:
        """The whole run; gives the document after the last worker's report. The workers leave in any case."""
        try:
            document = self._document_of_run()
        except BaseException:
            self.runner.quit()
            raise
        self._leave()
        return document

    def _leave(self) -> None:
        """Tell the workers that it is over."""
        self._send(END)
        sleep(0.5)  # the message has to leave before this process does
        self.runner.quit()

    def _document_of_run(self) -> dict[str, Any]:
        post, started = self.post, datetime.now(UTC)
        self._gather()
        population = post.populate()
        self._give_jobs([[member.id, member.user_name] for member in population])
        self._wait(lambda hand: hand.ready, post.job.seconds, "get ready")
        began = time.monotonic()
        if not post.stop:
            self.runner.start(len(self._alive()), spawn_rate=len(self._alive()))
            if post.job.plan.races:
                spawn(post.auditor.race, population, self.racers)
        plan = post.job.plan
        self._wait(lambda hand: hand.done is not None, plan.seconds + plan.drain + post.job.seconds, "finish")
        seconds = time.monotonic() - began
        if not post.stop:
            post.auditor.end_races()
        sizes = post.sizes(population)
        return self._document(started, seconds, self._audits(), sizes)

    def _gather(self) -> None:
        """Wait for as many workers as the job says."""
        wanted, until = self.post.job.workers, time.monotonic() + self.post.job.seconds
        while len(self.runner.clients.ready) < wanted and not self.post.stop:
            if time.monotonic() > until:
                came = len(self.runner.clients.ready)
                raise CannotTell(f"{came} of {wanted} workers came within {self.post.job.seconds:g} s")
            came = len(self.runner.clients.ready)
            self.post.pipe.tell("phase", name=f"{came} of {wanted} workers are there")
            sleep(0.2)
        self.runner.begun = True
        ids = sorted(client.id for client in self.runner.clients.ready)
        self.hands = {
            id: WorkerState(f"worker {number} of {wanted} on {host_of(id)}")
            for number, id in enumerate(ids, start=1)
        }

    def _give_jobs(self, members: list[list[str]]) -> None:
        workers = max(1, len(self.hands))
        for number, id in enumerate(self.hands):
            job = self.post.job.part(number, workers)
            self.runner.send_message(JOB, {"job": job.as_text(), "members": members}, id)

    def _audits(self) -> dict[str, Any]:
        post = self.post
        if not post.job.plan.audit or post.stop or self.lost:
            why = post.stop or ("a worker died, and with it what it knew" if self.lost else "not asked for")
            return NO_AUDIT | {"why": why}
        post.pipe.tell("phase", name="auditing: reading everything back")
        self._send(AUDIT)
        self._wait(lambda hand: hand.audit is not None, MOST, "audit")
        own = post.auditor.document(lambda *_: None)  # the users who were there before
        return merged([own, *(hand.audit for hand in self.hands.values() if hand.audit)])

    def _document(
        self, started: datetime, seconds: float, audit: dict[str, Any], sizes: dict[str, Any]
    ) -> dict[str, Any]:
        post, reports = self.post, [hand.done for hand in self.hands.values() if hand.done]
        counted = [report["unscheduled"] for report in reports]
        troubles = [str(report["trouble"]) for report in reports if report["trouble"]]
        return build_load_report(
            LoadRecord(
                job=post.job,
                catalog=post.catalog,
                target=post.target,
                timeline=self.timeline,
                started=started,
                seconds=seconds,
                shares=tuple(report["share"] for report in reports),
                stop=post.stop,
                aborted=post.aborted,
                interrupted=post.stop.startswith("interrupted"),
                trouble=troubles[0] if troubles else "",
                lost=tuple(self.hands[id].name for id in self.lost),
                elsewhere=sum(report["created"] for report in reports) if post.job.apart else 0,
                unfinished=sum(report["unfinished"] for report in reports),
                memory_mb=max([peak_memory_mb(), *(report["memory_mb"] for report in reports)]),
                audit=audit,
                group_sizes=sizes,
                unscheduled=UnscheduledCounters.together(post.auditor.counts.rows(), *counted).rows(),
            )
        )

    def _wait(self, over: Callable[[WorkerState], bool], seconds: float, what: str) -> None:
        """Until all workers that are alive have come so far; those that die meanwhile are noted."""
        until, stopped = time.monotonic() + seconds, False
        while not all(over(hand) for hand in self._alive()):
            if self.post.stop and not stopped:
                stopped = True
                self._send(STOP, {"why": self.post.stop})
            if time.monotonic() > until:
                for id, hand in self.hands.items():
                    if not over(hand) and id not in self.lost:
                        self._lose(id, f"it did not {what} in time")
                return
            self._tick()
            sleep(STEP)

    def _alive(self) -> list[WorkerState]:
        for id in self.hands:
            client = self.runner.clients.get(id)
            if id not in self.lost and (client is None or client.state == STATE_MISSING):
                self._lose(id, f"nothing was heard of it for {heartbeat.SILENT} s, or it went away")
        return [hand for id, hand in self.hands.items() if id not in self.lost]

    def _lose(self, id: str, why: str) -> None:
        """Note that a worker is lost, and say so at once."""
        self.lost.append(id)
        self.post.pipe.tell("lost", worker=self.hands[id].name, why=why, at=round(self.at, 1))

    def _refused(self, who: str, why: str) -> None:
        """Say whom the master refused; nothing was told to them."""
        self.post.pipe.tell("refused", who=who, why=why)

    def _tick(self) -> None:
        if time.monotonic() - self._told > 1 and self.at:
            self._told = time.monotonic()
            if not self.post.aborted and (why := self.limits.broken()):
                self.post.abort(why)
                self._send(ABORT, {"why": why})
            alive, now = self._alive(), time.monotonic()
            row = self.live.row(self.at, sum(hand.figures.in_flight for hand in alive), len(alive))
            each = [{"name": hand.name, **hand.figures.row(now)} for hand in alive if hand.figures.heard]
            self.post.pipe.tell("tick", **row, each=each)

    def _send(self, kind: str, data: dict[str, Any] | None = None) -> None:
        for id in self.hands:
            if id not in self.lost:
                self.runner.send_message(kind, data or {}, id)

    def _from(self, hear: Callable[[WorkerState, Any], None]) -> Callable[..., None]:
        def heard(msg: Message, **_: object) -> None:
            if msg.node_id in self.hands:
                hear(self.hands[msg.node_id], msg.data)

        return heard

    def _ready(self, hand: WorkerState, _: Any) -> None:
        hand.ready = True

    def _figures(self, hand: WorkerState, data: dict[str, Any]) -> None:
        at, made = max(data["at"], 0.0), Metrics.unpack(data["packed"])
        self.at = max(self.at, at)
        self.timeline.add(at, made)
        self.limits.add(at, made)
        self.live.add(at, made)
        hand.figures.add(at, made, data["in_flight"], time.monotonic())
        self.post.tell_counts(at, made, sum(each.figures.in_flight for each in self.hands.values()))

    def _done(self, hand: WorkerState, data: dict[str, Any]) -> None:
        hand.done = data

    def _audited(self, hand: WorkerState, data: dict[str, Any]) -> None:
        hand.audit = json.loads(data["document"])
        if hand.done is not None:
            hand.done["unscheduled"] = data["unscheduled"]

    def _ids(self) -> list[str]:
        self._alive()
        return [id for id in self.hands if id not in self.lost]

    def _ask_racer(self, id: str, data: dict[str, Any]) -> None:
        self.runner.send_message(RACE, data, id)
