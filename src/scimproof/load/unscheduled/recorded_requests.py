"""Sends single requests of fixtures/ with everything written down: in the ledger, and in the promise book."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from scimproof.catalog.identities import group, person
from scimproof.catalog.request_template import Template
from scimproof.cleanup.ledger import Ledger
from scimproof.core.definitions import Sequence
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.scim import kind_of, usable_id, value_at
from scimproof.engine.write_guard import WriteGuard
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.workload.identities import Cast, mould

Blanks = dict[str, str]
PURPOSES = ("prefill", "sizes", "races")  # why people are created beside those of the sequences
POOL = 16  # so many different people: making one costs as much as sending fifty requests


def made_id(exchange: Exchange) -> str:
    """The id that an accepted create gave; empty when there is none."""
    return usable_id(value_at(exchange.json, "id")) if exchange.ok else ""


@dataclass
class RecordedRequests:
    """Fills a file, sends it and remembers it. Safe to use from several threads.

    Writes are held to the write guard, as in a certified run: one that would touch what the target has
    not shown to be this run's raises GaveUp. `send` may raise it too, which goes through; the book then
    holds the outcome for unknown. `blanks` gives
    the run's own: base, host, prefix, authorization.
    """

    send: Callable[[Request], Exchange]
    templates: Mapping[str, Template]
    blanks: Callable[[], Blanks]
    book: WriteLog
    ledger: Ledger
    guard: WriteGuard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = WriteGuard(self.ledger, self._booked)

    def ask(self, file: str, blanks: Mapping[str, str]) -> Exchange:
        """The exchange of that file of fixtures/."""
        request = self.templates[file].fill({**self.blanks(), **blanks})
        given = [value for name, value in blanks.items() if name.endswith(".id")]
        if refusal := self.guard.refusal(request, given, lambda _: False):
            raise RunStopped(refusal)
        if request.method == "POST":
            return self._create(request)
        exchange = self._booked(request)
        self.guard.observe(exchange)
        return exchange

    def _create(self, request: Request) -> Exchange:
        kind = kind_of(request.target)
        name = str(value_at(request.json, "displayName" if kind == "Group" else "userName"))
        try:
            self.ledger.intend(kind, name)
        except OSError:
            raise RunStopped(f"the ledger cannot be written: {self.ledger.trouble}") from None
        exchange = self._booked(request)
        if made_id(exchange):
            self.ledger.made(kind, name, made_id(exchange))
        elif exchange.ok:
            self.ledger.accepted(kind, name)
        return exchange

    def _booked(self, request: Request) -> Exchange:
        ticket = self.book.sent(request.method, request.target, request.body, time.monotonic())
        try:
            exchange = self.send(request)
        except RunStopped:
            self.book.answered(ticket, 0, time.monotonic(), unknown=True)
            raise
        self.book.answered(
            ticket,
            exchange.status,
            time.monotonic(),
            body=exchange.body,
            unknown=bool(exchange.error),
            proof=exchange,
        )
        return exchange


def learn_passwords(sequences: Iterable[Sequence], prefix: str, seed: int) -> None:
    """Have the passwords of a run remembered as secrets in a process that did not make its people.

    A server may say them when it refuses to remove who has them.
    """
    for sequence in sequences:
        Cast(sequence, prefix, seed).moulds()
    for purpose in PURPOSES:
        UnscheduledIdentities(prefix, purpose, "")


@dataclass
class UnscheduledIdentities:
    """People and groups of one purpose, cheap and unlike all others of the run; `where` names the purpose.

    Tags are hexadecimal, as `scimproof clean` looks for them, and begin with `letter`.
    """

    prefix: str
    where: str
    letter: str
    seed: int = 1

    def __post_init__(self) -> None:
        places = [f"load/{self.where}/{number}" for number in range(POOL)]
        self._people = [mould("user", place, person(self.seed, self.prefix, place)) for place in places]
        self._group = mould("group", places[0], group(self.prefix, places[0]))

    def person(self, number: int) -> Blanks:
        """The blanks `user.…` of the person of that number."""
        blanks: Blanks = {}
        self._people[number % POOL].fill(blanks, self._tag(number))
        return blanks

    def group(self, number: int) -> Blanks:
        """The blanks `group.…` of the group of that number."""
        blanks: Blanks = {}
        self._group.fill(blanks, self._tag(number))
        return blanks

    def _tag(self, number: int) -> str:
        return f"{self.letter}{number:05x}"
