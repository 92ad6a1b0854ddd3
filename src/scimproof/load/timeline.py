"""The figures over time, in at most 120 buckets however long a run is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from scimproof.load.figures import Figures, Packed

BUCKETS = 120


@dataclass
class Timeline:
    """Adds what workers report once a second to the bucket of that second; `seconds` is the run's length."""

    seconds: float
    whole: Figures = field(default_factory=Figures)
    _buckets: dict[int, Figures] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Seconds that one bucket stands for."""
        return max(1, math.ceil(self.seconds / BUCKETS))

    def add(self, at: float, packed: Packed) -> None:
        """Take in what one worker counted until `at` seconds after its start."""
        self.whole.add(packed)
        place = min(int(at) // self.width, 2 * BUCKETS)
        self._buckets.setdefault(place, Figures()).add(packed)

    def series(self) -> dict[str, Any]:
        """Parallel lists, one number a bucket: what was due, sent, answered; latencies in ms by operation."""
        last = max(self._buckets, default=-1) + 1
        rows = [self._buckets.get(place, Figures()) for place in range(last)]
        return {
            "width": self.width,
            "at": [place * self.width for place in range(last)],
            **{name: [_sum(row, name) for row in rows] for name in ("due", "sent", "answered")},
            "errors": [_errors(row) for row in rows],
            "lag_p99_ms": [_rounded(row.pace.lag.percentile(99)) for row in rows],
            "operations": {
                id: {
                    name: [_at(row, id, percent) for row in rows]
                    for name, percent in (("p50", 50.0), ("p95", 95.0))
                }
                for id, found in self.whole.operations.items()
                if found.response.count
            },
        }


def _sum(figures: Figures, name: str) -> int:
    return sum(int(getattr(operation, name)) for operation in figures.operations.values())


def _errors(figures: Figures) -> int:
    return sum(sum(operation.errors.values()) for operation in figures.operations.values())


def _at(figures: Figures, id: str, percent: float) -> float | None:
    operation = figures.operations.get(id)
    return _rounded(operation.response.percentile(percent)) if operation else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
