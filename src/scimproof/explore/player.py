"""Player: performs the actions of a history, looks at the cast afterwards, and judges every answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

from scimproof.catalog.actions import Action, ActionStep, Repertoire
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.definitions import Step
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, short
from scimproof.core.scim import GONE, NAME_ATTRIBUTE, Kind, id_of, kind_of, resources
from scimproof.engine.runner import Runner
from scimproof.engine.sending import send_step
from scimproof.explore.cast import ROLE, Actor, HistoryCast
from scimproof.explore.history import (
    STATUS,
    ActionCall,
    Discrepancy,
    Performed,
    Round,
    Sent,
    Shown,
    Telling,
)
from scimproof.state.expected_store import Found
from scimproof.state.register import ANY

READ: dict[Kind, str] = {"User": "read", "Group": "read_group"}
FIND: dict[Kind, str] = {"User": "find_user", "Group": "find_group"}
LIST: dict[Kind, str] = {"User": "list_users", "Group": "list_groups"}
KINDS: tuple[Kind, ...] = ("User", "Group")
FILTER = re.compile(r'(.+) eq "((?:[^"\\]|\\.)*)"')  # a path may have a filter of its own in it
LONG = 8  # letters of an id that stands for nothing else


class Showed(Exception):
    """Raised when an answer shows what it should not."""

    def __init__(self, what: Discrepancy) -> None:
        super().__init__(str(what))
        self.what = what


@contextmanager
def _shown_by(part: Repertoire) -> Iterator[None]:
    """Inside, whatever shows is shown by a request of that sender."""
    try:
        yield
    except Showed as showed:
        showed.what = replace(showed.what, sender=showed.what.sender or part.sender.id)
        raise


@dataclass
class HistoryPlayer:
    """Performs rounds of actions on one target with one cast; `telling` has all that was sent.

    Methods raise Showed for the first discrepancy, and RunStopped when the run was stopped.
    """

    run: Runner
    repertoire: Repertoire
    cast: HistoryCast
    telling: Telling = field(default_factory=Telling)
    _judged: int = 0
    _seen: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._judged = len(self.run.state.differences)

    def play(self, round: Round, *, every: bool = True, searches: bool = True) -> None:
        """Perform the actions of a round at once, then look at everyone that they concern.

        Unless `every`, a person only once: what was never shown cannot be seen to be gone.
        """
        done = [Performed(call) for call in round]
        self.telling.performed += done
        if len(done) == 1:
            self._perform(done[0], alone=True)
        else:
            self._at_once(done)
        names = {name: self._action(one).sender for one in done for name in one.call.roles.values()}
        groups = {name for name in names if self.cast.actors[name].kind == "Group"}
        for name, sender in names.items():
            if every or name in groups or name not in self._seen:
                self.look([name], sender, searches=searches)

    def _action(self, done: Performed) -> Action:
        return self.repertoire.actions[done.call.action]

    def _at_once(self, done: list[Performed]) -> None:
        with ThreadPoolExecutor(max_workers=len(done)) as pool:
            futures = [pool.submit(self._perform, one, alone=False) for one in done]
        for future in futures:
            future.result()

    def look(self, names: Iterable[str], sender: str = "", *, searches: bool = False) -> None:
        """Read these actors by id, and look for them as that sender would."""
        part = self.repertoire.part(sender)
        with _shown_by(part):
            for name in names:
                actor = self.cast.actors[name]
                self._read(actor, part)
                if searches and actor.there:
                    self._find(actor, part)

    def look_at_all(self, *, reads: bool = True, searches: bool = True) -> None:
        """Look at the whole cast as each sender would: the lists first, since one request shows a hundred."""
        for part in self.repertoire.parts:
            with _shown_by(part):
                for kind in KINDS:
                    self._list(kind, part)
            if reads:
                self.look(self.cast.actors, part.sender.id, searches=searches)

    def _perform(self, done: Performed, *, alone: bool) -> None:
        with _shown_by(self.repertoire.part(self._action(done).sender)):
            self._act(done, alone=alone)

    def _act(self, done: Performed, *, alone: bool) -> None:
        action, call = self._action(done), done.call
        with self._lock:
            scene = self._scene(self.cast.values(action, call))
        accepted = True
        ids: dict[str, str] = {}
        for step in action.sent(self.cast.dialect):
            if step.list:
                scene.population = self._members(action, call, step.list)
            exchanges = self._send(step, scene)
            done.sent += [Sent(exchange) for exchange in exchanges]
            last = exchanges[-1]
            if last.request.method == "GET":
                self._judge_read(step, exchanges, alone=alone)
                continue
            done.last_write = step.request
            self._judge_write(step, last, scene)
            if not last.ok:
                accepted = False
                break
            if step.creates and (id := id_of(last.json)):
                ids[step.creates] = id
        done.accepted = accepted
        if accepted:
            with self._lock:
                self.cast.apply(action, call, ids)

    def _members(self, action: Action, call: ActionCall, role: str) -> tuple[Member, ...]:
        with self._lock:
            return tuple(Member(one.id, one.own) for one in self.cast.listed(action, call, role))

    def _scene(self, blanks: dict[str, str]) -> ExecutionContext:
        return ExecutionContext(self.repertoire.id, self.run.blanks() | blanks, state=self.run.state)

    def _send(self, step: ActionStep, scene: ExecutionContext) -> list[Exchange]:
        """Send a request; where it must not be sent, that is a discrepancy too."""
        exchanges: list[Exchange] = []
        blanks = {blank: scene.blanks[source] for blank, source in step.values.items()}
        sent = Step(
            id=f"{step.request}-{len(scene.exchanges)}",
            request=step.request,
            creates=step.creates,
            blanks=blanks,
            pages=step.pages,
        )
        try:
            send_step(sent, scene, self.run.catalog, self.run.stage, exchanges)
        except RunStopped as cause:
            if self.run.stage.stopped():
                raise
            kind = kind_of(self.run.catalog.templates[step.request].target)
            raise Showed(
                Discrepancy("answered", kind, frozenset({step.request}), "what it takes to go on", str(cause))
            ) from None
        self._judge_guard(exchanges)
        return exchanges

    def _judge_guard(self, exchanges: list[Exchange]) -> None:
        """What the write guard's own reads have shown meanwhile: the state is told of it only once."""
        differences = self.run.state.differences
        with self._lock:
            new = list(differences)[self._judged :]
            self._judged += len(new)
        own = {exchange.number for exchange in exchanges}
        for number in new:
            if number not in own:
                self._differing(differences[number], None, "read")

    def _judge_write(self, step: ActionStep, last: Exchange, scene: ExecutionContext) -> None:
        told = id_of(last.json)
        if last.ok:
            wrong = ""
            known = scene.blanks.get(f"{step.creates}.id", "") if step.creates else ""
            if step.expect == "refused":
                wrong = "a refusal (4xx)"
            elif step.creates and (not told or (known and told != known)):
                wrong = "the id of a new account" if step.expect == "accepted" else "409, or the same account"
            elif step.creates and step.expect == "accepted" and told in self._ids():
                wrong = "an id that nobody has"
        else:
            fine = 400 <= last.status < 500 and not last.error and step.expect != "accepted"
            wrong = (
                ""
                if fine
                else {"accepted": "2xx", "refused": "a refusal (4xx)"}.get(step.expect, "2xx or 4xx")
            )
        if wrong:
            self._tell("answered", last, {step.request}, wrong, last.summary())

    def _ids(self) -> set[str]:
        with self._lock:
            return {actor.id for actor in self.cast.there()}

    def _judge_read(self, step: ActionStep, exchanges: list[Exchange], *, alone: bool) -> None:
        """A read, a search or a list of the action itself."""
        last, template = exchanges[-1], self.run.catalog.templates[step.request]
        if step.pages:
            part = self.repertoire.part(self.run.catalog.sender_of(step.request).id)
            self._judge_list(kind_of(template.target), exchanges, part)
            return
        searched = "filter=" in template.target
        self._differences(last, "found" if searched else "read")
        if not last.ok:
            self._tell("answered", last, {step.request}, "200", last.summary())
        if searched and alone:
            kind = kind_of(template.target)
            attribute, value = _asked(last)
            blanks = (blank.partition(".") for blank in template.blanks)
            own = next((key for role, _, key in blanks if role == ROLE[kind]), "")
            key = NAME_ATTRIBUTE[kind]
            self._judge_search(last, kind, key if attribute == key else own, value)

    def _judge_search(self, exchange: Exchange, kind: Kind, key: str, value: str, subject: str = "") -> None:
        """Who has that value is found, and nobody else; without a key nobody has it."""
        expected = self.cast.having(kind, key, value) if key else set()
        shown = [id_of(row) for row in resources(exchange.json)]
        if key != NAME_ATTRIBUTE[kind]:
            open = {id for id in {*expected, *shown} if self._is_open(kind, id, _asked(exchange)[0])}
            expected, shown = expected - open, [id for id in shown if id not in open]
        if sorted(shown) != sorted(expected):
            told = ", ".join(self._name(id) for id in shown) or "nobody"
            wanted = ", ".join(self._name(id) for id in sorted(expected)) or "nobody"
            by = "by that name" if key == NAME_ATTRIBUTE[kind] else f"by that {key}"
            self._tell("found", exchange, {"resources"}, f"{wanted} {by}", told, subject=subject)

    def _is_open(self, kind: Kind, id: str, attribute: str) -> bool:
        """Whether it may have that attribute or not: a PUT did not name it, for one."""
        resource, path = self.run.state.resources.get((kind, id)), attribute.partition("[")[0].lower()
        return resource is not None and path in resource.paths and resource.register(path).certain is ANY

    def _name(self, id: str) -> str:
        return next((one.name for one in self.cast.actors.values() if id and id in (one.id, one.gone)), id)

    def _read(self, actor: Actor, part: Repertoire) -> None:
        id = actor.id or actor.gone
        if not id:
            return
        self._seen.add(actor.name)
        file = part.sender.request(READ[actor.kind])
        exchange = self._look(file, actor, id)
        self._differences(exchange, "read")
        fine = exchange.ok if actor.there else exchange.status in GONE
        if not fine and not exchange.ok:
            expected = "200" if actor.there else "404"
            self._tell("read", exchange, {STATUS}, expected, exchange.summary(), subject=actor.name)

    def _find(self, actor: Actor, part: Repertoire) -> None:
        file = part.look[FIND[actor.kind]]
        exchange = self._look(file, actor, actor.id)
        self._differences(exchange, "found")
        if not exchange.ok:
            self._tell("found", exchange, {STATUS}, "200", exchange.summary(), subject=actor.name)
        self._judge_search(exchange, actor.kind, NAME_ATTRIBUTE[actor.kind], actor.own, actor.name)

    def _look(self, file: str, actor: Actor, id: str) -> Exchange:
        role = ROLE[actor.kind]
        blanks = {f"{role}.{key}": value for key, value in actor.blanks.items()} | {f"{role}.id": id}
        exchange = self._send(ActionStep(request=file), self._scene(blanks))[-1]
        self.telling.looks.append(Sent(exchange, actor.name))
        return exchange

    def _list(self, kind: Kind, part: Repertoire) -> None:
        step = ActionStep(request=part.look[LIST[kind]], pages=True)
        exchanges = self._send(step, self._scene({}))
        self.telling.looks += [Sent(exchange) for exchange in exchanges]
        self._judge_list(kind, exchanges, part)

    def _judge_list(self, kind: Kind, exchanges: list[Exchange], part: Repertoire) -> None:
        last = exchanges[-1]
        if not last.ok:
            self._tell("listed", last, {STATUS}, "200", last.summary())
        for exchange in exchanges:
            found = self.run.state.differences.get(exchange.number)
            if found:
                self._confirm(found, part)
                self._differences(exchange, "listed")
        shown = [id_of(row) for exchange in exchanges for row in resources(exchange.json)]
        wanted = {one.id for one in self.cast.there(kind)}
        gone = {one.gone for one in self.cast.actors.values() if one.kind == kind and one.gone}
        twice = sorted(id for id in wanted if shown.count(id) > 1)
        for some, text in (
            (sorted(wanted - set(shown)), "each {kind} once"),
            (twice, "each {kind} once"),
            (sorted(gone & set(shown)), "nobody who was deleted"),
        ):
            if some:
                told = ", ".join(f"{self._name(id)} {shown.count(id)} times" for id in some[:3])
                self._tell("listed", last, {"resources"}, text.format(kind=kind.lower()), told, kind)

    def _confirm(self, found: list[Found], part: Repertoire) -> None:
        """Read by id what a list shows otherwise: whether it is only the list."""
        known = {one.id: one for one in self.cast.there()}
        for id in dict.fromkeys(one.id for one in found):
            if id in known:
                self._read(known[id], part)

    def _differences(self, exchange: Exchange, shown: Shown) -> None:
        """What the answer shows of resources of this cast and was not written."""
        self._differing(self.run.state.differences.get(exchange.number, ()), exchange, shown)

    def _differing(self, some: Iterable[Found], exchange: Exchange | None, shown: Shown) -> None:
        ids = {one.id or one.gone: one for one in self.cast.actors.values()}
        found = [one for one in some if one.id in ids]
        if not found:
            return
        first = found[0]
        same = [one for one in found if one.id == first.id]
        subject = ids[first.id]
        lines = "; ".join(str(one) for one in same[:5])
        more = f" and {len(same) - 5} more" if len(same) > 5 else ""
        raise Showed(
            Discrepancy(
                shown,
                first.kind,
                frozenset(one.difference.path for one in same),
                f"{subject.name} as it was written",
                self._spoken(lines) + more,
                exchange,
                subject.name,
            )
        )

    def _spoken(self, text: str) -> str:
        """The text with the names of the cast in place of their ids."""
        for actor in self.cast.actors.values():
            for id in filter(None, (actor.id, actor.gone)):
                # A short one, such as 2, is a part of many words: an id in quotes or in a path only.
                whole = (r"(?<![\w.-])", r"(?![\w.-])")
                ends = whole if len(id) >= LONG else (r"(?<=[\"/])", r"(?=[\"/?]|$)")
                text = re.sub(re.escape(id).join(ends), actor.name, text)
        return text

    def _tell(
        self,
        shown: Shown,
        exchange: Exchange,
        paths: set[str],
        expected: str,
        observed: str,
        kind: Kind | None = None,
        subject: str = "",
    ) -> None:
        kind, told = kind or kind_of(exchange.request.target), short(self._spoken(observed), 300)
        raise Showed(Discrepancy(shown, kind, frozenset(paths), expected, told, exchange, subject))


def _asked(exchange: Exchange) -> tuple[str, str]:
    """The attribute and the value that a search was for."""
    text = parse_qs(urlsplit(exchange.request.target).query)["filter"][0]
    asked = FILTER.fullmatch(text)
    return (asked[1], asked[2].replace('\\"', '"').replace("\\\\", "\\")) if asked else ("", "")
