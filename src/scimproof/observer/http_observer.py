"""Asks a described HTTP interface with an access token, slowly enough for its limits."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode, urlsplit

import httpx2

from scimproof.core.definitions import Question
from scimproof.core.errors import CannotTell, UsageError
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.core.scim import value_at
from scimproof.observer.descriptions import Description, Read, taken
from scimproof.observer.protocol import ObserverAnswer, ObserverUnavailable, Wait
from scimproof.target.credentials import ClientCredentials
from scimproof.target.target import Target
from scimproof.target.token_endpoint import TokenEndpoint
from scimproof.target.transport import HttpTransport

ID, SECRET = "SCIMPROOF_OBSERVER_CLIENT_ID", "SCIMPROOF_OBSERVER_CLIENT_SECRET"
HINTS = {"invalid_client": f"check {ID} and {SECRET}", "invalid_scope": f"check {ID}"}
SECONDS = 15.0  # for one answer
AFTER_429 = 60.0  # without a usable Retry-After: limits are counted by the minute
ATTEMPTS = 3
GONE = (404, 410)
CLOCKS = timedelta(minutes=5)  # so much may two clocks differ of which nobody said what they show
TICK = timedelta(seconds=2)  # so exactly is the other clock known from a Date header, which has whole seconds


class Nobody(ObserverUnavailable):
    """There is nothing at that path: whoever is asked about is not there."""


@dataclass
class RequestPace:
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
    """An observer that reads a described interface; only GETs, and a POST for the token.

    `people` is where what people do is played, at a stand-in on this machine; None for a real one.
    """

    description: Description
    target: Target
    transport: HttpTransport
    pace: RequestPace
    people: Target | None = None
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    _ahead: timedelta | None = None  # its clock, as far as it is known, before ours
    _forgone: set[str] = field(default_factory=set)

    def _window(self, since: datetime | None) -> dict[str, str]:
        """From when until when logs are read: no earlier than has to be, by the clock of the interface."""
        here = self.target.is_loopback and (self._ahead is None or abs(self._ahead) <= TICK)
        if since is None or (self._ahead is None and not here):
            start = (since or self.began) - CLOCKS
        else:
            start = since if here or self._ahead is None else since + self._ahead - TICK
        moments = {"since": start, "until": start + timedelta(days=1)}
        return {name: moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for name, moment in moments.items()}

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
        self.transport.close()

    def late(self, about: str) -> float:
        """As the description says, unless that log has stayed empty."""
        return 0.0 if about in self._forgone else self.description.late(about)

    def forgo(self, about: str) -> None:
        """Wait for that log no more."""
        self._forgone.add(about)

    def ask(self, question: Question, wait: Wait) -> ObserverAnswer:
        """What the reads for that question give, in words; nobody when the first of them finds nobody."""
        found: dict[str, Json] = {}
        lines: list[str] = []
        empty = ""
        for place, read in enumerate(self.description.questions[question.about]):
            try:
                pages = list(self._pages(read, question, wait, lines))
            except Nobody:
                if place or read.each:
                    raise
                return ObserverAnswer(None, tuple(lines))
            for page in pages:
                for word, value in taken(read, page, question.id).items():
                    found[word] = found[word] + value if read.each and word in found else value
            some = not read.empty or any(value_at(page, read.each) for page in pages)
            if not some and not self._anything(read, question, wait, lines):
                empty = read.empty
        return ObserverAnswer(self.description.words(found), tuple(lines), empty)

    def act(self, what: str, question: Question, wait: Wait) -> ObserverAnswer | None:
        """What people do, played at a stand-in that offers it; None at a real one."""
        act = self.description.acts.get(what)
        if act is None or self.people is None:
            return None
        offered = self._to_people("GET", "").json
        if not isinstance(offered, dict) or act.offered not in offered:
            return None
        path = act.post.replace("{id}", quote(question.id, safe=""))
        exchange = self._to_people("POST", path, act.body.encode())
        if not exchange.ok:
            raise ObserverUnavailable(f"POST {path} at {self.people.host} gave {exchange.summary()[:120]}")
        return ObserverAnswer({"done": what, "by": f"POST {path}"})

    def _to_people(self, method: str, path: str, body: bytes = b"") -> Exchange:
        assert self.people is not None
        headers = [("Host", self.people.host_header), ("Accept", "application/json")]
        if body:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        request = Request(method, self.people.base + path, tuple(headers), body)
        return self.transport.send(request, SECONDS)

    def _pages(self, read: Read, question: Question, wait: Wait, lines: list[str]) -> Iterator[Json]:
        """The answers of one read, page by page; raises Nobody for a 404."""
        window = self._window(question.since)
        asked = {name: value.format_map(window) for name, value in read.query.items()}
        for _ in range(read.most):
            page = self._page(read, question.id, asked, wait, lines)
            yield page
            token = value_at(page, read.next) if read.next else None
            if not isinstance(token, str) or not token:
                return
            asked[read.next] = token
        path = read.get.replace("{id}", question.id)
        raise ObserverUnavailable(f"GET {path} at {self.target.host} goes on for more than {read.most} pages")

    def _page(self, read: Read, id: str, asked: Mapping[str, str], wait: Wait, lines: list[str]) -> Json:
        path = read.get.replace("{id}", quote(id, safe=""))
        exchange = self._get(f"{path}?{urlencode(asked)}" if asked else path, wait)
        lines.append(f"GET {path} {exchange.status or exchange.error}")
        if not exchange.ok or exchange.json is None:
            kind = Nobody if exchange.status in GONE else ObserverUnavailable
            raise kind(f"GET {path} at {self.target.host} gave {exchange.summary()[:120]}")
        return exchange.json

    def _anything(self, read: Read, question: Question, wait: Wait, lines: list[str]) -> bool:
        """Whether a list has anything in it at all, whenever it came in."""
        return bool(value_at(self._page(read, question.id, {}, wait, lines), read.each))

    def _get(self, path: str, wait: Wait) -> Exchange:
        headers = (("Host", self.target.host_header), ("Accept", "application/json"))
        request = Request("GET", self.target.base + path, headers)
        for attempt in range(ATTEMPTS):
            while (due := self.pace.due()) > 0:
                wait(due)
            try:
                exchange = self.transport.send(request, SECONDS, self.target.credentials)
            except CannotTell as problem:
                raise ObserverUnavailable(str(problem)) from None
            self._learn(exchange)
            if exchange.status != 429 or attempt == ATTEMPTS - 1:
                break
            told = (exchange.header("Retry-After") or "").strip()
            wait(float(told) if told.isascii() and told.isdigit() and len(told) < 5 else AFTER_429)
        return exchange

    def _learn(self, exchange: Exchange) -> None:
        """What its clock shows, from the Date header."""
        try:
            shown = parsedate_to_datetime(exchange.header("Date") or "")
        except ValueError:
            return
        if shown.tzinfo:
            self._ahead = shown - datetime.now(UTC)


def interface(
    description: Description,
    target: Target,
    environment: Mapping[str, str],
    *,
    token_url: str = "",
    url: str = "",
    over: httpx2.BaseTransport | None = None,
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
    hints = dict(HINTS)
    for code, words in description.refused.items():
        hints[code] = "; ".join(filter(None, (hints.get(code), words)))
    endpoint = TokenEndpoint(token_url, who, secret, like=like, over=over, hints=hints)
    reached = replace(
        like, url=url.rstrip("/"), credentials=ClientCredentials(endpoint, secret, description.scope)
    )
    people = description.people(target.url)
    here = people and reached.is_loopback and urlsplit(people).netloc == urlsplit(reached.url).netloc
    stand_in = replace(like, url=people) if here else None
    return Interface(
        description, reached, HttpTransport(reached, over=over), RequestPace(description.per_minute), stand_in
    )
