"""Record of a Locust test: what all processes counted, live and as the document of `scimproof load`."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scimproof.catalog.loader import load_catalog
from scimproof.load.audit.document import merged
from scimproof.load.generator.live_figures import LiveFigures
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.metrics.unscheduled_counters import UnscheduledCounters
from scimproof.load.plan.abort_limits import AbortLimits
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.thresholds import judge
from scimproof.load.result.document import NO_AUDIT, LoadRecord, build_load_report
from scimproof.target.options import TargetOptions
from scimproof.target.target import Target

LOST = "a process died, and with it what it knew"


@dataclass
class LocustRecord:
    """Record of one test, kept by the process that leads it; `players` are the processes that play.

    `document` is there once the test has ended, unless it was `refused`, which then says why. `stop` says why
    it ended early, where a process that died could not; `told` that the result was.
    """

    plan: Plan
    profile: str
    target: Target
    players: tuple[str, ...]
    stop: str = ""
    aborted: str = ""
    refused: str = ""
    phase: str = ""
    document: dict[str, Any] | None = None
    told: bool = False
    _started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _timeline: TimeSeries = field(init=False)
    _limits: AbortLimits = field(init=False)
    _live: LiveFigures = field(init=False)
    _at: float = 0.0
    _in_flight: dict[str, int] = field(default_factory=dict)
    _parts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._timeline = TimeSeries(self.plan.seconds + self.plan.drain)
        self._limits = AbortLimits(self.plan.abort_if)
        self._live = LiveFigures(self.plan, self._timeline)

    def figures(self, data: dict[str, Any]) -> None:
        """Take in what a process counted since its last report."""
        if data["who"] in self.players:
            at, made = max(data["at"], 0.0), Metrics.unpack(data["packed"])
            for each in (self._timeline, self._limits, self._live):
                each.add(at, made)
            self._at = max(self._at, at)
            self._in_flight[data["who"]] = data["in_flight"]

    def done(self, data: dict[str, Any]) -> None:
        """A process has said its last word."""
        if data["who"] in self.players:
            self._parts[data["who"]] = json.loads(data["told"])

    def over(self, lost: Collection[str]) -> bool:
        """Whether every process that is not lost has said its last word."""
        return all(who in self._parts or who in lost for who in self.players)

    def broken(self) -> str:
        """Which limit ends the test, in words; empty while none does."""
        return "" if self.aborted else self._limits.broken()

    def row(self) -> dict[str, Any] | None:
        """The figures as they stand (generator.live_figures); None before the first report."""
        if not self._in_flight:
            return None
        return self._live.row(self._at, sum(self._in_flight.values()), len(self._in_flight))

    def limits(self) -> list[dict[str, Any]]:
        """The thresholds as they stand, as load.json has them."""
        return [one.row() for one in judge(self.plan.thresholds, self._timeline.whole, {})]

    def close(self) -> None:
        """Make the document, once all have said their last word that will."""
        if self.refused or self.document is not None:
            return
        parts = sorted(self._parts.values(), key=lambda part: int(part.get("number", 0)))
        lost = tuple(who for who in self.players if who not in self._parts)
        stop = next((part["stop"] for part in parts if part["stop"]), self.stop if lost else "")
        catalog = load_catalog()
        provider = catalog.sender_of_mix(self.profile, self.plan.mix)
        document = build_load_report(
            LoadRecord(
                job=Job(
                    plan=self.plan,
                    access=TargetOptions(url=self.target.url),
                    prefix=next((part["prefix"] for part in parts if "prefix" in part), ""),
                    profile=self.profile,
                    workers=len(self.players),
                ),
                catalog=catalog.as_sent_by(provider).pushing(provider, self.plan.group_batch),
                target=self.target,
                timeline=self._timeline,
                started=self._started,
                seconds=max((part.get("seconds", 0.0) for part in parts), default=self._at),
                shares=tuple(part["share"] for part in parts if "share" in part),
                stop=stop,
                aborted=self.aborted,
                interrupted=bool(stop),
                trouble=next((part["trouble"] for part in parts if part.get("trouble")), ""),
                lost=lost,
                unfinished=sum(part.get("unfinished", 0) for part in parts),
                memory_mb=max((part.get("memory_mb", 0.0) for part in parts), default=0.0),
                group_sizes=next((part["group_sizes"] for part in parts if part.get("group_sizes")), {}),
                unscheduled=UnscheduledCounters.together(*(p["unscheduled"] for p in parts)).rows(),
                audit=self._audit([part["audit"] for part in parts if "audit" in part], lost=bool(lost)),
            )
        )
        document["ledger"] |= _added([part["ledger"] for part in parts if "ledger" in part])
        self.document = document

    def _audit(self, audits: list[dict[str, Any]], *, lost: bool) -> dict[str, Any]:
        """The audits of all processes as one."""
        why = LOST if lost else next((one["why"] for one in audits if not one["done"]), "")
        if why or not audits:
            return NO_AUDIT | {"why": why or NO_AUDIT["why"]}
        return audits[0] if len(audits) == 1 else merged(audits)


def _added(ledgers: list[dict[str, Any]]) -> dict[str, Any]:
    """The ledgers of all processes as one."""
    numbers = {name: sum(one[name] for one in ledgers) for name in ("created", "removed")}
    return numbers | {name: [row for one in ledgers for row in one[name]] for name in ("left", "unknown")}
