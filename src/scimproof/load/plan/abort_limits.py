"""Abort limits: when a load run ends before its time, since the target is past what is worth measuring."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.plan.thresholds import EVERY, Threshold, judge

LEAST = 10  # requests that were due: of fewer a share or a percentile says nothing
WINDOW, LONGEST = 5.0, 60.0  # seconds: over so many at the least; so far back for LEAST requests


@dataclass
class AbortLimits:
    """Abort limits, held to the last 5 seconds, or to as many more, up to 60, as have 10 requests.

    A limit of `*` is one for all requests together, those of the warm-up included.
    """

    limits: Sequence[Threshold]
    _reports: deque[tuple[float, dict[str, StepCounters]]] = field(default_factory=deque)

    def add(self, at: float, made: Metrics) -> None:
        """Take in what one process counted until `at` seconds after the start."""
        known = {**made.operations, **made.sequences}
        asked = {limit.of for limit in self.limits}
        kept = {of: known[of] for of in asked & set(known)}
        if EVERY in asked:
            kept[EVERY] = made.overall
            kept[EVERY].count_in(made.warming)
        self._reports.append((at, kept))
        while self._reports and self._reports[0][0] < at - LONGEST:
            self._reports.popleft()

    def broken(self) -> str:
        """The first limit that does not hold, in words; empty while all do."""
        for limit in self.limits:
            recent, seconds = self._recent(limit.of)
            if recent.due < LEAST or seconds < WINDOW:
                continue
            found = judge((limit,), Metrics(operations={limit.of: recent}), {})
            if found and found[0].verdict == "broken":
                of = "all requests" if limit.of == EVERY else limit.of
                seen = found[0].why or f"it was {found[0].value:.4g}"
                return f"{of}: {limit.sentence}, {seen} in the last {seconds:.0f} s"
        return ""

    def _recent(self, of: str) -> tuple[StepCounters, float]:
        """What was counted of an operation, sequence or everything lately, and in how many seconds."""
        recent, seconds = StepCounters(of), 0.0
        now = self._reports[-1][0] if self._reports else 0.0
        for at, kept in reversed(self._reports):
            if now - at >= WINDOW and recent.due >= LEAST:
                break
            if of in kept:
                recent.count_in(kept[of])
            seconds = now - at + 1
        return recent, seconds
