"""Where sequences are played: the target's connection, the ledger, the guard, Okta's patience, the budget."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from scimproof.ledger import Ledger
from scimproof.model import Exchange, Kind, Request, Step
from scimproof.scene import Scene, look
from scimproof.transport import Transport

FIRST_WAIT = 300.0  # Okta's wait after a 429 without a usable Retry-After (wire-facts section 6)
ATTEMPTS = 10
SILENT = 3  # so many exchanges in a row without any answer, and the target counts as gone


def retry_after(exchange: Exchange) -> int | None:
    """The whole seconds of Retry-After; None for a date, a fraction or no header, as Okta reads it."""
    value = (exchange.header("Retry-After") or "").strip()
    return int(value) if value.isascii() and value.isdigit() else None


@dataclass
class LiveStage:
    """Sends for real. Every write it lets through creates something or changes what this run created."""

    transport: Transport
    ledger: Ledger
    ends_at: float = float("inf")
    stop: threading.Event = field(default_factory=threading.Event)
    why: str = ""
    sent: int = 0
    throttled: list[Exchange] = field(default_factory=list)
    _silent: int = 0

    def send(self, request: Request) -> Exchange:
        """The exchange; a 429 is waited out by Okta's rules as far as the run's budget reaches."""
        wait = FIRST_WAIT
        for _ in range(ATTEMPTS):
            exchange = self._once(request)
            if exchange.status != 429:
                return exchange
            self.throttled.append(exchange)
            told = retry_after(exchange)
            pause = float(told) if told is not None else wait
            wait = pause * 2
            left = self.ends_at - time.monotonic()
            if pause > left:
                why = (
                    f"the target answered 429 and Okta would wait {pause:g} s now; "
                    f"only {max(left, 0):.0f} s of the run's budget are left"
                )
                self.halt(why)
                return replace(exchange, status=0, error=why)
            if self.stop.wait(pause):
                break
        return exchange

    def _once(self, request: Request) -> Exchange:
        self.sent += 1
        exchange = self.transport.send(request)
        self._silent = self._silent + 1 if exchange.error and not exchange.headers else 0
        if self._silent >= SILENT:
            self.halt(f"the target stopped answering: {SILENT} requests in a row got no answer ({exchange.error})")
        return exchange

    def halt(self, why: str) -> None:
        """Let nothing more be sent; the first reason stands."""
        if not self.stop.is_set():
            self.why = why
            self.stop.set()

    def stopped(self) -> str:
        if time.monotonic() > self.ends_at:
            self.halt("the run's budget of time is used up")
        return self.why if self.stop.is_set() else ""

    def refusal(self, scene: Scene, step: Step, request: Request) -> str:
        id = addressed(request)
        if request.method in ("GET", "POST") or id not in scene.blanks.values():
            return ""  # reads and creates change nobody; an id written out in the .http file is nobody's
        if not self.ledger.is_ours(id):
            return f"not sent: this {request.method} would change {id}, which this run did not create"
        if not self.ledger.is_proven(id) and not self._prove(id, request):
            return f"not sent: nothing the target shows proves that {id} was created by this run"
        return ""

    def _prove(self, id: str, request: Request) -> bool:
        """Look at the resource once: does it carry the run's prefix?"""
        headers = tuple(pair for pair in request.headers if not pair[0].lower().startswith("content-"))
        body = self._once(Request("GET", request.target, headers)).json
        names = (look(body, "userName"), look(body, "displayName"))
        if any(isinstance(name, str) and self.ledger.prefix in name.casefold() for name in names):
            self.ledger.prove(id)
            return True
        return False

    def intend(self, kind: Kind, name: str) -> None:
        self.ledger.intend(kind, name)

    def made(self, kind: Kind, name: str, exchange: Exchange) -> None:
        id = look(exchange.json, "id")
        if not exchange.ok or not isinstance(id, str | int) or isinstance(id, bool) or not str(id):
            return
        shown = look(exchange.json, "displayName" if kind == "Group" else "userName")
        proven = isinstance(shown, str) and shown.casefold() == name.casefold()
        self.ledger.made(kind, name, str(id), proven=proven)


def addressed(request: Request) -> str:
    """The id at the end of the request's path."""
    return unquote(request.target.partition("?")[0].rpartition("/")[2])
