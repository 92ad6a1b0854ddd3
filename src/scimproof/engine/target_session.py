"""Session with a live target: sends requests, records creates, refuses writes to resources of others."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scimproof.catalog.products import Obstacle, prevents
from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Question
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.paths import shown as shown_path
from scimproof.core.scim import Kind, usable_id, value_at
from scimproof.engine.executor import Prevented
from scimproof.engine.write_guard import Seen, WriteGuard, addressed
from scimproof.observer.protocol import Observer, act, settle
from scimproof.target.retrying_client import ATTEMPTS, RetryingClient, retry_after
from scimproof.target.target import Strangers, as_stranger


@dataclass
class LiveTargetSession(RetryingClient):
    """Sends requests to a live target; every write creates a resource or changes one of this run.

    `numbers` are those of the exchanges, shared with the transport, since answers of the observer are
    numbered too. `obstacles` are the answers after which nothing can be concluded of the target. `headers`
    are those that the user adds to every request.
    """

    ledger: Ledger = field(kw_only=True)
    observer: Observer | None = field(default=None, kw_only=True)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1), kw_only=True)
    obstacles: tuple[Obstacle, ...] = field(default=(), kw_only=True)
    seen: Seen = field(default_factory=Seen, kw_only=True)
    headers: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    guard: WriteGuard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = WriteGuard(self.ledger, self.look_at, self.seen)

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """As RetryingClient.send; raises Prevented where the target says that a limit is reached."""
        exchange = super().send(request, seconds)
        obstacle = prevents(self.obstacles, exchange)
        if obstacle is None:
            return exchange
        if obstacle.whole:
            self.halt(obstacle.told)
        raise Prevented(obstacle.told, exchange)

    def witness(self, question: Question, enough: Callable[[Exchange], bool]) -> Exchange | None:
        """The observer's answer, asked again while it may be late; None without an observer."""
        if self.observer is None:
            return None
        self.pause(0)
        return settle(self.observer, question, self.pause, self.numbers, enough)

    def act(self, what: str, question: Question) -> Exchange | None:
        """An action of people on a user of this run, played by the observer; None where it cannot be."""
        if self.observer is None or not self.ledger.is_ours("User", question.id):
            return None
        self.pause(0)
        return act(self.observer, what, question, self.pause, next(self.numbers))

    def pause(self, seconds: float) -> None:
        """Wait so many seconds; RunStopped when the run ends meanwhile."""
        if self.stopped() or self.stop.wait(min(seconds, max(self.ends_at - time.monotonic(), 0))):
            raise RunStopped(self.why)

    def refusal(self, scene: ExecutionContext, request: Request) -> str:
        """Why this request must not be sent (it would change what is not this run's); else empty.

        GET is always allowed, and so is an id that is literally in the .http file.
        """

        def shown(text: str) -> bool:
            played = [exchange for some in scene.exchanges.values() for exchange in some]
            sent = any(text.encode() in exchange.request.body for exchange in played)
            return not sent and any(text.encode() in exchange.body for exchange in played)

        return self.guard.refusal(request, _given(scene, request), shown)

    def look_at(self, request: Request) -> Exchange:
        """Send a read of the harness's own, with the retries of any other request.

        A 503 with Retry-After is retried as well: only the sender takes that for a failure.
        """
        for _ in range(ATTEMPTS - 1):
            exchange = self.send(request)
            told = retry_after(exchange)
            if exchange.status != 503 or told is None:
                return exchange
            self.pause(told)
        return self.send(request)

    @contextmanager
    def undisturbed(self) -> Iterator[bool]:
        """Inside, no other request of the run is in flight."""
        with self.traffic.alone():
            yield True

    def unauthorized(self) -> Strangers:
        """The user's headers as a client without credentials sends them."""
        return as_stranger(self.headers)

    def observe(self, exchange: Exchange) -> None:
        """Learn from an answer whose resources the ids in it are."""
        self.guard.observe(exchange)

    def intend(self, kind: Kind, name: str) -> None:
        """Record in the ledger that a resource of this name is about to be created.

        If it cannot be written, stops the run and raises RunStopped: what is not recorded is not created.
        """
        try:
            self.ledger.intend(kind, name)
        except OSError:
            self.halt(
                f"the ledger {shown_path(self.ledger.path)} cannot be written ({self.ledger.trouble}); "
                "without it nothing more is created"
            )
            raise RunStopped(self.why) from None

    def made(self, kind: Kind, name: str, exchange: Exchange) -> None:
        """Record in the ledger what the answer to a create shows."""
        if not exchange.ok:
            return
        id = usable_id(value_at(exchange.json, "id"))
        if id:
            self.ledger.made(kind, name, id)
        elif exchange.request.method == "POST":
            self.ledger.accepted(kind, name)


def _given(scene: ExecutionContext, request: Request) -> set[str]:
    """The ids that the target gave out in this sequence, and all saved values that are in the path."""
    given = {value for name, value in scene.blanks.items() if name.endswith(".id")}
    if addressed(request) in scene.blanks.values():
        given.add(addressed(request))
    return given
