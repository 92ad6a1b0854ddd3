"""Attributes that are known where a rule makes a body: of a sender's templates, of the RFCs, of answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from scimproof.capture.learn.recognition import RequestDifference
from scimproof.capture.learn.shapes.body_comparison import SCHEMA, below, difference, nothing
from scimproof.capture.learn.shapes.body_shape import AnyValue, Merged
from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.core.discovery import Attribute
from scimproof.core.http_message import Json

_TYPES: dict[str, type | tuple[type, ...]] = {"boolean": bool, "integer": int, "decimal": (int, float)}
_META = ("resourceType", "created", "lastModified", "location", "version")
_COMMON = ("schemas", "id", "externalId", "meta", *(f"meta.{name}" for name in _META))
_PLACES = re.compile(r"\[\d*\]")  # places in lists


class KnownAttributes:
    """Attributes by their path, lists left out (`emails.value`): how they are spelled, and the type of some.

    A server may show more, which who merges sends back as it was, in the same spelling and of the same type.
    """

    def __init__(self, schemas: Mapping[str, tuple[Attribute, ...]], bodies: Iterable[Json]) -> None:
        self._spelled: dict[str, set[str]] = {}
        self._types: dict[str, str] = {}
        self._answered: set[str] = set()
        for path in _COMMON:
            self._learn(path)
        for urn, attributes in schemas.items():
            self._learn(urn)
            for attribute in attributes:
                self._learn_attribute(attribute)
        for body in bodies:
            for path in _paths(body):
                self._learn(path)

    @property
    def size(self) -> int:
        """How many attributes answers have added; it only grows."""
        return len(self._answered)

    def _learn(self, path: str) -> None:
        self._spelled.setdefault(path.lower(), set()).add(path)

    def _learn_attribute(self, attribute: Attribute) -> None:
        self._learn(attribute.path)
        self._types[attribute.path.lower()] = attribute.type
        for sub in attribute.sub_attributes:
            self._learn_attribute(sub)

    def learn_answer(self, body: Json) -> None:
        """Learn a resource as a server showed it."""
        self._answered.update(_paths(body, types=True))

    def unknown(self, value: Json, where: str) -> Iterator[RequestDifference]:
        """Attributes of a value that nobody knew or spells so, or whose type is not that of the RFC."""
        if isinstance(value, list):
            told: set[RequestDifference] = set()
            for one in value:
                found = [each for each in self.unknown(one, where) if each not in told]
                told.update(found)
                yield from found
        elif isinstance(value, dict):
            for key, found_value in value.items():
                yield from self._judged(found_value, below(where, key))

    def _judged(self, value: Json, where: str) -> Iterator[RequestDifference]:
        path = _PLACES.sub("", where)
        shown = f"{path} {_type(value)}" in self._answered
        spelled = self._spelled.get(path.lower())
        if spelled is None:
            if shown:
                yield from self.unknown(value, where)
            else:
                yield difference("attribute added", where, nothing(), value)
            return
        names = {_last(one) for one in spelled}
        if not shown and _last(path) not in names:
            ours = min(names)
            yield RequestDifference(
                "attribute spelling", where[: -len(_last(path))] + ours, ours, _last(path)
            )
        if not shown:
            yield from self._mistyped(value, where, path)
        yield from self.unknown(value, where)

    def _mistyped(self, value: Json, where: str, path: str) -> Iterator[RequestDifference]:
        expected = self._types.get(path.lower(), "")
        if expected not in _TYPES or value is None or isinstance(value, dict | list):
            return
        if not isinstance(value, _TYPES[expected]) or isinstance(value, bool) != (expected == "boolean"):
            yield RequestDifference(
                "value", where, f"a {expected}", difference("value", where, "", value).seen
            )


def _last(path: str) -> str:
    """The name of an attribute without the path before it."""
    return path if SCHEMA.search(path) else re.split(r"[.:]", path)[-1]


def _paths(value: Json, where: str = "", *, types: bool = False) -> Iterator[str]:
    if isinstance(value, Merged):
        yield from _paths(value.fields, where, types=types)
    elif isinstance(value, list):
        for one in value:
            yield from _paths(one, where, types=types)
    elif isinstance(value, dict):
        for key, found in value.items():
            path = below(where, key)
            yield f"{path} {_type(found)}" if types else path
            yield from _paths(found, path, types=types)


def _type(value: Json) -> str:
    if isinstance(value, TextPattern | AnyValue | str):
        return "text"
    return "null" if value is None else type(value).__name__
