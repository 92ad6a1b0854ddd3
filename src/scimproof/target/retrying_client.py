"""HTTP client of a run: retries 429 by a retry policy, within a budget of time, until it is stopped."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scimproof.core.errors import CannotTell, RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.redaction import passwords
from scimproof.target.credentials import Credentials
from scimproof.target.in_flight import InFlight
from scimproof.target.outage import Silence
from scimproof.target.retry_policy import RETRY, RetryPolicy
from scimproof.target.transport import Transport

SILENT = 3  # so many exchanges in a row without any answer, and the target is asked whether it is still there
GRACE = 2.0  # so long a request under way may take when everything else has been told to stop
RESTART = 3.0  # so long a target that is gone is waited for


@dataclass
class RetryingClient:
    """HTTP client that retries 429, with fresh credentials, until its time is over or it is halted.

    `alive` is called when a connection was refused or closed without an answer, and after several exchanges
    in a row without one: whether the target answers at all. Without it three in a row end the run. `heard` is
    called for every exchange, including retried 429s and creation of shared users. `limit` is the name of the
    budget in messages. `passwords` are those of all requests so far.
    """

    transport: Transport
    credentials: Credentials
    alive: Callable[[], bool] | None = None
    heard: Callable[[Exchange], None] = lambda _: None
    limit: str = "the run's budget of time (--budget)"
    retry: RetryPolicy = RETRY
    ends_at: float = math.inf
    stop: threading.Event = field(default_factory=threading.Event)
    why: str = ""
    sent: int = 0
    throttled: int = 0
    passwords: set[str] = field(default_factory=set)
    traffic: InFlight = field(default_factory=InFlight)
    silence: Silence = field(default_factory=Silence)
    _silent: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _asking: threading.RLock = field(default_factory=threading.RLock)

    def authorization(self) -> str:
        """The Authorization header for the next request; raises RunStopped when there is none to be had."""
        try:
            return self.credentials.authorization()
        except CannotTell as problem:
            self.halt(str(problem))
            raise RunStopped(self.why) from problem

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """The exchange; a 429 is waited out by the retry policy as far as the run's budget reaches.

        Raises RunStopped when the run stopped before the answer was there.
        """
        wait: float | None = None
        for attempt in itertools.count(1):
            exchange = self.once(request, seconds)
            if exchange.status != 429:
                break
            wait = self.retry.after(attempt, exchange.headers, wait)
            if wait is None:
                break
            self._wait(wait)
        return exchange

    def _wait(self, pause: float) -> None:
        with self._lock:
            self.throttled += 1
        left = self.ends_at - time.monotonic()
        if pause > left:
            self.halt(
                f"the target answered 429 and {self.retry.whose} would wait {pause:g} s now; "
                f"only {max(left, 0):.0f} s are left of {self.limit}"
            )
        if self.stop.wait(pause):
            raise RunStopped(self.why)

    def once(self, request: Request, seconds: float | None = None) -> Exchange:
        """As `send`, without a retry after 429."""
        if self.stopped():
            raise RunStopped(self.why)
        self.passwords.update(passwords(request))
        exchange = self._sent(request, seconds)
        if exchange.lost and self.alive and self.silence.ever_answered:
            exchange = self._unless_gone(exchange, request, seconds)
        elif exchange.error and self.stopped():
            raise RunStopped(self.why)
        self.heard(exchange)
        with self._lock:
            self.sent += 1
            self._silent = self._silent + 1 if exchange.error and not exchange.headers else 0
            suspicious = self._silent >= SILENT
        if suspicious and not (self.alive and self.alive()):
            self.halt(
                f"the target stopped answering: {SILENT} requests in a row got no answer ({exchange.error})"
            )
        elif suspicious:
            self._silent = 0
        return exchange

    def _sent(self, request: Request, seconds: float | None) -> Exchange:
        with self.traffic.under_way():
            exchange = self.transport.send(request, seconds)
            self.silence.note(exchange)  # before anybody can see that nothing is under way any more
        return exchange

    def _unless_gone(self, exchange: Exchange, request: Request, seconds: float | None) -> Exchange:
        """An exchange that was lost, or a second where the target never saw it; RunStopped where it was gone.

        One thread at a time tests that, so that requests lost together are judged together. The target may
        only be restarting.
        """
        assert self.alive is not None
        with self._asking:
            if not self.silence.took(exchange) and not self.stopped():
                if self.alive():
                    self.silence.there()
                else:
                    self.traffic.settle(GRACE)  # what was under way when it went is lost by now, too
                    self.silence.gone()
                    if not self._comes_back(self.alive):
                        self.halt(self.silence.told())
        went = self.silence.took(exchange)
        suspects = self.silence.suspects() if went else []
        if exchange in suspects:
            ended = replace(exchange, lost="ended")
            if len(suspects) == 1:
                return ended
            self.heard(ended)  # that one of them ended the target is certain, and not which
            raise RunStopped(self.silence.told())
        if self.stopped():
            raise RunStopped(self.why)
        if exchange.lost == "unsent":
            return self._sent(request, seconds)
        if went:
            raise RunStopped(self.silence.told())
        return exchange

    def _comes_back(self, alive: Callable[[], bool]) -> bool:
        """Whether the target answers again within the time that a restart takes."""
        until = time.monotonic() + RESTART
        while time.monotonic() < until and not self.stop.wait(RESTART / 10):
            if alive():
                return True
        return False

    def pause(self, seconds: float) -> None:
        """Let so much time pass; raises RunStopped when the run ends meanwhile."""
        if self.stopped() or self.stop.wait(min(seconds, max(self.ends_at - time.monotonic(), 0))):
            raise RunStopped(self.why)

    def halt(self, why: str) -> None:
        """Stop: no further request is sent, and those in flight end soon; the first reason is kept."""
        with self._lock:
            if not self.stop.is_set():
                self.why = why
                self.stop.set()
                self.transport.until(time.monotonic() + GRACE)

    def begin(self, budget: float) -> None:
        """Start the budget: no exchange lasts beyond that many seconds from now."""
        self.ends_at = time.monotonic() + budget
        self.transport.until(self.ends_at)

    def stopped(self) -> str:
        """Why nothing more may be sent; empty while the run goes on."""
        if time.monotonic() > self.ends_at:
            self.halt(f"{self.limit} is used up")
        return self.why if self.stop.is_set() else ""
