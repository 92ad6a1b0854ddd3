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
from scimproof.load.greenlets import sleep
from scimproof.load.plan.identities import UnscheduledIdentities
from scimproof.load.unscheduled.group_sizes import GroupSizes, pushed
from scimproof.load.unscheduled.prefill import Prefill
from scimproof.load.unscheduled.races import Races
from scimproof.load.unscheduled.recorded_requests import RecordedRequests
from scimproof.load.workload.compiled_sequence import run_blanks
from scimproof.observer.protocol import Observer, ask_observer
from scimproof.target.retry_policy import RetryPolicy, busy
from scimproof.target.target import Target

monotonic = time.monotonic
AUDIT_SECONDS, AUDIT_SECONDS_EACH = 300.0, 0.2  # for reading back: in all, and for each resource more
SILENT = 20  # so many reads in a row without any answer, and the target is not there any more
SLICE = 0.25  # seconds between two looks at whether the run was stopped
# Of the requests outside the schedule, which nobody times as the sender's: no administrator waits for them.
UNSCHEDULED = RetryPolicy(first_wait=1.0, longest=60.0)
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
    retry: RetryPolicy = UNSCHEDULED
    raced: list[Violation] = field(default_factory=list)
    racing: bool = False
    _ends_at: float = math.inf
    _silent: int = 0
    _free: list[Slot] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._booked = RecordedRequests(
            self.send, self.catalog.templates, self._blanks, self.book, self.ledger
        )

    def slot(self) -> Slot:
        """A slot for the load."""
        return AuditedSlot(self.sender, self.book)

    def send(self, request: Request) -> Exchange:
        """One request that is no part of the load; raises RunStopped once the run was stopped.

        A 429, and a 503 to a read that says when to come again, is waited out: it tells nothing of the store.
        """
        if self.stopped():
            raise RunStopped(self.stopped())
        if monotonic() > self._ends_at:
            raise RunStopped("the time for reading back is used up")
        if self._silent >= SILENT:
            raise RunStopped(f"the target stopped answering: {SILENT} requests in a row got no answer")
        slot = self._free.pop() if self._free else self.sender.slot()
        if self.target.headers:
            request = replace(request, headers=request.headers + self.target.headers)
        try:
            answer = self._patiently(slot, request)
            self._silent = self._silent + 1 if answer.error and not answer.head else 0
            return answer.exchange(next(self._numbers), request)
        finally:
            self._free.append(slot)

    def _patiently(self, slot: Slot, request: Request) -> Response:
        """The answer, after as many attempts as the retry policy allows."""
        filled, reads, wait = Filled.of(request), request.method == "GET", None
        for attempt in itertools.count(1):
            answer = slot.exchange(filled, monotonic())
            if answer.error or answer.status not in (429, 503):
                break
            headers = answer.headers
            wait = self.retry.after(attempt, headers, wait)
            if wait is None or not busy(answer.status, self.retry.told(headers), reads=reads):
                break
            self._wait(wait)
        return answer

    def users(self, count: int, tell: Tell) -> list[Member]:
        """So many users who are there before anything is measured; raises RunStopped."""
        return Prefill(self._booked, self._identities("prefill", PREFILLED), self.provider, tell=tell).users(
            count
        )

    def sizes(self, counts: Sequence[int], members: list[Member]) -> dict[str, Any]:
        """Push a group of each of these sizes; raises RunStopped."""
        prefill = Prefill(self._booked, self._identities("sizes", SIZED), self.provider)
        slot = self.slot()

        def send(request: Request) -> Response:
            request = replace(request, headers=request.headers + self.target.headers)
            return self._patiently(slot, request)

        try:
            sizes = GroupSizes(self.catalog, self.provider, send, self._blanks, lambda: prefill.groups(1)[0])
            return pushed(sizes, counts, members, self.stopped)
        finally:
            slot.close()

    def race(self, residents: list[Member]) -> None:
        """Play the deliberate races, while the load goes on; what their answers break is kept."""
        self.racing = True
        try:
            groups = self.target.groups is not False
            races = Races(self._booked, self._identities("races", RACING), self.provider, groups=groups)
            self.raced += races.all(residents)
        except RunStopped:
            pass  # the run was stopped, or what a race needs could not be made: the load's own figures say so
        finally:
            self.racing = False

    def document(self, tell: Tell) -> dict[str, Any]:
        """Read the store back and compare: the `audit` of load.json."""
        while self.racing:
            sleep(0.05)
        ask = self._observe if self.observer else None
        self._silent = 0
        self._ends_at = monotonic() + AUDIT_SECONDS + AUDIT_SECONDS_EACH * len(self.book.resources)
        readback = Readback(
            self.send, self.catalog.templates, self._blanks, self.book, tell=tell, observe=ask
        )
        result = audit(self.book, readback, wait=sleep)
        result.add(self.raced)
        ids = {id for entry in self.ledger.entries.values() for id in entry.ids}
        secrets = self.observer.secrets() if self.observer else []
        return document(result, self.target, self.ledger.prefix, ids, secrets)

    def close(self) -> None:
        """Give back the connections."""
        for slot in self._free:
            slot.close()
        if self.observer:
            self.observer.close()

    def _observe(self, id: str, name: str) -> Exchange:
        """What the observer says about a group."""
        assert self.observer is not None
        return ask_observer(self.observer, Question("group", id, name), self._wait, next(self._numbers))

    def _wait(self, seconds: float) -> None:
        """Wait as the observer's limits want it; raises RunStopped once the run was stopped."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if self.stopped():
                raise RunStopped(self.stopped())
            sleep(min(left, SLICE))

    def _identities(self, purpose: str, letter: str) -> UnscheduledIdentities:
        return UnscheduledIdentities(self.ledger.prefix, purpose, letter, forms=self.provider.identities)

    def _blanks(self) -> dict[str, str]:
        known = run_blanks(self.target, self.ledger.prefix)
        return known | {"authorization": self.target.credentials.authorization()}
