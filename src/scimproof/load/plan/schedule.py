"""Schedule of arrivals: constant, Poisson and ramped rates; the workers' shares add up to the whole."""

from __future__ import annotations

import math
import random
import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, count, repeat
from typing import Literal, NamedTuple

new = tuple.__new__  # a named tuple of values that are in its order, at half the cost
Spacing = Literal["constant", "poisson"]
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}  # seconds
NUMBER = r"\d+(?:\.\d+)?"
STAGE = re.compile(rf"(?P<time>{NUMBER})(?P<unit>[smh]?):(?P<rate>{NUMBER})(?:-(?P<to>{NUMBER}))?")


@dataclass(frozen=True, slots=True)
class Phase:
    """Phase of a schedule, during which the rate (arrivals per second) goes straight from `rate` to `to`.

    `to` None keeps the rate. What arrives in a `warm_up` is played and left out of the figures.
    """

    seconds: float
    rate: float
    to: float | None = None
    warm_up: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        if not (0 < self.seconds < math.inf and 0 <= self.rate < math.inf and 0 <= self.end < math.inf):
            raise ValueError(f"a phase needs seconds above 0 and rates of 0 or more: {self}")

    @property
    def end(self) -> float:
        """The rate at its end."""
        return self.rate if self.to is None else self.to

    @property
    def expected(self) -> float:
        """How many arrivals its rates add up to."""
        return (self.rate + self.end) / 2 * self.seconds

    def moment(self, arrivals: float) -> float:
        """Seconds from its beginning until its rates add up to so many arrivals."""
        slope = (self.end - self.rate) / self.seconds
        # The positive root of slope/2 t^2 + rate t = arrivals, in the form that does not cancel out.
        root = math.sqrt(max(self.rate * self.rate + 2 * slope * arrivals, 0.0))
        return 2 * arrivals / (self.rate + root) if arrivals else 0.0


class Arrival(NamedTuple):
    """Arrival: its number in the whole schedule, when it is due, what it plays, where it belongs.

    `due` counts in seconds from the start of the run and never moves, however late things are.
    """

    number: int
    due: float
    plays: str
    phase: int
    warm_up: bool


@dataclass(frozen=True)
class Schedule:
    """Schedule of all arrivals of a run, the same for the same seed; `share` gives one worker's part.

    `mix` says what is played and how often relative to the others.
    """

    phases: tuple[Phase, ...]
    mix: Mapping[str, float]
    spacing: Spacing = "constant"
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.phases or not self.mix or min(self.mix.values()) < 0 or not sum(self.mix.values()):
            raise ValueError("a schedule needs a phase and something to play")

    @property
    def seconds(self) -> float:
        """From the first moment to the last."""
        return sum(phase.seconds for phase in self.phases)

    @property
    def expected(self) -> float:
        """How many arrivals there are, on average when they are spaced at random."""
        return sum(phase.expected for phase in self.phases)

    def share(self, worker: int = 0, workers: int = 1) -> Iterator[Arrival]:
        """Every `workers`-th arrival, so that all the shares together are the one schedule."""
        return (arrival for arrival in self if arrival.number % workers == worker)

    def __iter__(self) -> Iterator[Arrival]:
        names, weights = list(self.mix), list(accumulate(self.mix.values()))
        # What Random.choices does for one, without its checks: a fifth of the cost of an arrival.
        draw, total, last = random.Random(f"{self.seed}/mix").random, weights[-1] + 0.0, len(names) - 1
        single = names[0] if not last else ""
        for number, (due, place, warm_up) in enumerate(self._moments()):
            plays = single or names[bisect(weights, draw() * total, 0, last)]
            yield new(Arrival, (number, due, plays, place, warm_up))

    def _moments(self) -> Iterator[tuple[float, int, bool]]:
        """Due time, phase and warm-up of each arrival: even or random points, bent by the rates."""
        points = self._points()
        point = next(points)
        before = began = 0.0
        for place, phase in enumerate(self.phases):
            until, warm_up = before + phase.expected, phase.warm_up
            steady, rate, moment = phase.end == phase.rate, phase.rate, phase.moment
            while point < until - 1e-9:
                yield began + ((point - before) / rate if steady else moment(point - before)), place, warm_up
                point = next(points)
            before, began = until, began + phase.seconds

    def _points(self) -> Iterator[float]:
        """The arrivals of a rate of 1 per second, without end."""
        if self.spacing == "constant":
            return count(0.0)
        draw = random.Random(f"{self.seed}/arrivals").expovariate
        return accumulate(draw(1.0) for _ in repeat(None))


def steady(rate: float, seconds: float, *, warm_up: float = 0.0) -> tuple[Phase, ...]:
    """One rate for so many seconds, after a warm-up at the same rate when one is asked for."""
    first = (Phase(warm_up, rate, warm_up=True, name="warm-up"),) if warm_up else ()
    return (*first, Phase(seconds, rate, name="steady"))


def typed_stages(text: str) -> tuple[Phase, ...]:
    """Stages as they are typed: `30s:5,2m:5-20`, each with its time and its rate, or the rates of a ramp.

    Raises ValueError with the stage that does not read so.
    """
    phases = [_typed_stage(stage.strip(), f"stage {place}") for place, stage in enumerate(text.split(","))]
    if not any(phase.expected for phase in phases):
        raise ValueError(f"{text!r} has no stage with a rate above 0")
    return tuple(phases)


def _typed_stage(text: str, name: str) -> Phase:
    found = STAGE.fullmatch(text)
    seconds = float(found["time"]) * UNITS[found["unit"]] if found else 0.0
    if found is None or not seconds:
        raise ValueError(
            f"{text!r} should look like 30s:5 or 2m:5-20: a time above 0 (s, m or h) and sequences per second"
        )
    return Phase(seconds, float(found["rate"]), float(found["to"]) if found["to"] else None, name=name)


def weighted(entries: Iterable[str]) -> dict[str, float]:
    """`ID` or `ID=weight` entries as a mix; raises ValueError with the entry that is neither."""
    mix: dict[str, float] = {}
    for entry in entries:
        name, equals, text = entry.strip().partition("=")
        try:
            weight = float(text) if equals else 1.0
        except ValueError:
            weight = -1.0
        if not name or not 0 < weight < math.inf:
            raise ValueError(f"{entry!r} should look like ID or ID=weight, with a weight above 0")
        mix[name] = mix.get(name, 0.0) + weight
    return mix
