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

    def drain(self) -> StepCounters:
        """What was counted since the last time; this one begins anew."""
        drained = StepCounters(self.id, *(getattr(self, name) for name in COUNTS))
        for name in COUNTS:
            setattr(self, name, 0)
        if self.errors:
            drained.errors, self.errors = self.errors, Counter()
        if self.full:
            drained.full, self.full = self.full, Counter()
        if self.response.count:
            drained.response, self.response = self.response, Histogram()
        if self.service.count:
            drained.service, self.service = self.service, Histogram()
        if self.sizes.count:
            drained.sizes, self.sizes = self.sizes, SizeHistogram()
        return drained

    @property
    def any(self) -> bool:
        """Whether anything was counted."""
        counted = self.due or self.sent or self.answered or self.unknown or self.throttled or self.skipped
        return bool(counted or self.errors or self.full or self.response.count or self.sizes.count)

    def pack(self) -> Packed:
        """What was counted as plain data, without what was not."""
        packed: Packed = {name: getattr(self, name) for name in COUNTS if getattr(self, name)}
        if self.errors:
            packed["errors"] = dict(self.errors)
        if self.full:
            packed["full"] = dict(self.full)
        for name in ("response", "service", "sizes"):
            if getattr(self, name).count:
                packed[name] = getattr(self, name).pack()
        return packed

    def count_in(self, other: StepCounters) -> None:
        """Add what the other counted; it stays as it is."""
        self.due += other.due  # one by one: of sixty operations this is done several times a second
        self.sent += other.sent
        self.answered += other.answered
        self.unknown += other.unknown
        self.throttled += other.throttled
        self.skipped += other.skipped
        if other.errors:
            self.errors.update(other.errors)
        if other.full:
            self.full.update(other.full)
        self.response.merge(other.response)
        self.service.merge(other.service)
        self.sizes.merge(other.sizes)

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

    `drain()` gives what came since the last `drain()`, once a second for a plot over time, and `count_in()`
    takes it in; `pack()` makes plain msgpack-able data of it, for another process, whose `add()` takes that
    in. Adding everything from everybody gives the figures of the one run. `cpu` are the generator's own
    seconds, of all processes together.
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
        return self.operations.setdefault(id, StepCounters(id))

    def sequence(self, id: str) -> StepCounters:
        """The sequence of that id, made when it is new."""
        return self.sequences.setdefault(id, StepCounters(id))

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

    def drain(self) -> Metrics:
        """Everything since the last call; this one begins anew."""
        now = time.process_time()
        drained = Metrics(
            _drained(self.operations),
            _drained(self.sequences),
            self.judged,
            self.pace.drain(),
            self.warm_up,
            self.warming.drain(),
            self.opened,
            self.stale,
            self.cpu + now - self._cpu,
        )
        self.judged, self._cpu = {}, now
        self.warm_up = self.opened = self.stale = 0
        self.cpu = 0.0
        return drained

    def pack(self) -> Packed:
        """Everything as plain data; empty parts are left out."""
        return {
            "operations": {id: operation.pack() for id, operation in self.operations.items()},
            "sequences": {id: sequence.pack() for id, sequence in self.sequences.items()},
            "judged": {id: [dict(j.verdicts), j.expected, j.observed] for id, j in self.judged.items()},
            "pace": self.pace.pack(),
            "counts": [self.warm_up, self.opened, self.stale],
            "cpu": self.cpu,
            "warming": self.warming.pack(),
        }

    @classmethod
    def unpack(cls, packed: Packed) -> Metrics:
        """What `pack()` gave, here or in another process."""
        made = cls()
        made.add(packed)
        return made

    def count_in(self, other: Metrics) -> None:
        """Add what the other counted; it stays as it is."""
        for id, operation in other.operations.items():
            self.operation(id).count_in(operation)
        for id, sequence in other.sequences.items():
            self.sequence(id).count_in(sequence)
        for id, found in other.judged.items():
            judged = self.judged.setdefault(
                id, SampledFinding(expected=found.expected, observed=found.observed)
            )
            judged.verdicts.update(found.verdicts)
        self.pace.count_in(other.pace)
        self.warming.count_in(other.warming)
        self.warm_up += other.warm_up
        self.opened += other.opened
        self.stale += other.stale
        self.cpu += other.cpu

    def add(self, packed: Packed) -> None:
        """Add what `pack()` gave, here or in another process."""
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


def _drained(operations: dict[str, StepCounters]) -> dict[str, StepCounters]:
    return {id: operation.drain() for id, operation in operations.items() if operation.any}
