"""The same guard as in a certified run, with a short way for what is plainly this run's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import ExecutionContext
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.core.scim import Kind, usable_id, value_at
from scimproof.engine.target_session import LiveTargetSession
from scimproof.engine.write_guard import Seen, WriteGuard
from scimproof.load.client.client import Slot
from scimproof.load.client.response import Response
from scimproof.load.player.retry import Waits, patiently
from scimproof.load.workload.compiled_request import Filled
from scimproof.load.workload.compiled_sequence import CompiledStep
from scimproof.target.target import Strangers, Target, as_stranger, with_headers

Send = Callable[[Request], Response]


@dataclass
class SlotStage(LiveTargetSession):
    """A stage for `conduct` on one slot: LiveStage's ledger and guard, the load sender's connection.

    `deliver` sends a request of a step and counts it, `prove` sends what only the guard asks. Load has no
    budget of its own, and a silent answer is a figure here, not a reason to stop: nothing of Line's rules
    applies.
    """

    deliver: Send = field(kw_only=True)
    prove: Send = field(kw_only=True)
    extra: tuple[tuple[str, str], ...] = field(kw_only=True)
    numbers: itertools.count[int] = field(kw_only=True)

    def authorization(self) -> str:
        return self.credentials.authorization()

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        return self._by(self.deliver, request)

    def look_at(self, request: Request) -> Exchange:
        return self._by(self.prove, request)

    @contextmanager
    def undisturbed(self) -> Iterator[bool]:
        """Never: other sequences are played all the time."""
        yield False

    def unauthorized(self) -> Strangers:
        return as_stranger(self.extra)

    def _by(self, send: Send, request: Request) -> Exchange:
        request = replace(request, headers=with_headers(request.headers, self.extra))
        return send(request).exchange(next(self.numbers), request)

    def stopped(self) -> str:
        return ""


class Nowhere:
    """Stands in for the transport, which SlotStage never uses."""

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        raise NotImplementedError

    def until(self, moment: float) -> None:
        """Nothing is under way here."""


@dataclass
class LoadWriteGuard:
    """Lets a write pass that touches nothing but what this run created and the target has shown as such.

    A look at a resource is sent with the same `patience` as the requests of the load.
    """

    ledger: Ledger
    target: Target
    patience: Waits | None = None
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    seen: Seen = field(default_factory=Seen)

    def stage(self, deliver: Send, prove: Send) -> SlotStage:
        """A stage for `conduct` that sends by these two."""
        return SlotStage(
            Nowhere(),
            self.target.credentials,
            ledger=self.ledger,
            deliver=deliver,
            prove=prove,
            extra=self.target.headers,
            numbers=self.numbers,
            seen=self.seen,
        )

    def refusal(
        self, step: CompiledStep, scene: ExecutionContext, filled: Filled, slot: Slot, moment: float
    ) -> str:
        """Why this write must not be sent; empty when it may be. May look at resources, by a GET for each."""
        if step.method != "DELETE" and not step.rules:
            proven, blanks = self.ledger.is_proven, scene.blanks
            for name, kind in step.ids:
                if name in blanks and not proven(kind, blanks[name]):
                    break
            else:
                return ""  # the target has shown that every id in it is ours
        request = self._request(step, filled)

        def prove(asked: Request) -> Response:
            return patiently(lambda: slot.exchange(asked.wire(), moment), self.patience)

        return self.stage(prove, prove).refusal(scene, request)

    def _request(self, step: CompiledStep, filled: Filled) -> Request:
        """The request as the model has it, without the target's extra headers."""
        head = filled.wire[: len(filled.wire) - len(filled.body)].decode("latin-1").split("\r\n")[1:]
        pairs = [line.partition(": ") for line in head[: len(step.compiled.template.headers)]]
        headers = tuple((name, value) for name, _, value in pairs)
        return Request(step.method, filled.target, headers, filled.body)

    def intend(self, kind: Kind, name: str) -> str:
        """Write down that a resource of this name is about to be created; why not, where that fails.

        What nobody remembers must not be created.
        """
        try:
            self.ledger.intend(kind, name)
        except OSError:
            return f"the ledger cannot be written: {self.ledger.trouble}"
        return ""

    def made(self, kind: Kind, name: str, id: str) -> None:
        """Write down the id that a successful create told, or that it told none."""
        if id:
            self.ledger.made(kind, name, id)
        else:
            self.ledger.accepted(kind, name)

    def note(self, step: CompiledStep, target: str, answer: Response, body: Json) -> None:
        """Learn from an answer whose the id in the path is."""
        id = step.addressed(target)
        kind: Kind = "User" if step.users else "Group"
        if id and self.ledger.is_ours(kind, id):
            status = 0 if answer.error else answer.status
            WriteGuard(self.ledger, _nothing, self.seen).note((kind, id), step.method, status, body)


def _nothing(_: Request) -> Exchange:
    raise NotImplementedError


def identity(body: Json) -> str:
    """The id in an answer as text, empty when there is none that could be one."""
    id = body.get("id") if type(body) is dict else None
    return usable_id(value_at(body, "id") if id is None else id)
