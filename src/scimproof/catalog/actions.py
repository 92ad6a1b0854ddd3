"""Actions of administrators as data: what each needs, sends and changes, read from suites/*/explore.toml."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from scimproof.catalog.request_template import Template
from scimproof.catalog.senders import Sender
from scimproof.catalog.state_checks import as_written
from scimproof.core.definitions import Check, Requirement, Sequence, Step
from scimproof.core.errors import CatalogError, did_you_mean
from scimproof.core.scim import Kind

FILE = "explore.toml"
JOINED = "+"  # between the names of several senders, or of their dialects
ALL = "all"  # the steps of every dialect
ANY = "any"  # a role that anybody may play
ABSENT, ACTIVE, INACTIVE, PUSHED = "absent", "active", "inactive", "pushed"
DELETED = "deleted"  # at the provider; the target still has them, inactive and under a name of nobody
STANDINGS: dict[Kind, tuple[str, ...]] = {
    "User": (ABSENT, ACTIVE, INACTIVE, DELETED),
    "Group": (ABSENT, PUSHED),
}
Expect = Literal["accepted", "refused", "refused-or-back", "either"]
LOOKS = ("find_user", "find_group", "list_users", "list_groups")


@dataclass(frozen=True, kw_only=True)
class ActionStep:
    """One request of an action: its file, whose id the answer gives, and how it may be answered.

    `values` fill a blank of the file with another blank. `list` is the group whose members the body has as a
    whole. `pages` walks a list.
    """

    request: str
    creates: str = ""
    expect: Expect = "accepted"
    values: Mapping[str, str] = field(default_factory=dict)
    list: str = ""
    pages: bool = False


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that an administrator does: its roles, its requests by dialect, and its effect.

    `roles` has the standings in which somebody may play each; `kinds` whether it is a user or a group.
    Memberships are pairs of roles, user and group. `same` are roles that one actor may play together. `meets`
    are roles of whom `sender`, whose administrators do it, need not know yet: it finds them by it. `key`
    names it in a repertoire, and begins with the sender where that has several.
    """

    name: str
    says: str
    weight: float
    roles: Mapping[str, frozenset[str]]
    kinds: Mapping[str, Kind]
    steps: Mapping[str, tuple[ActionStep, ...]]
    former: tuple[str, ...] = ()
    same: frozenset[str] = frozenset()
    inside: tuple[tuple[str, str], ...] = ()
    outside: tuple[tuple[str, str], ...] = ()
    sets: Mapping[str, str] = field(default_factory=dict)
    becomes: Mapping[str, str] = field(default_factory=dict)
    joins: tuple[tuple[str, str], ...] = ()
    leaves: tuple[tuple[str, str], ...] = ()
    only: tuple[str, ...] = ()
    beside: bool = False
    meets: frozenset[str] = frozenset()
    sender: str = ""
    key: str = ""

    def sent(self, dialect: str) -> tuple[ActionStep, ...]:
        """The requests of that dialect; empty where it does not have the action."""
        return self.steps.get(dialect, self.steps.get(ALL, ()))

    @property
    def refused(self) -> bool:
        """Whether a right target refuses it."""
        return any(step.expect == "refused" for steps in self.steps.values() for step in steps)


@dataclass(frozen=True, kw_only=True)
class Repertoire:
    """All actions of one sender, the kinds of its cast, and by which files and requirements it is looked at.

    `look` has the request files by LOOKS; `answered`, `found` and `listed` are requirements. `dialects` are
    the last parts of the sender's dialects. `shared` are the repertoires of several senders, of whose actions
    this one consists (`merged`): what is of the sender is then asked of the part.
    """

    sender: Sender
    actions: Mapping[str, Action]
    people: tuple[str, ...]
    groups: tuple[str, ...]
    look: Mapping[str, str]
    answered: str
    found: str
    listed: str
    dialects: tuple[str, ...]
    shared: tuple[Repertoire, ...] = ()

    @property
    def parts(self) -> tuple[Repertoire, ...]:
        """The repertoire of each sender."""
        return self.shared or (self,)

    @property
    def name(self) -> str:
        """Whose it is: the id of the sender, or of all, joined."""
        return JOINED.join(part.sender.id for part in self.parts)

    @property
    def id(self) -> str:
        """The beginning of the ids of its findings."""
        return f"{self.name}.explore"

    def part(self, sender: str) -> Repertoire:
        """The repertoire of that sender; the first for nobody's."""
        return next((one for one in self.parts if one.sender.id == sender), self.parts[0])

    def finding(self, action: str, requirement: str) -> str:
        """The id of the finding of a rule at an action."""
        done = self.actions[action]
        return f"{self.part(done.sender).id}/{done.name}#{requirement}"

    def dialect_of(self, sender: str, dialect: str) -> str:
        """Which dialect that sender speaks where all of them speak this one."""
        spoken = zip(self.parts, dialect.split(JOINED), strict=True)
        return next(one for part, one in spoken if part.sender.id == sender)

    def limited(self, ids: Iterable[str]) -> Repertoire:
        """Only the dialects that ids of sequences of these beginnings are of; all where none is named."""
        stems = [f"{id}." for id in ids]
        asked = tuple(
            one for one in self.dialects if any(id.startswith(f"{self.sender.id}.{one}.") for id in stems)
        )
        return replace(self, dialects=asked or self.dialects)

    def sequences(self, templates: Mapping[str, Template]) -> tuple[Sequence, ...]:
        """The actions as reports speak of them: a sequence for each sender, which others may look after."""
        others = {part.name: [one for one in self.parts if one is not part] for part in self.parts}
        return tuple(part.sequence(templates, others[part.name]) for part in self.parts)

    def sequence(self, templates: Mapping[str, Template], beside: Iterable[Repertoire] = ()) -> Sequence:
        """The actions of one sender: a step each, with the rules that it may break."""
        seen = [rule for other in beside for rule in other.read_rules]
        steps = tuple(self._step(action, templates, seen) for action in self.actions.values())
        return Sequence(
            id=self.id,
            title="Histories of what administrators do",
            source=f"suites/{self.sender.id}/{FILE}",
            about="Actions in the order of a seed; after each, everybody is held to what was written.",
            steps=steps,
        )

    @property
    def read_rules(self) -> tuple[str, ...]:
        """The rules that a look at people and groups may find broken, whatever was done before."""
        rules = self.sender.state
        return (rules.bystanders, rules.shown, self.found, self.listed)

    def _step(self, action: Action, templates: Mapping[str, Template], seen: Iterable[str]) -> Step:
        files = [step.request for some in action.steps.values() for step in some]
        wrote = [file for file in files if templates[file].method != "GET"]
        rules = self.sender.state
        after = [rules.following(templates[file].operation, templates[file].method) for file in wrote]
        asked = [self.answered, *after, rules.refused if action.refused else ""]
        named = dict.fromkeys((*asked, *self.read_rules, *seen))
        checks = tuple(Check(rule, as_written, whole=True) for rule in named if rule)
        about = action.says.replace("{", "").replace("}", "")
        return Step(
            id=action.name, request=(wrote or files)[-1], about=about, checks=checks, independent=True
        )


def merged(parts: Iterable[Repertoire]) -> Repertoire:
    """One repertoire of several senders, whose administrators act on the same people and groups in turn.

    Its dialects are theirs in every combination, in the order of the parts; the cast is the first one's.
    """
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    combined = list(itertools.product(*(part.dialects for part in parts)))
    actions = {}
    for place, part in enumerate(parts):
        for action in part.actions.values():
            key = f"{part.sender.id}-{action.name}"
            steps = {JOINED.join(spoken): action.sent(spoken[place]) for spoken in combined}
            actions[key] = replace(action, key=key, steps=steps)
    dialects = tuple(JOINED.join(spoken) for spoken in combined)
    return replace(parts[0], actions=actions, dialects=dialects, shared=parts)


def repertoire_named(name: str, repertoires: Mapping[str, Repertoire]) -> Repertoire | None:
    """The repertoire of that sender, or of several joined; None where one of them has none."""
    ids = name.split(JOINED)
    return merged(repertoires[id] for id in ids) if all(id in repertoires for id in ids) else None


def read_repertoires(
    suites: Path,
    senders: Mapping[str, Sender],
    templates: Mapping[str, Template],
    requirements: Mapping[str, Requirement],
) -> dict[str, Repertoire]:
    """The repertoires of the senders that have one; CatalogError with the place where one is wrong."""
    found = {}
    for id, sender in senders.items():
        path = suites / id / FILE
        if path.is_file():
            found[id] = _read(path, sender)
            _check(f"{id}/{FILE}", found[id], templates, requirements)
    return found


def _read(path: Path, sender: Sender) -> Repertoire:
    where = f"{sender.id}/{FILE}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise CatalogError(f"{where}: {problem}") from None
    actions = {str(row.get("name", "")): _action(where, row, sender) for row in data.get("action", ())}
    if not actions:
        raise CatalogError(f"{where}: it has no [[action]]")
    cast = data.get("cast", {})
    try:
        return Repertoire(
            sender=sender,
            actions=actions,
            people=tuple(cast.get("people", ())),
            groups=tuple(cast.get("groups", ())),
            look=data.get("look", {}),
            dialects=_dialects(sender, actions),
            **data.get("requirements", {}),
        )
    except TypeError as problem:
        raise CatalogError(f"{where}: [requirements] {problem}") from None


def _dialects(sender: Sender, actions: Mapping[str, Action]) -> tuple[str, ...]:
    """The last parts of the sender's dialects that have actions of their own, else the first of all."""
    known = [id.rpartition(".")[2] for id in sender.dialects]
    named = {dialect for action in actions.values() for dialect in action.steps if dialect != ALL}
    return tuple([one for one in known if one in named] or known[:1] or [ALL])


def _action(where: str, row: dict[str, Any], sender: Sender) -> Action:
    row = dict(row)
    name = str(row.get("name", ""))
    place = f"{where}: action {name!r}"
    people, groups = row.pop("people", {}), row.pop("groups", {})
    kinds: dict[str, Kind] = dict.fromkeys(people, "User") | dict.fromkeys(groups, "Group")
    try:
        steps = {
            dialect: tuple(ActionStep(**step) for step in some)
            for dialect, some in row.pop("steps", {}).items()
        }
        for key in ("inside", "outside", "joins", "leaves"):
            row[key] = tuple(_pair(place, text, kinds) for text in row.pop(key, ()))
        action = Action(
            roles={role: _standings(place, role, text, kinds) for role, text in (people | groups).items()},
            kinds=kinds,
            steps=steps,
            weight=float(row.pop("weight", 1)),
            former=tuple(row.pop("former", ())),
            same=frozenset(row.pop("same", ())),
            only=tuple(row.pop("only", ())),
            meets=frozenset(row.pop("meets", ())),
            sender=sender.id,
            key=name,
            **row,
        )
    except (TypeError, ValueError, AttributeError) as problem:
        raise CatalogError(f"{place}: {problem}") from None
    for role in (*action.former, *action.same, *action.becomes, *action.only, *action.meets):
        if role not in kinds:
            raise CatalogError(f"{place}: nobody plays {role!r}{did_you_mean(role, kinds)}")
    if not steps:
        raise CatalogError(f"{place}: it has no steps")
    return action


def _standings(place: str, role: str, text: str, kinds: Mapping[str, Kind]) -> frozenset[str]:
    known = STANDINGS[kinds[role]]
    some = known if text == ANY else tuple(text.split("|"))
    for one in some:
        if one not in known:
            raise CatalogError(f"{place}: {role} = {text!r}{did_you_mean(one, (*known, ANY))}")
    return frozenset(some)


def _pair(place: str, text: str, kinds: Mapping[str, Kind]) -> tuple[str, str]:
    user, _, group = text.partition("@")
    if kinds.get(user) != "User" or kinds.get(group) != "Group":
        raise CatalogError(f"{place}: {text!r} is not a role of a user, @, and a role of a group")
    return user, group


def _check(
    where: str,
    found: Repertoire,
    templates: Mapping[str, Template],
    requirements: Mapping[str, Requirement],
) -> None:
    """What a repertoire names exists."""
    steps = [step for action in found.actions.values() for some in action.steps.values() for step in some]
    for key in LOOKS:
        if key not in found.look:
            raise CatalogError(f"{where}: [look] lacks {key}")
    for file in (*found.look.values(), *(step.request for step in steps)):
        if file not in templates:
            raise CatalogError(f"{where}: no file fixtures/{file}{did_you_mean(file, templates)}")
    for rule in (found.answered, found.found, found.listed):
        if rule not in requirements:
            raise CatalogError(f"{where}: no requirement is called {rule}{did_you_mean(rule, requirements)}")
    _check_actions(where, found)


def _check_actions(where: str, found: Repertoire) -> None:
    """The words of the actions are known: ways to be answered, and dialects."""
    known = {id.rpartition(".")[2] for id in found.sender.dialects} | {ALL}
    for action in found.actions.values():
        place = f"{where}: action {action.name!r}"
        for dialect, steps in action.steps.items():
            if dialect not in known:
                hint = did_you_mean(dialect, known)
                raise CatalogError(f"{place}: no dialect is called {dialect!r}{hint}")
            for step in steps:
                if step.expect not in get_args(Expect):
                    hint = did_you_mean(step.expect, get_args(Expect))
                    raise CatalogError(f"{place}: expect = {step.expect!r}{hint}")
