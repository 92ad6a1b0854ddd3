"""Steps of a capacity search, played by this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scimproof.core.context import Member
from scimproof.load.generator.capacity.capacity_run import StepProgress
from scimproof.load.generator.context import GeneratorContext
from scimproof.load.generator.meter import EVERY, Meter
from scimproof.load.greenlets import Signal, spawn
from scimproof.load.plan.schedule import Arrival
from scimproof.load.result.search_step import SearchStep


@dataclass
class OwnShare:
    """Own share of a step: its arrivals, until it is called off, and how much of a core they took."""

    step: SearchStep
    meter: Meter
    off: bool = False
    cpu: float = 0.0

    def arrivals(self) -> Iterator[Arrival]:
        """The part of the schedule that is this process's, with numbers that no other step has."""
        job = self.meter.work.job
        for arrival in self.step.schedule(job.plan).share(job.number, job.workers):
            if self.off:
                break
            yield arrival._replace(number=arrival.number + self.step.first)
        self.cpu = self.meter.share()

    def play(self) -> bool:
        """Play them; whether all were done in time."""
        self.meter.begin()
        return self.meter.work.play_part(self.arrivals(), self.step.warm_up)


@dataclass
class LocalSteps:
    """Steps that this process plays itself, over the same connections, with the same people."""

    post: GeneratorContext
    meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self.meter = Meter(self.post.work)

    def prepare(self, population: list[Member]) -> None:
        """Compile the sequences."""
        self.post.work.prepare(population)

    def play(self, step: SearchStep, progress: StepProgress) -> str:
        """Play a step until its last answer; a step that cannot hold any more is ended."""
        share = OwnShare(step, self.meter)
        over = Signal()
        ticker = spawn(self._tick, progress, share, over)
        try:
            done = share.play()
        finally:
            over.give()
            ticker.join()  # never killed: a line that is half written takes the next one with it
        at, made = self.meter.drain()
        figures = progress.figures
        figures.shares = (share.cpu,)
        figures.lasted = max(at - step.warm_up, 0.0 if share.off else step.seconds)
        left = self.post.work.in_flight
        progress.add(at, made, left)
        return (
            ""
            if done
            else f"{left:,} sequences had no end {self.post.job.plan.drain:g} s after the last began"
        )

    def finish(self) -> None:
        """Give back the connections."""
        self.post.work.finish()

    def audit(self) -> dict[str, Any]:
        """Read everything back, unless the search was stopped."""
        return self.post.audit()

    def _tick(self, progress: StepProgress, share: OwnShare, over: Signal) -> None:
        while not over.within(EVERY):
            at, made = self.meter.drain()
            progress.add(at, made, self.post.work.in_flight)
            share.off = share.off or bool(progress.figures.hopeless or progress.figures.wants)
            progress.tell(at, self.post.work.in_flight)
