"""Outages: the last requests before a target stopped answering, and which of them may have stopped it."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable
from urllib.parse import urlsplit

from scimproof.core.http_message import Exchange, Request

NAMED = 4  # requests in a sentence
COLLECTION = re.compile(r".*/(Users|Groups)$")


class Silence:
    """Records answered requests, and those lost when the target stopped answering. Thread-safe.

    A request whose connection was closed without an answer may have stopped the target, unless one of its
    kind was answered before and another lost request is of a kind that never was.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answered: set[str] = set()
        self._latest: deque[Request] = deque(maxlen=NAMED)
        self._lost: list[Exchange] = []
        self._with_it: dict[int, Exchange] = {}

    @property
    def ever_answered(self) -> bool:
        """Whether the target has answered any request; one that never did has not stopped."""
        return bool(self._answered)

    def note(self, exchange: Exchange) -> None:
        """Record how that request ended."""
        with self._lock:
            if exchange.lost:
                self._lost.append(exchange)
            elif not exchange.error:
                self._answered.add(kind(exchange.request))
                self._latest.append(exchange.request)

    def gone(self) -> None:
        """Record that the target is unreachable: all requests lost and not reported yet were lost with it."""
        with self._lock:
            self._with_it = {exchange.number: exchange for exchange in self._lost}
            self._lost = []

    def there(self) -> None:
        """Record that the target is reachable: the requests lost so far were lost one by one."""
        with self._lock:
            self._lost = []

    def took(self, exchange: Exchange) -> bool:
        """Whether that exchange was lost when the target became unreachable."""
        return exchange.number in self._with_it

    def told(self) -> str:
        """A sentence for people: that the target stopped answering, and after which requests."""
        suspects = self.suspects()
        why = next((e.error for e in self._with_it.values() if e.lost == "unsent"), "")
        since = f"; since then: {why}" if why else "; it answers nothing since"
        if suspects:
            names = _names(exchange.request for exchange in suspects)
            names = f"one of {names}" if len(suspects) > 1 else names
            return f"the target was gone after {names}: {suspects[0].error}{since}"
        return f"the target was gone{since}; the last that it answered: {_names(self._latest) or 'nothing'}"

    def suspects(self) -> list[Exchange]:
        """The requests of which one stopped the target, as far as the records show."""
        with self._lock:
            closed = [exchange for exchange in self._with_it.values() if exchange.lost == "closed"]
            new = [exchange for exchange in closed if kind(exchange.request) not in self._answered]
        return new or closed


def kind(request: Request) -> str:
    """The kind of a request: `PUT /Users/{id}`, `GET /Users?filter`; a server has one handler for each."""
    parts = urlsplit(request.target)
    collection = COLLECTION.fullmatch(parts.path)
    name = collection[1] if collection else parts.path.rpartition("/")[0].rpartition("/")[2] + "/{id}"
    return f"{request.method} /{name}" + ("?filter" if "filter=" in parts.query else "")


def _names(requests: Iterable[Request]) -> str:
    every = [f"{request.method} {request.target}" for request in requests]
    more = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more
