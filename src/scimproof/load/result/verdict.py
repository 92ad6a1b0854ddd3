"""Verdict on a load run: pass, fail, or invalid when its figures are not the target's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scimproof.catalog.products import Obstacle
from scimproof.load.metrics.histogram import Histogram
from scimproof.load.plan.thresholds import ThresholdResult

Result = Literal["pass", "fail", "invalid"]
BUSY = 0.9  # of one core: above, answers wait in this process and their latency is its own
KEPT = 0.99  # of the arrivals, at the least


@dataclass(frozen=True, kw_only=True)
class Generator:
    """Health of the generator: CPU, schedule lag, lost workers.

    `busiest` is the share of one core that the busiest process used; `lag_ms` is the highest percentile
    of the lag that enough arrivals decide. `whole` says that the run was to send all the arrivals expected of
    it, `aborted` which limit of the plan ended it. `full` counts requests that were refused because the
    target could not do it, for want of room or of something else, by the words it was said in; `means` says
    by them why.
    """

    processes: int
    cpu_seconds: float
    requests: int
    busiest: float
    lag_ms: float | None
    lag_limit_ms: float
    started: int
    expected: float
    opened: int
    stale: int
    whole: bool
    stop: str = ""
    aborted: str = ""
    interrupted: bool = False
    trouble: str = ""
    lost: tuple[str, ...] = ()
    full: Mapping[str, int] = field(default_factory=dict)
    means: Mapping[str, Obstacle] = field(default_factory=dict)

    def bottleneck(self) -> str:
        """Why the figures are the generator's own and not the target's; empty when they are the target's."""
        if self.busiest > BUSY:
            return (
                f"the generator used {self.busiest:.0%} of a core; what it measured is its own queue "
                "(--processes, or a lower rate)"
            )
        if self.lag_ms is not None and self.lag_ms > self.lag_limit_ms:
            return (
                f"the generator was late: arrivals began up to {self.lag_ms:.0f} ms after they were due "
                f"({self.lag_limit_ms:g} ms are allowed)"
            )
        if self.whole and self.started < self.expected * KEPT - 3 * self.expected**0.5:
            return f"the generator began {self.started:,} of about {self.expected:,.0f} arrivals"
        return ""

    def row(self) -> dict[str, Any]:
        """The generator as load.json has it."""
        each = self.cpu_seconds / self.requests * 1e6 if self.requests else None
        return {
            "processes": self.processes,
            "cpu_seconds": round(self.cpu_seconds, 3),
            "cpu_us_per_request": None if each is None else round(each, 1),
            "busiest_core_share": round(self.busiest, 4),
            "requests": self.requests,
            "connections": {"opened": self.opened, "stale": self.stale},
            "lag_limit_ms": self.lag_limit_ms,
        }


def decisive_lag(lag: Histogram) -> float | None:
    """The lag that decides, in ms: the highest percentile of which ten arrivals or more tell."""
    percent = next((p for p, enough in ((99.0, 1000), (95.0, 200), (90.0, 100)) if lag.count >= enough), 50.0)
    return lag.percentile(percent)


def verdict(
    judged: list[ThresholdResult], generator: Generator, audit: Mapping[str, Any], *, audited: bool
) -> tuple[Result, str]:
    """The result and the one sentence that says why.

    `audited` says that an audit was asked for. What it proves stands however slow the generator was; a
    latency does not.
    """
    violations = {sort: count for sort, count in audit["counts"].items() if count}
    if violations:
        told = ", ".join(f"{count:,} {sort}" for sort, count in violations.items())
        return "fail", f"the audit found what the target broke: {told}"
    for cause in (_unusable(generator), generator.bottleneck()):
        if cause:
            return "invalid", cause
    if generator.aborted:
        return "fail", generator.aborted
    broken = [one for one in judged if one.verdict == "broken"]
    if broken:
        return "fail", _first(broken, "broken")
    untold = _untold(judged, generator, audit if audited else {"done": True})
    if untold:
        return "invalid", untold
    limits = f"all {len(judged)} limits held" if judged else "no limit was set"
    return "pass", f"{limits}; {generator.requests:,} requests"


def _unusable(generator: Generator) -> str:
    if generator.trouble:
        return generator.trouble
    if generator.interrupted or generator.stop:
        return f"the run ended early: {generator.stop or 'interrupted'}"
    if generator.lost:
        return f"a worker died during the run: {', '.join(generator.lost)}"
    some = generator.requests or generator.aborted
    return "" if some else "nothing was sent in the measured time"


def _untold(judged: list[ThresholdResult], generator: Generator, audit: Mapping[str, Any]) -> str:
    """What keeps a run in which nothing is broken from being a pass."""
    if generator.full:
        return _prevented(generator)
    if not audit["done"]:
        return f"the audit was not made: {audit['why']}"
    if audit.get("gave_up"):
        checked = audit["checked"]
        of = checked["users"] + checked["groups"]
        return f"the audit cannot tell of {checked['unjudged']:,} of {of:,} resources: {audit['gave_up']}"
    undecided = [one for one in judged if one.verdict == "undecided"]
    return _first(undecided, "that cannot be told") if undecided else ""


def _prevented(generator: Generator) -> str:
    words = " or ".join(f'"{words.rstrip(".")}"' for words in generator.full)
    refused = sum(generator.full.values())
    usual = max(generator.full, key=lambda words: generator.full[words])
    why = generator.means.get(usual, Obstacle(0, usual))
    return (
        f"{why.means}: it refused {refused:,} of {generator.requests:,} requests, saying {words}. "
        f"How quick it is with everybody cannot be told: {why.todo}, or a lower --rate or --duration"
    )


def _first(some: list[ThresholdResult], what: str) -> str:
    one = some[0]
    seen = one.why or f"it was {one.value:.4g}"
    more = f" ({len(some) - 1} more limits {what})" if len(some) > 1 else ""
    return f"{one.threshold.of}: {one.threshold.sentence}, {seen}{more}"
