"""Steps of a capacity search, played by the workers of a master."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from scimproof.core.context import Member
from scimproof.load.generator.capacity.capacity_run import StepProgress
from scimproof.load.generator.master import Master, WorkerState
from scimproof.load.metrics.counters import Metrics
from scimproof.load.result.search_step import SearchStep
from scimproof.load.rpc.messages import JOB


@dataclass
class SearchMaster(Master):
    """Master of a search: each worker plays its share of every step, with the same people and connections.

    A step goes out as another job and comes back as done, with its number.
    """

    _step: SearchStep | None = None
    _progress: StepProgress | None = None
    _flying: dict[int, int] = field(default_factory=dict)
    _off: bool = False

    def prepare(self, population: list[Member]) -> None:
        """Wait for the workers, and have them compile the sequences."""
        self._gather()
        self._give_jobs([[member.id, member.user_name] for member in population])
        self._wait(lambda hand: hand.ready, self.post.job.seconds, "get ready")

    def play(self, step: SearchStep, progress: StepProgress) -> str:
        """Have a step played until its last answer; one that cannot hold any more is called off."""
        self._step, self._progress, self._off, self.at = step, progress, False, 0.0
        self._send(JOB, {"step": asdict(step)})
        plan = self.post.job.plan
        self._wait(self._played, step.whole + plan.drain + self.post.job.seconds, "play a step")
        reports = [hand.done for hand in self._alive() if hand.done]
        figures = progress.figures
        figures.shares = tuple(report["share"] for report in reports)
        figures.lasted = max((report["lasted"] for report in reports), default=0.0)
        left = sum(report["left"] for report in reports)
        self._step = None
        if self.lost:
            return "a worker died during the search"
        return f"{left:,} sequences had no end {plan.drain:g} s after the last began" if left else ""

    def finish(self) -> None:
        """Nothing: the workers give back their connections when they are told what comes next."""

    def audit(self) -> dict[str, Any]:
        """Have everything read back, and the workers leave."""
        found = self._audits()
        self._leave()
        return found

    def _played(self, hand: WorkerState) -> bool:
        assert self._step is not None, "a step is being played"
        return hand.done is not None and hand.done["step"] == self._step.number

    def _figures(self, hand: WorkerState, data: dict[str, Any]) -> None:
        if self._progress is None or self._step is None or data["step"] != self._step.number:
            return
        self.at = max(data["at"], 0.0)
        self._flying[id(hand)] = data["in_flight"]
        self._progress.add(self.at, Metrics.unpack(data["packed"]), sum(self._flying.values()))

    def _tick(self) -> None:
        progress, now = self._progress, time.monotonic()
        if progress is None or self._step is None or not self.at or now - self._told < 1:
            return
        self._told = now
        if not self._off and (progress.figures.hopeless or progress.figures.wants):
            self._off = True
            self._send(JOB, {"step": asdict(self._step), "off": True})
        progress.tell(self.at, sum(self._flying.values()), len(self._alive()))
