"""Counters of a load run: per operation, per sequence, for the generator; those of workers add up."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from scimproof.load.metrics.histogram import Histogram
from scimproof.load.metrics.schedule_lag import ScheduleLag
from scimproof.load.metrics.size_histogram import SizeHistogram

Packed = dict[str, Any]
COUNTS = ("due", "sent", "answered", "unknown", "throttled", "skipped", "resent")


@dataclass(slots=True)
class StepCounters:
    """Counters of one step (`<sequence>/<step>`), or of a whole sequence.

    `due` became due, `sent` were begun, `answered` got a complete answer whatever its status (for a
    sequence: were played to its end). `errors` counts by kind: what `Glance.at` says, or `Answer.error`.
    `unknown` are writes whose outcome nobody can tell, `throttled` answers of 429 that were waited out,
    `skipped` steps that could not be sent because of an earlier answer, `resent` writes that were sent a
    second time while the first was under way (in none of the other counts), `full` were
    refused for want of room, by the words it was said in. `response` counts from when due,
    `service` from when sent; both hold answered ones only. `sizes` are the bytes of complete answers' bodies,
    decoded; a 204 has none.
    """

    id: str
    due: int = 0
    sent: int = 0
    answered: int = 0
    unknown: int = 0
    throttled: int = 0
    skipped: int = 0
    resent: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    full: Counter[str] = field(default_factory=Counter)
    response: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)
    sizes: SizeHistogram = field(default_factory=SizeHistogram)

    def take(self) -> Packed:
        """Pack what was counted since the last time, and begin anew."""
        packed: Packed = {name: getattr(self, name) for name in COUNTS if getattr(self, name)}
        for name in packed:
            setattr(self, name, 0)
        if self.errors:
            packed["errors"], self.errors = dict(self.errors), Counter()
        if self.full:
            packed["full"], self.full = dict(self.full), Counter()
        if self.response.count:
            packed["response"], self.response = self.response.pack(), Histogram()
        if self.service.count:
            packed["service"], self.service = self.service.pack(), Histogram()
        if self.sizes.count:
            packed["sizes"], self.sizes = self.sizes.pack(), SizeHistogram()
        return packed

    def count_in(self, other: StepCounters) -> None:
        """Add what the other counted; it stays as it is."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors.update(other.errors)
        self.full.update(other.full)
        self.response.merge(other.response)
        self.service.merge(other.service)
        self.sizes.merge(other.sizes)

    def count_shown_in(self, other: StepCounters) -> None:
        """Add what is shown of the other while a run goes on: counts, errors and response times.

        Every second all that the last ten counted is added up; the rest would be more than half of that.
        """
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors.update(other.errors)
        self.response.merge(other.response)

    def add(self, packed: Packed) -> None:
        """Add what another process packed."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + packed.get(name, 0))
        self.errors.update(packed.get("errors", {}))
        self.full.update(packed.get("full", {}))
        for name in ("response", "service"):
            if name in packed:
                getattr(self, name).merge(Histogram.unpack(packed[name]))
        if "sizes" in packed:
            self.sizes.merge(SizeHistogram.unpack(packed["sizes"]))


@dataclass(slots=True)
class SampledFinding:
    """Finding of the full checks on the sample: how often each verdict, and what was first seen amiss."""

    verdicts: Counter[str] = field(default_factory=Counter)
    expected: str = ""
    observed: str = ""


@dataclass
class Metrics:
    """Metrics of one process, or of several added up. Warm-up is in none of them but `warm_up` and `warming`.

    `warm_up` counts its sequences, `warming` its requests, all together: a target may be gone by then.

    `take()` gives what came since the last `take()` as plain msgpack-able data (for `report_to_master`, or
    once a second for a plot over time), `add()` takes it in; adding everything from everybody gives the
    figures of the one run. `seconds` and `cpu` are the generator's own, of all processes together.
    """

    operations: dict[str, StepCounters] = field(default_factory=dict)
    sequences: dict[str, StepCounters] = field(default_factory=dict)
    judged: dict[str, SampledFinding] = field(default_factory=dict)
    pace: ScheduleLag = field(default_factory=ScheduleLag)
    warm_up: int = 0
    warming: StepCounters = field(default_factory=lambda: StepCounters("*"))
    opened: int = 0
    stale: int = 0
    cpu: float = 0.0
    _cpu: float = field(default_factory=time.process_time)

    def operation(self, id: str) -> StepCounters:
        """The operation of that id, made when it is new."""
        return _of(self.operations, id)

    def sequence(self, id: str) -> StepCounters:
        """The sequence of that id, made when it is new."""
        return _of(self.sequences, id)

    @property
    def overall(self) -> StepCounters:
        """Every operation added up, as if they were one."""
        every = StepCounters("*")
        for operation in self.operations.values():
            every.count_in(operation)
        return every

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return sum(operation.sent for operation in self.operations.values())

    def take(self) -> Packed:
        """Everything since the last call, packed; empty parts are left out."""
        now = time.process_time()
        cpu, self._cpu = self.cpu + now - self._cpu, now
        packed: Packed = {
            "operations": _taken(self.operations),
            "sequences": _taken(self.sequences),
            "judged": {id: [dict(j.verdicts), j.expected, j.observed] for id, j in self.judged.items()},
            "pace": self.pace.take(),
            "counts": [self.warm_up, self.opened, self.stale],
            "cpu": cpu,
            "warming": self.warming.take(),
        }
        self.judged = {}
        self.warm_up = self.opened = self.stale = 0
        self.cpu = 0.0
        return packed

    def add(self, packed: Packed) -> None:
        """Add what `take()` gave, here or in another process."""
        for id, some in packed["operations"].items():
            self.operation(id).add(some)
        for id, some in packed["sequences"].items():
            self.sequence(id).add(some)
        for id, (verdicts, expected, observed) in packed["judged"].items():
            judged = self.judged.setdefault(id, SampledFinding(expected=expected, observed=observed))
            judged.verdicts.update(verdicts)
        self.pace.add(packed["pace"])
        self.warming.add(packed["warming"])
        warm_up, opened, stale = packed["counts"]
        self.warm_up, self.opened, self.stale = (
            self.warm_up + warm_up,
            self.opened + opened,
            self.stale + stale,
        )
        self.cpu += packed["cpu"]


def _of(known: dict[str, StepCounters], id: str) -> StepCounters:
    """The counters of that id; made when they are new, and not each time that they are asked for."""
    found = known.get(id)
    if found is None:
        found = known[id] = StepCounters(id)
    return found


def _taken(operations: dict[str, StepCounters]) -> dict[str, Packed]:
    taken = {id: operation.take() for id, operation in operations.items()}
    return {id: packed for id, packed in taken.items() if packed}
