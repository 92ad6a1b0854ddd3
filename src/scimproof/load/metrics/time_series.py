"""Time series of the metrics, in at most 120 buckets however long a run is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.histogram import PERCENTILES

Series = dict[str, list[float | None]]
BUCKETS = 120
SHOWN = ("p50", "p95", "p99")


@dataclass
class TimeSeries:
    """Time series: each report of a worker goes to the bucket of its second; there are `seconds` in all."""

    seconds: float
    whole: Metrics = field(default_factory=Metrics)
    _buckets: dict[int, Metrics] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Seconds that one bucket stands for."""
        return max(1, math.ceil(self.seconds / BUCKETS))

    def add(self, at: float, made: Metrics) -> None:
        """Take in what one worker counted until `at` seconds after its start."""
        self.whole.count_in(made)
        place = min(int(at) // self.width, 2 * BUCKETS)
        self._buckets.setdefault(place, Metrics()).count_in(made)

    def rows(self) -> list[Metrics]:
        """What was counted in each bucket, one after another."""
        last = max(self._buckets, default=-1) + 1
        return [self._buckets.get(place, Metrics()) for place in range(last)]

    def series(self) -> dict[str, Any]:
        """Parallel lists, one number a bucket: what was due, sent, answered; latencies in ms of what."""
        rows = self.rows()
        return {
            "width": self.width,
            "at": [place * self.width for place in range(len(rows))],
            **{name: [_sum(row, name) for row in rows] for name in ("due", "sent", "answered")},
            "errors": [_errors(row) for row in rows],
            "lag_p99_ms": [_rounded(row.pace.lag.percentile(99)) for row in rows],
            "overall": _over_time([row.overall for row in rows]),
            "operations": _each(self.whole.operations, [row.operations for row in rows]),
            # Whole sequences, and spans such as time-to-provision.
            "sequences": _each(self.whole.sequences, [row.sequences for row in rows]),
        }


def _sum(figures: Metrics, name: str) -> int:
    return sum(int(getattr(operation, name)) for operation in figures.operations.values())


def _errors(figures: Metrics) -> int:
    return sum(sum(operation.errors.values()) for operation in figures.operations.values())


def _each(whole: Mapping[str, StepCounters], rows: Sequence[Mapping[str, StepCounters]]) -> dict[str, Series]:
    """The latencies of everything that was answered at all, by id."""
    known = [id for id, found in whole.items() if found.response.count]
    return {id: _over_time([row.get(id) for row in rows]) for id in known}


def _over_time(rows: Sequence[StepCounters | None]) -> Series:
    return {
        name: [_rounded(row.response.percentile(PERCENTILES[name])) if row else None for row in rows]
        for name in SHOWN
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
