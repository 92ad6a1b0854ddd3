"""Write guard under load: that of any run, with a fast path for what is plainly this run's own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.core.scim import Kind
from scimproof.engine.write_guard import Read, WriteGuard
from scimproof.load.client.client import Slot
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.player.playing import Playing
from scimproof.load.player.retry import LoadRetry, patiently
from scimproof.load.workload.compiled_sequence import CompiledStep
from scimproof.target.target import Target, with_headers


@dataclass
class LoadWriteGuard:
    """Write guard of one process: asks the run's guard only about ids that the target has not shown yet.

    A look at a resource is sent with the same `retry` as the requests of the load.
    """

    ledger: Ledger
    target: Target
    retry: LoadRetry | None = None
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    of_run: WriteGuard = field(init=False)

    def __post_init__(self) -> None:
        self.of_run = WriteGuard(self.ledger, base_query=self.target.query)

    def refusal(self, playing: Playing, step: CompiledStep, filled: Filled) -> str:
        """Why this write must not be sent; empty when it may be. May look at resources, by a GET for each."""
        if step.method != "DELETE" and not step.rules:
            proven, blanks = self.ledger.is_proven, playing.scene.blanks
            for name, kind in step.ids:
                if name in blanks and not proven(kind, blanks[name]):
                    break
            else:
                return ""  # the target has shown that every id in it is ours
        request = step.compiled.request(filled)
        return self.of_run.refusal_in(playing.scene, request, self.reader(playing.slot))

    def reader(self, slot: Slot) -> Read:
        """What sends the reads that the guard or a check asks for, beside the steps, on that slot."""

        def read(request: Request) -> Exchange:
            return self.sent(request, lambda filled: patiently(lambda: ask(filled), self.retry))

        def ask(filled: Filled) -> Response:
            return slot.exchange(filled, time.monotonic())

        return read

    def sent(self, request: Request, send: Callable[[Filled], Response]) -> Exchange:
        """The exchange of that request, sent with the headers that the user adds to every one."""
        request = replace(request, headers=with_headers(request.headers, self.target.headers))
        return send(Filled.of(request)).exchange(next(self.numbers), request)

    def note(self, step: CompiledStep, target: str, answer: Response, body: Json) -> None:
        """Learn from an answer whose the id in the path is."""
        id = step.addressed(target)
        kind: Kind = "User" if step.users else "Group"
        if id and self.ledger.is_ours(kind, id):
            self.of_run.note((kind, id), step.method, 0 if answer.error else answer.status, body)
