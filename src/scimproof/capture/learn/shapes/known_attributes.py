"""Attributes that are known where a rule makes a body: of a sender's templates, of the RFCs, of answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scimproof.capture.learn.recognition import RequestDifference
from scimproof.capture.learn.shapes.body_comparison import below, difference, nothing
from scimproof.capture.learn.shapes.body_shape import AnyValue, Merged
from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.core.discovery import Attribute
from scimproof.core.http_message import Json

_TYPES: dict[str, type | tuple[type, ...]] = {"boolean": bool, "integer": int, "decimal": (int, float)}
_META = ("resourceType", "created", "lastModified", "location", "version")
_COMMON = ("schemas", "id", "externalId", "meta", *(f"meta.{name}" for name in _META))


class KnownAttributes:
    """Attributes by their path in lower case, lists left out (`emails.value`), and the type of some."""

    def __init__(self, schemas: Mapping[str, tuple[Attribute, ...]], bodies: Iterable[Json]) -> None:
        self._paths = {path.lower() for path in _COMMON}
        self._types: dict[str, str] = {}
        for urn, attributes in schemas.items():
            for attribute in attributes:
                self._learn_attribute(attribute, urn)
        for body in bodies:
            self._paths.update(_paths(body))
        self._answered: set[str] = set()

    @property
    def size(self) -> int:
        """How many attributes answers have added; it only grows."""
        return len(self._answered)

    def _learn_attribute(self, attribute: Attribute, urn: str) -> None:
        path = attribute.path.lower()
        self._paths.add(path)
        self._paths.add(urn.lower())
        self._types[path] = attribute.type
        for sub in attribute.sub_attributes:
            self._learn_attribute(sub, urn)

    def learn_answer(self, body: Json) -> None:
        """Learn a resource as a server showed it; who merges sends it back, of the same types."""
        self._answered.update(_paths(body, types=True))

    def unknown(self, value: Json, where: str) -> Iterator[RequestDifference]:
        """Attributes of a value that nobody knew, and those whose JSON type is another than the RFC says."""
        if isinstance(value, list):
            for one in value:
                yield from self.unknown(one, where)
        elif isinstance(value, dict):
            for key, found in value.items():
                path = below(where, key)
                if self._knows(path):
                    yield from self._mistyped(found, path)
                    yield from self.unknown(found, path)
                elif f"{path.lower()} {_type(found)}" not in self._answered:
                    yield difference("attribute added", path, nothing(), found)

    def _knows(self, path: str) -> bool:
        return path.lower() in self._paths

    def _mistyped(self, found: Json, path: str) -> Iterator[RequestDifference]:
        expected = self._types.get(path.lower(), "")
        if expected not in _TYPES or found is None or isinstance(found, dict | list):
            return
        right = isinstance(found, _TYPES[expected]) and (expected == "boolean" or not isinstance(found, bool))
        if not right and f"{path.lower()} {_type(found)}" not in self._answered:
            yield RequestDifference("value", path, f"a {expected}", difference("value", path, "", found).seen)


def _paths(value: Json, where: str = "", *, types: bool = False) -> Iterator[str]:
    if isinstance(value, Merged):
        yield from _paths(value.fields, where, types=types)
    elif isinstance(value, list):
        for one in value:
            yield from _paths(one, where, types=types)
    elif isinstance(value, dict):
        for key, found in value.items():
            path = below(where, key)
            yield f"{path.lower()} {_type(found)}" if types else path.lower()
            yield from _paths(found, path, types=types)


def _type(value: Json) -> str:
    if isinstance(value, TextPattern | AnyValue | str):
        return "text"
    return "null" if value is None else type(value).__name__
