"""Explorer: plays histories one after another, and shrinks each new failure to the shortest that shows it."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from scimproof.catalog.actions import Repertoire
from scimproof.core.errors import RunStopped
from scimproof.engine.runner import Runner
from scimproof.explore.cast import HistoryCast, Naming
from scimproof.explore.history import (
    STATUS,
    ActionCall,
    Discrepancy,
    Failure,
    Performed,
    Round,
    Rounds,
    Telling,
)
from scimproof.explore.planner import Planner
from scimproof.explore.player import HistoryPlayer, Showed
from scimproof.explore.shrinking import OutOfRequests, Shrinking

LENGTH = 40  # actions of one history; then a new cast
CONFIRMED = 2  # times that a shorter history has to show it
UNCERTAIN = 3  # times that what did not show again is tried anew
UNANSWERED = ("listed", frozenset({STATUS}))
LISTS_EVERY, WHOLE_EVERY = 5, 10  # actions after which the lists, and everybody, are looked at


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Bounds of an exploration; of `seconds`, shrinking may take more."""

    actions: int = 500
    seconds: float = 300.0
    shrink_requests: int = 1500
    at_once: int = 1


@dataclass
class Explorer:
    """Explores one target: `explore()` yields after each round, `failures` has what was found.

    `played` counts actions by name, `clean` those after which nothing showed. What a history created is
    removed after it. The first of its shrunk parts are replayed with other people.
    """

    run: Runner
    repertoire: Repertoire
    seed: int = 1
    bounds: Bounds = field(default_factory=Bounds)
    failures: list[Failure] = field(default_factory=list)
    played: Counter[str] = field(default_factory=Counter)
    samples: dict[str, Telling] = field(default_factory=dict)
    stop: str = ""
    _takes: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _noted: list[tuple[str, Discrepancy, Failure]] = field(default_factory=list)
    _removed: int = 0

    def explore(self) -> Iterator[int]:
        """Play histories until a bound is reached; yields how many actions were played so far."""
        planner = Planner(self.repertoire, self.seed)
        ends = time.monotonic() + self.bounds.seconds
        try:
            for number in itertools.count(1):
                if self.actions >= self.bounds.actions or time.monotonic() >= ends:
                    return
                dialect = self.repertoire.dialects[(number - 1) % len(self.repertoire.dialects)]
                yield from self._history(planner, f"explore/{number}", dialect, ends)
                self.clear()
        except RunStopped as cause:
            self.stop = str(cause)

    @property
    def actions(self) -> int:
        """How many actions were played, those of shrinking aside."""
        return self.played.total()

    def replay(self, rounds: Rounds, label: str, dialect: str) -> Telling:
        """Play a history with new people, and look at everything after it."""
        player = HistoryPlayer(self.run, self.repertoire, self._cast(label, dialect))
        try:
            for some in rounds:
                if self._allowed(player.cast, some):
                    player.play(some)
            player.look_at_all()
        except Showed as showed:
            player.telling.discrepancy = showed.what
        return player.telling

    def clear(self) -> None:
        """Remove what was created since the last time, so that lists stay short."""
        entries = list(self.run.ledger.entries.values())[self._removed :]
        self._removed += len(entries)
        if entries and not self.run.stage.stopped():
            self.run.discard(entries)

    def _cast(self, label: str, dialect: str) -> HistoryCast:
        take = f"{label}/{next(self._takes)}"
        return HistoryCast.of(
            Naming(self.seed, self.run.ledger.prefix, label, take, self.repertoire), dialect
        )

    def _history(self, planner: Planner, label: str, dialect: str, ends: float) -> Iterator[int]:
        """Play one history, until something shows."""
        player = HistoryPlayer(self.run, self.repertoire, self._cast(label, dialect))
        rounds: list[Round] = []
        since = 0
        try:
            for number in range(1, LENGTH + 1):
                left = max(0, self.bounds.actions - self.actions)
                some = planner.round(player.cast, min(self.bounds.at_once, left))
                if not some or not left or time.monotonic() >= ends:
                    break
                rounds.append(some)
                self.played.update(call.action for call in some)
                player.play(some)
                since += 1
                if number % LISTS_EVERY == 0:
                    whole = number % WHOLE_EVERY == 0
                    player.look_at_all(reads=whole, searches=whole)
                    since = 0
                for done in player.telling.performed[-len(some) :]:
                    self.samples.setdefault(done.call.action, Telling([done]))
                yield self.actions
            if since:
                player.look_at_all()
        except Showed as showed:
            player.telling.discrepancy = showed.what
            self._failed(planner, label, dialect, tuple(rounds), player.telling)
            yield self.actions

    def _failed(self, planner: Planner, label: str, dialect: str, rounds: Rounds, telling: Telling) -> None:
        found = telling.discrepancy
        assert found is not None
        last = rounds[-1][-1].action if rounds else ""
        for action, like, known in self._noted:
            # A list that is not answered is the same after whatever was done last.
            alike = like.like(found) and (action == last or (found.shown, found.paths) == UNANSWERED)
            if alike and (known.certain or known.seen >= UNCERTAIN):
                known.seen += 1
                planner.known[known.action] += 1
                return
        failure = self._shrunk(label, dialect, rounds, telling)
        same = next((one for one in self.failures if one.same(failure.action, failure.discrepancy)), None)
        if same and failure.certain and not same.certain:
            self.failures[self.failures.index(same)] = same = replace(failure, seen=same.seen + 1)
        elif same:
            same.seen += 1
        else:
            self.failures.append(failure)
        planner.known[failure.action] += 1
        self._noted.append((last, found, same or failure))

    def _shrunk(self, label: str, dialect: str, rounds: Rounds, telling: Telling) -> Failure:
        """The shortest history that shows the same, replayed with new people."""
        shown = telling.discrepancy
        assert shown is not None
        began, shortest = self.run.client.sent, telling

        def shows(part: Rounds, *, looks: bool, times: int) -> bool:
            nonlocal shortest
            for _ in range(times):
                if self.run.client.sent - began >= self.bounds.shrink_requests:
                    raise OutOfRequests
                told = self._replayed(part, label, dialect, shown, looks=looks)
                if told.discrepancy is None or not told.discrepancy.like(shown):
                    return False
            shortest = told
            return True

        best: Rounds | None = None
        ways = [(False, 1), (True, 1)]  # most show with few looks, for half the requests
        try:
            while ways:
                looks, times = ways.pop(0)
                test = partial(shows, looks=looks, times=times)
                part = self._beginning(rounds, shown, test)
                shrinking = Shrinking(
                    test, lambda part: self._valid(part, label, dialect), _names, self._simpler
                )
                best = shrinking.smallest(part, self._likely(part, shown))
                if best is None:
                    continue
                if times == CONFIRMED or shows(best, looks=looks, times=CONFIRMED):
                    break
                ways = [(looks, CONFIRMED)]  # what others left behind made it show once
        except OutOfRequests:
            pass
        self.clear()
        kept = best or rounds
        played = {id(done.call) for done in shortest.performed}
        kept = tuple(some for some in kept if id(some[0]) in played) if best else kept
        discrepancy = shortest.discrepancy or shown
        return Failure(
            dialect=dialect,
            label=label,
            rounds=kept,
            telling=shortest,
            discrepancy=discrepancy,
            requirement=self._requirement(kept, shortest, discrepancy),
            requests=self.run.client.sent - began,
            certain=best is not None,
            whole=len(rounds),
        )

    def _beginning(self, rounds: Rounds, shown: Discrepancy, shows: Callable[[Rounds], bool]) -> Rounds:
        """The shortest beginning that shows it, where it was seen of somebody after an action of others."""
        if not shown.subject or shown.subject in _names(rounds[-1]) or not shows(rounds):
            return rounds
        short, whole = 0, len(rounds)
        while whole - short > 1:
            middle = (short + whole) // 2
            if shows(rounds[:middle]):
                whole = middle
            else:
                short = middle
        return rounds[:whole]

    def _replayed(
        self, rounds: Rounds, label: str, dialect: str, shown: Discrepancy, *, looks: bool
    ) -> Telling:
        """Play a part of a history; at its end only what may show the same is looked at."""
        player = HistoryPlayer(self.run, self.repertoire, self._cast(label, dialect))
        try:
            for some in rounds:
                if self._allowed(player.cast, some):
                    player.play(some, every=looks, searches=looks and shown.shown == "found")
            if shown.shown == "listed":
                player.look_at_all(reads=False, searches=False)
            elif shown.shown != "answered":
                names = [shown.subject] if shown.subject else list(player.cast.actors)
                player.look(names, shown.sender, searches=shown.shown == "found")
        except Showed as showed:
            player.telling.discrepancy = showed.what
        return player.telling

    def _valid(self, rounds: Rounds, label: str, dialect: str) -> Rounds:
        """The history without what cannot be done when the rest is all that was done."""
        naming = Naming(self.seed, "scimproof", label, label, self.repertoire)
        cast, kept = HistoryCast.of(naming, dialect), []
        for some in rounds:
            if not self._allowed(cast, some):
                continue
            kept.append(some)
            for call in some:
                action = self.repertoire.actions[call.action]
                if not action.refused and not any(
                    s.expect == "refused-or-back" for s in action.sent(dialect)
                ):
                    cast.apply(action, call, {role: call.roles[role] for role in action.becomes})
        return tuple(kept)

    def _allowed(self, cast: HistoryCast, some: Round) -> bool:
        return all(cast.allows(self.repertoire.actions[call.action], call.roles) for call in some)

    def _likely(self, rounds: Rounds, shown: Discrepancy) -> list[Rounds]:
        """Parts that are likely to show it, the shortest first; also with simpler actions throughout."""
        eased = tuple(next(self._simpler(some), some) for some in rounds[:-1]) + rounds[-1:]
        return sorted({*self._parts(eased, shown), *self._parts(rounds, shown)}, key=len)

    def _parts(self, rounds: Rounds, shown: Discrepancy) -> set[Rounds]:
        """What was done to those of the last action, with what that needs; and only what moves somebody."""
        subjects = {name for call in rounds[-1] for name in call.roles.values()}
        subjects |= {shown.subject} if shown.subject else set()
        own = tuple(some for some in rounds if _names(some) <= subjects or some == rounds[-1])
        touching = {some for some in rounds if subjects & _names(some)}
        helpers = {name for some in touching for name in _names(some)} - subjects
        helped = tuple(some for some in rounds if some in touching or self._becoming(some) & helpers)
        wide = tuple(some for some in rounds if _names(some) & (subjects | helpers))
        around = {name for some in wide for name in _names(some)}
        parts = (own, helped, wide, tuple(some for some in rounds if _names(some) <= around))
        bare = [tuple(some for some in part if self._moves(some) or some == rounds[-1]) for part in parts]
        return {*parts, *bare}

    def _moves(self, some: Round) -> bool:
        """Whether it changes who is there, or in which group, and not only what somebody has."""
        actions = [self.repertoire.actions[call.action] for call in some]
        return any(one.becomes or one.joins or one.leaves or one.only for one in actions)

    def _simpler(self, some: Round) -> Iterator[Round]:
        """Rounds of one action that does the same, or a part of it, with fewer roles."""
        if len(some) > 1:
            return
        (call,) = some
        action = self.repertoire.actions[call.action]
        for other in self.repertoire.actions.values():
            if other.sender != action.sender or not other.becomes:
                continue
            if other.roles.items() < action.roles.items() and other.becomes.items() <= action.becomes.items():
                yield (ActionCall(other.key, {role: call.roles[role] for role in other.roles}, call.draw),)

    def _becoming(self, some: Round) -> set[str]:
        """Whose standing a round changes."""
        return {call.roles[role] for call in some for role in self.repertoire.actions[call.action].becomes}

    def _requirement(self, rounds: Rounds, telling: Telling, found: Discrepancy) -> str:
        """The rule that is broken: by how it showed, and by the last write."""
        repertoire = self.repertoire.part(found.sender)
        rules = repertoire.sender.state
        if found.shown != "read":
            return {
                "answered": repertoire.answered, "found": repertoire.found, "listed": repertoire.listed,
            }[found.shown]  # fmt: skip
        last: ActionCall = rounds[-1][-1]
        action = self.repertoire.actions[last.action]
        if found.subject and found.subject not in last.roles.values():
            return rules.bystanders
        if action.sender != repertoire.sender.id:
            return rules.shown  # what another sender reads is about no write of its own
        if action.refused:
            return rules.refused
        performed = [done for done in telling.performed if done.call is last]
        template = self.run.catalog.templates.get(_last_write(performed))
        following = rules.following(template.operation, template.method) if template else ""
        return following or rules.shown


def _names(some: Round) -> frozenset[str]:
    return frozenset(name for call in some for name in call.roles.values())


def _last_write(performed: list[Performed]) -> str:
    return performed[-1].last_write if performed else ""
