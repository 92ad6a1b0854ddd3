"""Refused requests: which kinds a target refuses, with what answer, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from scimproof.render.diagnosis.scim import look
from scimproof.render.diagnosis.traffic import Conversation, Traffic

Row = dict[str, Any]
NOT_DONE = {405, 501}  # statuses that mean the kind of request, whatever else succeeds
BY_HEADERS = {406, 415}  # statuses that mean headers, whatever the request
APART = ("Content-Type", "Accept", "Accept-Charset")
EVERY = "request"
NOTHING = " = []"
MOST = 3  # attributes that are named; more in common explain nothing


@dataclass(frozen=True)
class Refusal:
    """Requests refused with the same answer, and accepted requests of the same kinds."""

    scope: str
    status: int
    refused: tuple[Conversation, ...]
    accepted: tuple[Conversation, ...]

    @property
    def kinds(self) -> list[str]:
        """The kinds of request that are refused so."""
        return list(dict.fromkeys(talk.kind for talk in self.refused))

    @cached_property
    def carried(self) -> list[str]:
        """The attributes in all refused requests and in no accepted one; [] where there are many."""
        if not self.accepted:
            return []
        common = set.intersection(*(set(_paths(talk.sent)) for talk in self.refused))
        found = sorted(common - {path for talk in self.accepted for path in _paths(talk.sent)})
        named = [path for path in found if any(_names(talk.detail, path) for talk in self.refused)]
        shortest = [path for path in named or found if not any(_within(path, other) for other in found)]
        return shortest if len(shortest) <= MOST else []

    @cached_property
    def members(self) -> tuple[int, int]:
        """The smallest number of members refused and the largest accepted, where the two do not overlap."""
        taken = max(map(_members, self.accepted), default=0)
        over = min(map(_members, self.refused), default=0)
        return (over, taken) if over > taken > 0 else (0, 0)


@dataclass
class _Scope:
    """All requests of one kind, and what they have in common."""

    talks: list[Conversation] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)
    succeeds: bool = False

    def add(self, talk: Conversation) -> None:
        self.talks.append(talk)
        self.statuses.add(talk.status)
        self.methods.add(talk.method)
        self.resources.add(talk.resource)
        self.succeeds |= talk.ok


class Refusals:
    """All refused requests of a report."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._scopes: dict[str, _Scope] = {}
        self._apart: dict[tuple[str, int], bool] = {}
        for talk in traffic.talks.values():
            for scope in (EVERY, talk.method, *talk.scopes):
                self._scopes.setdefault(scope, _Scope()).add(talk)

    @cached_property
    def examples(self) -> dict[tuple[str, str], Conversation]:
        """One refused request for each answer with a detail, by answer and detail."""
        every = self._scopes.get(EVERY, _Scope()).talks
        return {(talk.answer, talk.detail): talk for talk in every if not talk.ok and talk.detail}

    def names(self, talk: Conversation, rule: str) -> list[tuple[str, ...]]:
        """The possible titles of refusals with the same cause.

        The widest kind of request that never succeeds, and the target's own explanation; without one, what
        these requests have in common, and without that, the rule.
        """
        status = str(talk.status)
        if talk.status in BY_HEADERS:
            return [("", status)]
        scope = self._never(talk)
        found: list[tuple[str, ...]] = [(scope, status)] if scope else []
        if detail := talk.error or talk.detail:
            return [*found, ("", status, self._traffic.plain(detail, talk))]
        apart = (talk.kind, status, "") if self._set_apart(talk) else ("", status, "", rule)
        return found or [apart]

    def of(self, name: tuple[str, ...], refused: Iterable[Conversation]) -> Refusal:
        """The refusal with that title, with all its requests in the report."""
        some = list(refused)
        scopes = [name[0]] if name[0] else list(dict.fromkeys(talk.kind for talk in some))
        every = [talk for scope in scopes for talk in self._scopes[scope].talks]
        alike = [
            talk for talk in every if not talk.ok and str(talk.status) == name[1] and self._says(talk, name)
        ]
        accepted = [talk for talk in every if talk.ok]
        return Refusal(name[0], int(name[1]), tuple(alike or some), tuple(accepted))

    def _says(self, talk: Conversation, name: tuple[str, ...]) -> bool:
        return len(name) < 3 or self._traffic.plain(talk.error or talk.detail, talk) == name[2]

    def _never(self, talk: Conversation) -> str:
        """The widest kind of this request of which none succeeds."""
        wide, *narrow = talk.scopes
        for scope in (EVERY, wide):
            if len(self._scopes[scope].methods) > 1 and self._scopes[scope].statuses == {talk.status}:
                return scope
        method = self._scopes[talk.method]
        if len(method.resources) > 1 and method.statuses == {talk.status}:
            return talk.method
        found = (scope for scope in narrow if not self._scopes[scope].succeeds)
        return next(found, narrow[0] if talk.status in NOT_DONE else "")

    def _set_apart(self, talk: Conversation) -> bool:
        """Whether all requests refused so differ from all others by an attribute or a header."""
        place = talk.kind, talk.status
        if place not in self._apart:
            every = self._scopes[talk.kind].talks
            refused = tuple(one for one in every if one.status == talk.status and not one.detail)
            refusal = Refusal(talk.kind, talk.status, refused, tuple(one for one in every if one.ok))
            common = refusal.carried or any(refusal.members)
            self._apart[place] = bool(common) or _by_header(refusal.refused, refusal.accepted)
        return self._apart[place]


def _by_header(refused: Iterable[Conversation], accepted: Iterable[Conversation]) -> bool:
    """Whether a header has a value in all refused requests and in no accepted one."""
    for name in APART:
        values = {_header(talk, name) for talk in refused}
        others = {_header(talk, name) for talk in accepted}
        if len(values) == 1 and others and values.isdisjoint(others):
            return True
    return False


def _header(talk: Conversation, name: str) -> str:
    headers = talk.row["request"]["headers"]
    return next((str(value) for key, value in headers if key.lower() == name.lower()), "")


def _paths(body: Any, above: str = "") -> Iterator[str]:
    """The attributes with a value in a body, as `name.givenName`."""
    for key, value in body.items() if isinstance(body, dict) else ():
        if key == "schemas":
            continue
        yield f"{above}{key}" + (NOTHING if value == [] else "")
        if isinstance(value, dict):
            yield from _paths(value, f"{above}{key}{'/' if key.startswith('urn:') else '.'}")
        elif isinstance(value, list):
            for one in value:
                yield from _paths(one, f"{above}{key}.")


def _within(path: str, other: str) -> bool:
    return path.startswith((f"{other}.", f"{other}/"))


def _names(detail: str, path: str) -> bool:
    plain = path.removesuffix(NOTHING)
    last = plain.replace("/", ".").rpartition(".")[2]
    return plain.casefold() in detail.casefold() or last.casefold() in detail.casefold()


def _members(talk: Conversation) -> int:
    """How many members a write of a group has."""
    found = look(talk.sent, "members")
    lists = [found, *(operation.get("value") for operation in talk.operations)]
    return max((len(one) for one in lists if isinstance(one, list)), default=0)

    return []
