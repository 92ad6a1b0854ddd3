"""Tracks each value that was sent through the exchanges of a report, whatever the checks found.

A value that is never shown again, or never after one kind of request, is one cause for all rules that it
breaks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scimproof.render.diagnosis.scim import look, member_ids, primary_email
from scimproof.render.diagnosis.traffic import Conversation, Traffic

Leaves = dict[str, Any]
UNTOLD = {"id", "meta", "schemas", "groups", "password"}  # what a client does not set, or is not shown
EMPTY: tuple[Any, ...] = (None, "", [], {}, frozenset(), ())
MEMBER = re.compile(r'members\[value eq "(.*)"\]')
EXTENDED = re.compile(r"(?P<urn>urn:.+:[A-Za-z]\w*):(?P<attribute>\w[\w.$-]*)", re.IGNORECASE)


class Cell(NamedTuple):
    """Where a value was looked for (`answer` or `read`), after which kind of request, and which value.

    `root` is the attribute with its resource, as `Users name`, `leaf` a part of it, `Users name.givenName`,
    and `sent` the value where it is true or false. `changed` says that the request asked for another value
    than was there before.
    """

    where: str
    kind: str
    changed: bool
    root: str
    leaf: str
    sent: str


class Level(NamedTuple):
    """A class of values, wider than a cell: None in a field stands for any."""

    where: str | None = None
    kind: str | None = None
    changed: bool | None = None
    root: str | None = None
    leaf: str | None = None
    sent: str | None = None


# Classes of values, wide to narrow: one that is wrong each time is one cause.
LEVELS: tuple[Callable[[Cell], Level], ...] = (
    lambda c: Level(where=c.where, kind=c.kind, changed=c.changed),
    lambda c: Level(root=c.root),
    lambda c: Level(root=c.root, changed=c.changed),
    lambda c: Level(root=c.root, sent=c.sent),
    lambda c: Level(leaf=c.leaf),
    lambda c: Level(leaf=c.leaf, changed=c.changed),
    lambda c: Level(where=c.where, root=c.root),
    lambda c: Level(where=c.where, leaf=c.leaf),
    lambda c: Level(where=c.where, root=c.root, sent=c.sent),
    lambda c: Level(kind=c.kind, root=c.root),
    lambda c: Level(kind=c.kind, leaf=c.leaf),
    lambda c: Level(kind=c.kind, root=c.root, sent=c.sent),
    lambda c: Level(where=c.where, kind=c.kind, leaf=c.leaf, sent=c.sent),
    lambda c: Level(*c),
)


@dataclass(frozen=True)
class Loss:
    """A value that is not shown as it was sent: which, after which write, and what is shown instead.

    `effect` is `absent`, `unchanged` (the value from before the write) or `changed`. With `beside` the write
    did not change that value; `way` says of members whether some are missing or too many.
    """

    leaf: str
    effect: str
    cell: Cell
    write: Conversation
    beside: bool = False
    way: str = ""


@dataclass
class Count:
    """How often a class of values was checked and wrong, and the effect on each attribute."""

    seen: int = 0
    wrong: int = 0
    roots: set[str] = field(default_factory=set)
    effects: set[str] = field(default_factory=set)
    leaves: dict[str, None] = field(default_factory=dict)

    @property
    def always(self) -> bool:
        """Whether it was wrong each time."""
        return bool(self.seen) and self.seen == self.wrong


@dataclass
class _Sent:
    """A value that a resource should have, and the write to blame where it is not shown."""

    value: Any
    before: Any
    write: Conversation
    changed: bool
    beside: bool = False
    right: bool = False
    last_shown: Any = None


class Values:
    """All lost values of a report, by exchange, and how often each class of values was lost."""

    def __init__(self, traffic: Traffic) -> None:
        self._losses: dict[int, list[Loss]] = {}
        self._counts: dict[Level, Count] = {}
        self._made: dict[str, dict[str, _Sent]] = {}
        for talks in traffic.by_sequence.values():
            known: dict[str, dict[str, _Sent]] = {}
            for talk in talks:
                if talk.ok and talk.resource:
                    self._follow(talk, known)

    def losses(self, talk: Conversation) -> list[Loss]:
        """The values that this exchange shows otherwise than they were sent; for a list, of all resources."""
        found = self._losses.get(talk.number)
        if found is not None or talk.writes:
            return found or []
        others: dict[str, Loss] = {}
        for resource in talk.resources():
            for leaf, sent in self._made.get(str(look(resource, "id")), {}).items():
                if loss := _loss(talk, leaf, sent, _value(resource, leaf)):
                    others.setdefault(leaf, loss)
        return list(others.values())

    def level(self, loss: Loss) -> Level | None:
        """The widest class of values that was never right, for this loss; None where it varies."""
        for widen in LEVELS:
            level = widen(loss.cell)
            count = self._counts.get(level, Count())
            if level.sent and not (level.where or level.kind) and self._both(level):
                return Level(root=level.root)
            if count.always and (level.root or level.leaf or len(count.roots) > 1):
                return level
        return None

    def _both(self, level: Level) -> bool:
        """Whether true is as wrong as false, whatever else a target that garbles them was sent back."""
        found = [self._counts.get(level._replace(sent=sent)) for sent in ("true", "false")]
        return all(count is not None and count.always for count in found)

    def never(self, resource: str, leaf: str) -> Level | None:
        """The class of values of this attribute, if it was never right."""
        place, whole = f"{resource} {leaf}", f"{resource} {root(leaf)}"
        for level in (Level(root=whole), Level(leaf=place)):
            if self._counts.get(level, Count()).always:
                return level
        return None

    def count(self, level: Level) -> Count:
        """How often values of that class were checked, and wrong."""
        return self._counts.get(level, Count())

    def leaves(self, resource: str) -> list[str]:
        """Every attribute of such a resource that was sent and looked for."""
        leaves = (level.leaf for level in self._counts if level.leaf and level == Level(leaf=level.leaf))
        return [leaf.partition(" ")[2] for leaf in leaves if leaf and leaf.startswith(f"{resource} ")]

    def _follow(self, talk: Conversation, known: dict[str, dict[str, _Sent]]) -> None:
        id = talk.id or str(look(talk.came, "id") or "")
        if talk.method == "DELETE":
            known.pop(id, None)
            return
        if talk.writes and id:
            known[id] = _written(talk, known.get(id, {}))
            if talk.method == "POST":
                self._made[id] = known[id]
        for resource in talk.resources():
            for leaf, sent in known.get(str(look(resource, "id") or talk.id), {}).items():
                found = _value(resource, leaf)
                if not (leaf == "members" and found in EMPTY and (talk.writes or sent.value in EMPTY)):
                    self._note(talk, leaf, sent, found)  # no members shown says nothing where there are none

    def _note(self, talk: Conversation, leaf: str, sent: _Sent, found: Any) -> None:
        loss = _loss(talk, leaf, sent, found)
        cell = _cell(talk, leaf, sent)
        losses = self._losses.setdefault(talk.number, [])
        sent.right, sent.last_shown = not loss, found
        if loss:
            losses.append(loss)
        for level in {widen(cell) for widen in LEVELS}:
            count = self._counts.setdefault(level, Count())
            count.seen += 1
            count.roots.add(cell.root)
            if loss:
                count.wrong += 1
                count.effects.add(loss.effect)
                count.leaves[leaf] = None


def _written(talk: Conversation, known: dict[str, _Sent]) -> dict[str, _Sent]:
    """The values that a resource should have after another write of it.

    A value that was right before and is lost now is that write's doing. One that was lost before stays so,
    also where the client sends back the wrong value that it was shown.
    """
    asked = _asked(talk, {leaf: sent.value for leaf, sent in known.items()})
    kept: dict[str, _Sent] = {}
    parts = _in_part(talk)
    for leaf, sent in known.items():
        if root(leaf) in parts:
            continue
        if leaf not in asked and (talk.method == "PATCH" or not sent.right):
            kept[leaf] = _beside(sent, talk) if sent.right else sent
    for leaf, value in asked.items():
        was = known.get(leaf)
        if was and not was.right and was.last_shown not in EMPTY and _same(leaf, value, was.last_shown):
            kept[leaf] = was
        else:
            same = bool(was and was.right and _same(leaf, value, was.value))
            kept[leaf] = _Sent(value, was and was.value, talk, not same, beside=same)
    return kept


def _beside(sent: _Sent, talk: Conversation) -> _Sent:
    """The same value, for which a write that does not concern it answers from now on."""
    return _Sent(sent.value, sent.value, talk, changed=False, beside=True)


def _cell(talk: Conversation, leaf: str, sent: _Sent) -> Cell:
    value = json.dumps(sent.value) if isinstance(sent.value, bool) else ""
    places = f"{talk.resource} {root(leaf)}", f"{talk.resource} {leaf}"
    kind = sent.write.kind
    if leaf == "members":
        words = [str(operation.get("op")) for operation in sent.write.operations]
        kind = f"{kind} with remove" if "remove" in words else sent.write.scopes[-1]
    return Cell("answer" if talk is sent.write else "read", kind, sent.changed, *places, value)


def _loss(talk: Conversation, leaf: str, sent: _Sent, found: Any) -> Loss | None:
    if _same(leaf, sent.value, found):
        return None
    unchanged = sent.changed and sent.before not in EMPTY and _same(leaf, sent.before, found)
    absent = found in EMPTY and not isinstance(found, frozenset)
    effect = "unchanged" if unchanged else "absent" if absent else "changed"
    return Loss(leaf, effect, _cell(talk, leaf, sent), sent.write, sent.beside, _way(sent.value, found))


def _way(wanted: Any, found: Any) -> str:
    if not isinstance(found, frozenset) or not isinstance(wanted, frozenset):
        return ""
    return " and ".join([*(["missing"] if wanted - found else []), *(["too many"] if found - wanted else [])])


def mentioned(losses: Iterable[Loss], text: str) -> Iterator[Loss]:
    """The losses that a text is about."""
    return (loss for loss in losses if names(text, loss.leaf))


def names(text: str, leaf: str) -> bool:
    """Whether a text is about that attribute: by its name, or its last part, as a word."""
    last = re.split(r"[./]", leaf)[-1]
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in {leaf, last})


def root(leaf: str) -> str:
    """The attribute of a path: `name` of `name.givenName`, the URN of an extension's attribute."""
    return leaf.partition("/")[0] if leaf.startswith("urn:") else leaf.partition(".")[0]


def leaves(body: Any) -> Leaves:
    """The values of a resource by attribute, the parts of a complex one each by itself."""
    found: Leaves = {}
    for key, value in body.items() if isinstance(body, dict) else ():
        if key in UNTOLD:
            continue
        if key == "emails":
            found[key] = primary_email(body)
        elif key == "members":
            found[key] = frozenset(member_ids(body))
        elif isinstance(value, dict):
            mark = "/" if key.startswith("urn:") else "."
            found |= {f"{key}{mark}{part}": _plain(inner) for part, inner in value.items()}
        else:
            found[key] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    """A value that can be compared; for complex ones the part that identifies them."""
    if isinstance(value, dict):
        return value.get("value", json.dumps(value, sort_keys=True))
    if isinstance(value, list):
        return tuple(sorted(str(_plain(one)) for one in value))
    return value


def _value(resource: Any, leaf: str) -> Any:
    if leaf == "emails":
        raw = look(resource, leaf)
        return primary_email(resource) if isinstance(raw, list) or raw is None else json.dumps(raw)
    if leaf == "members":
        return frozenset(member_ids(resource))
    return _plain(look(resource, leaf))


def _same(leaf: str, one: Any, other: Any) -> bool:
    if one in EMPTY and other in EMPTY:
        return True
    if leaf in ("userName", "emails") and isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if isinstance(one, str) and isinstance(other, bool):  # some senders write "False"
        return one.casefold() == str(other).casefold()
    return bool(one == other and isinstance(one, bool) == isinstance(other, bool))


def _asked(talk: Conversation, before: Leaves) -> Leaves:
    """The values that a write sets."""
    if talk.method != "PATCH":
        return leaves(talk.sent)
    found: Leaves = {}
    for operation in talk.operations:
        path, value = operation.get("path"), operation.get("value")
        if path is None and isinstance(value, dict):
            found |= {_leaf(key): part for key, part in leaves(value).items()}
        elif str(path).startswith("members"):
            there: frozenset[str] = found.get("members") or before.get("members") or frozenset()
            found["members"] = _members(str(operation.get("op")), str(path), value, there)
        elif isinstance(path, str) and "[" not in path:
            found[_leaf(path)] = _plain(value)
    return found


def _leaf(path: str) -> str:
    """A path as attributes are named here, with `/` behind the URN of an extension."""
    extended = EXTENDED.fullmatch(path)
    return f"{extended['urn']}/{extended['attribute']}" if extended and "/" not in path else path


def _in_part(talk: Conversation) -> set[str]:
    """The attributes of which a PATCH writes some entries: what they are as a whole then is not followed."""
    paths = (str(operation.get("path")) for operation in talk.operations)
    return {path.partition("[")[0] for path in paths if "[" in path} - {"members"}


def _members(op: str, path: str, value: Any, there: frozenset[str]) -> frozenset[str]:
    named = frozenset(member_ids({"members": value}))
    if one := MEMBER.fullmatch(path):
        return there - {one[1]}
    if op.lower() == "remove":
        return there - named if named else frozenset()
    return named if op.lower() == "replace" else there | named
