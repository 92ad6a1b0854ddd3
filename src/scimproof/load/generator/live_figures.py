"""Live figures: what a run shows of itself while it goes on, of the last ten seconds and of all so far."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from scimproof.load.metrics.counters import Metrics, Packed, StepCounters
from scimproof.load.metrics.histogram import Histogram
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.thresholds import judge

WINDOW = 10.0  # seconds
SHOWN = (50.0, 95.0, 99.0)
WORST, KINDS = 5, 5  # operations, and kinds of errors, that are told


@dataclass
class RecentFigures:
    """Recent figures: what was counted in the last ten seconds, by one process or by all."""

    _lately: deque[tuple[float, Metrics]] = field(default_factory=deque)

    def add(self, at: float, made: Metrics) -> None:
        """Take in what was counted until `at` seconds after the start."""
        self._lately.append((at, made))
        while self._lately and self._lately[0][0] <= at - WINDOW:
            self._lately.popleft()

    def merged(self) -> Metrics:
        """All of it as one."""
        merged = Metrics()
        for _, made in self._lately:
            for id, operation in made.operations.items():
                merged.operation(id).count_shown_in(operation)
            merged.pace.lag.merge(made.pace.lag)
            merged.pace.started += made.pace.started
            merged.warming.count_shown_in(made.warming)
        return merged


@dataclass
class WorkerFigures:
    """Figures of one worker of a distributed run, so that the one that is behind can be seen.

    `at` is the moment of its last report in seconds after its start, `heard` the same on the clock of who
    was told (monotonic).
    """

    in_flight: int = 0
    at: float = 0.0
    heard: float = 0.0
    _recent: RecentFigures = field(default_factory=RecentFigures)

    def add(self, at: float, made: Metrics, in_flight: int, heard: float) -> None:
        """Take in what it counted until `at`."""
        self.at, self.in_flight, self.heard = at, in_flight, heard
        self._recent.add(at, made)

    def row(self, now: float) -> dict[str, Any]:
        """Rates per second and lag in ms of its last ten seconds; for how many seconds it is silent."""
        lately, over = self._recent.merged(), max(min(self.at, WINDOW), 1.0)
        everything = lately.overall
        everything.count_in(lately.warming)
        return {
            "silent": round(now - self.heard, 1),
            "in_flight": self.in_flight,
            "asked": round(everything.due / over, 2),
            "achieved": round(everything.answered / over, 2),
            "lag_ms": _time(lately.pace.lag, 99.0),
        }


@dataclass
class LiveFigures:
    """Live figures of a run, one row a second; `add` takes what each process reports, `row` tells it.

    What the warm-up counted is in the figures of the last ten seconds and in none of the whole run.
    """

    plan: Plan
    timeline: TimeSeries
    _recent: RecentFigures = field(default_factory=RecentFigures)
    _everything: StepCounters = field(default_factory=lambda: StepCounters("*"))

    def add(self, at: float, packed: Packed) -> Metrics:
        """Take in what one process counted until `at` seconds after the start; gives it unpacked."""
        made = Metrics()
        made.add(packed)
        self._recent.add(at, made)
        for operation in made.operations.values():
            self._everything.count_shown_in(operation)
        return made

    def row(self, at: float, in_flight: int, workers: int = 1) -> dict[str, Any]:
        """The figures at `at` seconds after the start, as plain data: rates per second, times in ms."""
        whole, lately = self.timeline.whole, self._recent.merged()
        everything, recent = self._everything, lately.overall
        recent.count_in(lately.warming)
        over = max(min(at, WINDOW), 1.0)
        return {
            "at": round(at, 1),
            "seconds": self.plan.seconds,
            "phase": self._phase(at),
            "workers": workers,
            "in_flight": in_flight,
            "due": everything.due,
            "sent": everything.sent,
            "answered": everything.answered,
            "errors": sum(everything.errors.values()),
            "asked": round(recent.due / over, 2),
            "achieved": round(recent.answered / over, 2),
            "sequences": round(lately.pace.started / over, 2),
            "recent_ms": _times(recent.response),
            "run_ms": _times(everything.response),
            "kinds": [list(one) for one in everything.errors.most_common(KINDS)],
            "recent_kinds": [[kind, round(n / over, 2)] for kind, n in recent.errors.most_common(KINDS)],
            "worst": _worst(lately.operations),
            "thresholds": [
                {"id": one.threshold.id, "limit": one.threshold.limit, "value": one.value}
                | {"verdict": one.verdict}
                for one in judge(self.plan.thresholds, whole, {})
            ],
            "lag_ms": _time(lately.pace.lag, 99.0),
        }

    def _phase(self, at: float) -> str:
        """The name of the phase of the plan at that moment; after the last one, what is in flight ends."""
        until = 0.0
        for phase in self.plan.phases:
            until += phase.seconds
            if at < until:
                return phase.name
        return "waiting for the last answers"


def _worst(operations: dict[str, StepCounters]) -> list[dict[str, Any]]:
    """The operations with errors, then the slowest by p95, of the last ten seconds."""

    def badness(one: StepCounters) -> tuple[int, float]:
        return sum(one.errors.values()), _time(one.response, 95.0) or 0.0

    some = sorted((one for one in operations.values() if one.due), key=badness, reverse=True)[:WORST]
    return [
        {"id": one.id, "due": one.due, "errors": sum(one.errors.values()), **_times(one.response)}
        for one in some
    ]


def _times(histogram: Histogram) -> dict[str, float | None]:
    return {f"p{percent:g}": _time(histogram, percent) for percent in SHOWN}


def _time(histogram: Histogram, percent: float) -> float | None:
    found = histogram.percentile(percent)
    return None if found is None else round(found, 3)
