"""Capabilities of the target as a run learns them: attributes it never stores, requests it always refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scimproof.catalog.identities import ORDINARY
from scimproof.catalog.request_template import Template
from scimproof.checks.attributes import read, same
from scimproof.checks.convergence import shown_at
from scimproof.core.definitions import Check, Requirement, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult
from scimproof.core.scim import CORE_GROUP, CORE_USER, Kind

DECLINED = (400, 422)  # what a target says of a body that it does not want


class Plain(NamedTuple):
    """An ordinary test user (no unusual name): the create that was sent, and what a read shows."""

    sent: Json
    shown: Json


class Capabilities:
    """What the executor asks about the target; this base class knows nothing."""

    def decides(self, requirement: Requirement) -> bool:
        """Whether this requirement counts for the result."""
        return True

    def unkept(self, path: str, requirement: Requirement, exchange: Exchange) -> str:
        """The id of the finding that says that the target stores no ordinary value of that attribute.

        Empty where it stores them, where no finding of this run is about that, and for that finding's own
        `requirement`.
        """
        return ""

    def unlisted(self, path: str, exchange: Exchange) -> str:
        """The id of the finding that tells which attributes the target drops that its /Schemas do not list.

        Empty where they list that attribute, where the answer shows a value of it, and where no finding of
        this run is about that.
        """
        return ""

    def refused(self, request: str, requirement: Requirement) -> str:
        """The id of the finding that says that the target refuses that request for every user.

        Empty where it accepts it for an ordinary user, and where no finding of this run is about that.
        """
        return ""

    def absent(self, template: Template) -> str:
        """Why the target has no such resources at all (no groups); empty when it may have."""
        return ""

    def lacking(self, needs: Collection[str]) -> str:
        """Why the target lacks one of these needs (core.discovery); empty where it has them all."""
        return ""

    def undeclared(self, needs: Collection[str]) -> str:
        """The first of these needs of which the target says nothing; empty where it speaks of all."""
        return ""

    def made(self, template: Template) -> int:
        """How many resources of the kind of this request the run created and did not remove."""
        return 0

    def stands_on(
        self, check: Check, requirement: Requirement, judgement: CheckResult, exchange: Exchange
    ) -> tuple[str, str]:
        """The underlying cause of a broken rule: the finding that the ordinary case fails, and a sentence.

        Both are empty where the rule itself is broken.
        """
        if judgement.held is not False:
            return "", ""
        gate, cause = self.refused(check.beside, requirement), "not even somebody ordinary is accepted"
        gates = [self.unkept(path, requirement, exchange) for path in judgement.about]
        if not gate and gates and all(gates):
            gate, cause = gates[0], f"{', '.join(judgement.about)} is kept of nobody"
        if not gate and exchange.ok and (gate := self.all_unlisted(judgement, exchange)):
            cause = f"the target's /Schemas do not list {', '.join(judgement.about)}"
        return gate, f"not asked: {cause} ({gate})" if gate else ""

    def declined_for(self, judgement: CheckResult, exchange: Exchange) -> str:
        """The finding that tells which attributes the target lacks, where a clean refusal is about these.

        Empty where it is refused for anything else.
        """
        cleanly = exchange.status in DECLINED and not exchange.error
        return self.all_unlisted(judgement, exchange) if judgement.held is False and cleanly else ""

    def all_unlisted(self, judgement: CheckResult, exchange: Exchange) -> str:
        """The finding that tells of all these attributes that the target has none of them; else empty."""
        gates = [self.unlisted(path, exchange) for path in judgement.about]
        return gates[0] if gates and all(gates) else ""


NO_FACTS = Capabilities()
MEMBERS = "members"
NOTHING: tuple[Json, ...] = (None, "", [], {})


@dataclass
class TargetCapabilities(Capabilities):
    """The capabilities of one target as far as this run has seen them.

    Each is found out once, when a finding first needs it: `plain` creates and reads an ordinary user,
    `declines` sends a request template for one and returns whether it was refused, `unjoined` returns whether
    a member that was added to a group is not shown, `no_groups` why the target has no groups. `count` is how
    many of a kind the run has created. `told_unlisted` is the finding of attributes that are dropped and not
    listed. Thread-safe.
    """

    requirements: Mapping[str, Requirement]
    gates: Collection[str]
    sequences: list[Sequence]
    plain: Callable[[], Plain | None]
    no_groups: Callable[[], str]
    count: Callable[[Kind], int]
    declines: Callable[[str], bool]
    unjoined: Callable[[], bool]
    discovery: Callable[[], Discovery | None] = lambda: None
    told_unlisted: str = ""
    _unjoined: bool | None = None
    _refused: dict[str, bool] = field(default_factory=dict)
    _plain: list[Plain | None] = field(default_factory=list)
    _groups: list[str] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def decides(self, requirement: Requirement) -> bool:
        return requirement.authority in self.gates

    def unkept(self, path: str, requirement: Requirement, exchange: Exchange) -> str:
        where = "/Groups" if path == MEMBERS else "/Users"
        if requirement.keeps == path or where not in exchange.request.target:
            return ""
        told = next(self._told(path, requirement), "")
        return told if told and self._lost(path) else ""

    def unlisted(self, path: str, exchange: Exchange) -> str:
        kind = CORE_GROUP if "/Groups" in exchange.request.target else CORE_USER
        if not self.told_unlisted or self._demanded(path):
            return ""
        if exchange.ok and shown_at(exchange.json, path) not in NOTHING:
            return ""
        found = self.discovery()
        if found is None or found.assumed or not found.schema(kind):
            return ""
        return "" if found.lists(kind, path) else self.told_unlisted

    def _demanded(self, path: str) -> bool:
        """Whether a target has to have that attribute, listed or not: a deciding rule says so."""
        rules = (rule for rule in self.requirements.values() if rule.keeps and self.decides(rule))
        kept = (rule.keeps.lower() for rule in rules if rule.level == "MUST")
        return any(f"{path.lower()}.".startswith(f"{one}.") for one in kept)

    def refused(self, request: str, requirement: Requirement) -> str:
        told = next(self._asked(request, requirement), "") if request else ""
        if not told:
            return ""
        with self._lock:
            if request not in self._refused:
                self._refused[request] = self.declines(request)
            return told if self._refused[request] else ""

    def lacking(self, needs: Collection[str]) -> str:
        found = self.discovery() if needs else None
        if found is None:
            return ""
        return next((found.why_not(need) for need in needs if found.state(need) is False), "")

    def undeclared(self, needs: Collection[str]) -> str:
        found = self.discovery() if needs else None
        if found is None:
            return ""
        return next((need for need in needs if found.state(need) is None), "")

    def absent(self, template: Template) -> str:
        return self.groups_absent() if about_groups(template) else ""

    def groups_absent(self) -> str:
        """Why the target has no groups; empty when it may have."""
        with self._lock:
            if not self._groups:
                self._groups.append(self.no_groups())
            return self._groups[0]

    def made(self, template: Template) -> int:
        return self.count("Group" if about_groups(template) else "User")

    def told_absent(self) -> str:
        """Why the target has no groups, if that was asked before and is so."""
        return next(iter(self._groups), "")

    def _told(self, path: str, requirement: Requirement) -> Iterator[str]:
        """The findings about the ordinary value of that attribute, of at least the level of this rule."""
        for sequence, step in self._ordinary():
            for check in step.checks:
                rule = self.requirements[check.requirement]
                if rule.keeps == path and self._weight(rule) >= self._weight(requirement):
                    yield f"{sequence.id}/{step.id}#{rule.id}"

    def _asked(self, request: str, requirement: Requirement) -> Iterator[str]:
        """The findings that need that request accepted, of at least the level of this rule."""
        for sequence, step in self._ordinary():
            rule = self.requirements[step.checks[0].requirement]
            own = rule.id == requirement.id or step.checks[0].beside or step.authorization is not None
            if step.request == request and not own and self._weight(rule) >= self._weight(requirement):
                yield f"{sequence.id}/{step.id}#{rule.id}"

    def _ordinary(self) -> Iterator[tuple[Sequence, Step]]:
        """The steps that are about ordinary test users and have findings."""
        for sequence in self.sequences:
            if ORDINARY.issuperset({*sequence.people.values(), *sequence.groups.values()}):
                yield from ((sequence, step) for step in sequence.steps if not step.given)

    def _weight(self, rule: Requirement) -> tuple[bool, bool]:
        return self.decides(rule), rule.level == "MUST"

    def _lost(self, path: str) -> bool:
        """Whether the target does not store that attribute of an ordinary user or group."""
        with self._lock:
            if path == MEMBERS:
                self._unjoined = self.unjoined() if self._unjoined is None else self._unjoined
                return self._unjoined
            if not self._plain:
                self._plain.append(self.plain())
            found = self._plain[0]
        if found is None:
            return False
        sent = read(found.sent, path)
        return sent not in NOTHING and not same(path, sent, read(found.shown, path))


def about_groups(template: Template) -> bool:
    """Whether a request goes to the groups."""
    return "/Groups" in template.target


def needs_groups(sequence: Sequence, templates: Mapping[str, Template]) -> bool:
    """Whether nothing of a sequence can be asked of a target without groups."""
    begins = sequence.sent[:1]
    return any(
        about_groups(templates[step.request]) for step in sequence.sent if step.given or step in begins
    )
