"""Races between processes: the master says what is sent and when, its workers send it in turn."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.catalog.senders import Sender
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.scim import kind_of, name_of
from scimproof.engine.write_guard import WriteGuard
from scimproof.load.ledger.process_ledger import ProcessLedger
from scimproof.load.plan.identities import Blanks

PURPOSES = (
    "create", "read", "page", "create_group", "read_group", "add_member", "remove_member",
    "deactivate", "reactivate",
)  # fmt: skip
TOLD = 45.0  # seconds within which a worker tells what was answered; after that nobody knows
OF_A_PERSON = ("user.", "group.")  # how the blanks begin that a master may fill in
PAGE = "startIndex"
LOST = "the worker that was to send it told no answer"


@dataclass
class WorkerRequests:
    """Requests that workers send for the master, one after the other in turn, so that races are theirs.

    `hands()` are the ids of the workers that are there, `tell` sends one of them a message. Called as
    RecordedRequests calls `elsewhere`: what was sent between the call and its return is one write, whatever
    the clocks of the machines say.
    """

    hands: Callable[[], list[str]]
    tell: Callable[[str, dict[str, Any]], None]
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[int, tuple[threading.Event, list[Mapping[str, Any]]]] = field(default_factory=dict)

    def __call__(self, file: str, blanks: Blanks, request: Request) -> Exchange:
        """The exchange of that request file, filled by the worker with what is its own; raises RunStopped."""
        number, hands = next(self._numbers), sorted(self.hands())
        if not hands:
            raise RunStopped("no worker is there any more")
        arrived, found = self._waiting[number] = (threading.Event(), [])
        self.tell(hands[number % len(hands)], {"number": number, "file": file, "blanks": blanks})
        arrived.wait(TOLD)
        del self._waiting[number]
        if not found:
            return Exchange(number, request, error=LOST)
        told = found[0]
        headers = tuple((str(name), str(value)) for name, value in told["headers"])
        return Exchange(
            number,
            request,
            told["status"],
            told["reason"],
            headers,
            told["body"],
            told["seconds"],
            told["error"],
        )

    def answered(self, told: Mapping[str, Any]) -> None:
        """A worker tells what was answered."""
        if told["number"] in self._waiting:
            arrived, found = self._waiting[told["number"]]
            found.append(told)
            arrived.set()


@dataclass
class RacingHand:
    """A worker's part in the races: it sends what the master names, and nothing else.

    That is one of the sender's canonical requests, filled in with people and groups of this run. A name has
    to have its prefix, and a resource to be shown with it before it is written: a master that is not one of
    scimproof moves nobody of anybody else's.
    """

    catalog: Catalog
    provider: Sender
    ledger: ProcessLedger
    blanks: Callable[[], Blanks]
    send: Callable[[Request], Exchange]
    guard: WriteGuard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = WriteGuard(self.ledger, base_query=self.blanks().get("base-query", ""))

    def reply(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What was answered to the request that the master asks for, as it is told the master."""
        try:
            exchange = self._sent(str(asked["file"]), asked["blanks"])
        except RunStopped as cause:
            exchange = Exchange(0, Request("", "", ()), error=str(cause))
        return {
            "number": asked["number"],
            "status": exchange.status,
            "reason": exchange.reason,
            "headers": exchange.headers,
            "body": exchange.body,
            "seconds": exchange.seconds,
            "error": exchange.error,
        }

    def _sent(self, file: str, given: Mapping[str, Any]) -> Exchange:
        known = {self.provider.request(purpose) for purpose in PURPOSES if self.provider.has(purpose)}
        names = [name for name in given if not name.startswith(OF_A_PERSON) and name != PAGE]
        if file not in known or names:
            raise RunStopped("not sent: no master of scimproof asks for that")
        request = self.catalog.templates[file].fill({**given, **self.blanks()})
        if request.method == "POST":
            if not str(name_of(kind_of(request.target), request.json)).startswith(self.ledger.prefix):
                raise RunStopped("not sent: the name is not one of this run")
        else:
            for role, kind in (("user", "User"), ("group", "Group")):
                if id := given.get(f"{role}.id"):
                    self.ledger.claim(kind, id)
            ids = [value for name, value in given.items() if name.endswith(".id")]
            if why := self.guard.refusal(request, ids, lambda _: False, self.send):
                raise RunStopped(why)
        exchange = self.send(request)
        if request.method != "POST":
            self.guard.observe(exchange)
        return exchange
