"""Player of a capture: sends its requests in order, guarded and booked, and compares every answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.reader import Capture
from scimproof.capture.replay.comparison import (
    STATE,
    AnswerComparison,
    Compared,
    as_recorded,
    paths_of,
    status_of,
)
from scimproof.capture.replay.endpoint import Endpoint, endpoint
from scimproof.capture.replay.history import RecordedHistory, in_order
from scimproof.capture.replay.ids import IdMapping, Key
from scimproof.capture.replay.names import NameMapping
from scimproof.capture.replay.newcomers import Newcomers
from scimproof.capture.replay.translation import Translation, Unplayable
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import cannot_tell, does_not_apply
from scimproof.core.scim import GONE, Kind, id_of, resources, usable_id, value_at
from scimproof.engine.bulk import made_by
from scimproof.engine.runner import Runner
from scimproof.engine.sending import Prevented, deliver, identified
from scimproof.engine.verdicts import ERROR_TEXT
from scimproof.engine.write_guard import READS, addressed, mentioned
from scimproof.state.expected_resource import MEMBERS
from scimproof.state.register import ANY
from scimproof.state.request_effects import effect

SLACK = 0.001  # seconds: the end of one exchange and the beginning of the next are not told more exactly
AT_ONCE = 32  # requests under way at the same time
MOST_WAIT = 60.0  # seconds of one recorded pause that are waited at most
BUSY = "the recorded server was too busy (429), and the sender sent it again later"
UNAUTHORIZED = "it was refused for its credentials (401), which no capture has"
VANISHED = "it was not found any more, and no recorded request had deleted it"


@dataclass(frozen=True)
class Played:
    """One exchange of the capture as it was played: the answer seen now, and what was concluded.

    `seen` is None where nothing was sent. `recorded` is the recorded exchange in the terms of this run.
    `trouble` is one of scimproof's own.
    """

    captured: CapturedExchange
    place: Endpoint | None
    recorded: Exchange | None
    seen: Exchange | None
    results: tuple[Compared, ...]
    trouble: bool = False


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a capture is played: `speed` times as fast as it was recorded, 0 for as fast as possible.

    `fixed` are the numbers of the exchanges that went wrong when they were recorded, and have to succeed.
    """

    speed: float = 0.0
    fixed: frozenset[int] = frozenset()


@dataclass
class CapturePlayer:
    """Plays one capture on one target; `play()` yields each exchange when it is answered.

    An exchange that began after another had ended is sent after the other is answered; those that overlapped
    may overlap again. What the run was stopped for is in `stop`.
    """

    run: Runner
    capture: Capture
    history: RecordedHistory
    pace: Pace = field(default_factory=Pace)
    ids: IdMapping = field(init=False)
    translation: Translation = field(init=False)
    newcomers: Newcomers = field(init=False)
    stop: str = ""
    waits: int = 0
    refused: dict[Key, int] = field(default_factory=dict)
    written: dict[Key, set[str]] = field(default_factory=dict)
    recorded_paths: set[tuple[Kind, str]] = field(default_factory=set)
    _under_way: dict[int, Future[Played]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        prefix = self.run.ledger.prefix
        self.ids = IdMapping(prefix)
        names = NameMapping(prefix)
        self.translation = Translation(
            self.run.target, self.history.base, names, self.ids, f"Pw1-{prefix[-8:]}-Replay"
        )
        self.newcomers = Newcomers(self.run, self.history, self.translation, self.deliver)

    def play(self) -> Iterator[Played]:
        """Send the requests of the capture; yields what became of each, in the order of the answers."""
        started, idle = time.monotonic(), 0.0
        running: list[tuple[float, Future[Played]]] = []
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            try:
                for exchange in in_order(self.capture, self.history):
                    before = [one for one in running if one[0] <= exchange.at + SLACK]
                    before += running[: max(0, len(running) - len(before) - AT_ONCE + 1)]
                    running = [one for one in running if one not in before]
                    for _, future in before:
                        yield future.result()
                    if self.pace.speed and not self.stop:
                        idle += self._wait(exchange, started + idle, alone=not running)
                    future = pool.submit(self._played, exchange)
                    self._under_way[exchange.number] = future
                    running.append((exchange.at + exchange.seconds, future))
                    for number in [number for number, one in self._under_way.items() if one.done()]:
                        del self._under_way[number]
                for _, future in running:
                    yield future.result()
            except BaseException:
                self.run.client.halt("interrupted")
                raise

    def _wait(self, exchange: CapturedExchange, started: float, *, alone: bool) -> float:
        """Wait until it is due; gives the seconds by which a long pause was shortened."""
        due = started + (exchange.at - self.history.begins) / self.pace.speed
        left, cut = due - time.monotonic(), 0.0
        if alone and left > MOST_WAIT:
            cut, left = MOST_WAIT - left, MOST_WAIT
            self.waits += 1
        try:
            if left > 0:
                self.run.stage.pause(left)
        except RunStopped as cause:
            self.stop = self.stop or str(cause)
        return cut

    def _played(self, exchange: CapturedExchange) -> Played:
        place = endpoint(exchange.target, self.history.base)
        try:
            return self._perform(exchange, place)
        except (Unplayable, Prevented) as cause:
            return self._not_judged(exchange, place, str(cause))
        except RunStopped as cause:
            if self.run.stage.stopped():
                self.stop = self.stop or str(cause)
            return self._not_judged(exchange, place, str(cause))
        except Exception as problem:  # noqa: BLE001 - whatever is wrong in here, the rest is played and tidied up
            told = self._not_judged(exchange, place, ERROR_TEXT.format(problem=repr(problem)))
            return replace(told, trouble=True)

    def _not_judged(self, exchange: CapturedExchange, place: Endpoint | None, why: str) -> Played:
        recorded = exchange.as_exchange()
        (requirement, _) = status_of(recorded, recorded, fixed=exchange.number in self.pace.fixed)
        outside = place is None or place.other or exchange.status in (401, 429)
        result = does_not_apply(why) if outside else cannot_tell(f"{recorded.status}, as recorded", why)
        return Played(exchange, place, None, None, (Compared(requirement, result),))

    def _perform(self, exchange: CapturedExchange, place: Endpoint | None) -> Played:
        fixed = exchange.number in self.pace.fixed
        if self.stop:
            raise RunStopped(self.stop)
        if place is None:
            raise Unplayable(f"it is not below {self.history.base or '/'}, where SCIM was recorded")
        if place.other:
            raise Unplayable(f"{place.shape} is of another type than users and groups")
        if not fixed and (why := self._unrepeatable(exchange)):
            raise Unplayable(why)
        self.newcomers.meet(exchange.number)
        bare = exchange.request.header("Authorization") is None
        authorization = "" if bare else self.run.stage.authorization()
        request = self.translation.request(exchange, authorization, self)
        seen = self.deliver(request, place)
        self._learn(exchange, place, seen)
        self._note_written(seen)
        recorded = self.translation.answer(exchange)
        if place.kind and recorded.ok:
            for row in resources(recorded.json) or [recorded.json]:
                self.recorded_paths |= {(place.kind, path) for path in paths_of(row)}
        results = tuple(self._judged(place, recorded, seen, fixed=fixed))
        return Played(exchange, place, recorded, seen, results)

    def _unrepeatable(self, exchange: CapturedExchange) -> str:
        """Why the recorded answer cannot be expected again; empty for nearly all."""
        if exchange.number in self.history.vanished:
            return VANISHED
        return {429: BUSY, 401: UNAUTHORIZED}.get(exchange.status, "")

    def _judged(
        self, place: Endpoint, recorded: Exchange, seen: Exchange, *, fixed: bool
    ) -> Iterator[Compared]:
        gate = status_of(recorded, seen, fixed=fixed)
        yield gate
        comparison = AnswerComparison(
            self.run.ledger.prefix,
            self.run.catalog.variety,
            self.promised,
            frozenset(self.newcomers.partial),
            self.there(),
        )
        goes_on = gate.result.held is not False or gate.result.weight == "declined"
        told: set[str] = set()
        if goes_on and recorded.ok == seen.ok and not fixed:
            for one in comparison.compare(place, recorded, seen):
                told.update(path.lower() for path in one.result.about)
                yield one
        if seen.request.method == "GET":
            state = self.run.state.verdict([seen])
            if state.about and told.issuperset(path.lower() for path in state.about):
                state = does_not_apply(f"told by the comparison with the recorded answer: {state.observed}")
            elif state.held is False and place.id:
                state = as_recorded(state, recorded, seen, self.run.catalog.variety)
            yield Compared(STATE, state)

    def promised(self, key: Key, path: str) -> bool:
        """Whether the history has written that attribute by now, so that only one value is right."""
        if path not in self.written.get(key, ()):
            return False
        resource = self.run.state.resources.get(key)
        return resource is None or path == MEMBERS or resource.register(path).certain is not ANY

    def there(self) -> dict[Kind, set[str]]:
        """The ids of this run's resources, by kind; those that were deleted too."""
        return self.ids.given

    # Resolver: which id a request of this run has for a recorded one.

    def needed(self, recorded: str, kinds: tuple[Kind, ...]) -> str:
        """The id of a resource that a request is about; one that was there before is created first."""
        if (new := self.ids.of(recorded, kinds)) is not None:
            return new
        self._demand_created(recorded, kinds)
        for kind in kinds:
            if (maker := self.history.created.get((kind, recorded))) and maker in self._under_way:
                self._under_way[maker].result()
                if (new := self.ids.of(recorded, kinds)) is not None:
                    return new
        for kind in kinds:
            if (new := self.newcomers.create((kind, recorded))) is not None:
                return new
        return self.ids.stand_in(recorded, kinds)

    def mentioned(self, recorded: str, kinds: tuple[Kind, ...]) -> str:
        """The id of one that is only shown; nobody's, with the run's prefix in it, where none is known."""
        self._demand_created(recorded, kinds)
        own = self.translation.names.anything(recorded)
        named = recorded.lower().startswith("urn:") or own != recorded
        unknown = own if named else f"{self.ids.prefix}-{recorded}"
        return self.ids.of(recorded, kinds) or unknown

    def _demand_created(self, recorded: str, kinds: tuple[Kind, ...]) -> None:
        for kind in kinds:
            if (number := self.refused.get((kind, recorded))) and (kind, recorded) not in self.ids.new:
                raise Unplayable(f"the target gave no id for its {kind.lower()}: see exchange {number}")

    def deliver(self, request: Request, place: Endpoint) -> Exchange:
        """Send a request if it may be sent; what it creates is in the ledger before. Raises Unplayable."""
        if why := self.refusal(request, place):
            raise Unplayable(why)
        stage, creates = self.run.stage, request.method == "POST" and not place.search
        return deliver(stage, request, self.run.ledger.prefix, creates=creates)

    def _note_written(self, exchange: Exchange) -> None:
        """Remember which attributes the history has written by now."""
        request = exchange.request
        found = effect(request.method, request.target, request.body, followed=None)
        if found is None or not exchange.ok or request.method in READS:
            return
        id = found.id or id_of(identified(exchange).json)
        with self._lock:
            paths = self.written.setdefault((found.kind, id), set())
            paths.update(found.values)
            if found.members or found.everyone:
                paths.add(MEMBERS)

    def refusal(self, request: Request, place: Endpoint) -> str:
        """Why a request must not be sent: it could touch what this run did not create. Empty if it may."""
        if request.method in READS or place.search:
            return ""
        if not place.bulk and not place.id and not (place.collection and request.method == "POST"):
            return f"not sent: whom {request.method} {place.shape} would touch is not known"
        stage = self.run.stage
        made_up = self.ids.made_up
        given = {id for _, id, _ in mentioned(request.json, self.ids.every)}
        given |= {addressed(request)} if place.id else set()
        if place.id and addressed(request) in made_up and (why := self._somebodys(request)):
            return why
        nobody = {*made_up, "None"}  # which is how the guard sees a null in the place of an id

        def shown(text: str) -> bool:
            return text not in nobody and self.ids.prefix not in text

        known = {id for id in given if shown(id) or self.ids.is_known(id)}
        return stage.guard.refusal(request, known, shown, stage.look_at)

    def _somebodys(self, request: Request) -> str:
        """Why an id that was made up must not be written to: somebody has it after all."""
        headers = tuple(pair for pair in request.headers if not pair[0].lower().startswith("content-"))
        seen = self.run.stage.look_at(Request("GET", request.target.partition("?")[0], headers))
        if seen.status in GONE:
            return ""
        return f"not sent: {addressed(request)} stands for nobody, and reading it answered {seen.summary()}"

    def _learn(self, exchange: CapturedExchange, place: Endpoint, seen: Exchange) -> None:
        """Which id of this server stands for which recorded one, and which version and cursor."""
        recorded = exchange.as_exchange()
        if place.bulk:
            now = {one.bulk_id or str(n): one for n, one in enumerate(made_by(seen))}
            for n, one in enumerate(made_by(recorded)):
                other = now.get(one.bulk_id or str(n))
                kind = "Group" if "/Groups" in one.operation.target else "User"
                if one.id and other and other.id:
                    self.ids.learn(kind, one.id, other.id)
                elif one.id:
                    self.refused.setdefault((kind, one.id), exchange.number)
            return
        if place.collection and exchange.method == "POST" and recorded.ok:
            told, id = id_of(identified(recorded).json), id_of(identified(seen).json) if seen.ok else ""
            if told and id:
                self.ids.learn(place.kind, told, id)
                self.refused.pop((place.kind, told), None)
            elif told:
                self.refused.setdefault((place.kind, told), exchange.number)
        of = place.id or usable_id(value_at(recorded.json, "id"))
        for where in ("meta.version", "nextCursor"):
            key = "" if where == "nextCursor" else of
            self.ids.learn_version(key, value_at(recorded.json, where), value_at(seen.json, where))
        self.ids.learn_version(of, recorded.header("ETag"), seen.header("ETag"))
