"""Counters of the requests outside the schedule, by purpose: how many, and how many were throttled."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Self

Row = dict[str, Any]


@dataclass(slots=True)
class PurposeCounters:
    """Counters of one purpose: `requests` sent, of which `unanswered` got no complete answer.

    `throttled` are answers of 429 (or 503 with Retry-After) that were waited out, for `waited` seconds in
    all. `made` resources were created in `seconds`, which cost the generator `cpu` seconds of a core.
    """

    requests: int = 0
    throttled: int = 0
    unanswered: int = 0
    waited: float = 0.0
    made: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the time until it is left, and the CPU of this process."""
        began, spent = time.monotonic(), time.process_time()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - began
            self.cpu += time.process_time() - spent


@dataclass
class UnscheduledCounters:
    """Counters of all purposes of a run; those of several processes add up."""

    purposes: dict[str, PurposeCounters] = field(default_factory=dict)

    def of(self, purpose: str) -> PurposeCounters:
        """The counters of that purpose, made when it is new."""
        return self.purposes.setdefault(purpose, PurposeCounters())

    def rows(self) -> list[Row]:
        """As load.json has them, one row a purpose, in the order in which they began."""
        return [
            {"purpose": purpose, **{name: _short(value) for name, value in asdict(counted).items()}}
            for purpose, counted in self.purposes.items()
        ]

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add what another process counted; of the seconds the longest, since all work at the same time."""
        for row in rows:
            mine = self.of(str(row["purpose"]))
            for name in ("requests", "throttled", "unanswered", "waited", "made", "cpu"):
                setattr(mine, name, getattr(mine, name) + row[name])
            mine.seconds = max(mine.seconds, row["seconds"])

    @classmethod
    def together(cls, *several: Iterable[Mapping[str, Any]]) -> Self:
        """What several processes counted, as one."""
        whole = cls()
        for rows in several:
            whole.add(rows)
        return whole


def _short(value: float) -> float:
    return round(value, 3)
