"""Capacity run: prefill, steps of a rate each until the search is over, audit of everything, document."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from scimproof.core.context import Member
from scimproof.load.capacity.search import CapacitySearch
from scimproof.load.generator.context import GeneratorContext
from scimproof.load.generator.live_figures import LiveFigures
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.storage_rules import preventing
from scimproof.load.result.capacity_document import SearchRecord, build_capacity_report
from scimproof.load.result.search_step import SearchStep, StepFigures


@dataclass
class StepProgress:
    """Progress of one step: its figures, and the row that the command line shows of it each second.

    `before` are the seconds of the steps before it.
    """

    post: GeneratorContext
    figures: StepFigures
    live: LiveFigures
    before: float

    def add(self, at: float, made: Metrics, in_flight: int) -> None:
        """Take in what one process counted until `at` seconds after the start of the step.

        `in_flight` are the arrivals of all processes that are being played.
        """
        self.figures.add(at, made)
        self.live.add(at, made)
        self.post.tell_counts(self.before + at, made, in_flight)

    def tell(self, at: float, in_flight: int, workers: int = 1) -> None:
        """Have the figures shown."""
        row = self.live.row(at, in_flight, workers)
        whole = round(self.before + self.figures.step.whole, 1)
        self.post.pipe.tell("tick", **row | {"at": round(self.before + at, 1), "seconds": whole})


class PlaysSteps(Protocol):
    """Whoever plays the steps of a search: this process, or the workers of a master."""

    def prepare(self, population: list[Member]) -> None:
        """Get ready; comes once, before the first step."""
        ...

    def play(self, step: SearchStep, progress: StepProgress) -> str:
        """Play a step until its last answer; gives why nothing more can be played, empty when it can."""
        ...

    def finish(self) -> None:
        """Give back what playing took."""
        ...

    def audit(self) -> dict[str, Any]:
        """Read everything back."""
        ...


@dataclass
class CapacityRun:
    """Capacity run of a job that has a search; `steps` plays them."""

    post: GeneratorContext
    steps: PlaysSteps
    search: CapacitySearch = field(init=False)
    rows: list[dict[str, Any]] = field(default_factory=list)
    _seconds: float = 0.0
    _first: int = 0
    _cannot: str = ""

    def __post_init__(self) -> None:
        settings = self.post.job.search
        assert settings is not None, "a capacity run has a search"
        self.search = CapacitySearch(settings)

    def run(self) -> dict[str, Any]:
        """Prefill, search, audit, and give the document."""
        post, started = self.post, datetime.now(UTC)
        began = time.monotonic()
        population = post.populate()
        self.steps.prepare(population)
        try:
            while not self._over and (rate := self.search.next()) is not None:
                self._step(rate)
        finally:
            self.steps.finish()
        answer, seconds = self.search.answer(), time.monotonic() - began
        return build_capacity_report(
            SearchRecord(
                job=post.job,
                catalog=post.catalog,
                target=post.target,
                settings=self.search.settings,
                started=started,
                seconds=seconds,
                steps=self.rows,
                answer=answer,
                stop=post.stop,
                cannot=self._cannot,
                audit=self.steps.audit(),
            )
        )

    @property
    def _over(self) -> bool:
        return bool(self.post.stop or self._cannot)

    def _step(self, rate: float) -> None:
        post, settings = self.post, self.search.settings
        step = SearchStep.drawn(post.job.plan, len(self.rows) + 1, rate, settings, self._first)
        means = {one.detail: one for one in preventing(post.catalog, post.target.url, post.job.profile)}
        figures = StepFigures(step, post.job.plan, means=means)
        shown = self._shown(step)
        live = LiveFigures(shown, TimeSeries(shown.seconds, figures.figures))
        trouble = self.steps.play(step, StepProgress(post, figures, live, self._seconds))
        self._first += sum(1 for _ in step.schedule(post.job.plan))
        self._seconds += step.warm_up + figures.lasted
        self._cannot = figures.wants or trouble
        if post.stop or figures.wants:
            return  # half a step tells nothing
        row = figures.row()
        self.rows.append(row)
        self.search.add(rate, row["result"])
        post.pipe.tell("step", number=step.number, **row)

    def _shown(self, step: SearchStep) -> Plan:
        """The step as a plan, so that it is shown as a run is."""
        found = self.search.answer()
        so_far = f", {found.rate:g} held so far" if found.rate else ""
        name = f"step {step.number}: {step.rate:g} sequences/s{so_far}"
        phases = (
            Phase(step.warm_up, step.rate, warm_up=True, name=name),
            Phase(step.seconds, step.rate, name=name),
        )
        return replace(self.post.job.plan, phases=phases)
