"""One step of a capacity search: what was counted at one rate, and whether it holds, breaks or is invalid."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from scimproof.catalog.products import Obstacle
from scimproof.load.capacity.search import Fared
from scimproof.load.capacity.settings import SearchSettings
from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.histogram import PERCENTILES
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Schedule, steady
from scimproof.load.plan.thresholds import DRIFT, MILLISECONDS, PROVISION, SPANS, Threshold, judge
from scimproof.load.result.verdict import Generator, decisive_lag

BEHIND = 0.05  # of what arrives: by so much what is under way may grow from the middle of a step to its end
CHANCE = 2.0  # standard deviations of random arrivals: so much growth is chance, the queue's at full load
FEW = 5  # sequences more under way are no growth yet, whatever share of the arrivals they are
HOPELESS = 2.0  # so many times that growth, and the step ends early
DRAWS = 20
Row = dict[str, Any]


@dataclass(frozen=True)
class SearchStep:
    """Step of a search: `rate` sequences per second for `seconds`, after a warm-up at the same rate.

    `first` is the number of its first arrival, so that no two steps create the same people.
    """

    number: int
    rate: float
    seconds: float
    warm_up: float
    first: int = 0
    seed: int = 1

    @classmethod
    def drawn(cls, plan: Plan, number: int, rate: float, settings: SearchSettings, first: int) -> Self:
        """The step of that number, with arrivals at random of which there are as many as its rate says.

        Of 20 s at 10 a second, 200 on average, a tenth more or less may come at random, which would be a
        tenth of the capacity: of 20 draws that with the nearest count is taken.
        """
        drawn = [
            cls(
                number, rate, settings.step_seconds, settings.warm_up, first, plan.seed + 7919 * number + draw
            )
            for draw in range(DRAWS if plan.arrivals == "poisson" else 1)
        ]
        return min(drawn, key=lambda step: step.off(plan))

    def off(self, plan: Plan) -> float:
        """By how many its measured arrivals are more or fewer than its rate says."""
        counted = sum(not arrival.warm_up for arrival in self.schedule(plan))
        return abs(counted - self.rate * self.seconds)

    @property
    def whole(self) -> float:
        """The seconds in which something arrives."""
        return self.warm_up + self.seconds

    def schedule(self, plan: Plan) -> Schedule:
        """Its arrivals, numbered from 0."""
        phases = steady(self.rate, self.seconds, warm_up=self.warm_up)
        return Schedule(phases, plan.mix, plan.arrivals, self.seed)


@dataclass
class StepFigures:
    """Figures of a step while it is played, and the verdict on it once it is over.

    `add` takes what each process reports, `shares` are how much of a core each used while sequences arrived.
    `lasted` are the seconds from the first measured moment to the last answer.
    """

    step: SearchStep
    plan: Plan
    figures: Metrics = field(default_factory=Metrics)
    shares: tuple[float, ...] = ()
    lasted: float = 0.0
    unfinished: int = 0
    means: Mapping[str, Obstacle] = field(default_factory=dict)
    hopeless: str = ""
    _middle: int | None = None
    _end: int | None = None

    def add(self, at: float, made: Metrics) -> None:
        """Take in what one process counted until `at` seconds after the start of the step."""
        self.figures.count_in(made)
        under_way = self.figures.pace.started - self.figures.pace.finished
        if self._middle is None and at >= self.step.warm_up + self.step.seconds / 2:
            self._middle = under_way
        if at <= self.step.whole + 0.5:
            self._end = under_way
        if not self.hopeless and at < self.step.whole:
            self.hopeless = self._lost(at)

    @property
    def wants(self) -> str:
        """Why the target cannot do what is asked, at whatever rate: it has no room, or offers it not."""
        full = sum((one.full for one in self.figures.operations.values()), Counter[str]())
        if not full:
            return ""
        words = max(full, key=lambda words: full[words])
        why = self.means.get(words, Obstacle(0, words))
        return f'{why.means}: it refused {full.total():,} requests, saying "{words.rstrip(".")}"'

    def row(self) -> Row:
        """The step as capacity.json has it."""
        figures, overall = self.figures, self.figures.overall
        result, why = self._judged(overall)
        lasted = max(self.lasted, 0.001)
        over = max(self.lasted - _quickest(figures), 0.001)
        wrong = sum(overall.errors.values()) + overall.skipped
        provisioned = figures.sequences.get(PROVISION)
        return {
            "rate": self.step.rate,
            "achieved": round(_played(figures) / over, 3),
            "provisionings": round(provisioned.answered / over, 3) if provisioned else None,
            "requests": figures.requests,
            "seconds": round(lasted, 3),
            **{f"{name}_ms": _rounded(overall, name) for name in ("p50", "p95", "p99")},
            "errors": wrong,
            "error_ratio": round(wrong / overall.due, 6) if overall.due else 0.0,
            "lag_p99_ms": _ms(figures.pace.lag.percentile(99)),
            "result": result,
            "why": why,
        }

    def _judged(self, overall: StepCounters) -> tuple[Fared, str]:
        if late := self._generator().bottleneck():
            return "invalid", late
        if not overall.due:
            return "invalid", "nothing came due in the measured time"
        if self.hopeless:
            return "breaks", self.hopeless
        for found in judge(stepwise(self.plan.thresholds), self.figures, {}):
            if found.verdict == "broken":
                seen = found.why or f"it was {found.value:,.4g}"
                return "breaks", f"{found.threshold.of}: {found.threshold.sentence}, {seen}"
        if (more := self._growth()) > self._allowed():
            return "breaks", self._behind(more)
        return "holds", ""

    def _generator(self) -> Generator:
        figures = self.figures
        return Generator(
            processes=max(1, len(self.shares)),
            cpu_seconds=figures.cpu,
            requests=figures.requests,
            busiest=max(self.shares, default=0.0),
            lag_ms=decisive_lag(figures.pace.lag),
            lag_limit_ms=self.plan.lag_ms,
            started=figures.pace.started,
            expected=self.step.rate * self.step.whole,
            opened=figures.opened,
            stale=figures.stale,
            whole=not self.hopeless,
        )

    def _lost(self, at: float) -> str:
        """What cannot hold any more, whatever comes until the end of the step; empty while all may."""
        counted = at - self.step.warm_up
        if counted <= 0:
            return ""
        more = max(1.0, self.step.seconds / counted)
        for limit in stepwise(self.plan.thresholds):
            found = self.figures.operations.get(limit.of) or self.figures.sequences.get(limit.of)
            if found and (seen := _beyond(limit, found, more)):
                return f"{limit.of}: {limit.sentence}, {seen}, as was sure after {counted:.0f} s"
        growth = self._growth()
        return self._behind(growth) if growth > HOPELESS * self._allowed() else ""

    def _growth(self) -> int:
        """By how many sequences what is under way has grown since the middle of the step."""
        return (self._end or 0) - (self._middle or 0) if self._middle is not None else 0

    def _allowed(self) -> float:
        arrivals = self.step.rate * self.step.seconds / 2
        return max(BEHIND * arrivals, CHANCE * math.sqrt(arrivals), FEW)

    def _behind(self, more: int) -> str:
        return (
            f"the target falls behind: {more:,} sequences more were under way than in mid-step; "
            f"up to {self._allowed():,.0f} are no growth"
        )


def stepwise(thresholds: Sequence[Threshold]) -> tuple[Threshold, ...]:
    """The thresholds that a step is held to: all but those for how a long run changes."""
    return tuple(one for one in thresholds if one.measure != DRIFT)


def _beyond(limit: Threshold, found: StepCounters, more: float) -> str:
    """How many are beyond the limit, when `more` times what has come so far could not make up for them."""
    due = found.due * more
    if limit.measure in MILLISECONDS:
        name = limit.measure.removesuffix("_ms")
        share = 0.0 if name == "max" else 1 - PERCENTILES[name] / 100
        slower = found.response.above(limit.limit)
        return f"{slower:,} of about {due:,.0f} took longer" if slower > share * due + 1 else ""
    wrong = sum(found.errors.values()) + found.skipped
    broken = limit.measure == "errors" and wrong > limit.limit * due
    return f"{wrong:,} of about {due:,.0f} were errors" if broken else ""


def _played(figures: Metrics) -> int:
    """The sequences that were played to their end."""
    return sum(one.answered for id, one in figures.sequences.items() if id not in SPANS)


def _quickest(figures: Metrics) -> float:
    """Seconds of the quickest sequence: so long after the last began the last ends, where nothing queues."""
    known = (one.response for id, one in figures.sequences.items() if id not in SPANS)
    return min((response.lowest for response in known if response.count), default=0.0)


def _rounded(overall: StepCounters, name: str) -> float | None:
    return _ms(overall.response.percentile(PERCENTILES[name]))


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
