"""Player of sequences on a slot: sends, saves and guards as the executor does, at a fraction of its cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from scimproof.catalog.loader import Catalog
from scimproof.core.context import ExecutionContext
from scimproof.core.http_message import Json, Request
from scimproof.core.paging import LoopDetector
from scimproof.core.scim import id_of, resources, value_at
from scimproof.load.client.client import Slot
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.greenlets import at_once
from scimproof.load.metrics.counters import Metrics
from scimproof.load.plan.schedule import Arrival
from scimproof.load.player.delivery import Delivery
from scimproof.load.player.full_check_sampler import Sampler
from scimproof.load.player.playing import Playing
from scimproof.load.player.write_guard import LoadWriteGuard
from scimproof.load.workload.compiled_sequence import CompiledSequence, CompiledStep, End


@dataclass
class Player:
    """Player of arrivals; `play` and `due` are what a load model calls.

    `parts` by sequence id; `run` are the blanks of the run. Every `sample`-th arrival (0: none) is played
    by the executor itself with all its checks, whose findings go to `figures.judged`. `slot` makes a further
    slot, for requests of one step that are under way at the same time.
    """

    catalog: Catalog
    parts: Mapping[str, CompiledSequence]
    run: Mapping[str, str]
    guard: LoadWriteGuard
    figures: Metrics
    delivery: Delivery = field(default_factory=Delivery)
    sample: int = 0
    slot: Callable[[], Slot] | None = None
    _free: list[Slot] = field(default_factory=list)
    sampler: Sampler = field(init=False)

    def __post_init__(self) -> None:
        self.sampler = Sampler(self.catalog, self.guard, self.delivery, self.figures)

    def due(self, arrival: Arrival) -> None:
        """An arrival became due, whether or not there is a slot for it yet."""
        if not arrival.warm_up:
            part = self.parts[arrival.plays]
            part.whole.due += 1
            part.steps[0].operation.due += 1

    def play(self, arrival: Arrival, due: float, slot: Slot) -> None:
        """Play the arrival's sequence to its end, or to where it cannot go on."""
        part, number = self.parts[arrival.plays], arrival.number
        counts = not arrival.warm_up
        if counts:
            part.whole.sent += 1
        tag = part.blanks.core(number)
        sampled = self.sample and number % self.sample == 0 and part.checkable
        # A rule may look at any blank: only where there is none can they be left until they are asked for.
        every = sampled or part.keeps
        scene = part.scene(number, self.run) if every else part.lean(number, tag, self.run)
        playing = Playing(part, number, tag, scene, slot, due, due, due, counts)
        end = self.sampler.play(playing) if sampled else self.steps(playing)
        if self.delivery.over:
            self.delivery.over(playing)
        if not counts:
            self.figures.warm_up += 1
        elif end == "failed":
            part.whole.errors["ended early"] += 1
        elif end == "full":
            part.whole.full["its sequence"] += 1
        elif end == "declined":
            part.whole.skipped += 1
        else:
            part.whole.answered += 1
            part.whole.response.record(playing.done - due)

    def steps(self, playing: Playing) -> End:
        """Play all steps; each is due when the one before it is done."""
        end: End = ""
        binding = False  # a preparation that broke leaves nothing to stand on
        for place, step in enumerate(playing.sequence.steps):
            if not end or step.step.goes_on(ended=True, binding=binding):
                if place:
                    step.operation.due += playing.counts
                ended = self._step(playing, step)
                end = end or ended
                binding = binding or (ended != "" and step.step.given)
        return end

    def _step(self, playing: Playing, step: CompiledStep) -> End:
        """One step: one exchange, one a page where it walks a list, or as many as it says."""
        if step.together:
            return self._together(playing, step)
        number, progress = 0, LoopDetector() if step.numbered else None
        while True:
            number += 1
            if progress:
                playing.scene.blanks["startIndex"] = str((number - 1) * step.page_size + 1)
                playing.scene.blanks["number"] = str(number)
            filled = self._fill(playing, step)
            name = step.creating(playing.scene, filled.body) if step.kind and filled else ""
            if filled is None or (step.method != "GET" and self._refused(playing, step, filled, name)):
                step.operation.skipped += playing.counts
                playing.skipped = step
                return "failed"
            answer, body, wrong = self._exchange(playing, step, filled, name)
            if playing.sequence.keeps:
                self._keep(playing.scene, step, filled, answer, number)
            playing.due, playing.done = answer.read, answer.done
            if wrong or progress is None:
                return step.ending(answer, wrong)
            onward = not step.step.pages or progress.turn(str(value_at(r, "id")) for r in resources(body))
            if not (onward and step.again(number, body)):
                return step.ending(answer, wrong)
            step.operation.due += playing.counts

    def _together(self, playing: Playing, step: CompiledStep) -> End:
        """Several requests under way together: one for each of some shared users, or the same ones."""
        blanks, ready = playing.scene.blanks, []
        members = [member.id for member in playing.scene.population[: step.step.members]]
        for number, member in enumerate(members or [""] * step.step.at_once):
            if member:
                blanks["member.id"] = member
            step.operation.due += playing.counts and number > 0
            filled = self._fill(playing, step)
            name = step.creating(playing.scene, filled.body) if step.kind and filled else ""
            if filled is None or self._refused(playing, step, filled, name):
                step.operation.skipped += playing.counts
                playing.skipped = step
            else:
                ready.append((filled, name))
        answers = at_once(partial(self._apart, playing, step, *one) for one in ready)
        if playing.sequence.keeps:
            for place, ((filled, _), (answer, _, _)) in enumerate(zip(ready, answers, strict=True)):
                self._keep(playing.scene, step, filled, answer, place + 1)
        playing.due = max((answer.read for answer, _, _ in answers), default=playing.due)
        playing.done = max((answer.done for answer, _, _ in answers), default=playing.done)
        ends = [step.ending(answer, wrong) for answer, _, wrong in answers]
        return next((end for end in ends if end), "" if answers else "failed")

    def _apart(
        self, playing: Playing, step: CompiledStep, filled: Filled, name: str
    ) -> tuple[Response, Json, str]:
        """The exchange on a slot beside the playing's own."""
        slot = self._free.pop() if self._free else self.slot() if self.slot else playing.slot
        try:
            return self._exchange(playing, step, filled, name, slot)
        finally:
            if slot is not playing.slot:
                self._free.append(slot)

    def close(self) -> None:
        """Give back the slots that were for requests under way together."""
        while self._free:
            self._free.pop().close()
        if self.delivery.resends:
            self.delivery.resends.close()

    def _refused(self, playing: Playing, step: CompiledStep, filled: Filled, name: str) -> bool:
        """Whether this write must not be sent; a create is in the ledger, by that name, when it may."""
        if self.guard.refusal(playing, step, filled):
            return True
        return bool(step.kind and self.guard.of_run.intend(step.kind, name))

    def _fill(self, playing: Playing, step: CompiledStep) -> Filled | None:
        """The request, None when an earlier answer does not allow to work it out."""
        given = step.step.authorization
        authorization = self.guard.target.credentials.authorization() if given is None else given
        if step.stencil is not None:
            filled = step.stencil.fill(playing.number, playing.tag, authorization)
            if filled is not None:
                return filled
        try:
            return step.compiled.fill(playing.scene.blanks, authorization, step.bodies(playing.scene))
        except (TypeError, AttributeError, ValueError, LookupError):
            return None

    def _exchange(
        self, playing: Playing, step: CompiledStep, filled: Filled, name: str, slot: Slot | None = None
    ) -> tuple[Response, Json, str]:
        """Send, look at the answer, learn from it; `name` is that of what a create asks for."""
        answer = self.delivery.send(playing, step, filled, slot)
        wrong, body = self.delivery.look(playing, step, filled, answer)
        if step.addresses:
            self.guard.note(step, filled.target, answer, body)
        if 200 <= answer.status < 300 and not answer.error:
            self._learn(playing.scene, step, name, body)
        return answer, body, wrong

    def _learn(self, scene: ExecutionContext, step: CompiledStep, name: str, body: Json) -> None:
        """What the executor saves and writes to the ledger after an answer of success."""
        creates, save = step.step.creates, step.step.save
        if step.kind:
            id = self.guard.of_run.made(step.kind, name, step.method, body)
        else:
            id = id_of(body) if creates else ""
        if id or save:
            scene.learn(creates, id, save, body)

    def _keep(
        self, scene: ExecutionContext, step: CompiledStep, filled: Filled, answer: Response, number: int
    ) -> None:
        """Remember the exchange where a later step's rule builds upon it."""
        request = Request(step.method, filled.target, (), filled.body)
        exchange = answer.exchange(next(self.guard.numbers), request)
        if number == 1:
            scene.exchanges[step.step.id] = []
        scene.exchanges[step.step.id].append(exchange)
