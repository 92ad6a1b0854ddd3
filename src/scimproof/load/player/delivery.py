"""Delivery of one request of a step: sends it, retries 429, updates the counters, tells Locust."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple

from scimproof.core.http_message import Json
from scimproof.load.client.client import Slot
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.greenlets import later
from scimproof.load.metrics.counters import Metrics, SampledFinding, StepCounters
from scimproof.load.player.playing import Playing
from scimproof.load.player.resends import Resends
from scimproof.load.player.retry import LoadRetry
from scimproof.load.workload.compiled_sequence import CompiledStep

Fire = Callable[..., None]
Event = tuple[str, str, float | None, int, str]
TOGETHER = 0.05
SURPLUS = "load/answers#nothing-after"
NOTHING_BEHIND = "an answer ends where it says, and a 204 has no body"


SENTENCES = {
    "refused": "the connection was refused",
    "timeout": "no complete answer came in time",
    "closed": "the connection was closed before the answer was complete",
    "garbled": "the answer cannot be read",
    "no body": "the answer has no body",
    "no JSON object": "the answer is not a JSON object",
    "schemas": "the answer does not name its schema in `schemas`",
    "Resources": "the list that was answered has no Resources",
    "id": "the answer shows another id, or none",
    "userName": "the answer shows another userName than was sent",
    "displayName": "the answer shows another displayName than was sent",
    "active": "the answer shows another `active` than was asked for",
}


class Failed(Exception):
    """Failure as Locust shows it: one of few sentences, so that equal failures are counted together."""

    def __init__(self, wrong: str) -> None:
        status = wrong.removeprefix("status ")
        known = f"the answer has status {_named(status)}" if status != wrong else wrong
        super().__init__(SENTENCES.get(wrong, known))

    def __repr__(self) -> str:
        """What Locust shows: the sentence, without the name of a class around it."""
        return str(self)


def _named(status: str) -> str:
    """The status with its name, where it has one: `500 (Internal Server Error)`."""
    try:
        return f"{status} ({HTTPStatus(int(status)).phrase})"
    except ValueError:
        return status


class ExchangeEvent(NamedTuple):
    """Event passed to the listener `witness`: one exchange, of which playing and step.

    `answer` has the times and says `unknown`; `body` is its JSON where it was parsed. `wrong` is what the
    quick check found, empty when all is well.
    """

    playing: Playing
    step: CompiledStep
    filled: Filled
    answer: Response
    body: Json
    wrong: str


@dataclass
class Delivery:
    """Delivery: the one place where requests of steps are sent and counted.

    `fire` is Locust's `events.request.fire`, or None to spare what it costs. It hears of an exchange up to
    `TOGETHER` seconds later: told one after another, events cost half of what they cost one by one.
    With `retry` a 429 is asked again, without it stands; latency counts from the first time. `witness` is
    told every exchange, those of the warm-up included (the audit's way in). `over` is told when a sequence
    has been played as far as it goes. Whether an answer ends where it says goes to the `figures`. With
    `resends` some writes are sent a second time while the first is under way.
    """

    fire: Fire | None = None
    retry: LoadRetry | None = None
    witness: Callable[[ExchangeEvent], None] | None = None
    over: Callable[[Playing], None] | None = None
    figures: Metrics | None = None
    resends: Resends | None = None
    _untold: list[Event] = field(default_factory=list)

    def send(
        self,
        playing: Playing,
        step: CompiledStep,
        filled: Filled,
        slot: Slot | None = None,
        *,
        once: bool = False,
    ) -> Response:
        """The answer, after as many attempts as the retry policy allows; on the playing's slot, or this.

        What is sent `once` is not sent again while it is under way: full checks ask about such answers.
        """
        slot = slot or playing.slot
        step.operation.sent += playing.counts
        if not playing.counts and self.figures:
            self.figures.warming.due += 1
        if self.resends is None or once or step.method == "GET":
            answer = slot.exchange(filled, playing.due)
        else:
            answer = self.resends.exchange(playing, step, filled, slot)
        if answer.status != 429 or self.retry is None:
            return answer

        def again() -> Response:
            step.operation.sent += playing.counts
            return slot.exchange(filled, playing.due)

        def throttled() -> None:
            step.operation.throttled += playing.counts

        return self.retry.persist(answer, again, throttled)

    def look(
        self, playing: Playing, step: CompiledStep, filled: Filled, answer: Response
    ) -> tuple[str, Json]:
        """What the quick check finds wrong (empty: nothing), and the answer's JSON; counted and told."""
        wrong, body = step.glance.at(answer, playing.scene.blanks, step.addressed(filled.target))
        if playing.counts:
            self._count(step, answer, wrong)
        elif self.figures:
            _count_warm_up(self.figures.warming, answer, wrong)
        if answer.surplus and self.figures:
            judged = self.figures.judged.setdefault(SURPLUS, SampledFinding(expected=NOTHING_BEHIND))
            judged.verdicts["fail"] += 1
            judged.observed = judged.observed or f"more behind the {answer.status} to {step.name}"
        if self.witness:
            self.witness(ExchangeEvent(playing, step, filled, answer, body, wrong))
        return wrong, body

    def _count(self, step: CompiledStep, answer: Response, wrong: str) -> None:
        """Put one exchange into the figures, and tell Locust.

        A timeout counts as a latency too, of at least the deadline: leaving it out would flatter the target.
        """
        operation = step.operation
        if not answer.error or answer.error == "timeout":
            operation.response.record(answer.done - answer.due)
            operation.service.record(answer.done - answer.sent)
            if self.figures:
                self.figures.pace.unread.record(answer.read - answer.done)
        if not answer.error:
            operation.answered += 1
            sizes, size = operation.sizes.fresh, len(answer.body)
            sizes[size] = sizes.get(size, 0) + 1
        operation.unknown += answer.unknown
        if step.glance.limited and (full := step.glance.full(answer)):
            operation.full[full] += 1
        if wrong:
            operation.errors[wrong] += 1
        if self.fire:
            if not self._untold:
                later(TOGETHER, self._tell)
            # Without an answer there is no response time, in load.json neither; a timeout has one.
            timed = not answer.error or answer.error == "timeout"
            seconds = answer.done - answer.due if timed else None
            self._untold.append((step.method, step.name, seconds, len(answer.body), wrong))

    def _tell(self) -> None:
        events, self._untold = self._untold, []
        assert self.fire is not None
        for method, name, seconds, length, wrong in events:
            self.fire(
                request_type=method,
                name=name,
                response_time=None if seconds is None else seconds * 1000,
                response_length=length,
                exception=Failed(wrong) if wrong else None,
                context=NOTHING,
            )


def _count_warm_up(warming: StepCounters, answer: Response, wrong: str) -> None:
    """Of the warm-up only what shows that the target is past being warmed up."""
    warming.answered += not answer.error
    if wrong:
        warming.errors[wrong] += 1
    if not answer.error or answer.error == "timeout":
        warming.response.record(answer.done - answer.due)


NOTHING: Mapping[str, object] = {}
