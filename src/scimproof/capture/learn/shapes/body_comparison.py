"""Compares the JSON of a captured body with the shape of a template's, place by place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scimproof.capture.learn.recognition import DifferenceKind, RequestDifference
from scimproof.capture.learn.shapes.body_shape import AnyValue, Merged, repeats, same_shape, source
from scimproof.capture.learn.shapes.order import moved
from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.catalog.request_template import compact
from scimproof.core.http_message import Json, short

SHOWN = 120  # characters of a value that a difference shows
SCHEMA = re.compile(r"^urn:.*:\d+\.\d+:[^:.]+$", re.IGNORECASE)  # the URN of an extension, and no more
DIFFERENT = 4  # how far an element of a list is that is another one
AS_READ = "as it was read"
WHOLE = "body"  # the place of the body as a whole

# What is said of JSON where a rule makes it, by its place: the attributes that nobody knew.
Unknown = Callable[[Json, str], Iterator[RequestDifference]]


@dataclass
class BodyComparison:
    """Comparison of one body: `differences` in the order of the template, `blanks` what variables stood for.

    `unknown` looks into what a rule made.
    """

    unknown: Unknown
    differences: list[RequestDifference] = field(default_factory=list)
    blanks: list[tuple[str, str]] = field(default_factory=list)

    def compare(self, ours: Json, seen: Json, where: str = "", read: Json = None) -> None:
        """Compare one node with what stands in its place; `read` is what was read there last, if it was."""
        if isinstance(ours, AnyValue):
            self.differences += self.unknown(seen, where)
            self._kept(read, seen, where)
        elif isinstance(ours, Merged) and isinstance(seen, dict):
            self._merged(ours, seen, where, read)
        elif isinstance(ours, dict) and isinstance(seen, dict):
            self._objects(ours, seen, where, read)
        elif isinstance(ours, list) and isinstance(seen, list):
            self._lists(ours, seen, where)
        elif isinstance(ours, TextPattern) and isinstance(seen, str):
            if ours.matches(seen):
                self.blanks += ours.values(seen)
            else:
                self._note("value", where, ours, seen)
        elif type(ours) is not type(seen) or ours != seen:
            self._note("value", where, ours, seen)

    def _note(self, kind: DifferenceKind, where: str, ours: Any, seen: Any) -> None:
        self.differences.append(difference(kind, where, ours, seen))

    def _objects(self, ours: dict[str, Json], seen: dict[str, Json], where: str, read: Json) -> None:
        spelled = _spelled(ours, seen)
        found = {spelled.get(key, key): value for key, value in seen.items()}
        for key, other in ((ours_key, key) for key, ours_key in spelled.items()):
            self._note("attribute spelling", below(where, key), key, other)
        for key, node in ours.items():
            if key in found:
                self.compare(node, found[key], below(where, key), _under(read, key))
            else:
                self._note("attribute missing", below(where, key), node, _NOTHING)
        for key, value in found.items():
            if key not in ours:
                self._note("attribute added", below(where, key), _NOTHING, value)
        self._order([key for key in ours if key in found], [key for key in found if key in ours], where)

    def _merged(self, ours: Merged, seen: dict[str, Json], where: str, read: Json) -> None:
        """What is set has to be there; what was read may be there, and nothing that nobody knew."""
        fields = {key: node for key, node in ours.fields.items() if key in ours.needed or key in seen}
        spelled = _spelled(fields, seen)
        found = {spelled.get(key, key): value for key, value in seen.items()}
        for key, name in spelled.items():
            self._note("attribute spelling", below(where, name), name, key)
        for key, node in fields.items():
            if key in found:
                self.compare(node, found[key], below(where, key), _under(read, key))
            else:
                self._note("attribute missing", below(where, key), node, _NOTHING)
        kept = {key: value for key, value in found.items() if key not in fields}
        self.differences += self.unknown(kept, where)
        if isinstance(read, dict):
            self._as_read(ours, found, read, where)
            for key, value in kept.items():
                self._kept(read.get(key), value, below(where, key))

    def _as_read(self, ours: Merged, found: dict[str, Json], read: dict[str, Json], where: str) -> None:
        """What was read is sent back in the order in which it was read, before what is set anew."""
        lower = {key.lower() for key in found}
        for key in read:
            if key.lower() not in lower and key not in ours.needed:
                self.differences.append(
                    RequestDifference("attribute missing", below(where, key), AS_READ, "")
                )
        expected = [key for key in read if key in found]
        expected += [key for key in ours.fields if key in found and key not in read]
        self._order(expected, [key for key in found if key in expected], where)

    def _kept(self, read: Json, value: Json, where: str) -> None:
        """A value that is sent back as it was read has all its attributes, in their order."""
        if isinstance(read, dict) and isinstance(value, dict):
            lower = {key.lower() for key in value}
            for key in (key for key in read if key.lower() not in lower):
                self.differences.append(
                    RequestDifference("attribute missing", below(where, key), AS_READ, "")
                )
            self._order([key for key in read if key in value], [key for key in value if key in read], where)
            for key in value:
                self._kept(read.get(key), value[key], below(where, key))
        elif isinstance(read, list) and isinstance(value, list) and len(read) == len(value):
            for one, other in zip(read, value, strict=True):
                self._kept(one, other, f"{where}[]")

    def _order(self, expected: list[str], order: list[str], where: str) -> None:
        if expected != order:
            self._note("key order", where or WHOLE, ", ".join(expected), ", ".join(order))

    def _lists(self, ours: list[Json], seen: list[Json], where: str) -> None:
        runs = list(_runs(ours))
        if not runs:
            for value in seen[:1]:
                self._note("attribute added", f"{where}[]", _NOTHING, value)
            return
        pairs = self._paired(runs, seen)
        several = len(runs) > 1
        told: set[RequestDifference] = set()
        for place, run in enumerate(runs):
            at = f"{where}[{place}]" if several else f"{where}[]"
            found = [value for value, owner in zip(seen, pairs, strict=True) if owner == place]
            if not found:
                self._note("attribute missing", at, run.node, _NOTHING)
            for value in found:
                one = BodyComparison(self.unknown)
                one.compare(run.node, value, at)
                self.blanks += one.blanks
                self.differences += [each for each in one.differences if each not in told]
                told |= set(one.differences)
        for value in [value for value, owner in zip(seen, pairs, strict=True) if owner is None]:
            self._note("attribute added", f"{where}[]", _NOTHING, value)
        owners = [owner for owner in pairs if owner is not None]
        if moved(sorted(owners), owners):
            shown = [value for value, owner in zip(seen, pairs, strict=True) if owner is not None]
            self._note("element order", where, ours, shown)

    def _paired(self, runs: Sequence[_Run], seen: Sequence[Json]) -> list[int | None]:
        """For each captured element the run that it is of, the likest first; None for one too many."""
        if len(runs) == 1 and runs[0].most is None:
            return [0] * len(seen)
        likest = sorted(
            (self._unlike(run.node, value), abs(number - place), place, number)
            for place, value in enumerate(seen)
            for number, run in enumerate(runs)
            if distance(run.node, value) < DIFFERENT
        )
        left = [run.most for run in runs]
        pairs: list[int | None] = [None] * len(seen)
        for _, _, place, number in likest:
            remaining = left[number]
            if pairs[place] is None and remaining != 0:
                pairs[place] = number
                left[number] = None if remaining is None else remaining - 1
        return pairs

    def _unlike(self, node: Json, value: Json) -> int:
        """In how many places an element is not as a node says."""
        one = BodyComparison(self.unknown)
        one.compare(node, value)
        return len(one.differences)


class _Nothing:
    """Stands for what is not there."""


_NOTHING = _Nothing()


def _under(value: Json, key: str) -> Json:
    """What was read under a key; nothing of an object that was read without it."""
    return value.get(key, {}) if isinstance(value, dict) else None


def difference(kind: DifferenceKind, where: str, ours: Any, seen: Any) -> RequestDifference:
    """A difference of JSON: texts as they are, other values as compact JSON, cut to a readable length."""
    return RequestDifference(kind, where, _shown(ours), _shown(seen))


def nothing() -> Any:
    """What stands for something that is not there, in `difference`."""
    return _NOTHING


def _shown(value: Any) -> str:
    if isinstance(value, _Nothing):
        return ""
    if isinstance(value, dict | list | Merged | TextPattern | AnyValue):
        return short(source(value), SHOWN)
    return short(compact(value), SHOWN)


def below(where: str, key: str) -> str:
    """The place of an attribute: dotted, behind a URN with a colon, as SCIM paths have it."""
    if not where:
        return key
    return f"{where}:{key}" if SCHEMA.search(where) else f"{where}.{key}"


def _spelled(ours: dict[str, Json], seen: dict[str, Json]) -> dict[str, str]:
    """Keys that are ours but for letter case: ours by the seen one."""
    if all(key in ours for key in seen):
        return {}
    lower = {key.lower(): key for key in ours if key not in seen}
    found: dict[str, str] = {}
    for key in seen:
        if key not in ours and key.lower() in lower:
            found[key] = lower.pop(key.lower())
    return found


@dataclass(frozen=True)
class _Run:
    """Neighbours in a list of a template that differ in the names of variables only.

    `most` is how many a captured list may have of them, None for any number.
    """

    node: Json
    most: int | None


def _runs(ours: Sequence[Json]) -> Iterator[_Run]:
    at = 0
    while at < len(ours):
        node, number = ours[at], 1
        while at + number < len(ours) and same_shape(node, ours[at + number]):
            number += 1
        yield _Run(node, None if repeats(node) else number)
        at += number


def distance(node: Json, value: Json) -> int:
    """How far an element is from a node: 0 of its form, 1 in another letter case, 2 alike, DIFFERENT not."""
    if isinstance(node, AnyValue):
        return 0
    if isinstance(node, TextPattern) and isinstance(value, str):
        return 0 if node.matches(value) else 1 if node.resembles(value) else DIFFERENT
    if isinstance(node, dict) and isinstance(value, dict):
        return _distance_of_objects(node, value)
    return 0 if type(node) is type(value) else 2


def _distance_of_objects(node: dict[str, Json], value: dict[str, Json]) -> int:
    """What an operation is about is its path; other objects are alike by half of their names."""
    lower = {key.lower(): found for key, found in value.items()}
    if "path" in node and "path" in lower:
        return distance(node["path"], lower["path"])
    same = sum(key.lower() in lower for key in node)
    return 2 if 2 * same >= max(len(node), len(value)) else DIFFERENT
