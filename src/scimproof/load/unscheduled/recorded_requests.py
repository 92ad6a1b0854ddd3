"""Requests of single fixtures outside the schedule, recorded in the ledger and in the audit log."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scimproof.catalog.request_template import Template
from scimproof.cleanup.ledger import Ledger
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request, slim
from scimproof.core.scim import id_of, kind_of, name_of
from scimproof.engine.write_guard import WriteGuard
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.plan.identities import Blanks


def made_id(exchange: Exchange) -> str:
    """The id that an accepted create gave; empty when there is none."""
    return id_of(exchange.json) if exchange.ok else ""


Send = Callable[[Request], Exchange]
# What sends a request somewhere else: told the file, its own blanks and the request that these make.
Elsewhere = Callable[[str, Blanks, Request], Exchange]


@dataclass
class RecordedRequests:
    """Recorded requests: fills a fixture, sends it and records it. Safe to use from several threads.

    Writes are held to the write guard, as in a certified run: one that would touch what the target has
    not shown to be this run's raises RunStopped. `send` may raise it too, which goes through; the book then
    holds the outcome for unknown. `blanks` gives
    the run's own: base, host, prefix, authorization. With `elsewhere` another process sends the request; what
    the guard has to look at is sent from here.
    """

    send: Send
    templates: Mapping[str, Template]
    blanks: Callable[[], Blanks]
    book: WriteLog
    ledger: Ledger
    elsewhere: Elsewhere | None = None
    guard: WriteGuard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = WriteGuard(self.ledger, base_query=self.blanks().get("base-query", ""))

    def ask(self, file: str, blanks: Mapping[str, str]) -> Exchange:
        """The exchange of that file of fixtures/."""
        request = self.templates[file].fill({**self.blanks(), **blanks})
        given = [value for name, value in blanks.items() if name.endswith(".id")]
        if refusal := self.guard.refusal(request, given, lambda _: False, self._booked):
            raise RunStopped(refusal)
        away = self.elsewhere
        send = (lambda one: away(file, dict(blanks), one)) if away else self.send
        if request.method == "POST":
            return self._create(request, send)
        exchange = self._booked(request, send)
        self.guard.observe(exchange)
        return exchange

    def _create(self, request: Request, send: Send) -> Exchange:
        kind = kind_of(request.target)
        name = name_of(kind, request.json)
        if why := self.guard.intend(kind, name):
            raise RunStopped(why)
        exchange = self._booked(request, send)
        if exchange.ok:
            self.guard.made(kind, name, request.method, exchange.json)
        return exchange

    def _booked(self, request: Request, send: Send | None = None) -> Exchange:
        ticket = self.book.sent(request.method, request.target, request.body, time.monotonic())
        try:
            exchange = (send or self.send)(request)
        except RunStopped:
            self.book.answered(ticket, 0, time.monotonic(), unknown=True)
            raise
        self.book.answered(
            ticket,
            exchange.status,
            time.monotonic(),
            body=exchange.body,
            unknown=bool(exchange.error),
            proof=slim(exchange),  # whoever asks for its JSON has it parsed, and that is never let go
        )
        return exchange
