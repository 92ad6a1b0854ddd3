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
_SCHEMA = re.compile(r"^urn:.*:\d+\.\d+:[^:.]+$", re.IGNORECASE)  # the URN of an extension, and no more
WHOLE = "body"  # the place of the body as a whole

# What is said of JSON where a rule makes it, by its place: the attributes that nobody knew.
Unknown = Callable[[Json, str], Iterator[RequestDifference]]


@dataclass
class BodyComparison:
    """Comparison of one body: `differences` in the order of the template, `blanks` what variables stood for.

    `unknown` looks into what a rule made; `read` is the resource as it was read last, if it was.
    """

    unknown: Unknown
    read: Json = None
    differences: list[RequestDifference] = field(default_factory=list)
    blanks: list[tuple[str, str]] = field(default_factory=list)

    def compare(self, ours: Json, seen: Json, where: str = "") -> None:
        """Compare one node with what stands in its place."""
        if isinstance(ours, AnyValue):
            self.differences += self.unknown(seen, where)
        elif isinstance(ours, Merged) and isinstance(seen, dict):
            self._merged(ours, seen, where)
        elif isinstance(ours, dict) and isinstance(seen, dict):
            self._objects(ours, seen, where)
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

    def _objects(self, ours: dict[str, Json], seen: dict[str, Json], where: str) -> None:
        spelled = _spelled(ours, seen)
        found = {spelled.get(key, key): value for key, value in seen.items()}
        for key, other in ((ours_key, key) for key, ours_key in spelled.items()):
            self._note("attribute spelling", below(where, key), key, other)
        for key, node in ours.items():
            if key in found:
                self.compare(node, found[key], below(where, key))
            else:
                self._note("attribute missing", below(where, key), node, _NOTHING)
        for key, value in found.items():
            if key not in ours:
                self._note("attribute added", below(where, key), _NOTHING, value)
        expected = [key for key in ours if key in found]
        order = [key for key in found if key in ours]
        if expected != order:
            self._note("key order", where or WHOLE, ", ".join(expected), ", ".join(order))

    def _merged(self, ours: Merged, seen: dict[str, Json], where: str) -> None:
        """What is set has to be there; what was read may be there, and nothing that nobody knew."""
        fields = {key: node for key, node in ours.fields.items() if key in ours.needed or key in seen}
        spelled = _spelled(fields, seen)
        found = {spelled.get(key, key): value for key, value in seen.items()}
        for key, name in spelled.items():
            self._note("attribute spelling", below(where, name), name, key)
        for key, node in fields.items():
            if key in found:
                read = self.read.get(key) if isinstance(self.read, dict) else None
                one = BodyComparison(self.unknown, read)
                one.compare(node, found[key], below(where, key))
                self.differences += one.differences
                self.blanks += one.blanks
            else:
                self._note("attribute missing", below(where, key), node, _NOTHING)
        kept = {key: value for key, value in found.items() if key not in fields}
        self.differences += self.unknown(kept, where)
        if isinstance(self.read, dict):
            expected = [key for key in self.read if key in found]
            expected += [key for key in ours.fields if key in found and key not in self.read]
            order = [key for key in found if key in expected]
            if expected != order:
                self._note("key order", where or WHOLE, ", ".join(expected), ", ".join(order))

    def _lists(self, ours: list[Json], seen: list[Json], where: str) -> None:
        runs = list(_runs(ours))
        if not runs:
            for value in seen[:1]:
                self._note("attribute added", f"{where}[]", _NOTHING, value)
            return
        pairs = _paired(runs, seen)
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


class _Nothing:
    """Stands for what is not there."""


_NOTHING = _Nothing()


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
    return f"{where}:{key}" if _SCHEMA.search(where) else f"{where}.{key}"


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


def _paired(runs: Sequence[_Run], seen: Sequence[Json]) -> list[int | None]:
    """For each captured element the run that it is of, by likeness; None for one more than there can be."""
    left = [run.most for run in runs]
    pairs: list[int | None] = [None] * len(seen)
    for bound in (0, 1, 2, 3):
        for place, value in enumerate(seen):
            if pairs[place] is not None:
                continue
            for number, run in enumerate(runs):
                if left[number] != 0 and distance(run.node, value) <= bound:
                    pairs[place] = number
                    remaining = left[number]
                    left[number] = None if remaining is None else remaining - 1
                    break
    return pairs


def distance(node: Json, value: Json) -> int:
    """How far an element is from a node: 0 of its form, 1 in another letter case, 2 or 3 alike, 4 not."""
    if isinstance(node, AnyValue):
        return 0
    if isinstance(node, TextPattern) and isinstance(value, str):
        return 0 if node.matches(value) else 1 if node.resembles(value) else 4
    if isinstance(node, dict) and isinstance(value, dict):
        return _distance_of_objects(node, value)
    if isinstance(node, list) and isinstance(value, list):
        return 0
    return 0 if type(node) is type(value) and node == value else 2


def _distance_of_objects(node: dict[str, Json], value: dict[str, Json]) -> int:
    lower = {key.lower(): found for key, found in value.items()}
    named = [key for key in ("path", "type", "op") if key in node]
    far = [distance(node[key], lower.get(key)) for key in named]
    if any(one > 1 for one in far):
        return 3 if named[0] != "path" or far[0] <= 1 else 4
    same = sum(key.lower() in lower for key in node)
    if same == len(node) == len(value):
        return max(far, default=0)
    return 2 if named or 2 * same >= max(len(node), len(value)) else 3
