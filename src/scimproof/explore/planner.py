"""Planner: chooses what is done next, from a seed, among what the people and groups of a cast allow."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scimproof.catalog.actions import Action, Repertoire
from scimproof.explore.cast import HistoryCast
from scimproof.explore.history import ActionCall, Round

TRIES = 12  # drawings of roles for one action, before another is tried
AVOIDED = 3.0  # how much less often an action is chosen for each time that it led to a known failure


@dataclass
class Planner:
    """Draws actions by weight, and actors for their roles; the same `seed` draws the same.

    `known` counts by action how often it led to a failure that is known already.
    """

    repertoire: Repertoire
    seed: int
    known: Counter[str] = field(default_factory=Counter)
    _rng: random.Random = field(init=False)
    _draws: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._rng = random.Random(f"explore/{self.seed}")

    def round(self, cast: HistoryCast, at_once: int = 1) -> Round:
        """The next actions, `at_once` at most; empty where none is possible."""
        first = self._one(cast, set(), set())
        if first is None or at_once < 2:
            return (first,) if first else ()
        if self._of_used_names(cast, self.repertoire.actions[first.action], first.roles):
            return (first,)
        calls = [first]
        for _ in range(at_once - 1):
            alone, shared = self._busy(calls)
            more = self._one(cast, alone, shared)
            if more is not None:
                calls.append(more)
        return tuple(calls)

    def _busy(self, calls: list[ActionCall]) -> tuple[set[str], set[str]]:
        """The actors that nobody else may touch meanwhile, and those that some actions may."""
        alone: set[str] = set()
        shared: set[str] = set()
        for call in calls:
            (shared if self.repertoire.actions[call.action].beside else alone).update(call.roles.values())
        return alone, shared

    def _one(self, cast: HistoryCast, alone: set[str], shared: set[str]) -> ActionCall | None:
        actions = [one for one in self.repertoire.actions.values() if one.sent(cast.dialect)]
        weights = [one.weight / (1 + AVOIDED * self.known[one.key]) for one in actions]
        while actions:
            action = self._rng.choices(actions, weights)[0]
            roles = self._roles(cast, action, alone, shared)
            if roles is not None:
                return ActionCall(action.key, roles, next(self._draws))
            place = actions.index(action)
            del actions[place], weights[place]
        return None

    def _roles(
        self, cast: HistoryCast, action: Action, alone: set[str], shared: set[str]
    ) -> Mapping[str, str] | None:
        if (alone or shared) and (action.former or not action.roles):
            return None  # which name is free, and who is in a list, depends on everybody
        taken = alone if action.beside else alone | shared
        for _ in range(TRIES):
            roles: dict[str, str] = {}
            for role, standings in action.roles.items():
                some = [
                    one.name
                    for one in cast.actors.values()
                    if one.kind == action.kinds[role] and one.standing in standings and one.name not in taken
                    if role not in action.former or cast.free(one)
                    if one.name not in roles.values() or self._same(action, role, one.name, roles)
                ]
                if not some:
                    return None
                roles[role] = self._rng.choice(some)
            beside = bool(alone or shared)
            if cast.allows(action, roles) and not (beside and self._of_used_names(cast, action, roles)):
                return roles
        return None

    @staticmethod
    def _of_used_names(cast: HistoryCast, action: Action, roles: Mapping[str, str]) -> bool:
        """Whether it gives somebody a name that was given up, which another may be given meanwhile."""
        new = (cast.actors[roles[role]] for role in action.becomes)
        return bool(action.former) or any(one.former and not one.there for one in new)

    @staticmethod
    def _same(action: Action, role: str, name: str, roles: Mapping[str, str]) -> bool:
        """Whether one actor may play both roles."""
        return role in action.same and all(other in action.same for other in roles if roles[other] == name)
