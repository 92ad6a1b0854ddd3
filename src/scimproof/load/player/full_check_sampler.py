"""Plays some of the arrivals by `conduct` itself, with every check of the catalogue."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from scimproof.catalog.loader import Catalog
from scimproof.core.context import ExecutionContext
from scimproof.core.http_message import Request
from scimproof.core.redaction import remembered
from scimproof.core.results import Finding, Verdict
from scimproof.engine.executor import execute
from scimproof.load.client.client import Slot
from scimproof.load.client.response import Response
from scimproof.load.metrics.counters import Metrics, SampledFinding
from scimproof.load.player.delivery import Delivery
from scimproof.load.player.retry import patiently
from scimproof.load.player.write_guard import LoadWriteGuard
from scimproof.load.workload.compiled_sequence import CompiledSequence, CompiledStep, End, PlayResult


@dataclass
class Sampler:
    """The slow and thorough way to play; its requests are counted among the others."""

    catalog: Catalog
    guard: LoadWriteGuard
    delivery: Delivery
    figures: Metrics

    def play(
        self, part: CompiledSequence, scene: ExecutionContext, due: float, slot: Slot, *, counts: bool
    ) -> PlayResult:
        """Play the sequence by `conduct` and judge it.

        The first step counts from when the arrival was due. A later one counts from the moment it is sent:
        what the checks cost in between is neither the target's time nor Okta's.
        """
        way = _SampledRun(self.delivery, scene, slot, due, part.steps[0], counts=counts)

        def prove(request: Request) -> Response:
            patience = self.guard.patience
            return patiently(lambda: slot.exchange(request.wire(), time.monotonic()), patience)

        stage = self.guard.stage(way.deliver, prove)
        outcomes = execute(part.sequence, scene, self.catalog, stage)
        for step in part.steps:
            way.step = step
            outcome = next(outcomes)
            if not outcome.exchanges:
                way.end = way.end or "failed"
            if counts and way.end != "full":  # what a full target refuses says nothing of what it does
                self._judge(outcome.findings)
        return PlayResult(way.moment, way.end)

    def _judge(self, findings: tuple[Finding, ...]) -> None:
        judged = self.figures.judged
        for finding in findings:
            found = judged.setdefault(finding.id, SampledFinding())
            found.verdicts[finding.verdict] += 1
            if finding.verdict.rank > Verdict.WAIVED.rank and not found.observed:
                # Here, since a master that adds figures up does not know its workers' passwords.
                clean = remembered().sentence
                found.expected, found.observed = clean(finding.expected), clean(finding.observed)


@dataclass
class _SampledRun:
    """From `conduct` to the slot: which step is played, from when it counts, and how far it came."""

    delivery: Delivery
    scene: ExecutionContext
    slot: Slot
    due: float
    step: CompiledStep
    counts: bool = field(kw_only=True)
    moment: float = 0.0
    end: End = ""

    def deliver(self, request: Request) -> Response:
        due = time.monotonic() if self.moment else self.due
        if self.moment:
            self.step.operation.due += self.counts
        answer = self.delivery.send(self.step, request.wire(), self.slot, due, counts=self.counts)
        wrong, _ = self.delivery.look(
            self.step, self.scene, request.target, request.body, answer, counts=self.counts
        )
        self.moment = answer.done
        if not self.step.step.independent:
            self.end = self.end or self.step.ending(answer, wrong)
        return answer
