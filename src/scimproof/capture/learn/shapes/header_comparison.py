"""Compares the headers of a captured request with a template's: names, spelling, order, values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scimproof.capture.exchange import Fidelity
from scimproof.capture.learn.recognition import RequestDifference
from scimproof.capture.learn.shapes.order import moved
from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.core.http_message import short

SHOWN = 120  # characters of a value that a difference shows
OF_TARGET = frozenset({"host", "content-length"})  # values that the target and the body decide
# What a program that writes messages anew makes itself; HTTP/2 has none of these.
FRAMING = frozenset({"host", "connection", "content-length", "transfer-encoding", "keep-alive"})
_LINE = re.compile(r"([^:]*?)([ \t]*):([ \t]*)(.*?)([ \t]*)", re.DOTALL)


@dataclass(frozen=True)
class SeenHeader:
    """Header line of a captured request: name and value, and the spaces around them as they were."""

    name: str
    value: str
    spaces: tuple[str, str, str] = ("", " ", "")

    @property
    def key(self) -> str:
        """The name in lower case."""
        return self.name.lower()


def seen_headers(lines: Sequence[str], fidelity: Fidelity) -> tuple[SeenHeader, ...]:
    """The headers of these lines; of those that another program wrote anew only what it cannot have made."""
    found = []
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            found.append(SeenHeader(line, ""))
        else:
            found.append(SeenHeader(match[1], match[4], (match[2], match[3], match[5])))
    if fidelity == "parsed":
        return tuple(one for one in found if one.name and one.key not in FRAMING)
    return tuple(found)


@dataclass(frozen=True)
class HeaderShape:
    """Headers of a template in order: names, and values as patterns."""

    headers: tuple[tuple[str, TextPattern], ...]

    @classmethod
    def of(cls, headers: Sequence[tuple[str, str]]) -> HeaderShape:
        """The shape of a template's headers."""
        return cls(tuple((name, TextPattern(value)) for name, value in headers))

    def compare(
        self, seen: Sequence[SeenHeader], masked: Sequence[str] = (), fidelity: Fidelity = "wire"
    ) -> Iterator[RequestDifference]:
        """Where these headers differ; values of `masked` ones (lower case) are marks, and so unknown."""
        parsed = fidelity == "parsed"
        ours = [one for one in self.headers if not (parsed and one[0].lower() in FRAMING)]
        keys = [name.lower() for name, _ in ours]
        left = list(seen)
        pairs: list[tuple[str, TextPattern, SeenHeader]] = []
        for (name, pattern), key in zip(ours, keys, strict=True):
            found = next((one for one in left if one.key == key), None)
            if found is None:
                # A header that is one variable is left out where that is empty, as without credentials.
                if pattern.is_blank and name.lower() not in OF_TARGET:
                    continue
                yield RequestDifference("header missing", name, _cut(f"{name}: {pattern.source}"), "")
            else:
                left.remove(found)
                pairs.append((name, pattern, found))
        for one in left:
            yield RequestDifference("header added", one.name, "", _cut(f"{one.name}: {one.value}"))
        for name, pattern, found in pairs:
            if not parsed:
                yield from _spelling(name, found)
            if found.key not in OF_TARGET and found.key not in masked and not pattern.matches(found.value):
                yield RequestDifference("header value", name, _cut(pattern.source), _cut(found.value))
        places = {id(found): place for place, (_, _, found) in enumerate(pairs)}
        order = [places[id(one)] for one in seen if id(one) in places]
        expected = sorted(order)
        for place in moved(expected, order):
            name = pairs[order[place]][0]
            yield RequestDifference(
                "header order",
                name,
                _after([pairs[one][0] for one in expected], expected.index(order[place])),
                _after([pairs[one][0] for one in order], place),
            )

    def blanks(self, seen: Sequence[SeenHeader]) -> Iterator[tuple[str, str]]:
        """What the variables of the values stand for."""
        values = {one.key: one.value for one in reversed(seen)}
        for name, pattern in self.headers:
            if name.lower() in values:
                yield from pattern.values(values[name.lower()])


def _spelling(name: str, seen: SeenHeader) -> Iterator[RequestDifference]:
    before, behind, end = seen.spaces
    if name != seen.name:
        yield RequestDifference("header spelling", name, name, seen.name)
    if (before, behind, end) != ("", " ", ""):
        ours, theirs = f"{name}: ", f"{seen.name}{before}:{behind}"
        place = f"spaces around the value of {name}" if ours == theirs else name
        yield RequestDifference(
            "header spelling", place, ours, theirs if ours != theirs else "space at the end"
        )


def _after(names: Sequence[str], place: int) -> str:
    return f"after {names[place - 1]}" if place else "first"


def _cut(text: str) -> str:
    return short(text, SHOWN)
