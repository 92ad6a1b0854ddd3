"""Growth of latency with size: whether answers take longer the larger the store or a group is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BUCKETS = 4
LEAST = 8  # samples of each size: fewer say more about the moment than about the size


@dataclass(frozen=True)
class Growth:
    """Growth: seconds at the smallest and the largest sizes seen, and how much one thousand more cost.

    The quarter of the samples that went fastest counts: a busy machine makes answers slower, never faster.
    """

    small: float
    large: float
    smallest: float
    largest: float

    @property
    def per_thousand(self) -> float:
        """Seconds that a thousand more take, as far as the samples reach."""
        return (self.largest - self.smallest) / (self.large - self.small) * 1000

    @property
    def times(self) -> float:
        """How many times longer the largest take."""
        return self.largest / self.smallest if self.smallest else float("inf")


def growth(samples: Iterable[tuple[float, float]]) -> Growth | None:
    """What pairs of size and seconds show; None for too few samples, or when all are of about one size."""
    ordered = sorted(samples)
    share = len(ordered) // BUCKETS
    if share < LEAST:
        return None
    first, last = ordered[:share], ordered[-share:]
    small, large = _middle(size for size, _ in first), _middle(size for size, _ in last)
    if large <= small:
        return None
    return Growth(small, large, _fast(first), _fast(last))


def _middle(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def _fast(samples: list[tuple[float, float]]) -> float:
    seconds = sorted(seconds for _, seconds in samples)
    return seconds[len(seconds) // BUCKETS]
