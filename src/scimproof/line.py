"""The line to the target: sends with Okta's patience, within a budget of time, until told to stop."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from scimproof.auth import Credentials
from scimproof.conduct import GaveUp
from scimproof.errors import CannotTell
from scimproof.model import Exchange, Request
from scimproof.redaction import passwords
from scimproof.transport import Transport

FIRST_WAIT = 300.0  # Okta's wait after a 429 without a usable Retry-After (wire-facts section 6)
ATTEMPTS = 10
SILENT = 3  # so many exchanges in a row without any answer, and the target is asked whether it is still there
GRACE = 2.0  # so long a request under way may take when everything else has been told to stop


def retry_after(exchange: Exchange) -> int | None:
    """The whole seconds of Retry-After; None for a date, a fraction or no header, as Okta reads it."""
    return told_seconds(exchange.header("Retry-After"))


def told_seconds(retry_after: str | None) -> int | None:
    """The same of the header's text; more than nine digits are not believed."""
    text = (retry_after or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@dataclass
class Line:
    """Sends, with fresh credentials, until its time is over or somebody says halt.

    `alive` is asked when several exchanges in a row got no answer: whether the target answers anything.
    `heard` is told of every exchange as it ends, those included that no sequence shows: a 429 that was
    waited out, the creates of the shared population.
    `limit` is what a person calls the time it has. `passwords` are those of all requests so far.
    """

    transport: Transport
    credentials: Credentials
    alive: Callable[[], bool] = lambda: False
    heard: Callable[[Exchange], None] = lambda _: None
    limit: str = "the run's budget of time (--budget)"
    ends_at: float = math.inf
    stop: threading.Event = field(default_factory=threading.Event)
    why: str = ""
    sent: int = 0
    throttled: int = 0
    passwords: set[str] = field(default_factory=set)
    _silent: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def authorization(self) -> str:
        """The Authorization header for the next request; raises GaveUp when there is none to be had."""
        try:
            return self.credentials.authorization()
        except CannotTell as problem:
            self.halt(str(problem))
            raise GaveUp(self.why) from problem

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """The exchange; a 429 is waited out by Okta's rules as far as the run's budget reaches.

        Raises GaveUp when the run stopped before the answer was there.
        """
        wait = FIRST_WAIT
        for attempt in range(ATTEMPTS):
            exchange = self.once(request, seconds)
            if exchange.status != 429 or attempt == ATTEMPTS - 1:
                break
            told = retry_after(exchange)
            pause = float(told) if told is not None else wait
            wait = pause * 2
            self._wait(pause)
        return exchange

    def _wait(self, pause: float) -> None:
        with self._lock:
            self.throttled += 1
        left = self.ends_at - time.monotonic()
        if pause > left:
            self.halt(
                f"the target answered 429 and Okta would wait {pause:g} s now; "
                f"only {max(left, 0):.0f} s are left of {self.limit}"
            )
        if self.stop.wait(pause):
            raise GaveUp(self.why)

    def once(self, request: Request, seconds: float | None = None) -> Exchange:
        """As `send`, without waiting where the target answers 429."""
        if self.stopped():
            raise GaveUp(self.why)
        self.passwords.update(passwords(request))
        exchange = self.transport.send(request, seconds)
        if exchange.error and self.stopped():
            raise GaveUp(self.why)
        self.heard(exchange)
        with self._lock:
            self.sent += 1
            self._silent = self._silent + 1 if exchange.error and not exchange.headers else 0
            suspicious = self._silent >= SILENT
        if suspicious and not self.alive():
            self.halt(
                f"the target stopped answering: {SILENT} requests in a row got no answer ({exchange.error})"
            )
        elif suspicious:
            self._silent = 0
        return exchange

    def halt(self, why: str) -> None:
        """Let nothing more be sent, and nothing under way last much longer; the first reason stands."""
        with self._lock:
            if not self.stop.is_set():
                self.why = why
                self.stop.set()
                self.transport.until(time.monotonic() + GRACE)

    def begin(self, budget: float) -> None:
        """Start the clock: nothing lasts beyond that many seconds from now."""
        self.ends_at = time.monotonic() + budget
        self.transport.until(self.ends_at)

    def stopped(self) -> str:
        """Why nothing more may be sent; empty while the run goes on."""
        if time.monotonic() > self.ends_at:
            self.halt(f"{self.limit} is used up")
        return self.why if self.stop.is_set() else ""
