"""Resends: writes sent again while the first is under way, as by a sender that gave up waiting."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from scimproof.core.scim import Kind, id_of, kind_of
from scimproof.load.audit.evidence import request_of
from scimproof.load.audit.race_outcomes import EITHER, ONE_USER, sent_again
from scimproof.load.audit.violation import Violation
from scimproof.load.client.client import Slot
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.fast_json import load_json
from scimproof.load.greenlets import spawn
from scimproof.load.player.playing import Playing
from scimproof.load.workload.compiled_sequence import CompiledStep

VERBS = {"POST": "create", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "delete"}
Made = Callable[[Kind, str, str, object], object]


@dataclass
class Resends:
    """Resends of every `every`-th write: where no answer has come after `seconds`, the same bytes go again.

    They go on a slot of their own, that `slot` makes. `made` hears of what the second request created,
    `broken` of two answers that cannot both be right; what the store makes of them is the audit's to find.
    """

    every: int
    seconds: float
    slot: Callable[[], Slot]
    made: Made
    broken: Callable[[Violation], None]
    _writes: int = 0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _free: list[Slot] = field(default_factory=list)

    def exchange(self, playing: Playing, step: CompiledStep, filled: Filled, slot: Slot) -> Response:
        """The answer to this write, or to the same one sent again where only that was accepted."""
        self._writes += 1
        if self._writes % self.every:
            return slot.exchange(filled, playing.due)
        under_way = spawn(slot.exchange, filled, playing.due)
        try:
            under_way.join(self.seconds)
            if under_way.ready():
                answer: Response = under_way.get()
                return answer
            again = self._again(filled)
            first: Response = under_way.get()
        finally:
            under_way.kill()
        step.operation.resent += playing.counts
        self._judge(playing, step, filled, first, again)
        if _accepted(first) or not _accepted(again):
            return first
        again.due, again.sent = first.due, first.sent  # whoever waits, waits since then
        return again

    def close(self) -> None:
        """Give back the slots."""
        while self._free:
            self._free.pop().close()

    def _again(self, filled: Filled) -> Response:
        slot = self._free.pop() if self._free else self.slot()
        try:
            return slot.exchange(filled, monotonic())
        finally:
            self._free.append(slot)

    def _judge(
        self, playing: Playing, step: CompiledStep, filled: Filled, first: Response, again: Response
    ) -> None:
        name = step.creating(playing.scene, filled.body) if step.kind else ""
        if step.kind and _accepted(again):
            self.made(step.kind, name, step.method, load_json(again.body))
        request = request_of(filled.wire)
        both = [answer.exchange(next(self._numbers), request) for answer in (first, again)]
        why = sent_again(both)
        if why:
            kind = kind_of(request.target)
            id = step.addressed(filled.target) or id_of(both[0].json)
            what = f"the same {VERBS[step.method]} sent again while the first was under way"
            expected = ONE_USER if step.method == "POST" else EITHER
            self.broken(Violation("race", kind, id, name, what, expected, why, tuple(both)))


def _accepted(answer: Response) -> bool:
    return not answer.error and 200 <= answer.status < 300
