"""Thresholds of a plan, and their evaluation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.histogram import ENOUGH_FOR_P999, PERCENTILES
from scimproof.load.metrics.size_histogram import PERCENTILES as SIZE_PERCENTILES

Verdict = Literal["held", "broken", "undecided"]
MILLISECONDS = tuple(f"{name}_ms" for name in (*PERCENTILES, "max"))
SHARES = ("errors", "achieved")
DRIFT = "drift"
BYTES = tuple(f"{name}_bytes" for name in (*SIZE_PERCENTILES, "max"))
MEASURES = (*MILLISECONDS, *SHARES, DRIFT, *BYTES)
AT_ONCE = (*MILLISECONDS, *SHARES, *BYTES)  # those that can be told while a run goes on
PROVISION, DEPROVISION = "time-to-provision", "time-to-deprovision"
SPANS = (PROVISION, DEPROVISION)
EVERY = "*"  # everything
NEVER = {PROVISION: "never found", DEPROVISION: "never shown inactive"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """Threshold for one measure of one operation, sequence or span (`time-to-provision`).

    `p50_ms` ... `max_ms` are milliseconds from when it was due, at most `limit`; `errors` is the share of
    what was due that went wrong, at most `limit`; `achieved` the share of what was due that was answered,
    at least `limit`; `drift` is by how much the median grew from the first fifth of the time to the last
    (0.5: half as long again). `p50_bytes` to `max_bytes` are bytes of an answer's body, at most `limit`.
    `where` is the file and line that says so. What is limited `if_any` was limited with everything else, and
    is not asked when it never came up. In the percentiles of a span whoever was never shown as asked took
    infinitely long.
    """

    of: str
    measure: str
    limit: float
    where: str = ""
    if_any: bool = False

    @property
    def id(self) -> str:
        """What the threshold is called in reports."""
        return f"{self.of}#{self.measure}"

    @property
    def sentence(self) -> str:
        """The limit in words."""
        if self.measure in MILLISECONDS:
            return f"{self.measure.removesuffix('_ms')} at most {self.limit:g} ms"
        if self.measure == DRIFT:
            return f"slower at the end than at the start by at most {self.limit:.4g}"
        if self.measure in BYTES:
            return f"{self.measure.removesuffix('_bytes')} at most {self.limit:,.0f} bytes"
        bound = "at least" if self.measure == "achieved" else "at most"
        return f"{self.measure} {bound} {self.limit:.4g} of what was due"


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """Result of one threshold, with the value of the run; `why` says why it is undecided."""

    threshold: Threshold
    value: float | None
    verdict: Verdict
    why: str = ""

    def row(self) -> dict[str, Any]:
        """The threshold as load.json has it."""
        asked = self.threshold
        return {
            "id": asked.id,
            "of": asked.of,
            "measure": asked.measure,
            "limit": asked.limit,
            "value": None if self.value is None else round(self.value, 6),
            "verdict": self.verdict,
            "expected": asked.sentence,
            "why": self.why,
            "where": asked.where,
        }


def judge(
    thresholds: tuple[Threshold, ...], figures: Metrics, drifts: Mapping[str, float | None]
) -> list[ThresholdResult]:
    """Hold the figures to every threshold; ask only when the last worker has reported."""
    found = {**figures.operations, **figures.sequences}
    asked = [one for one in thresholds if not one.if_any or _came_up(one, found)]
    return [_drift(one, drifts) if one.measure == DRIFT else _judge(one, found) for one in asked]


def _drift(threshold: Threshold, drifts: Mapping[str, float | None]) -> ThresholdResult:
    value = drifts.get(threshold.of)
    if value is None:  # too short to have a first and a last fifth: nothing that could drift
        return ThresholdResult(
            threshold, None, "held" if threshold.if_any else "undecided", "too short to tell"
        )
    return ThresholdResult(threshold, value, "held" if value <= threshold.limit else "broken")


def _came_up(threshold: Threshold, found: Mapping[str, StepCounters]) -> bool:
    return threshold.of in found and found[threshold.of].due > 0


def _judge(threshold: Threshold, found: Mapping[str, StepCounters]) -> ThresholdResult:
    operation = found.get(threshold.of)
    if operation is None or not operation.due:
        return ThresholdResult(threshold, None, "undecided", "it never became due in the measured time")
    if threshold.measure in MILLISECONDS and threshold.of in SPANS:
        return _span(threshold, operation)
    if threshold.measure in MILLISECONDS:
        return _time(threshold, operation)
    if threshold.measure in BYTES:
        return _size(threshold, operation)
    wrong = sum(operation.errors.values()) + operation.skipped
    value = (wrong if threshold.measure == "errors" else operation.answered) / operation.due
    keeps = value <= threshold.limit if threshold.measure == "errors" else value >= threshold.limit
    return ThresholdResult(threshold, value, "held" if keeps else "broken")


def _time(threshold: Threshold, operation: StepCounters) -> ThresholdResult:
    name = threshold.measure.removesuffix("_ms")
    value = operation.response.max if name == "max" else operation.response.percentile(PERCENTILES[name])
    if value is not None:
        return ThresholdResult(threshold, value, "held" if value <= threshold.limit else "broken")
    if not operation.answered:
        return ThresholdResult(threshold, None, "broken", f"none of {operation.due:,} was answered")
    count = operation.response.count
    return ThresholdResult(
        threshold, None, "undecided", f"{name} needs {ENOUGH_FOR_P999:,} answers, {count:,} came"
    )


def _size(threshold: Threshold, operation: StepCounters) -> ThresholdResult:
    value = operation.sizes.figures()[threshold.measure.removesuffix("_bytes")]
    if value is None:
        why = f"none of {operation.due:,} was answered"
        return ThresholdResult(threshold, None, "undecided", why)
    return ThresholdResult(threshold, value, "held" if value <= threshold.limit else "broken")


def _span(threshold: Threshold, span: StepCounters) -> ThresholdResult:
    """As `_time`, where whoever was never shown as asked took infinitely long.

    Those under way when the run ended may have taken any time: the limit is undecided where they decide.
    """
    name = threshold.measure.removesuffix("_ms")
    shown, never = span.response.count, sum(span.errors.values()) + span.skipped
    due = max(span.due, shown + never)
    open_ = due - shown - never
    rank = due if name == "max" else max(math.ceil(round(PERCENTILES[name] / 100 * due, 6)), 1)
    least, most = _ranked(span, rank - open_), _ranked(span, rank)
    if name == "max" and not open_ and not never:
        most = least = span.response.highest * 1000
    if least == math.inf:
        return ThresholdResult(threshold, None, "broken", f"{never:,} of {due:,} were {NEVER[threshold.of]}")
    if name == "p999" and due < ENOUGH_FOR_P999:
        return ThresholdResult(
            threshold, None, "undecided", f"{name} needs {ENOUGH_FOR_P999:,}, {due:,} came"
        )
    if least <= threshold.limit < most:
        return ThresholdResult(
            threshold, None, "undecided", f"{open_:,} of {due:,} were under way at the end"
        )
    return ThresholdResult(
        threshold, most if most < math.inf else least, "held" if most <= threshold.limit else "broken"
    )


def _ranked(span: StepCounters, rank: int) -> float:
    """Milliseconds of the one in that place, the quickest first; infinite beyond those that were shown."""
    count = span.response.count
    if rank > count:
        return math.inf
    return (span.response.percentile(rank / count * 100, enough=0) or 0.0) if rank > 0 else 0.0
