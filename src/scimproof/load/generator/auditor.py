"""Auditor of one process: records every exchange of the load, and sends the requests outside the schedule."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.catalog.senders import Sender
from scimproof.cleanup.cleaner import Tell
from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import Member
from scimproof.core.definitions import Question
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.load.audit.document import document
from scimproof.load.audit.evidence import RawExchange
from scimproof.load.audit.procedure import audit
from scimproof.load.audit.readback import Readback
from scimproof.load.audit.violation import Violation
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.client.client import LoadClient, Slot
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.generator.racing_workers import RacingHand
from scimproof.load.generator.unscheduled_client import SILENT, UnscheduledClient
from scimproof.load.greenlets import sleep
from scimproof.load.ledger.process_ledger import ProcessLedger
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.unscheduled_counters import UnscheduledCounters
from scimproof.load.plan.identities import UnscheduledIdentities
from scimproof.load.player.retry import LoadRetry
from scimproof.load.unscheduled.group_sizes import GroupSizes, pushed
from scimproof.load.unscheduled.prefill import Prefill
from scimproof.load.unscheduled.races import Races, summed
from scimproof.load.unscheduled.recorded_requests import Elsewhere, RecordedRequests
from scimproof.load.workload.compiled_sequence import run_blanks
from scimproof.observer.protocol import Observer, ask_observer
from scimproof.target.sender_rules import own_retry_policy
from scimproof.target.target import Target

monotonic = time.monotonic
AUDIT_SECONDS, AUDIT_SECONDS_EACH = 300.0, 0.2  # for reading back: in all, and for each resource more
# One answer to a read of the audit, or to a racing request: who waits for that waits for nothing measured.
BRISK = 15.0
RACE_SECONDS = 60.0  # that the races may go on after the load
SILENT_PUSH = 3  # batches of a growing group, one after the other, without any answer
PREFILL, SIZES, RACES, AUDIT = "prefill", "group sizes", "races", "audit"
LATE = {AUDIT: "the time for reading back is used up", RACES: "the load is over"}
PREFILLED, RACING, SIZED = "a", "b", "c"  # the first letter of the tags in their names


class AuditedSlot(Slot):
    """Slot whose exchanges are recorded in the log of writes, before and after."""

    __slots__ = ("_book",)

    def __init__(self, sender: LoadClient, book: WriteLog) -> None:
        super().__init__(sender)
        self._book = book

    def exchange(self, filled: Filled, due: float) -> Response:
        """As Slot.exchange, told to the audit before and after."""
        ticket = self._book.sent(filled.method, filled.target, filled.body, monotonic())
        answer = super().exchange(filled, due)
        if ticket is not None:
            self._book.answered(
                ticket,
                0 if answer.error else answer.status,
                answer.read,
                body=b"" if answer.error else answer.body,
                unknown=answer.unknown,
                proof=RawExchange(filled.wire, answer),
            )
        return answer


@dataclass
class Auditor:
    """Auditor of one process; it also sends the prefill, the deliberate races and groups of growing size."""

    catalog: Catalog
    target: Target
    ledger: Ledger
    sender: LoadClient
    provider: Sender
    book: WriteLog = field(default_factory=WriteLog)
    stopped: Callable[[], str] = lambda: ""
    observer: Observer | None = None
    counts: UnscheduledCounters = field(default_factory=UnscheduledCounters)
    raced: list[Violation] = field(default_factory=list)
    racing: bool = False
    _brisk: LoadClient = field(init=False)
    _clients: dict[str, UnscheduledClient] = field(default_factory=dict)
    _asked: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        seconds = min(self.sender.seconds or self.target.seconds, BRISK)
        self._brisk = LoadClient(self.target, seconds)

    def slot(self) -> Slot:
        """A slot for the load."""
        return AuditedSlot(self.sender, self.book)

    def send(self, request: Request) -> Exchange:
        """One read of the audit; raises RunStopped once nothing more is to be sent."""
        return self._client(AUDIT).send(request)

    def users(self, count: int, tell: Tell, *, shown: int | None = None, parallel: int = 8) -> list[Member]:
        """So many users who are there before anything is measured; raises RunStopped.

        The first `shown` are read once they are there, and `parallel` requests are under way at a time.
        """
        names, wait = self._identities("prefill", PREFILLED), self._client(PREFILL).wait_out
        booked = self._recorded(PREFILL)
        prefill = Prefill(booked, names, self.provider, parallel, tell=tell, wait=wait, shown=shown)
        counts = self.counts.of(PREFILL)
        with counts.timed():
            made = prefill.users(count)
        counts.made += len(made)
        return made

    def sizes(self, counts: Sequence[int], members: list[Member]) -> dict[str, Any]:
        """Push a group of each of these sizes; raises RunStopped."""
        prefill = Prefill(self._recorded(SIZES), self._identities("sizes", SIZED), self.provider)
        slot, client = self.slot(), self._client(SIZES)

        def send(request: Request) -> Response:
            request = replace(request, headers=request.headers + self.target.headers)
            return client.answer(request, slot, harmless=True)  # who is added twice is in once

        try:
            sizes = GroupSizes(self.catalog, self.provider, send, self._blanks, lambda: prefill.groups(1)[0])
            return pushed(sizes, counts, members, self.stopped)
        finally:
            slot.close()

    def race(self, residents: list[Member], elsewhere: Elsewhere | None = None) -> None:
        """Play the deliberate races, while the load goes on; what their answers break is kept.

        With `elsewhere` other processes send the requests, each the next one.
        """
        self.racing = True
        try:
            groups = self.target.groups is not False
            booked = replace(self._recorded(RACES), elsewhere=elsewhere)
            races = Races(booked, self._identities("races", RACING), self.provider, groups=groups)
            self.raced += races.all(residents)
        except RunStopped:
            pass  # the run was stopped, or what a race needs could not be made: the load's own figures say so
        finally:
            self.racing = False

    def racing_hand(self, ledger: ProcessLedger) -> RacingHand:
        """The part of this worker in the races of its master."""
        send = self._client(RACES).send
        return RacingHand(self.catalog, self.provider, ledger, self._blanks, send)

    def stop_racing(self) -> None:
        """Start no further request of a race; what is under way ends within BRISK seconds."""
        self._client(RACES).ends_at = -math.inf

    def end_races(self) -> None:
        """Wait until the races are over; those that go on long after the load are cut short."""
        until = monotonic() + RACE_SECONDS
        while self.racing:
            if monotonic() > until:
                self.stop_racing()
            sleep(0.05)

    def document(self, tell: Tell) -> dict[str, Any]:
        """Read the store back and compare: the `audit` of load.json."""
        self.end_races()
        ask = self._observe if self.observer else None
        reader, counts = self._client(AUDIT), self.counts.of(AUDIT)
        reader.ends_at = monotonic() + AUDIT_SECONDS + AUDIT_SECONDS_EACH * len(self.book.resources)
        readback = Readback(
            reader.send, self.catalog.templates, self._blanks, self.book, tell=tell, observe=ask
        )
        with counts.timed():
            result = audit(self.book, readback, wait=sleep)
        result.add(summed(self.raced))
        ids = {id for entry in self.ledger.entries.values() for id in entry.ids}
        secrets = self.observer.secrets() if self.observer else []
        return document(result, self.target, self.ledger.prefix, ids, secrets, reader.why_not())

    def close(self) -> None:
        """Give back the connections."""
        for client in self._clients.values():
            client.close()
        self._brisk.close()
        if self.observer:
            self.observer.close()

    def _observe(self, id: str, name: str) -> Exchange:
        """What the observer says about a group."""
        assert self.observer is not None
        client = self._client(AUDIT)
        return ask_observer(self.observer, Question("group", id, name), client.wait, next(self._asked))

    def _client(self, purpose: str) -> UnscheduledClient:
        """The client of the requests for that purpose."""
        if purpose not in self._clients:
            brisk = purpose in (RACES, AUDIT)
            self._clients[purpose] = UnscheduledClient(
                self._brisk if brisk else self.sender,
                self.target,
                LoadRetry(Metrics(), policy=own_retry_policy(self.provider)),
                self.counts.of(purpose),
                self.stopped,
                late=LATE.get(purpose, ""),
                silent=SILENT_PUSH if purpose == SIZES else SILENT,
            )
        return self._clients[purpose]

    def _recorded(self, purpose: str) -> RecordedRequests:
        return RecordedRequests(
            self._client(purpose).send, self.catalog.templates, self._blanks, self.book, self.ledger
        )

    def _identities(self, purpose: str, letter: str) -> UnscheduledIdentities:
        return UnscheduledIdentities(self.ledger.prefix, purpose, letter, forms=self.provider.identities)

    def _blanks(self) -> dict[str, str]:
        known = run_blanks(self.target, self.ledger.prefix)
        return known | {"authorization": self.target.credentials.authorization()}
