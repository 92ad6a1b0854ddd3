"""Sampler: plays every Nth arrival by the conformance executor, with every check of the catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scimproof.catalog.loader import Catalog
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Question
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.redaction import remembered
from scimproof.core.results import Finding, Verdict
from scimproof.core.scim import Kind
from scimproof.engine.executor import execute
from scimproof.load.client.client import Slot
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.metrics.counters import Metrics, SampledFinding
from scimproof.load.player.delivery import Delivery
from scimproof.load.player.playing import Playing
from scimproof.load.player.write_guard import LoadWriteGuard
from scimproof.load.workload.compiled_sequence import CompiledStep, End
from scimproof.target.target import Strangers, as_stranger


@dataclass
class Sampler:
    """Sampler, the slow and thorough way to play; its requests are counted among the others."""

    catalog: Catalog
    guard: LoadWriteGuard
    delivery: Delivery
    figures: Metrics

    def play(self, playing: Playing) -> End:
        """Play the sequence by the executor and judge it.

        The first step counts from when the arrival was due. A later one counts from the moment it is sent:
        what the checks cost in between is neither the target's time nor the sender's.
        """
        steps = playing.sequence.steps
        way = _SampledRun(self.delivery, playing, steps[0])
        session = SampledSession(self.guard, playing.slot, way.deliver)
        outcomes = execute(playing.sequence.sequence, playing.scene, self.catalog, session)
        for step in steps:
            way.step = step
            outcome = next(outcomes)
            if not outcome.exchanges:
                way.end = way.end or "failed"
            if playing.counts and way.end != "full":  # what a full target refuses says nothing
                self._judge(outcome.findings)
        return way.end

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
class SampledSession:
    """Session of one sampled sequence: the executor's requests go out on the load's slot, under its guard.

    Load has no budget of its own, and an answer that does not come is a figure here, not a reason to stop.
    """

    guard: LoadWriteGuard
    slot: Slot
    deliver: Callable[[Filled], Response]

    def send(self, request: Request) -> Exchange:
        """Send a request of a step, which is counted."""
        return self.guard.sent(request, self.deliver)

    def send_together(self, requests: list[Request]) -> list[Exchange]:
        """One after another: what happens at once under load is what the schedule brings."""
        return [self.send(request) for request in requests]

    def look_at(self, request: Request) -> Exchange:
        """Send a read that is no step's, which is not."""
        return self.guard.reader(self.slot)(request)

    def authorization(self) -> str:
        """The Authorization header for the next request."""
        return self.guard.target.credentials.authorization()

    def kind_of(self, target: str) -> Kind:
        """The kind of resource that a request target is of."""
        return self.guard.of_run.kind_of(target)

    def unauthorized(self) -> Strangers:
        """What somebody without credentials sends of the headers that the user adds."""
        return as_stranger(self.guard.target.headers)

    def refusal(self, scene: ExecutionContext, request: Request) -> str:
        """Why this request must not be sent, empty when it may be."""
        return self.guard.of_run.refusal_in(scene, request, self.look_at)

    def observe(self, exchange: Exchange) -> None:
        """Learn from an answer whose an id is."""
        self.guard.of_run.observe(exchange)

    def intend(self, kind: Kind, name: str) -> None:
        """Write to the ledger that a resource of this name is about to be created, or raise RunStopped."""
        if why := self.guard.of_run.intend(kind, name):
            raise RunStopped(why)

    def made(self, kind: Kind, name: str, exchange: Exchange) -> None:
        """Write to the ledger what the answer to a create tells."""
        if exchange.ok:
            self.guard.of_run.made(kind, name, exchange.request.method, exchange.json)

    def witness(self, question: Question, enough: Callable[[Exchange], bool]) -> None:
        """Nothing: the observer is asked after the load, by the audit."""

    def act(self, what: str, question: Question) -> None:
        """Nothing: people do nothing under load."""

    def pause(self, seconds: float) -> None:
        """Let so much time pass."""
        time.sleep(seconds)

    @contextmanager
    def undisturbed(self) -> Iterator[bool]:
        """Never: other sequences are played all the time."""
        yield False

    def stopped(self) -> str:
        """Nothing stops a sequence half way."""
        return ""


@dataclass
class _SampledRun:
    """Run of one sampled sequence: which step is played, and why none that stands on it may follow."""

    delivery: Delivery
    playing: Playing
    step: CompiledStep
    end: End = ""
    _first: bool = True

    def deliver(self, filled: Filled) -> Response:
        playing = self.playing
        if not self._first:
            playing.due = time.monotonic()
            self.step.operation.due += playing.counts
        self._first = False
        answer = self.delivery.send(playing, self.step, filled, once=True)
        wrong, _ = self.delivery.look(playing, self.step, filled, answer)
        playing.due, playing.done = answer.read, answer.done
        self.end = self.end or self.step.ending(answer, wrong)
        return answer
