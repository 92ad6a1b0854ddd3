"""Settings of a capacity search: where it starts, how far it goes, how long each step is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

STEP_SECONDS = 20.0
TIMES = 64.0  # the highest rate, in multiples of the first, where nobody says another
DOWN = 16.0  # so many times lower than the first is the lowest rate that is tried
LONGEST_WARM_UP = 5.0  # seconds
AT_MOST = 8.0  # steps of the highest rate: the doublings before it are one more, narrowing down the others


@dataclass(frozen=True)
class SearchSettings:
    """Settings of a search between two rates, in sequences per second; `step_seconds` of a step are measured.

    A search begins with `start`, never goes above `most`, and where `start` does not hold, not below a
    sixteenth of it.
    """

    start: float
    most: float
    step_seconds: float = STEP_SECONDS

    @property
    def least(self) -> float:
        """The lowest rate that is tried."""
        return self.start / DOWN

    @property
    def warm_up(self) -> float:
        """The seconds of each step, before those that are measured, in which the target gets used to it."""
        return min(max(self.step_seconds / 5, 1.0), LONGEST_WARM_UP)

    @property
    def arrivals(self) -> float:
        """About how many sequences a search begins at the most."""
        return AT_MOST * self.most * (self.warm_up + self.step_seconds)

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be sent to another process."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The settings that `as_json` gave."""
        return cls(**data)
