"""Growth of time and size with an amount: what answers cost the more users or members there are."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

QUARTERS = 4
LEAST = 6  # samples of each quarter: fewer say more about the moment than about the amount
SURE = 0.9  # share of pairs of a small and a large amount of which the large one costs more
TIMES = 1.5  # what answers take longer, at least, to be worth a word; and seconds
SECONDS = 0.001
Samples = Iterable[tuple[float, float]]


@dataclass(frozen=True)
class Growth:
    """Growth: what the smallest and the largest amounts cost (seconds or bytes), and one thousand more.

    Of each quarter of the samples, by amount, one cost counts: of times that of the quickest quarter, since a
    busy machine makes answers slower, never faster; of sizes the median. `above` is the share of pairs from
    the first and the last quarter in which the last costs more; `steadily` says that no quarter costs less
    than the one before it.
    """

    small: float
    large: float
    smallest: float
    largest: float
    above: float = 1.0
    steadily: bool = True

    @property
    def per_thousand(self) -> float:
        """What a thousand more cost, as far as the samples reach."""
        return (self.largest - self.smallest) / (self.large - self.small) * 1000

    @property
    def times(self) -> float:
        """How many times as much the largest cost."""
        if self.smallest:
            return self.largest / self.smallest
        return math.inf if self.largest else 1.0

    @property
    def certain(self) -> bool:
        """Whether it is more than chance, as far as one run can tell."""
        return self.steadily and self.above >= SURE and self.largest > self.smallest


def growth(samples: Samples, least: int = LEAST, share_below: float = 0.25) -> Growth | None:
    """What pairs of amount and cost show; None for too few samples, or when all are of about one amount.

    `share_below` is the share of costs of a quarter of the samples that are below the one that counts.
    """
    ordered = sorted(samples)
    share = len(ordered) // QUARTERS
    if share < least:
        return None
    edges = [len(ordered) * place // QUARTERS for place in range(QUARTERS + 1)]
    quarters = [ordered[start:end] for start, end in itertools.pairwise(edges)]
    first, last = ordered[:share], ordered[-share:]
    small, large = _middle(amount for amount, _ in first), _middle(amount for amount, _ in last)
    if large <= small:
        return None
    costs = [_cost(quarter, share_below) for quarter in (first, *quarters, last)]
    steadily = costs[1:-1] == sorted(costs[1:-1])
    return Growth(small, large, costs[0], costs[-1], _above(first, last), steadily)


def growth_row(
    id: str, of: str, times: Samples, sizes: Samples, *, each: float, least: int = LEAST
) -> dict[str, Any] | None:
    """What grew with the amount, as load.json has it; None where nothing did.

    `times` are pairs of amount and seconds, `sizes` of amount and bytes. Sizes count from `each` bytes for
    one more on; they are no matter of chance, so that few samples are enough.
    """
    slower, larger = growth(times, least), growth(sizes, min(least, 2), 0.5)
    if slower and not (
        slower.certain and slower.times >= TIMES and slower.largest - slower.smallest >= SECONDS
    ):
        slower = None
    if larger and not (larger.certain and larger.per_thousand >= each * 1000):
        larger = None
    found = slower or larger
    if found is None:
        return None
    row: dict[str, Any] = {"id": id, "of": of, "from": round(found.small), "to": round(found.large)}
    if slower:
        row["ms"] = [round(slower.smallest * 1000, 3), round(slower.largest * 1000, 3)]
        row["ms_per_thousand"] = round(slower.per_thousand * 1000, 3)
    if larger:
        row["bytes"] = [round(larger.smallest), round(larger.largest)]
        row["bytes_per_thousand"] = round(larger.per_thousand)
    return row


def _middle(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def _cost(samples: Sequence[tuple[float, float]], share_below: float) -> float:
    costs = sorted(cost for _, cost in samples)
    return costs[int(len(costs) * share_below)]


def _above(first: Sequence[tuple[float, float]], last: Sequence[tuple[float, float]]) -> float:
    small = sorted(cost for _, cost in first)
    higher = sum(bisect_left(small, cost) for _, cost in last)
    return higher / (len(first) * len(last))
