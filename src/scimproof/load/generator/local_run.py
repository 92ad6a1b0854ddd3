"""Load run in one process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scimproof.load.generator.context import GeneratorContext
from scimproof.load.generator.live_figures import LiveFigures
from scimproof.load.generator.meter import EVERY, Meter, peak_memory_mb
from scimproof.load.greenlets import Signal, spawn
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.abort_limits import AbortLimits
from scimproof.load.result.document import LoadRecord, build_load_report


@dataclass
class LocalRun:
    """Load run in one process: prefill, load, audit, document."""

    post: GeneratorContext
    timeline: TimeSeries = field(init=False)
    meter: Meter = field(init=False)
    limits: AbortLimits = field(init=False)
    live: LiveFigures = field(init=False)

    def __post_init__(self) -> None:
        plan = self.post.job.plan
        self.meter = Meter(self.post.work)
        self.timeline = TimeSeries(plan.seconds + plan.drain)
        self.limits = AbortLimits(plan.abort_if)
        self.live = LiveFigures(plan, self.timeline)

    def run(self) -> dict[str, Any]:
        """Prefill, play, and give the document."""
        post = self.post
        started = datetime.now(UTC)
        population = post.populate()
        if not post.stop:
            post.work.prepare(population)
            self.meter.begin()
            over = Signal()
            ticker = spawn(self._tick, over)
            if post.job.plan.races:
                spawn(post.auditor.race, population)
            try:
                post.play()
            finally:
                over.give()
                ticker.join()  # never killed: a line that is half written takes the next one with it
        seconds, share = self.meter.seconds, self.meter.share()
        at, made = self.meter.drain()
        self.timeline.add(at, made)
        post.tell_counts(at, made, post.work.in_flight)
        if not post.stop:
            post.auditor.end_races()
        sizes = post.sizes(population)
        audit = post.audit()
        return build_load_report(
            LoadRecord(
                job=post.job,
                catalog=post.catalog,
                target=post.target,
                timeline=self.timeline,
                started=started,
                seconds=seconds,
                shares=(share,),
                stop=post.stop,
                aborted=post.aborted,
                interrupted=post.stop.startswith("interrupted"),
                unfinished=post.work.unfinished,
                audit=audit,
                group_sizes=sizes,
                unscheduled=post.auditor.counts.rows(),
                memory_mb=peak_memory_mb(),
            )
        )

    def _tick(self, over: Signal) -> None:
        while not over.within(EVERY):
            at, made = self.meter.drain()
            self.timeline.add(at, made)
            self.limits.add(at, made)
            self.live.add(at, made)
            self.post.tell_counts(at, made, self.post.work.in_flight)
            if why := self.limits.broken():
                self.post.abort(why)
            self.post.pipe.tell("tick", **self.live.row(at, self.post.work.in_flight))
