"""Actions of administrators as data: what each needs, sends and changes, read from suites/*/explore.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from scimproof.catalog.loader import Catalog, read_toml
from scimproof.catalog.request_template import Template
from scimproof.catalog.senders import Sender
from scimproof.core.errors import CatalogError, UsageError, did_you_mean
from scimproof.core.scim import Kind

FILE = "explore.toml"
ALL = "all"  # the steps of every dialect
ANY = "any"  # a role that anybody may play
ABSENT, ACTIVE, INACTIVE, PUSHED = "absent", "active", "inactive", "pushed"
STANDINGS: dict[Kind, tuple[str, ...]] = {
    "User": (ABSENT, ACTIVE, INACTIVE),
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
    Memberships are pairs of roles, user and group. `same` are roles that one actor may play together.
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
    the last parts of the sender's dialects.
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

    @property
    def id(self) -> str:
        """The beginning of the ids of its findings."""
        return f"{self.sender.id}.explore"


def read_repertoire(catalog: Catalog, sender: Sender, ids: tuple[str, ...] = ()) -> Repertoire:
    """The actions of that sender, of the dialects that these ids of sequences begin with (all, where none do).

    UsageError where the sender has no such file; CatalogError with the place where it is wrong.
    """
    path = catalog.root / "suites" / sender.id / FILE
    if not path.is_file():
        raise UsageError(
            f"{sender.name} has no suites/{sender.id}/{FILE}, which says what its administrators do: there is "
            "nothing to explore"
        )
    data = read_toml(path)
    where = f"{sender.id}/{FILE}"
    rows = data.get("action", [])
    if not rows:
        raise CatalogError(f"{where}: it has no [[action]]")
    actions = {row.get("name", ""): _action(where, row) for row in rows}
    cast, look, rules = data.get("cast", {}), data.get("look", {}), data.get("requirements", {})
    try:
        found = Repertoire(
            sender=sender,
            actions=actions,
            people=tuple(cast.get("people", ())),
            groups=tuple(cast.get("groups", ())),
            look=look,
            dialects=_dialects(sender, actions, ids),
            **rules,
        )
    except TypeError as problem:
        raise CatalogError(f"{where}: [requirements] {problem}") from None
    _check(where, catalog, found)
    return found


def _dialects(sender: Sender, actions: Mapping[str, Action], ids: tuple[str, ...]) -> tuple[str, ...]:
    known = [id.rpartition(".")[2] for id in sender.dialects]
    whole = any(ALL in action.steps for action in actions.values())
    named = {dialect for action in actions.values() for dialect in action.steps if dialect != ALL}
    have = [one for one in known if one in named] or (known[:1] if whole else [])
    asked = [one for one in have if any(f"{id}.".startswith(f"{sender.id}.{one}.") for id in ids)]
    return tuple(asked or have)


def _action(where: str, row: dict[str, Any]) -> Action:
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
            **row,
        )
    except (TypeError, ValueError, AttributeError) as problem:
        raise CatalogError(f"{place}: {problem}") from None
    for role in (*action.former, *action.same, *action.becomes, *action.only):
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


def _check(where: str, catalog: Catalog, found: Repertoire) -> None:
    for key in LOOKS:
        if key not in found.look:
            raise CatalogError(f"{where}: [look] lacks {key}")
    files = [step.request for action in found.actions.values() for some in action.steps.values() for step in some]
    for file in (*found.look.values(), *files):
        if file not in catalog.templates:
            raise CatalogError(f"{where}: no file fixtures/{file}{did_you_mean(file, catalog.templates)}")
    for rule in (found.answered, found.found, found.listed):
        if rule not in catalog.requirements:
            raise CatalogError(f"{where}: no requirement {rule}{did_you_mean(rule, catalog.requirements)}")
    for action in found.actions.values():
        for dialect, some in action.steps.items():
            for step in some:
                if step.expect not in get_args(Expect):
                    raise CatalogError(
                        f"{where}: action {action.name!r}: expect = {step.expect!r}"
                        f"{did_you_mean(step.expect, get_args(Expect))}"
                    )
            if dialect != ALL and f"{found.sender.id}.{dialect}" not in found.sender.dialects:
                raise CatalogError(f"{where}: action {action.name!r}: the sender has no dialect {dialect}")


def writes(step: ActionStep, templates: Mapping[str, Template]) -> bool:
    """Whether that request writes."""
    return templates[step.request].method != "GET"
