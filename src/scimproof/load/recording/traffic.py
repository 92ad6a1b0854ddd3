"""Recorded traffic: a capture as sequences that arrive at recorded moments, and what none stands for."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote_plus

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recognition import Recognition
from scimproof.catalog.loader import Catalog
from scimproof.catalog.request_template import Template
from scimproof.core.errors import UsageError
from scimproof.core.http_message import Json
from scimproof.core.scim import resources
from scimproof.load.recording.stand_ins import READS, Covered, StandIns, kind_of

CHAIN = 30.0  # seconds: what one sequence sends about one resource comes within so long of one another
FILTERED = re.compile(r'\beq\s+"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
NAMES = ("userName", "displayName", "externalId")
UNKNOWN = "requests that none of the known senders sends"
ASKED_AGAIN = "requests answered 429, which come again"
FORGET = 5000  # requests after which playings that are over are thrown away
TOLD = 500  # a progress report for so many exchanges

Look = Callable[[CapturedExchange], Recognition]
Tell = Callable[[int], None]
Planned = Callable[[str], Mapping[str, int]]


class RecordedRequest(NamedTuple):
    """One recognised request: its moment in seconds since 1970, which it is, and whom it is about.

    `about` are names of one resource: its id, userName, what was searched. Requests about none, as pages of
    a list, have the name of their collection.
    """

    at: float
    template: str
    dialect: str
    about: tuple[str, ...]


@dataclass
class RecordedTraffic:
    """Recorded traffic as `played`: moments in ms from `began` (seconds since 1970), and ids of sequences.

    `stood_for` says how many requests of the capture the arrivals of each sequence are; `left_out` counts the
    others by what they are. All are of the `sender` with that id.
    """

    sender: str = ""
    began: float = 0.0
    seconds: int = 1
    requests: int = 0
    played: list[tuple[int, str]] = field(default_factory=list)
    stood_for: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(eq=False)
class _Waiting:
    """A read that may go before a write; `done` once a playing covers it."""

    request: RecordedRequest
    done: bool = False


@dataclass(eq=False)
class _Open:
    """A playing that may still cover requests about the same resource, until `last` is CHAIN seconds ago."""

    sequence: str
    rest: Covered
    last: float


def read_traffic(
    exchanges: Iterable[CapturedExchange],
    catalog: Catalog,
    look: Look,
    planned: Planned,
    *,
    sender: str = "",
    tell: Tell = lambda _: None,
) -> RecordedTraffic:
    """What sequences a capture consists of.

    `look` recognises a request, `planned` gives the sequences of a sender's plans. Only requests of that
    `sender` are played, of the one that sent most where none is named. `tell` hears how many were read.
    UsageError for a capture without exchanges, or with none that a sequence stands for.
    """
    found = RecordedTraffic()
    senders: dict[str, list[RecordedRequest]] = {}
    first, last = float("inf"), float("-inf")
    for exchange in exchanges:
        found.requests += 1
        if found.requests % TOLD == 0:
            tell(found.requests)
        first, last = min(first, exchange.at), max(last, exchange.at)
        seen = look(exchange)
        if not seen.known or seen.template not in catalog.templates:
            found.left_out[UNKNOWN] += 1
        elif exchange.status == 429:
            found.left_out[ASKED_AGAIN] += 1
        else:
            template = catalog.templates[seen.template]
            request = RecordedRequest(exchange.at, seen.template, seen.dialect, _about(exchange, template))
            senders.setdefault(seen.sender, []).append(request)
    if not found.requests:
        raise UsageError("no exchange is in it")
    found.began, found.seconds = first, int(last - first) + 1
    known = {one: len(requests) for one, requests in senders.items() if one in catalog.senders}
    found.sender = sender or max(known, key=known.__getitem__, default="")
    for other, requests in senders.items():
        if other != found.sender:
            name = catalog.senders[other].name if other in known else "scimproof itself"
            found.left_out[f"requests of {name}"] += len(requests)
    _Chains(found, catalog, senders.get(found.sender, []), planned).follow()
    if not found.played:
        raise UsageError(f"no sequence stands for any of its requests: {told(found.left_out)}")
    found.played.sort()
    return found


def told(left_out: Mapping[str, int], most: int = 5) -> str:
    """What was left out, the most frequent first: `12 requests of ..., 3 Read a user (X-08)`."""
    ranked = Counter(left_out).most_common()
    rest = sum(count for _, count in ranked[most:])
    words = [f"{count:,} x {what}" for what, count in ranked[:most]]
    return ", ".join([*words, f"{rest:,} others"] if rest else words)


class _Chains:
    """Puts together what one sequence sends: what goes before its main request, and what follows."""

    def __init__(
        self, found: RecordedTraffic, catalog: Catalog, requests: list[RecordedRequest], planned: Planned
    ) -> None:
        self.found, self.catalog = found, catalog
        self.requests = sorted(requests)
        dialects = Counter(one.dialect for one in requests if one.dialect)
        prevailing = max(dialects, key=dialects.__getitem__, default="")
        of = found.sender
        self.stand_ins = (
            StandIns(catalog, catalog.senders[of], planned(of), prevailing) if of in catalog.senders else None
        )
        self._open: dict[str, list[_Open]] = {}
        self._reads: deque[_Waiting] = deque()
        self._reads_about: dict[str, list[_Waiting]] = {}

    def follow(self) -> None:
        """Go through all requests in the order of their moments."""
        for number, request in enumerate(self.requests, 1):
            while self._reads and self._reads[0].request.at < request.at - CHAIN:
                self._alone(self._reads.popleft())
            if number % FORGET == 0:
                self._forget(request.at - CHAIN)
            if self._covered(request):
                continue
            if self._template(request).method in READS:
                self._wait(request)
            else:
                self._arrives(request)
                for waiting in [one for name in request.about for one in self._reads_about.get(name, ())]:
                    waiting.done = waiting.done or self._covered(waiting.request)
        while self._reads:
            self._alone(self._reads.popleft())

    def _wait(self, request: RecordedRequest) -> None:
        """A write of the same resource may follow."""
        waiting = _Waiting(request)
        self._reads.append(waiting)
        for name in request.about:
            self._reads_about.setdefault(name, []).append(waiting)

    def _alone(self, waiting: _Waiting) -> None:
        """A read that no write followed in time."""
        for name in waiting.request.about:
            others = self._reads_about[name]
            others.remove(waiting)
            if not others:
                del self._reads_about[name]
        if not waiting.done and not self._covered(waiting.request):
            self._arrives(waiting.request)

    def _forget(self, before: float) -> None:
        """Playings that cover nothing any more need no room."""
        self._open = {
            name: some for name, some in self._open.items() if any(one.last >= before for one in some)
        }

    def _covered(self, request: RecordedRequest) -> bool:
        """Whether a playing that has begun sends this request too."""
        kind = kind_of(self._template(request))
        for playing in self._playing(request):
            if playing.rest[kind]:
                playing.rest[kind] -= 1
                playing.last = max(playing.last, request.at)
                self._remember(request, playing)
                self.found.stood_for[playing.sequence] += 1
                return True
        return False

    def _arrives(self, request: RecordedRequest) -> None:
        """The main request of a sequence, or one that none stands for."""
        template = self._template(request)
        sequence = self.stand_ins.of(template, request.dialect) if self.stand_ins else None
        if self.stand_ins is None or sequence is None:
            self.found.left_out[self._called(template)] += 1
            return
        self.found.played.append((round((request.at - self.found.began) * 1000), sequence.id))
        self.found.stood_for[sequence.id] += 1
        rest = self.stand_ins.covered(sequence)
        rest[kind_of(template)] -= 1
        self._remember(request, _Open(sequence.id, rest, request.at))

    def _playing(self, request: RecordedRequest) -> Iterator[_Open]:
        """The playings about the same resource that may go on, oldest first."""
        for name in request.about:
            going_on = [one for one in self._open.get(name, ()) if one.last >= request.at - CHAIN]
            if going_on:
                self._open[name] = going_on
                yield from going_on
            else:
                self._open.pop(name, None)

    def _remember(self, request: RecordedRequest, playing: _Open) -> None:
        for name in request.about:
            known = self._open.setdefault(name, [])
            if playing not in known:
                known.append(playing)

    def _template(self, request: RecordedRequest) -> Template:
        return self.catalog.templates[request.template]

    def _called(self, template: Template) -> str:
        """The operation in words: its title and id."""
        known = self.catalog.operations.get(template.operation)
        return f"{known.title} ({template.operation})" if known else template.operation


def _about(exchange: CapturedExchange, template: Template) -> tuple[str, ...]:
    """Names of the resource that the request is about, each after its collection."""
    steps = template.target.partition("?")[0].split("/")[1:]
    collection = f"/{steps[0]}" if steps else ""
    path, _, query = exchange.target.partition("?")
    if len(steps) > 1:
        return (f"{collection}/{path.rpartition('/')[2]}",)
    names: list[Json] = []
    answered = exchange.answer.json if exchange.answer else None
    if exchange.method in READS:
        searched = FILTERED.search(unquote_plus(query))
        if not searched:
            return (collection,)
        names.append(searched[1])
        found = resources(answered)
        names += [found[0].get("id")] if len(found) == 1 and isinstance(found[0], dict) else []
    else:
        for body in (exchange.request.json, answered):
            if isinstance(body, dict):
                names += [body.get(key) for key in (*NAMES, "id")]
    own = (f"{collection}/{name.casefold()}" for name in names if name and isinstance(name, str))
    return tuple(dict.fromkeys(own)) or (collection,)
