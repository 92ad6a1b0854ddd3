"""Expected state of one resource: whether it exists, its attributes and its members, after all its writes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from scimproof.core.scim import Kind
from scimproof.state.multi_valued import Edit
from scimproof.state.register import ANY, BEGINNING, Anomaly, Register, Value, Write, WrittenValue
from scimproof.state.request_effects import RequestEffect, ShownResource

EXISTS = "existence"
MEMBERS = "members"


class AttributeAnomaly(NamedTuple):
    """Anomaly of an attribute: no order of the writes gives the value; `member` says whose membership."""

    attribute: str
    doubt: Anomaly
    member: str = ""


class Resource:
    """Expected state of one id; registers are made at the second write, since most attributes have only one.

    Where this run did not create it, nothing is promised before the first write. `shown` are the paths that
    the target has shown with a value, where whole resources are compared; None before the first read. `told`
    are the differences that were told of it, expected and found by path.
    """

    __slots__ = ("_first", "id", "kind", "made", "members", "name", "others", "registers", "shown", "told")

    def __init__(
        self, kind: Kind, id: str, made: Write = BEGINNING, effect: RequestEffect | None = None
    ) -> None:
        self.kind, self.id, self.made = kind, id, made
        self.name = effect.name if effect else ""
        self._first: dict[str, Value] = effect.values if effect else {}
        self.registers: dict[str, Register] = {}
        self.members: dict[str, Register] = {}
        self.others: Register | None = None
        self.shown: frozenset[str] | None = None
        self.told: dict[str, tuple[str, str]] = {}
        if kind == "Group":
            self.others = Register(made, value=False if effect else ANY)
            named = effect.members if effect else {}
            self.members = {id: Register(made, inside) for id, inside in named.items()}

    @property
    def ours(self) -> bool:
        """Whether a create of this book was answered with its id."""
        return self.made is not BEGINNING

    @property
    def contested(self) -> bool:
        """Whether there was any write after its create."""
        return bool(self.registers) or self.others is not None

    def register(self, name: str) -> Register:
        """The writes to an attribute, or to `EXISTS`."""
        if name not in self.registers:
            first = (self.ours or ANY) if name == EXISTS else self._first.get(name, ANY)
            self.registers[name] = Register(self.made, first)
        return self.registers[name]

    def member(self, id: str) -> Register:
        """The writes to the membership of that id."""
        if id not in self.members:
            assert self.others is not None, "only groups have members"
            self.members[id] = self.others.copy()
        return self.members[id]

    def begin(self, write: Write, effect: RequestEffect) -> None:
        """A write to this resource is about to be sent."""
        if effect.verb == "delete":
            self.register(EXISTS).begin(write, value=False)
        for name, value in effect.values.items():
            register = self.register(name)
            register.begin(write, value.applied(register.certain) if isinstance(value, Edit) else value)
        for register in self._left_open(effect):
            register.begin(write, ANY)
        for id, inside in effect.members.items():
            self.member(id).begin(write, inside)
        for register in self._emptied(effect):
            register.begin(write, value=False)

    def settle(self, write: Write, effect: RequestEffect) -> None:
        """That write was answered."""
        if effect.verb == "delete":
            self.register(EXISTS).settle(write)
        for name in effect.values:
            self.register(name).settle(write)
        for register in self._left_open(effect):
            register.settle(write)
        for id in effect.members:
            self.member(id).settle(write)
        for register in self._emptied(effect):
            register.settle(write)

    def revive(self, write: Write) -> None:
        """It is there again: a create of the same name was answered with the id of who was deleted."""
        self.register(EXISTS).begin(write, value=True)
        self.register(EXISTS).settle(write)

    @property
    def paths(self) -> set[str]:
        """The attributes of which something is expected."""
        return (self._first.keys() | self.registers.keys()) - {EXISTS}

    def settled(self, start: float) -> bool:
        """Whether every write to it was over before `start`; else a read may show what was before."""
        others = (self.others,) if self.others else ()
        return all(one.settled(start) for one in (*self.registers.values(), *self.members.values(), *others))

    def adopt(self, path: str, value: Value, now: float) -> None:
        """From now on this is what is expected of that attribute: the target has shown it so.

        A read that was begun before, and is told later, may show what was there then.
        """
        self.registers[path] = Register(BEGINNING, value, now)

    def allow(self, path: str, value: Value) -> None:
        """From now on this may be shown of that attribute too."""
        register = self.register(path)
        self.registers[path] = register.copy()
        self.registers[path].entries.append(WrittenValue(BEGINNING, value))

    def adopt_members(self, shown: frozenset[str], now: float) -> None:
        """From now on these are the members."""
        self.others = Register(BEGINNING, value=False, horizon=now)
        self.members = {id: Register(BEGINNING, value=True, horizon=now) for id in shown}

    def _left_open(self, effect: RequestEffect) -> Iterator[Register]:
        """The attributes that a PUT does not name: they may be cleared or kept."""
        if effect.rest:
            yield from (self.register(path) for path in sorted(self.paths - effect.values.keys()))

    def _emptied(self, effect: RequestEffect) -> Iterator[Register]:
        """The memberships that a write of the whole list ends."""
        if effect.everyone and self.others is not None:
            yield from (register for id, register in self.members.items() if id not in effect.members)
            yield self.others

    def must_exist(self, start: float = math.inf, end: float = math.inf) -> Anomaly | None:
        """Anomaly where it is missing; None when it may be, or when no answered write has made it."""
        return self.register(EXISTS).doubt(value=False, start=start, end=end) if self.ours else None

    def suspects(
        self,
        facts: ShownResource,
        start: float = math.inf,
        end: float = math.inf,
        *,
        excused: Callable[[str], bool] = lambda _: False,
    ) -> Iterator[AttributeAnomaly]:
        """What an answer to a read between these moments shows that cannot be.

        A value of an attribute that nobody wrote was worked out by the target (cut, folded, defaulted):
        whether it may is a question of conformance, not of load. `excused` tells whose membership may end
        by itself.
        """
        gone = EXISTS in self.registers and self.registers[EXISTS].doubt(value=True, start=start, end=end)
        if gone:
            yield AttributeAnomaly(EXISTS, gone)
        for name, value in facts.values.items():
            register = self.registers.get(name)
            doubt = register.doubt(value, start, end) if register else None
            if doubt and doubt.wrote:
                yield AttributeAnomaly(name, doubt)
        if facts.members is not None and self.others is not None:
            yield from self._wrong_members(facts.members, start, end, excused)

    def _wrong_members(
        self, shown: frozenset[str], start: float, end: float, excused: Callable[[str], bool]
    ) -> Iterator[AttributeAnomaly]:
        for id, register in self.members.items():
            doubt = register.doubt(id in shown, start, end)
            if doubt and (id in shown or not excused(id)):
                yield AttributeAnomaly(MEMBERS, doubt, id)
        for id in sorted(shown - self.members.keys()):
            doubt = self.others.doubt(value=True, start=start, end=end) if self.others else None
            if doubt:
                yield AttributeAnomaly(MEMBERS, doubt, id)
