"""Part of one process in a Locust test: prefill, its share of the schedule, audit and clean-up."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from scimproof.catalog.loader import load_catalog
from scimproof.cleanup.ledger import counts
from scimproof.core.context import Member
from scimproof.core.errors import Exit, ScimproofError
from scimproof.core.escaping import line
from scimproof.core.redaction import remembered
from scimproof.core.scim import new_prefix
from scimproof.load.generator.context import GeneratorContext
from scimproof.load.generator.meter import EVERY, Meter, peak_memory_mb
from scimproof.load.greenlets import Signal, sleep, spawn
from scimproof.load.launch.cleanup import LoadCleanup
from scimproof.load.launch.probe import probe
from scimproof.load.locust_run.messages import DONE, FIGURES, PHASE, REFUSED
from scimproof.load.own_host import own_host, own_target
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.load.player.delivery import TOGETHER, Fire
from scimproof.load.result.document import NO_AUDIT
from scimproof.target.options import TargetOptions
from scimproof.target.transport import HttpTransport

Send = Callable[[str, dict[str, Any]], None]


class PhaseChannel:
    """Channel that turns the events of a generator process into sentences for the page."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send

    def tell(self, event: str, **more: object) -> None:
        """Tell the phase, or how far prefill or audit are."""
        if event == "phase":
            self._send(str(more["name"]))
        elif event == "prefill":
            self._send(f"creating users who are there before: {more['done']} of {more['of']}")
        elif event == "audit":
            self._send(f"auditing: {more['done']} of {more['of']} read back")


@dataclass
class ProcessPart:
    """Part of one process: `number` of `workers`; `play` returns when everything it created is removed.

    `who` is what Locust calls the process. It tells the leading one by `send`: figures each second, phases,
    `REFUSED` where it cannot play, and last `DONE` with all that the document needs. `looked` says that
    somebody in this process has asked the target already.
    """

    plan: Plan
    profile: str
    host: str
    number: int
    workers: int
    who: str
    send: Send
    fire: Fire
    report: Callable[[], None]
    looked: bool = False
    over: bool = False
    stop: str = ""
    _aborted: str = ""
    _post: GeneratorContext | None = None
    _meter: Meter | None = None
    _told: dict[str, Any] = field(default_factory=dict)
    _closed: bool = False

    def play(self) -> None:
        """Everything, from getting ready to the last word."""
        try:
            self._post = post = self._ready()
            self._perform(post, post.populate())
        except (ValueError, OSError, ScimproofError) as problem:
            self._refuse(fit(problem), int(getattr(problem, "exit_code", Exit.USAGE)))
        finally:
            self.finish()

    def halt(self, why: str) -> None:
        """Start nothing more; what is under way is finished, and nothing is audited."""
        self.stop = self.stop or why
        if self._post is not None:
            self._post.halt(why)

    def abort(self, why: str) -> None:
        """Start nothing more, since a limit is broken; what was written is still audited."""
        self._aborted = self._aborted or why
        if self._post is not None:
            self._post.abort(why)

    def finish(self) -> None:
        """Remove what was created and say the last word; called again, it goes on where it stopped."""
        if self.over:
            return
        try:
            if self._post is not None:
                self._told["ledger"] = self._tidied(self._post)
        except Exception as problem:  # noqa: BLE001 - whoever leads waits for the last word
            self._told["trouble"] = _words(problem)
        self._told |= {"stop": self._told.get("stop", self.stop), "unscheduled": self._unscheduled()}
        self.over = True
        self.report()
        self.send(DONE, {"who": self.who, "told": json.dumps(self._told, ensure_ascii=False)})

    def _ready(self) -> GeneratorContext:
        """Reach the target, open the ledger."""
        catalog = load_catalog()
        provider = catalog.sender_of_mix(self.profile, self.plan.mix)
        target, prefix = own_target(own_host(), self.host, os.environ), new_prefix()
        if not self.looked:
            probe(target, catalog.as_sent_by(provider), provider, prefix)
        prefill = self.plan.prefill // self.workers + (self.number < self.plan.prefill % self.workers)
        job = Job(
            plan=replace(self.plan, prefill=prefill),
            access=TargetOptions(url=target.url),
            prefix=prefix,
            profile=self.profile,
            number=self.number,
            workers=self.workers,
        )
        post = GeneratorContext(job, PhaseChannel(self._phase))
        self._told |= {"prefix": prefix, "audit": NO_AUDIT, "number": self.number}
        if self.stop:
            post.halt(self.stop)
        return post

    def _perform(self, post: GeneratorContext, population: list[Member]) -> None:
        """Play the share, then push groups of growing size and audit, where the plan says so."""
        work, plan, first = post.work, post.job.plan, self.number == 0
        work.fire = self.fire
        meter = self._meter = Meter(work)
        if not post.stop:
            work.prepare(population)
            meter.begin()
            self._phase("")
            over = Signal()
            ticker = spawn(self._tick, meter, over)
            if plan.races and first:
                spawn(post.auditor.race, population)
            try:
                work.perform()
            finally:
                over.give()
                ticker.join()
        self._told |= self._measured(post, meter)
        if work.trouble:
            self._refuse(str(self._told["trouble"]), int(Exit.TROUBLE))
            return
        if not post.stop:
            post.auditor.end_races()
        self._told["group_sizes"] = post.sizes(population) if first else {}
        self._told["audit"] = post.audit()
        self._told["stop"] = post.stop

    def _measured(self, post: GeneratorContext, meter: Meter) -> dict[str, Any]:
        """What the document says of this process, once its share was played; the last figures are told."""
        sleep(2 * TOGETHER)  # what was counted last is told to Locust by then
        trouble, seconds, share = post.work.trouble, meter.seconds, meter.share()
        self._figures(meter)
        return {
            "seconds": seconds,
            "share": share,
            "unfinished": post.work.unfinished,
            "memory_mb": peak_memory_mb(),
            "trouble": _words(trouble) if trouble else "",
        }

    def _tidied(self, post: GeneratorContext) -> dict[str, Any]:
        """Remove what this process created; gives the `ledger` of load.json."""
        if "seconds" not in self._told and self._meter and self._meter.began:  # it was killed while it played
            self._told |= self._measured(post, self._meter)
        self._phase("removing what was created")
        if not self._closed:
            self._closed = True
            post.auditor.close()
            post.sender.close()
        with closing(HttpTransport(post.target)) as transport:
            LoadCleanup(post.target, transport, post.catalog.templates).of_ledger(post.ledger)
        post.ledger.close()
        told = counts(post.ledger.entries.values())
        return told | {what: remembered().walk(told[what]) for what in ("left", "unknown")}

    def _unscheduled(self) -> list[dict[str, Any]]:
        return self._post.auditor.counts.rows() if self._post is not None else []

    def _tick(self, meter: Meter, over: Signal) -> None:
        while not over.within(EVERY):
            self._figures(meter)

    def _figures(self, meter: Meter) -> None:
        at, made = meter.drain()
        self.send(
            FIGURES, {"who": self.who, "at": at, "packed": made.pack(), "in_flight": meter.work.in_flight}
        )

    def _phase(self, words: str) -> None:
        self.send(PHASE, {"who": self.who, "words": words})

    def _refuse(self, why: str, code: int) -> None:
        self.send(REFUSED, {"who": self.who, "why": why, "code": code})


def fit(problem: BaseException) -> str:
    """What went wrong, fit to be shown on a page."""
    return line(remembered().sentence(str(problem)))


def _words(trouble: BaseException) -> str:
    """What went wrong inside scimproof."""
    return f"trouble inside scimproof, not the target's: {type(trouble).__name__}"
