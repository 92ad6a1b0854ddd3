"""Knee of the curve of response times over rates: from which rate on they are no longer flat."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

LEAST = 4  # rates, of fewer no curve is seen
TIMES = 2.0  # so many times what is usual at low rates is no longer flat


@dataclass(frozen=True)
class Knee:
    """Knee: from this rate on the 95th percentile is more than twice `flat_ms`, which it is at low rates."""

    rate: float
    p95_ms: float
    flat_ms: float


def knee(points: Iterable[tuple[float, float | None]]) -> Knee | None:
    """The knee of points of rate and p95 in milliseconds; None where there is none, or fewer than four rates.

    Flat is the median of the rates up to half of the highest. The knee is the lowest rate from which on
    every p95 is more than twice that. A rate that was played several times counts with its median.
    """
    found: dict[float, list[float]] = {}
    for rate, p95 in points:
        if p95 is not None:
            found.setdefault(rate, []).append(p95)
    curve = sorted((rate, statistics.median_low(some)) for rate, some in found.items())
    if len(curve) < LEAST:
        return None
    flat = statistics.median_low([p95 for rate, p95 in curve if rate <= curve[-1][0] / 2] or [curve[0][1]])
    bent: Knee | None = None
    for rate, p95 in reversed(curve):
        if p95 <= flat * TIMES:
            break
        bent = Knee(rate, p95, flat)
    return bent
