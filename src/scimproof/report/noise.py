"""Statistical noise of load figures: intervals of percentiles, and whether two shares differ by chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

LEAST = 1.10  # smaller ratios are ignored, however certain they are
SURE = (
    2.576  # standard deviations on both sides that 99 % of chance stays within: a run has a hundred figures
)
BUCKET = 0.005  # the histogram's own error
NOISE = (
    "Noise: each percentile's 99 % interval from the number of answers (a percentile is a rank, and chance "
    "moves ranks as the binomial distribution says), read off the run's own curve and widened by the 0.5 % "
    "of its histogram. Slower or faster is only said where the two intervals do not touch and the ratio is "
    f"at least {LEAST:.2f}. Shares of errors differ where a two-sided test of proportions is 99 % sure. What "
    "else makes one run differ from the next (another machine, a neighbour, a cold cache) is not in it: "
    "repeat both runs before you blame a change of a few per cent."
)


def interval(row: Mapping[str, Any], percent: float) -> tuple[float, float] | None:
    """The 99 % confidence interval of a percentile of an operation, in milliseconds; None for too few.

    `row` is an operation of load.json: its `count` of answers and its `curve` of [percent, milliseconds].
    """
    count, curve = row["count"], row["curve"]
    if not count or len(curve) < 2:
        return None
    share = percent / 100
    off = SURE * math.sqrt(share * (1 - share) / count) + 0.5 / count
    if share - off < 0 or share + off > 1:
        return None  # chance may put the percentile beyond all that was seen
    top = row["response_ms"].get("max")
    points = [(p, ms) for p, ms in curve] + ([(100.0, top)] if top is not None and curve[-1][0] < 100 else [])
    low, high = (_at(points, 100 * max(0.0, min(1.0, share + sign * off))) for sign in (-1, 1))
    return low * (1 - BUCKET), high * (1 + BUCKET)


def _at(points: list[tuple[float, float]], percent: float) -> float:
    """The milliseconds at a percentile, interpolated linearly between the points of the curve."""
    before = points[0]
    for point in points:
        if point[0] >= percent:
            span = point[0] - before[0]
            return before[1] + (point[1] - before[1]) * ((percent - before[0]) / span if span else 0.0)
        before = point
    return before[1]


def apart(few: int, of: int, many: int, more: int) -> bool:
    """Whether two shares, `few` of `of` and `many` of `more`, differ by more than chance at 99 % explains."""
    if not of or not more:
        return False
    pooled = min(1.0, (few + many) / (of + more))
    spread = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / more))
    return bool(spread) and abs(few / of - many / more) > SURE * spread
