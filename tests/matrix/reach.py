"""Which sequences of the profile a fault can touch, found without playing them against it.

The profile is played once against the honest target, and every request is kept with its answer. A fault is
then shown each of these requests, with the honest answer behind it and nothing else. What it answers
otherwise, changes on the way in, asks for besides, or sleeps on, is touched. That takes 0.06 s for a fault,
where playing the profile takes three seconds; half of the faults touch fewer than 14 of 116 sequences.
"""

from __future__ import annotations

import copy
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NoReturn, cast
from unittest import mock

import pytest
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from scimproof.core.http_message import Request
from scimproof.core.results import Finding
from scimproof.embedded.app import Application
from scimproof.embedded.fault import Fault
from scimproof.embedded.intercepted_request import InterceptedRequest, WireRequest
from scimproof.embedded.responses import encode
from scimproof.embedded.store import Store
from tests.matrix.inprocess import TOKEN, InProcess, outcomes_by, whole


class Reached(Exception):
    """The fault did something that the answer alone does not show."""


@dataclass(frozen=True)
class Seen:
    """One request as a fault gets it, with the honest answer to it."""

    exchange: int
    request: WireRequest
    status: int
    headers: Mapping[str, str]
    body: bytes | None

    @cached_property
    def form(self) -> tuple[object, ...]:
        """What kind of request this is, asked for by every fault."""
        return form(self.request)

    def answer(self) -> ScimResponse:
        """The honest answer, anew, so that a fault may change it."""
        body = None if self.body is None else json.loads(self.body)
        return ScimResponse(cast("Any", self.status), body, dict(self.headers))

    def is_answered_by(self, given: ScimResponse) -> bool:
        """Whether that is the honest answer; as bytes, since to Python true is 1."""
        body = None if given.body is None else encode(given.body)
        return (given.status, given.headers, body) == (self.status, self.headers, self.body)


@dataclass(frozen=True)
class Asked:
    """What one sequence asks: its exchanges, and from each on which requirements."""

    exchanges: tuple[int, ...]
    findings: tuple[tuple[int, str], ...]

    def after(self, first: int) -> set[str]:
        """The requirements that are held to that exchange or to a later one."""
        return {requirement for last, requirement in self.findings if last >= first}


@dataclass(frozen=True)
class Honest:
    """The profile against the honest target: what a fault sees before authentication and behind it.

    `findings` are all that came of it, `sent` the requests.
    """

    edge: tuple[Seen, ...]
    core: tuple[Seen, ...]
    asked: Mapping[str, Asked]
    findings: tuple[Finding, ...]
    sent: tuple[Request, ...]


class _Told:
    """Numbers from 1, the last of which each thread can ask for."""

    def __init__(self, now: threading.local) -> None:
        self._count, self._now = itertools.count(1), now

    def __iter__(self) -> _Told:
        return self

    def __next__(self) -> int:
        self._now.number = next(self._count)
        return int(self._now.number)


class Numbered(InProcess):
    """Tells which exchange is being answered in this thread."""

    def __init__(self, app: Application) -> None:
        self.now = threading.local()
        super().__init__(app, numbers=_Told(self.now))


@dataclass
class Recorder:
    """A fault that changes nothing and keeps everything."""

    number: Callable[[], int]
    seen: list[Seen] = field(default_factory=list)

    def __call__(self, call: InterceptedRequest) -> ScimResponse:
        request = copy.copy(cast("WireRequest", call.request))
        answer = call.proceed()
        body = None if answer.body is None else encode(answer.body)
        self.seen.append(Seen(self.number(), request, answer.status, dict(answer.headers), body))
        return answer


@cache
def honest() -> Honest:
    """Played once in each process of the tests."""
    edge, core = Recorder(lambda: transport.now.number), Recorder(lambda: transport.now.number)
    faults = [Fault("", "", "", "", edge, edge=True), Fault("", "", "", "", core)]
    transport = Numbered(Application(TOKEN, faults, 0.0))
    asked: dict[str, Asked] = {}
    outcomes = outcomes_by(transport, whole())
    for outcome in outcomes:
        name = outcome.id.partition("/")[0]
        before = asked.get(name, Asked((), ()))
        numbers = tuple(exchange.number for exchange in outcome.exchanges)
        last = max((*before.exchanges, *numbers), default=0)
        found = tuple((last, finding.requirement) for finding in outcome.findings)
        asked[name] = Asked((*before.exchanges, *numbers), (*before.findings, *found))
    played = {sequence.id for sequence in whole()}  # the watches are no sequences: they look at all answers
    return Honest(
        tuple(edge.seen),
        tuple(core.seen),
        {name: asked[name] for name in asked if name in played},
        tuple(finding for outcome in outcomes for finding in outcome.findings),
        tuple(exchange.request for outcome in outcomes for exchange in outcome.exchanges),
    )


# They ask about it, and so they are given to one worker, or to few.
PLAYED_HONESTLY = pytest.mark.xdist_group("played-honestly")


def shared(number: int) -> pytest.MarkDecorator:
    """The worker for the case of that number, where there is more to play than one worker should."""
    return PLAYED_HONESTLY if number % 4 == 0 else pytest.mark.xdist_group("faults")


def _reached(*_: Any, **__: Any) -> NoReturn:
    raise Reached


class NoStore:
    """Stands for the store: who looks into it or writes to it is at work."""

    def __init__(self) -> None:
        self.lock = threading.RLock()

    def __getattr__(self, name: str) -> NoReturn:
        raise Reached


def seen_by(fault: Fault) -> tuple[Seen, ...]:
    """What a fault sees of the honest run: all before authentication, or what was let in."""
    return honest().edge if fault.edge else honest().core


@cache
def touches(fault: Fault) -> frozenset[int]:
    """The exchanges of the honest run that are not what they were with this fault."""
    return touched_of(fault, seen_by(fault))


def touched_of(fault: Fault, some: Iterable[Seen]) -> frozenset[int]:
    """Of some exchanges of an honest run those that are not what they were with a fault."""
    memory, store = dict[str, Any](), cast("Store", NoStore())
    with mock.patch.object(time, "sleep", _reached):
        return frozenset(seen.exchange for seen in some if _touches(fault, seen, store, memory))


def _touches(fault: Fault, seen: Seen, store: Store, memory: dict[str, Any]) -> bool:
    request = copy.copy(seen.request)
    proceeded: list[ScimRequest] = []

    def proceed() -> ScimResponse:
        proceeded.append(copy.copy(request))
        return seen.answer()

    try:
        given = fault.behave(InterceptedRequest(request, store, memory, proceed, _reached))
    except Exception:  # noqa: BLE001 - the fault went on from something that only a server would have told it
        return True
    return proceeded != [seen.request] or type(given) is not ScimResponse or not seen.is_answered_by(given)


def touched(fault: Fault) -> dict[str, frozenset[int]]:
    """The sequences that a fault touches, each with the exchanges in which it does."""
    everywhere = touches(fault)
    found = {name: everywhere.intersection(asked.exchanges) for name, asked in honest().asked.items()}
    return {name: exchanges for name, exchanges in found.items() if exchanges}


def fewest(fault: Fault) -> set[str]:
    """Of the sequences that a fault touches so many that every requirement it can reach is asked.

    Chosen are those that ask the most for the fewest requests. Each form of request that the fault touches is
    among them too.
    """
    forms = {one.exchange: one.form for one in seen_by(fault)}
    asked = honest().asked
    asks: dict[str, set[object]] = {
        name: {*asked[name].after(min(exchanges)), *(forms[number] for number in exchanges)}
        for name, exchanges in touched(fault).items()
    }
    chosen, left = set[str](), set[object]().union(*asks.values())
    while left:
        best = max(asks, key=lambda name: len(asks[name] & left) / (1 + len(asked[name].exchanges)))
        chosen.add(best)
        left -= asks[best]
    return chosen


def likeliest(fault: Fault, most: int) -> set[str]:
    """Sequences that are likely to show each requirement that a fault trips: for each so many, the cheapest.

    What no sequence asks is a watch's: it looks at every answer, so that any touched one may do.
    """
    asked, chosen = honest().asked, set[str]()
    cheapest = sorted(asked, key=lambda name: len(asked[name].exchanges))
    for requirement in fault.trips:
        some = [name for name in cheapest if requirement in asked[name].after(0)]
        shown = (name for name in some or cheapest if _may_show(fault, name, requirement if some else ""))
        chosen.update(itertools.islice(shown, most))
    return chosen


def _may_show(fault: Fault, name: str, requirement: str) -> bool:
    """Whether the fault touches that sequence, and before the requirement is held to it, if one is named."""
    asked = honest().asked[name]
    touched = touched_of(fault, (seen for seen in seen_by(fault) if seen.exchange in asked.exchanges))
    return bool(touched) and (not requirement or requirement in asked.after(min(touched)))


def asking(requirements: Iterable[str], fault: Fault) -> set[str]:
    """Of the sequences that a fault touches those that ask one of these requirements."""
    wanted = set(requirements)
    return {name for name in touched(fault) if wanted & honest().asked[name].after(0)}


def form(request: ScimRequest) -> tuple[object, ...]:
    """What kind of request this is: two of the same form differ in names and values only."""
    kind, _, id = request.path.strip("/").partition("/")
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = {}
    operations = [_operation(one) for one in body.get("Operations", ())[:2]]
    return request.method, kind, bool(id), *sorted(request.query), *sorted(body), *operations


def _operation(operation: dict[str, Any]) -> tuple[str, ...]:
    path = str(operation.get("path", "")).partition("[")[0]
    return str(operation.get("op")), path, type(operation.get("value")).__name__
