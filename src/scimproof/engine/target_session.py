"""Session with a live target: sends a sequence's requests, refuses writes to what this run did not create."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from scimproof.catalog.products import Obstacle, prevents
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Question
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.scim import Kind
from scimproof.engine.other_tenant import OtherTenant, as_own, is_of_other_tenant, with_stand_in
from scimproof.engine.sending import Prevented
from scimproof.engine.write_guard import WriteGuard
from scimproof.observer.protocol import Observer, act, settle
from scimproof.state.expected_store import ExpectedStore
from scimproof.target.retry_policy import busy
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Strangers, as_stranger


@dataclass
class LiveTargetSession:
    """Session of one run with its target: a client that sends, a guard for every write, and an observer.

    `numbers` are those of the exchanges, shared with the transport, since answers of the observer are
    numbered too. `obstacles` are the answers after which nothing can be concluded of the target. `headers`
    are those that the user adds to every request. `state` is what the run's writes promised. `other` sends
    what is sent with another tenant's token.
    """

    client: RetryingClient
    guard: WriteGuard
    observer: Observer | None = None
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    obstacles: tuple[Obstacle, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    state: ExpectedStore = field(default_factory=ExpectedStore)
    other: OtherTenant | None = None

    def authorization(self) -> str:
        """The Authorization header for the next request; raises RunStopped when there is none to be had."""
        return self.client.authorization()

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """As the client sends; raises Prevented where the target says that it cannot do what is asked."""
        if self.other and is_of_other_tenant(request):
            exchange = replace(self.client.send(self.other.dressed(request), seconds), request=request)
        elif own := with_stand_in(request, self.authorization):
            exchange = replace(self.client.send(own, seconds), request=request)
        else:
            pending = self.state.begin(request)
            exchange = self.client.send(request, seconds)
            self.state.settle(pending, exchange)
        obstacle = prevents(self.obstacles, exchange)
        if obstacle is None:
            return exchange
        if obstacle.whole:
            self.client.halt(obstacle.told)
        raise Prevented(obstacle.told, exchange)

    def send_together(self, requests: list[Request]) -> list[Exchange]:
        """Send several, each while the others are under way; the exchanges in that order."""
        with ThreadPoolExecutor(max_workers=len(requests)) as pool:
            return list(pool.map(self.send, requests))

    def stopped(self) -> str:
        """Why nothing more may be sent; empty while the run goes on."""
        return self.client.stopped()

    def witness(self, question: Question, enough: Callable[[Exchange], bool]) -> Exchange | None:
        """The observer's answer, asked again while it may be late; None without an observer."""
        if self.observer is None:
            return None
        self.client.pause(0)
        return settle(self.observer, question, self.client.pause, self.numbers, enough)

    def act(self, what: str, question: Question) -> Exchange | None:
        """What people do to a user of this run, played by the observer; None where it cannot be played."""
        if self.observer is None or not self.guard.ledger.is_ours("User", question.id):
            return None
        self.client.pause(0)
        return act(self.observer, what, question, self.client.pause, next(self.numbers))

    def refusal(self, scene: ExecutionContext, request: Request) -> str:
        """Why this request must not be sent, empty when it may be: it would touch what is not this run's."""
        if not self.other or not is_of_other_tenant(request):
            return self.guard.refusal_in(scene, request, self.look_at)
        own = as_own(request, self.authorization())
        return self.guard.refusal_in(scene, own, self.look_at) or self.other.refusal(request, self.look_at)

    def look_at(self, request: Request) -> Exchange:
        """Send a read of the harness's own, with the retries of any other request.

        A 503 with Retry-After is retried as well: only the sender takes that for a failure.
        """
        retry = self.client.retry
        for attempt in itertools.count(1):
            exchange = self.send(request)  # which has waited as long as a 429 is waited out
            told = retry.told(exchange.headers)
            if exchange.status == 429 or not busy(exchange.status, told, reads=True):
                break
            wait = retry.after(attempt, exchange.headers)
            if wait is None:
                break
            self.client.pause(wait)
        return exchange

    def pause(self, seconds: float) -> None:
        """Let so much time pass; raises RunStopped when the run ends meanwhile."""
        self.client.pause(seconds)

    @contextmanager
    def undisturbed(self) -> Iterator[bool]:
        """Inside, nothing else of the run is under way."""
        with self.client.traffic.alone():
            yield True

    def kind_of(self, target: str) -> Kind:
        """The kind of resource that a request target is of."""
        return self.guard.kind_of(target)

    def unauthorized(self) -> Strangers:
        """The user's headers as a client without credentials sends them."""
        return as_stranger(self.headers)

    def observe(self, exchange: Exchange) -> None:
        """Learn from an answer whose resources the ids in it are; what another tenant sees tells nothing."""
        if not is_of_other_tenant(exchange.request):
            self.guard.observe(exchange)

    def intend(self, kind: Kind, name: str) -> None:
        """Record in the ledger that a resource of this name is about to be created.

        Raises RunStopped, and stops the run, where that cannot be written: nothing is created then.
        """
        if why := self.guard.intend(kind, name):
            self.client.halt(why)
            raise RunStopped(self.client.why)

    def made(self, kind: Kind, name: str, exchange: Exchange) -> None:
        """Write to the ledger what the answer to a create tells."""
        if exchange.ok:
            self.guard.made(kind, name, exchange.request.method, exchange.json)
