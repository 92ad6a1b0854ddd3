"""Live figures: what a run shows of itself while it goes on, of the last ten seconds and of all so far."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.histogram import Histogram
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.thresholds import judge

WINDOW = 10.0  # seconds
SHOWN = (50.0, 95.0, 99.0)
TURNS = 10  # seconds until every threshold was judged anew
WORST, KINDS = 5, 5  # operations, and kinds of errors, that are told


@dataclass(slots=True)
class ShownCounters:
    """Shown counters of one operation, or of all: the part of StepCounters that a screen has."""

    id: str
    due: int = 0
    answered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    response: Histogram = field(default_factory=Histogram)

    def come(self, new: StepCounters | ShownCounters) -> None:
        """Add what was counted in the last second."""
        self.due += new.due
        self.answered += new.answered
        if new.errors:
            self.errors.update(new.errors)
        self.response.merge(new.response)

    def go(self, old: StepCounters | ShownCounters) -> None:
        """Take off what was counted ten seconds ago."""
        self.due -= old.due
        self.answered -= old.answered
        if old.errors:
            self.errors -= old.errors
        self.response.take_out(old.response)


@dataclass
class RecentFigures:
    """Recent figures: what was counted in the last ten seconds, by one process or by all.

    Kept up to date by what comes and what goes: adding ten seconds up again each second cost the generator as
    much as fifty requests. `overall` has the warm-up too.
    """

    operations: dict[str, ShownCounters] = field(default_factory=dict)
    overall: ShownCounters = field(default_factory=lambda: ShownCounters("*"))
    lag: Histogram = field(default_factory=Histogram)
    started: int = 0
    _lately: deque[tuple[float, Metrics, ShownCounters]] = field(default_factory=deque)

    def add(self, at: float, made: Metrics) -> ShownCounters:
        """Take in what was counted until `at` seconds after the start; gives all its operations as one."""
        every = ShownCounters("*")
        for operation in made.operations.values():
            every.come(operation)
        self._lately.append((at, made, every))
        for id, operation in made.operations.items():
            self.operations.setdefault(id, ShownCounters(id)).come(operation)
        self.overall.come(every)
        self.overall.come(made.warming)
        self.lag.merge(made.pace.lag)
        self.started += made.pace.started
        while self._lately and self._lately[0][0] <= at - WINDOW:
            self._go(*self._lately.popleft()[1:])
        return every

    def _go(self, made: Metrics, every: ShownCounters) -> None:
        for id, operation in made.operations.items():
            self.operations[id].go(operation)
        self.overall.go(every)
        self.overall.go(made.warming)
        self.lag.take_out(made.pace.lag)
        self.started -= made.pace.started


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
        recent, over = self._recent, max(min(self.at, WINDOW), 1.0)
        return {
            "silent": round(now - self.heard, 1),
            "in_flight": self.in_flight,
            "asked": round(recent.overall.due / over, 2),
            "achieved": round(recent.overall.answered / over, 2),
            "lag_ms": _time(recent.lag, 99.0),
        }


@dataclass
class LiveFigures:
    """Live figures of a run, one row a second; `add` takes what each process reports, `row` tells it.

    What the warm-up counted is in the figures of the last ten seconds and in none of the whole run.
    """

    plan: Plan
    timeline: TimeSeries
    _recent: RecentFigures = field(default_factory=RecentFigures)
    _overall: ShownCounters = field(default_factory=lambda: ShownCounters("*"))
    _standing: dict[str, dict[str, Any]] = field(default_factory=dict)
    _turn: int = 0

    def add(self, at: float, made: Metrics) -> None:
        """Take in what one process counted until `at` seconds after the start."""
        self._overall.come(self._recent.add(at, made))

    def row(self, at: float, in_flight: int, workers: int = 1) -> dict[str, Any]:
        """The figures at `at` seconds after the start, as plain data: rates per second, times in ms."""
        everything, lately = self._overall, self._recent
        recent = lately.overall
        over = max(min(at, WINDOW), 1.0)
        return {
            "at": round(at, 1),
            "seconds": self.plan.seconds,
            "phase": self._phase(at),
            "workers": workers,
            "in_flight": in_flight,
            "due": everything.due,
            "answered": everything.answered,
            "errors": sum(everything.errors.values()),
            "asked": round(recent.due / over, 2),
            "achieved": round(recent.answered / over, 2),
            "sequences": round(lately.started / over, 2),
            "recent_ms": _times(recent.response),
            "run_ms": _times(everything.response),
            "kinds": [list(one) for one in everything.errors.most_common(KINDS)],
            "recent_kinds": [[kind, round(n / over, 2)] for kind, n in recent.errors.most_common(KINDS)],
            "worst": _worst(lately.operations),
            "thresholds": self._thresholds(),
            "lag_ms": _time(lately.lag, 99.0),
        }

    def _thresholds(self) -> list[dict[str, Any]]:
        """The thresholds as they stand: each second some of them are judged anew, in turn.

        Sixty of them at once cost as much as thirty requests, in one go.
        """
        limits = self.plan.thresholds
        some = limits if not self._standing else limits[self._turn :: TURNS]
        self._turn = (self._turn + 1) % TURNS
        for one in judge(some, self.timeline.whole, {}):
            self._standing[one.threshold.id] = {
                "id": one.threshold.id,
                "limit": one.threshold.limit,
                "value": one.value,
                "verdict": one.verdict,
            }
        return [self._standing[one.id] for one in limits if one.id in self._standing]

    def _phase(self, at: float) -> str:
        """The name of the phase of the plan at that moment; after the last one, what is in flight ends."""
        until = 0.0
        for phase in self.plan.phases:
            until += phase.seconds
            if at < until:
                return phase.name
        return "waiting for the last answers"


def _worst(operations: dict[str, ShownCounters]) -> list[dict[str, Any]]:
    """The operations with errors, then the slowest by p95, of the last ten seconds."""

    def badness(one: ShownCounters) -> tuple[int, float]:
        return sum(one.errors.values()), _time(one.response, 95.0) or 0.0

    def mean(one: ShownCounters) -> tuple[int, float]:
        return sum(one.errors.values()), one.response.mean or 0.0

    # Of sixty operations a percentile each costs as much as ten requests: only those that may be worst.
    likely = sorted((one for one in operations.values() if one.due), key=mean, reverse=True)[: 4 * WORST]
    some = sorted(likely, key=badness, reverse=True)[:WORST]
    return [
        {"id": one.id, "due": one.due, "errors": sum(one.errors.values()), **_times(one.response)}
        for one in some
    ]


def _times(histogram: Histogram) -> dict[str, float | None]:
    found = zip(SHOWN, histogram.percentiles(SHOWN), strict=True)
    return {f"p{percent:g}": None if value is None else round(value, 3) for percent, value in found}


def _time(histogram: Histogram, percent: float) -> float | None:
    found = histogram.percentile(percent)
    return None if found is None else round(found, 3)
