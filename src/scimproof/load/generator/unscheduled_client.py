"""HTTP client of the requests outside the schedule: waits out limits, gives up on a silent target."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.load.client.client import LoadClient, Slot
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.greenlets import Turn, sleep
from scimproof.load.metrics.unscheduled_counters import PurposeCounters
from scimproof.load.player.retry import LoadRetry
from scimproof.target.target import Target

monotonic = time.monotonic
SILENT = 16  # so many requests in a row without any answer, and the target is not there any more
SLICE = 0.25  # seconds between two looks at whether the run was stopped


@dataclass
class UnscheduledClient:
    """Client for one purpose: prefill, races, read-back. Safe to use from several greenlets.

    What the retry policy has waited out is waited out by one request at a time, with all others behind it, so
    that many at once neither run into the limit again and again nor use up their attempts on one another. A
    request is not sent, and RunStopped raised, once the run was `stopped`, after `ends_at` (a moment of
    `time.monotonic()`, `late` says why), and when the last `silent` requests got no
    answer.
    """

    client: LoadClient
    target: Target
    retry: LoadRetry
    counts: PurposeCounters
    stopped: Callable[[], str] = lambda: ""
    ends_at: float = math.inf
    late: str = "the time for it is used up"
    silent: int = SILENT
    repeatable: frozenset[str] = frozenset({"GET"})
    _silent: int = 0
    _free: list[Slot] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _turn: Turn = field(default_factory=Turn)

    def send(self, request: Request) -> Exchange:
        """The exchange, with the headers that the user adds to every one; raises RunStopped."""
        if self.target.headers:
            request = replace(request, headers=request.headers + self.target.headers)
        answer = self.answer(request, harmless=request.method in self.repeatable)
        return answer.exchange(next(self._numbers), request)

    def answer(self, request: Request, slot: Slot | None = None, *, harmless: bool = False) -> Response:
        """The answer as it came, on that slot or one of its own; `harmless` as LoadRetry has it."""
        filled, held = Filled.of(request), self._turn.taken
        if held:
            self._turn.take()  # somebody waits out a limit: behind them
        try:
            if why := self.why_not():
                raise RunStopped(why)
            mine = slot or (self._free.pop() if self._free else self.client.slot())
            try:
                answer = self._once(mine, filled)
                if self.retry.asks_for_patience(answer, harmless=harmless):
                    if not held:
                        self._turn.take()
                        held = True
                    answer = self._patiently(mine, filled, answer, harmless=harmless)
            finally:
                if slot is None:
                    self._free.append(mine)
        finally:
            if held:
                self._turn.give()
        self._silent = self._silent + 1 if answer.error and not answer.head else 0
        return answer

    def begin(self, seconds: float) -> None:
        """Send nothing more so many seconds from now."""
        self.ends_at = monotonic() + seconds

    def why_not(self) -> str:
        """Why nothing more is sent; empty while it goes on."""
        if why := self.stopped():
            return why
        if monotonic() > self.ends_at:
            return self.late
        if self._silent >= self.silent:
            return f"the target stopped answering: {self.silent} requests in a row got no answer"
        return ""

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass; raises RunStopped once nothing more is to be sent."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if why := self.why_not():
                raise RunStopped(why)
            sleep(min(left, SLICE))

    def close(self) -> None:
        """Give back the connections."""
        while self._free:
            self._free.pop().close()

    def _patiently(self, slot: Slot, filled: Filled, latest: Response, *, harmless: bool) -> Response:
        """The answer, after as many attempts as the retry policy allows; `latest` is that to the first."""

        def again() -> Response:
            nonlocal latest
            latest = self._once(slot, filled)
            return latest

        def wait(seconds: float) -> None:
            self._pass(latest.read + seconds)

        patient = replace(self.retry, wait=wait)
        return patient.persist(latest, again, self._throttled, harmless=harmless)

    def wait_out(self, seconds: float) -> None:
        """As after a 429 that said so many seconds, for an answer that is not asked for again."""
        until = monotonic() + min(seconds, self.retry.policy.longest)
        self._turn.take()
        try:
            self._throttled()
            self._pass(until)
        finally:
            self._turn.give()

    def _throttled(self) -> None:
        self.counts.throttled += 1

    def _pass(self, until: float) -> None:
        left = max(until - monotonic(), 0.0)  # some of it may have passed in the queue
        self.counts.waited += left
        self.wait(left)

    def _once(self, slot: Slot, filled: Filled) -> Response:
        answer = slot.exchange(filled, monotonic())
        self.counts.requests += 1
        self.counts.unanswered += bool(answer.error)
        return answer
