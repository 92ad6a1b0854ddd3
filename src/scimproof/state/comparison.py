"""Comparison of a whole resource, as an answer shows it, with what its writes promised."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from scimproof.catalog.legal_variety import LegalVariety
from scimproof.core.http_message import Json, short
from scimproof.core.scim import value_at
from scimproof.state.equality import NOTHING, equal, unmatched
from scimproof.state.expected_resource import EXISTS, MEMBERS, Resource
from scimproof.state.register import ANY, BEGINNING, Register, ShownValue, Value
from scimproof.state.request_effects import leaves, values_of


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference at one path between what is expected and what is found, both as text.

    `declined`: it was sent, and the target has never shown a value of that attribute of this resource.
    `lost`: it has, and there is none any more. `departed`: members are missing whom a write has deactivated.
    """

    path: str
    expected: str
    found: str
    declined: bool = False
    lost: bool = False
    departed: bool = False

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class Comparison:
    """One read of a resource between two moments; `by_id` where it was read by its id, else a row of a list.

    `excused` tells whose membership may have ended by itself: a target may take a deactivated user out of
    groups. That is a difference of its own kind. `hidden` are the attributes that the read asked to have left
    out: of these nothing can be told. `gone` are ids that were deleted: what refers to one may go or stay.
    """

    resource: Resource
    body: Mapping[str, Json]
    variety: LegalVariety
    by_id: bool = True
    start: float = math.inf
    end: float = math.inf
    excused: Callable[[str], bool] = lambda _: False
    hidden: Callable[[str], bool] = lambda _: False
    gone: Callable[[str], bool] = lambda _: False

    def differences(self) -> list[Difference]:
        """All differences, the most important attributes first.

        Of a read by id what is shown is then expected, so that a difference is told of the write that made
        it and of none after it.
        """
        found = [*self._existence(), *self._attributes(), *self._members()]
        if self.by_id:
            seen = {path for path, value in self._shown().items() if value not in NOTHING}
            seen |= {MEMBERS} if value_at(self.body, MEMBERS) else set()
            self.resource.shown = (self.resource.shown or frozenset()) | seen
        return found

    def _shown(self) -> dict[str, Json]:
        kind = self.resource.kind
        shown = ((path.lower(), value) for path, value in leaves(self.body))
        return {
            path: value
            for path, value in shown
            if not self.variety.ignores(kind, path) and not (kind == "Group" and path == MEMBERS)
        }

    def _existence(self) -> Iterator[Difference]:
        register = self.resource.registers.get(EXISTS)
        if register and register.doubt(value=True, start=self.start, end=self.end):
            yield Difference(EXISTS, "deleted", "still there")
            self.resource.registers[EXISTS] = Register(BEGINNING, value=True)

    def _attributes(self) -> Iterator[Difference]:
        shown, resource = self._shown(), self.resource
        for path in sorted(resource.paths | shown.keys()):
            if self.variety.ignores(resource.kind, path) or self.hidden(path):
                continue
            if path in resource.paths:
                yield from self._written(path, shown.get(path))
            elif shown[path] not in NOTHING:
                yield from self._unwritten(path, shown[path])

    def _written(self, path: str, found: Json) -> Iterator[Difference]:
        """An attribute of which a write or an earlier read told a value."""
        register, before = self.resource.register(path), self.resource.shown
        legal = register.legal(self.start, self.end)
        if not legal or self.start <= register.horizon:
            return
        if any(entry.value is ANY for entry in legal):
            self._adopt(path, register, found)
            return
        if any(equal(path, entry.value, found, self.variety) for entry in legal):
            self._adopt(path, register, found)
            return
        if found in NOTHING and any(self._refers_to_nobody(entry.value) for entry in legal):
            self._adopt(path, register, found)
            return
        declined = found in NOTHING and path not in (before or ())
        wanted, shown = self._told(path, [entry.value for entry in legal], found)
        if self.resource.told.get(path) != (wanted, shown):  # sent again, and lost again: told of the first
            yield Difference(path, wanted, shown, declined, lost=found in NOTHING and not declined)
            self.resource.told[path] = (wanted, shown)
        self._adopt(path, register, found)

    def _refers_to_nobody(self, value: Value) -> bool:
        """Whether a value is the id of who was deleted: a manager, for one, who may be left out then."""
        told = told_by(value)
        return isinstance(told, str) and self.gone(told)

    def _told(self, path: str, expected: list[Value], found: Json) -> tuple[str, str]:
        """Expected and found as text; of two lists only the entries in which they differ."""
        if len(expected) == 1 and isinstance(told_by(expected[0]), list) and isinstance(found, list):
            missing, surplus = unmatched(path, expected[0], found, self.variety)
            return show(missing), show(surplus)
        return " or ".join(dict.fromkeys(show(told_by(value)) for value in expected)), show(found)

    def _unwritten(self, path: str, found: Json) -> Iterator[Difference]:
        """An attribute that nobody wrote: the target's own at the first read, spilled from then on."""
        settled = self.by_id and self.resource.settled(self.start)
        nothing = isinstance(found, str) and found in self.variety.nothing
        if nothing or (settled and self.resource.shown is not None):
            yield Difference(path, "no value", show(found))
        if settled:
            self.resource.adopt(path, ShownValue(found), self.end)

    def _adopt(self, path: str, register: Register, value: Json) -> None:
        if self.by_id and register.settled(self.start):
            self.resource.adopt(path, ShownValue(value), self.end)

    def _members(self) -> Iterator[Difference]:
        resource, listed = self.resource, value_at(self.body, MEMBERS)
        if resource.others is None or (listed is None and not self.by_id) or self.hidden(MEMBERS):
            return  # a list may leave the members out, and a read may ask for that
        shown = frozenset(values_of(listed))
        members = [(id, one) for id, one in sorted(resource.members.items()) if not self.gone(id)]
        away = [(id, one) for id, one in members if id not in shown]
        absent = [id for id, one in away if one.doubt(value=False, start=self.start, end=self.end)]
        departed = [id for id in absent if self.excused(id)]
        missing = [id for id in absent if id not in departed]
        more = sorted(id for id in shown if not self.gone(id) and self._unwanted(id))
        names = [str(value_at(entry, "value")) for entry in listed] if isinstance(listed, list) else []
        declined = not shown and MEMBERS not in (resource.shown or ())
        if missing:
            yield Difference(MEMBERS, f"also {few(missing)}", f"{len(shown)} without them", declined)
        if departed and not declined:
            expected = f"also {few(departed)}, deactivated"
            yield Difference(MEMBERS, expected, f"{len(shown)} without them", departed=True)
        if more:
            yield Difference(MEMBERS, f"without {few(more)}", f"{len(shown)} with them")
        if len(names) != len(set(names)):
            told = f"{len(names)} entries of {len(set(names))} members"
            yield Difference(MEMBERS, "each member once", told)
        if (missing or more) and self.by_id and resource.settled(self.start):
            resource.adopt_members(shown, self.end)

    def _unwanted(self, id: str) -> bool:
        register = self.resource.members.get(id, self.resource.others)
        return bool(register and register.doubt(value=True, start=self.start, end=self.end))


def missing(resource: Resource, start: float = math.inf, end: float = math.inf) -> Difference | None:
    """The difference where a read by id says that the resource is not there, though it must be."""
    if not resource.must_exist(start, end):
        return None
    if resource.register(EXISTS).settled(start):
        resource.registers[EXISTS] = Register(BEGINNING, value=False, horizon=end)
    return Difference(EXISTS, "there", "not there")


def told_by(value: Value) -> Json:
    """The value that is expected, whether a write or an earlier read told it."""
    return value.value if isinstance(value, ShownValue) else value


def show(value: Json) -> str:
    """A value as a difference prints it, cut at 120 characters."""
    text = "no value" if value in NOTHING else json.dumps(value, ensure_ascii=False)
    return short(text, 120)


def few(ids: list[str]) -> str:
    """The first three of some ids, and how many more there are."""
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return ", ".join(ids[:3]) + more
