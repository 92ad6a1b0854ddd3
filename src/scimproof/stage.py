"""Where sequences are played: the line to the target, the ledger, and the guard of what is not ours."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from scimproof.conduct import GaveUp
from scimproof.ledger import Ledger
from scimproof.line import ATTEMPTS, Line, retry_after
from scimproof.model import Exchange, Json, Kind, Request
from scimproof.observer import Observer, Question, witness
from scimproof.scene import Scene, look, resources
from scimproof.target import Strangers, as_stranger


@dataclass
class LiveStage(Line):
    """Sends for real. Every write it lets through creates something or changes what this run created.

    `numbers` are those of the exchanges, shared with the transport: what the observer says is one too.
    `headers` are those that the user adds to every request.
    """

    ledger: Ledger = field(kw_only=True)
    observer: Observer | None = field(default=None, kw_only=True)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1), kw_only=True)
    headers: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)

    def witness(self, about: str, id: str, name: str) -> Exchange | None:
        """What the observer says about that user or group; None where there is no observer."""
        if self.observer is None:
            return None
        self.pause(0)
        return witness(self.observer, Question(about, id, name), self.pause, next(self.numbers))

    def pause(self, seconds: float) -> None:
        """Let so much time pass; raises GaveUp when the run ends meanwhile."""
        if self.stopped() or self.stop.wait(min(seconds, max(self.ends_at - time.monotonic(), 0))):
            raise GaveUp(self.why)

    def refusal(self, scene: Scene, request: Request) -> str:
        """Why this request must not be sent, empty when it may be: it would touch what is not this run's.

        Reads touch nobody, and an id that stands in the .http file itself is nobody's. Whose id a target
        gave out is only believed once the target has shown it together with a name of this run.
        """
        if request.method == "GET":
            return ""
        path_id, text = addressed(request), request.body.decode()
        for id in _ids(scene, request):
            named = request.method != "POST" and id == path_id
            if not named and not (id in text and _mentions(request.json, id)):
                continue
            if not self.ledger.is_ours(id):
                return f"not sent: this {request.method} would touch {id}, which this run did not create"
            if named and not self.ledger.is_proven(id) and not self._prove(id, request):
                return f"not sent: nothing the target shows proves that {id} was created by this run"
        return ""

    def _prove(self, id: str, request: Request) -> bool:
        """Look at the resource once, for the prefix of this run in its name."""
        headers = tuple(pair for pair in request.headers if not pair[0].lower().startswith("content-"))
        self.observe(self.look_at(Request("GET", request.target, headers)))
        return self.ledger.is_proven(id)

    def look_at(self, request: Request) -> Exchange:
        """Send a read of the harness's own, as patiently as any other request.

        A 503 that says when to come again is waited out, too: only for Okta that is a failure.
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
        """Inside, nothing else of the run is under way."""
        with self.traffic.alone():
            yield True

    def unauthorized(self) -> Strangers:
        """What somebody without credentials sends of the headers that the user adds."""
        return as_stranger(self.headers)

    def observe(self, exchange: Exchange) -> None:
        """Learn from what a read shows: ids of ours that stand beside a name of ours."""
        if exchange.request.method != "GET" or not exchange.ok:
            return
        if not exchange.request.target.partition("?")[2]:
            self._learn(addressed(exchange.request), exchange.json)
        for resource in resources(exchange.json):
            self._learn(look(resource, "id"), resource)

    def _learn(self, id: Json, resource: Json) -> None:
        if id is None or not self.ledger.is_ours(str(id)):
            return
        names = (look(resource, "userName"), look(resource, "displayName"))
        if any(isinstance(name, str) and self.ledger.prefix in name.casefold() for name in names):
            self.ledger.prove(str(id))

    def intend(self, kind: Kind, name: str) -> None:
        """Write to the ledger that a resource of this name is about to be created."""
        self.ledger.intend(kind, name)

    def made(self, kind: Kind, name: str, exchange: Exchange) -> None:
        """Write to the ledger what the answer to a create tells."""
        id = look(exchange.json, "id")
        if exchange.ok and isinstance(id, str | int) and not isinstance(id, bool) and str(id):
            self.ledger.made(kind, name, str(id))


def addressed(request: Request) -> str:
    """The id at the end of the request's path."""
    return unquote(request.target.partition("?")[0].rpartition("/")[2])


def _ids(scene: Scene, request: Request) -> set[str]:
    """The ids that a request could touch: those the target gave out in this sequence, and the body's own."""
    given = {value for name, value in scene.blanks.items() if name.endswith(".id")}
    if addressed(request) in scene.blanks.values():
        given.add(addressed(request))
    own = look(request.json, "id")
    return given if own is None else given | {str(own)}


def _mentions(body: Json, id: str) -> bool:
    """Whether a body names that id, as a value of its own or inside a path."""
    return any(text == id or f'"{id}"' in text for text in _texts(body))


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for found in value.values():
            yield from _texts(found)
    elif isinstance(value, list):
        for found in value:
            yield from _texts(found)
