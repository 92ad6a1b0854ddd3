"""Asks a described HTTP interface with an access token, slowly enough for its limits."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

from scimproof.auth import ClientCredentials
from scimproof.errors import CannotTell, UsageError
from scimproof.model import Exchange, Json, Request
from scimproof.oauth import TokenEndpoint
from scimproof.observer import Question, Silent, Told, Wait
from scimproof.observer.described import Description, Read, taken
from scimproof.scene import look
from scimproof.target import Target
from scimproof.transport import HttpTransport, Transport

ID, SECRET = "SCIMPROOF_OBSERVER_CLIENT_ID", "SCIMPROOF_OBSERVER_CLIENT_SECRET"
HINTS = {"invalid_client": f"check {ID} and {SECRET}", "invalid_scope": f"check {ID}"}
SECONDS = 15.0  # for one answer
AFTER_429 = 60.0  # without a usable Retry-After: limits are counted by the minute
ATTEMPTS = 3
GONE = (404, 410)
CLOCKS = timedelta(minutes=5)


@dataclass
class Pace:
    """Lets at most so many things begin in any minute."""

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    _begun: collections.deque[float] = field(default_factory=collections.deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def due(self) -> float:
        """Seconds until the next may begin; 0 when this call lets it begin now."""
        with self._lock:
            now = self.clock()
            while self._begun and now - self._begun[0] >= 60:
                self._begun.popleft()
            if len(self._begun) < self.per_minute:
                self._begun.append(now)
                return 0.0
            return 60 - (now - self._begun[0])


@dataclass
class Interface:
    """An observer that reads a described interface; only GETs, and a POST for the token."""

    description: Description
    target: Target
    transport: Transport
    pace: Pace
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def _window(self) -> dict[str, str]:
        """From when until when logs are read; the two clocks may differ a little."""
        moments = {"since": self.began - CLOCKS, "until": self.began + timedelta(days=1)}
        return {name: moment.strftime("%Y-%m-%dT%H:%M:%SZ") for name, moment in moments.items()}

    @property
    def kind(self) -> str:
        """The description's name."""
        return self.description.id

    @property
    def about(self) -> str:
        """What it reads, and where."""
        return f"{self.description.title} at {self.target.url}"

    def ready(self) -> None:
        """Get the first token; raises CannotTell with the reason when there is none."""
        try:
            self.target.credentials.authorization()
        except CannotTell as problem:
            told = f"the observer {self.kind} cannot be asked: {problem}"
            raise CannotTell(told, setup=problem.setup) from None

    def secrets(self) -> list[str]:
        """The client's secret and every token so far."""
        return self.target.credentials.secrets()

    def close(self) -> None:
        """Close the connections."""
        if isinstance(self.transport, HttpTransport):
            self.transport.close()

    def ask(self, question: Question, wait: Wait) -> Told:
        """What the reads for that question give, in words; nobody when the first of them finds nobody."""
        found: dict[str, Json] = {}
        lines: list[str] = []
        for place, read in enumerate(self.description.questions[question.about]):
            answer = self._read(read, question.id, wait, lines, missing=place == 0 and not read.each)
            if answer is None:
                return Told(None, tuple(lines))
            found |= answer
        return Told(self.description.words(found), tuple(lines))

    def _read(
        self, read: Read, id: str, wait: Wait, lines: list[str], *, missing: bool
    ) -> dict[str, Json] | None:
        """The words of one read, over all its pages; None for a 404 where somebody may be `missing`."""
        path = read.get.replace("{id}", quote(id, safe=""))
        found: dict[str, Json] = {}
        asked = {name: value.format_map(self._window) for name, value in read.query.items()}
        for _ in range(read.most):
            exchange = self._get(f"{path}?{urlencode(asked)}" if asked else path, wait)
            lines.append(f"GET {path} {exchange.status or exchange.error}")
            if missing and exchange.status in GONE:
                return None
            if not exchange.ok or exchange.json is None:
                raise Silent(f"GET {path} at {self.target.host} gave {exchange.summary()[:120]}")
            for word, value in taken(read, exchange.json, id).items():
                found[word] = found[word] + value if read.each and word in found else value
            token = look(exchange.json, read.next) if read.next else None
            if not isinstance(token, str) or not token:
                return found
            asked[read.next] = token
        raise Silent(f"GET {path} at {self.target.host} goes on for more than {read.most} pages")

    def _get(self, path: str, wait: Wait) -> Exchange:
        for attempt in range(ATTEMPTS):
            while (due := self.pace.due()) > 0:
                wait(due)
            exchange = self.transport.send(self._request(path), SECONDS)
            if exchange.status != 429 or attempt == ATTEMPTS - 1:
                break
            told = (exchange.header("Retry-After") or "").strip()
            wait(float(told) if told.isascii() and told.isdigit() and len(told) < 5 else AFTER_429)
        return exchange

    def _request(self, path: str) -> Request:
        try:
            authorization = self.target.credentials.authorization()
        except CannotTell as problem:
            raise Silent(str(problem)) from None
        headers = (
            ("Host", self.target.host_header),
            ("Accept", "application/json"),
            ("Authorization", authorization),
        )
        return Request("GET", self.target.base + path, headers)


def interface(
    description: Description,
    target: Target,
    environment: Mapping[str, str],
    *,
    token_url: str = "",
    url: str = "",
    connect: Callable[[Target], Transport] = HttpTransport,
) -> Interface:
    """The observer for that SCIM target; UsageError when its place or its credentials are not known."""
    known = description.place(target.url)
    if known is None and not (token_url and url):
        raise UsageError(
            f"--observer {description.id}: where {description.title} is cannot be told from {target.url}; "
            "say so with token_url and url in [observer] of scimproof.toml"
        )
    token_url, url = token_url or (known or ("", ""))[0], url or (known or ("", ""))[1]
    for one in (token_url, url):
        if urlsplit(one).scheme != "https" and not Target(one).is_loopback:
            raise UsageError(f"--observer: {one} must be https: its secret would travel in the clear")
    who, secret = environment.get(ID, ""), environment.get(SECRET, "")
    if not who or not secret:
        raise UsageError(f"--observer {description.id} needs {ID} and {SECRET}")
    like = replace(target, headers=())
    endpoint = TokenEndpoint(token_url, who, secret, like=like, connect=connect, hints=HINTS)
    reached = replace(
        like, url=url.rstrip("/"), credentials=ClientCredentials(endpoint, secret, description.scope)
    )
    return Interface(description, reached, connect(reached), Pace(description.per_minute))
