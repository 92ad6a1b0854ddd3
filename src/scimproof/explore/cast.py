"""Cast of a history: its people and groups, what the sender believes of each, and the values of an action."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scimproof.catalog.actions import ABSENT, ACTIVE, DELETED, Action, Repertoire
from scimproof.catalog.identities import group, guids, person
from scimproof.core.scim import NAME_ATTRIBUTE, Kind
from scimproof.explore.history import ActionCall

ROLE: dict[Kind, str] = {"User": "user", "Group": "group"}
BLANK = re.compile(r"\{(\w+)\.(\w+)\}")  # in a text that an action sets: a value of one of its roles


@dataclass
class Actor:
    """One person or group of a cast, as the sender has it.

    `blanks` are its values; `id` that of the target, `gone` the one it had before it was deleted. `former`
    are the names that it gave up, the last one last; `known` the senders that know it.
    """

    name: str
    kind: Kind
    blanks: dict[str, str]
    standing: str = ABSENT
    id: str = ""
    gone: str = ""
    former: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    @property
    def own(self) -> str:
        """Its userName or displayName."""
        return self.blanks[NAME_ATTRIBUTE[self.kind]]

    @property
    def there(self) -> bool:
        """Whether it is at the target."""
        return self.standing != ABSENT


@dataclass(frozen=True)
class Naming:
    """How names and values of a cast are made: the same `label` gives the same values, but for names.

    Names, addresses and external ids have a tag of `take`, so that the same history can be played again.
    """

    seed: int
    prefix: str
    label: str
    take: str
    repertoire: Repertoire

    def person(self, what: str, kind: str = "plain", sender: str = "") -> dict[str, str]:
        """The values of one user, in the forms of that sender."""
        forms = self.repertoire.part(sender).sender.identities
        made = person(self.seed, self.prefix, f"{self.label}/{what}", kind, forms)
        rng = random.Random(f"{self.prefix}/{self.seed}/{self.take}/{what}")
        tagged = self._tagged(made, what)
        return tagged | {"externalId": forms.new_external_id(rng, tagged)} | guids(rng)

    def group(self, what: str, kind: str = "plain") -> dict[str, str]:
        """The values of one group."""
        made = self._tagged(group(self.prefix, f"{self.label}/{what}", kind), what)
        again = group(self.prefix, f"{self.take}/{what}", kind)
        return made | {name: again[name] for name in ("externalId", "newExternalId")}

    def _tagged(self, made: dict[str, str], what: str) -> dict[str, str]:
        old, new = _tag(f"{self.label}/{what}"), _tag(f"{self.take}/{what}")
        before, after = f"{self.prefix}.{old}", f"{self.prefix}.{new}"
        pairs = ((before, after), (before.upper(), after.upper()))
        return {key: _replaced(value, pairs) for key, value in made.items()}


def _tag(where: str) -> str:
    return hashlib.sha256(where.encode()).hexdigest()[:6]


def _replaced(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for before, after in pairs:
        text = text.replace(before, after)
    return text


@dataclass
class HistoryCast:
    """People and groups of one history, and who is a member of which group, as the sender believes."""

    naming: Naming
    dialect: str
    actors: dict[str, Actor] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, naming: Naming, dialect: str) -> HistoryCast:
        """A new cast, of whom the target knows nobody yet."""
        cast = cls(naming, dialect)
        for number, kind in enumerate(naming.repertoire.people, 1):
            name = f"person-{number}"
            cast.actors[name] = Actor(name, "User", naming.person(name, kind))
        for number, kind in enumerate(naming.repertoire.groups, 1):
            name = f"group-{number}"
            cast.actors[name] = Actor(name, "Group", naming.group(name, kind))
            cast.members[name] = set()
        return cast

    def there(self, kind: Kind | None = None) -> Iterator[Actor]:
        """Those who are at the target."""
        return (one for one in self.actors.values() if one.there and kind in (None, one.kind))

    def having(self, kind: Kind, key: str, value: str) -> set[str]:
        """The ids of all who have that value, such as a userName, at the target."""
        return {one.id for one in self.there(kind) if one.blanks[key].casefold() == value.casefold()}

    def free(self, actor: Actor) -> str:
        """The name that somebody gave up last and nobody has now; empty for none."""
        taken = {one.own.casefold() for one in self.there(actor.kind)}
        return next((name for name in reversed(actor.former) if name.casefold() not in taken), "")

    def allows(self, action: Action, roles: Mapping[str, str]) -> bool:
        """Whether these actors can play that action now."""
        played = {role: self.actors[name] for role, name in roles.items()}
        if not action.sent(self.dialect):
            return False
        if any(played[role].standing not in standings for role, standings in action.roles.items()):
            return False
        if any(not self.free(played[role]) for role in action.former):
            return False
        if not all(self._knows(action, role, actor) for role, actor in played.items()):
            return False
        if self._taken(action, roles):
            return False
        inside = all(roles[user] in self.members[roles[group]] for user, group in action.inside)
        outside = all(roles[user] not in self.members[roles[group]] for user, group in action.outside)
        return inside and outside

    @staticmethod
    def _knows(action: Action, role: str, actor: Actor) -> bool:
        """Whether the sender has met them, meets them by this action, or does nothing to them."""
        known = not actor.there or action.sender in actor.known
        return known or role in action.meets or role in action.former

    def _taken(self, action: Action, roles: Mapping[str, str]) -> bool:
        """Whether somebody has the name of one who is to be created by this action, or two get the same."""
        new = [role for role in action.becomes if not self.actors[roles[role]].there]
        if not new or action.refused:
            return False
        changes = self.changes(action, ActionCall(action.key, roles, 0))
        names: set[tuple[Kind, str]] = set()
        for role in new:
            actor = self.actors[roles[role]]
            key = NAME_ATTRIBUTE[actor.kind]
            name = changes.get(f"{role}.{key}", actor.own)
            if self.having(actor.kind, key, name) or (actor.kind, name.casefold()) in names:
                return True
            names.add((actor.kind, name.casefold()))
        return False

    def values(self, action: Action, call: ActionCall) -> dict[str, str]:
        """The blanks of that action: those of its roles, with what it sets, and `before.` what that was."""
        blanks: dict[str, str] = {}
        for role, name in call.roles.items():
            actor = self.actors[name]
            blanks |= {f"{role}.{key}": value for key, value in actor.blanks.items()}
            if actor.id:
                blanks[f"{role}.id"] = actor.id
        changes = self.changes(action, call)
        return blanks | {f"before.{key}": blanks[key] for key in changes if key in blanks} | changes

    def changes(self, action: Action, call: ActionCall) -> dict[str, str]:
        """What the action sets, by role and blank."""
        made: dict[str, str] = {}
        found: dict[str, str] = {}
        for blank, source in action.sets.items():
            holder, _, key = source.partition(".")
            if "{" in source:
                found[blank] = BLANK.sub(lambda one: self._now(call, one[1], one[2]), source)
            elif holder == "new":
                made = made or self._made(action, call)
                found[blank] = made[key]
            elif holder == "former":
                found[blank] = self.free(self.actors[call.roles[key]])
            else:
                found[blank] = self._now(call, holder, key)
        return self._own_ids(action, call) | found

    def _own_ids(self, action: Action, call: ActionCall) -> dict[str, str]:
        """The external ids of those who are created, where other senders would give others."""
        if not self.naming.repertoire.shared:
            return {}
        new = [role for role in action.becomes if action.kinds[role] == "User"]
        actors = {role: self.actors[call.roles[role]] for role in new}
        return {
            f"{role}.externalId": self.naming.person(actor.name, sender=action.sender)["externalId"]
            for role, actor in actors.items()
            if not actor.there
        }

    def _now(self, call: ActionCall, role: str, key: str) -> str:
        return self.actors[call.roles[role]].blanks[key]

    def _made(self, action: Action, call: ActionCall) -> dict[str, str]:
        what = f"new-{call.draw}"
        group = self.naming.group(what)
        of_group = {"groupName": group["displayName"], "groupExternalId": group["externalId"]}
        return self.naming.person(what, sender=action.sender) | of_group

    def listed(self, action: Action, call: ActionCall, role: str) -> list[Actor]:
        """The members that a push of the whole group names: after the action, and who is active."""
        after = self._after(action, call.roles, call.roles[role])
        return [self.actors[name] for name in sorted(after) if self.actors[name].standing == ACTIVE]

    def _after(self, action: Action, roles: Mapping[str, str], group: str) -> set[str]:
        before = set() if group in {roles[role] for role in action.only} else set(self.members[group])
        before -= {roles[user] for user, of in action.leaves if roles[of] == group}
        return before | {roles[user] for user, of in action.joins if roles[of] == group}

    def apply(self, action: Action, call: ActionCall, ids: Mapping[str, str]) -> None:
        """The action was accepted; `ids` are those that answers gave, by role."""
        changes = self.changes(action, call)
        whole = {step.list for step in action.sent(self.dialect) if step.list}
        groups = {of for _, of in (*action.joins, *action.leaves)} | set(action.only) | whole
        after = {call.roles[role]: self._after(action, call.roles, call.roles[role]) for role in groups}
        for role in whole:
            after[call.roles[role]] = {one.name for one in self.listed(action, call, role)}
        for blank, value in changes.items():
            role, _, key = blank.partition(".")
            actor = self.actors[call.roles[role]]
            if key == NAME_ATTRIBUTE[actor.kind] and actor.there and actor.standing != DELETED:
                actor.former.append(actor.own)
            actor.blanks[key] = value
        self.members |= after
        for role, id in ids.items():
            actor = self.actors[call.roles[role]]
            actor.id, actor.gone = id, ""
        for role, standing in action.becomes.items():
            self._becomes(self.actors[call.roles[role]], standing)
        for role, name in call.roles.items():
            actor = self.actors[name]
            if actor.there and (role in action.becomes or role not in action.former):
                actor.known.add(action.sender)

    def _becomes(self, actor: Actor, standing: str) -> None:
        before, actor.standing = actor.standing, standing
        if standing == ABSENT:
            if before != DELETED:
                actor.former.append(actor.own)
            actor.gone, actor.id = actor.id, ""
            actor.known = set()
            for group, members in self.members.items():
                self.members[group] = set() if group == actor.name else members - {actor.name}
