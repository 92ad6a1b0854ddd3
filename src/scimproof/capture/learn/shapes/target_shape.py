"""Request target of a template: segments of its path and parameters of its query, as patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, unquote_plus

from scimproof.capture.json_tokens import unescaped
from scimproof.capture.learn.recognition import RequestDifference
from scimproof.capture.learn.shapes.order import moved
from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.catalog.request_template import BLANK, ENCODINGS, MARKS, quoted
from scimproof.catalog.senders import Encoding
from scimproof.core.http_message import short

SHOWN = 160  # characters of a path or parameter that a difference shows
_UNITS = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_FILTER = re.compile(r"^\s*([\w:.$\-\[\] \"]*?[\w\]$])\s+(\w+)\b", re.ASCII)
_BASES = ("{{base}}", "{{parent}}")
_ENDPOINT = "{{endpoint}}"
_ONWARD = "{{!"  # a part of the query that is written as it is, with parameters of its own


@dataclass(frozen=True)
class SeenTarget:
    """Request target of a captured request: raw segments of its path, raw parameters of its query.

    `base` is how many of the segments are the path of the base URL.
    """

    segments: tuple[str, ...]
    parameters: tuple[str, ...]
    base: int

    @classmethod
    def of(cls, target: str, endpoints: frozenset[str], base: Sequence[str] = ()) -> SeenTarget:
        """The parts of a target; `endpoints` in lower case tell where the base ends, else it is `base`."""
        # The bytes of a target are UTF-8 where they are not encoded at all.
        raw = target if target.isascii() else target.encode("latin-1", "replace").decode("utf-8", "replace")
        path, _, query = raw.partition("?")
        if not path.startswith("/") and "://" in path:
            path = "/" + path.split("/", 3)[3] if path.count("/") > 2 else "/"
        segments = tuple(path.split("/")[1:])
        found = [place for place, part in enumerate(segments) if part.lower() in endpoints]
        own = len(base) if segments[: len(base)] == tuple(base) else 0
        return cls(segments, tuple(query.split("&")) if query else (), found[-1] if found else own)

    @property
    def base_path(self) -> str:
        """The path of the base URL."""
        return "/" + "/".join(self.segments[: self.base]) if self.base else ""


@dataclass(frozen=True)
class Parameter:
    """Parameter of a template's query: raw, with variables."""

    raw: str
    encoding: Encoding

    @cached_property
    def name(self) -> str:
        """The name, decoded."""
        return unquote_plus(self.raw.partition("=")[0])

    @cached_property
    def decoded(self) -> TextPattern:
        """The value decoded, with its variables."""
        value = self.raw.partition("=")[2]
        parts = BLANK.split(value)
        names = iter(BLANK.findall(value))
        text = "".join(
            unquote_plus(part) if not place % 2 else f"{{{{{next(names)}}}}}"
            for place, part in enumerate(parts)
        )
        return TextPattern(text)

    @cached_property
    def _filter(self) -> tuple[str, str]:
        return filter_of(self.decoded.source)

    def alike(self, value: str) -> bool:
        """Whether a decoded value asks the same: a filter has the same attribute and operator."""
        if self.name.lower() != "filter":
            return True
        return filter_of(value) == self._filter

    def written(self, value: str) -> str | None:
        """The raw parameter as the sender would have written that decoded value; None for another form."""
        values = self.decoded.values(value)
        if not self.decoded.matches(value):
            return None
        found = iter(text for _, text in values)
        encode = ENCODINGS[self.encoding]

        def one(match: re.Match[str]) -> str:
            text = next(found)
            if match[1][0] in MARKS:
                return quoted(text) if match[1][0] == "%" else text
            return encode(text)

        return BLANK.sub(one, self.raw)


def filter_of(text: str) -> tuple[str, str]:
    """The attribute and the operator of a decoded filter in lower case; no attribute where it has none."""
    found = _FILTER.match(text)
    return (found[1].lower(), found[2].lower()) if found else ("", text.lower() if text else "")


@dataclass(frozen=True)
class TargetShape:
    """Request target of a template.

    `from_parent` says that its path begins beside the base URL's last segment, `any_endpoint` that it is
    behind any endpoint. `onward` that parameters of any name may follow.
    """

    segments: tuple[TextPattern, ...]
    parameters: tuple[Parameter, ...]
    from_parent: bool = False
    any_endpoint: bool = False
    onward: bool = False

    @classmethod
    def of(cls, target: str, encoding: Encoding) -> TargetShape:
        """The shape of a template's target."""
        path, _, query = target.partition("?")
        onward = _ONWARD in query
        parts = [part for part in BLANK.sub(_without_mark, query).split("&") if part] if query else []
        parameters = tuple(Parameter(part, encoding) for part in parts if "=" in part or not onward)
        start = next((base for base in _BASES if path.startswith(base)), "")
        rest = path.removeprefix(start)
        anywhere = rest.startswith(_ENDPOINT)
        rest = rest.removeprefix(_ENDPOINT)
        segments = tuple(TextPattern(part) for part in rest.split("/")[1:])
        return cls(segments, parameters, start == _BASES[1], anywhere, onward)

    @property
    def endpoint(self) -> str:
        """The literal segment behind the base URL in lower case; empty where it has none."""
        first = self.segments[0].literal if self.segments and not self.from_parent else None
        return "" if self.any_endpoint else (first or "").lower()

    def fits(self, seen: SeenTarget) -> bool:
        """Whether the path is of this shape, in any letter case and spelling, and asks for the same."""
        own = self._own(seen)
        if own is None or len(own) != len(self.segments):
            return False
        if not all(
            pattern.resembles(unquote(part)) and (part or not pattern.names)
            for pattern, part in zip(self.segments, own, strict=True)
        ):
            return False
        return self._asks_the_same(seen)

    def _own(self, seen: SeenTarget) -> tuple[str, ...] | None:
        """The segments behind the base, or behind the endpoint."""
        start = seen.base - self.from_parent + self.any_endpoint
        own = seen.segments[start:] if start >= 0 else None
        # A slash at the end is a difference, not another request.
        return own[:-1] if own and own[-1] == "" and len(own) > 1 else own

    def _asks_the_same(self, seen: SeenTarget) -> bool:
        filters = [one for one in self.parameters if one.name.lower() == "filter"]
        values = [value for name, value in map(decoded, seen.parameters) if name.lower() == "filter"]
        if self.onward or (not filters and not values):
            return True
        return len(filters) == len(values) and all(map(Parameter.alike, filters, values))

    def compare(self, seen: SeenTarget, base_query: Sequence[str] = ()) -> Iterator[RequestDifference]:
        """Where a target that fits differs; `base_query` are raw parameters that came with the base URL."""
        yield from self._compare_path(seen)
        yield from self._compare_query(_without(seen.parameters, base_query))

    def _compare_path(self, seen: SeenTarget) -> Iterator[RequestDifference]:
        own = self._own(seen) or ()
        start = seen.base - self.from_parent + self.any_endpoint
        if len(own) != len(seen.segments[start:]):
            yield RequestDifference("path", "slash at the end", "", "/")
        for pattern, part in zip(self.segments, own, strict=True):
            value = unquote(part)
            text = BLANK.sub(lambda match: f"{{{{{match[1].lstrip(MARKS)}}}}}", pattern.source)
            if not pattern.matches(value):
                yield RequestDifference("path", "endpoint", text, part)
            elif not pattern.encoded:
                for ours, theirs in spellings(quoted(value) if pattern.names else pattern.source, part):
                    yield RequestDifference("path", "encoding", ours, theirs)

    def _compare_query(self, seen: Sequence[str]) -> Iterator[RequestDifference]:
        known = {one.name.lower(): one for one in self.parameters}
        found: dict[str, str] = {}
        added = []
        for raw in seen:
            name, _ = decoded(raw)
            if name.lower() in known and name.lower() not in found:
                found[name.lower()] = raw
            elif not self.onward:
                added.append(raw)
        for key, ours in known.items():
            if key not in found:
                yield RequestDifference("query", ours.name, _cut(ours.raw), "")
                continue
            yield from _compare_parameter(ours, found[key])
        for raw in added:
            yield RequestDifference("query", decoded(raw)[0], "", _cut(raw))
        expected, order = [key for key in known if key in found], list(found)
        if expected != order:
            names = [known[key].name for key in expected], [known[key].name for key in order]
            which = known[order[moved(expected, order)[0]]].name
            yield RequestDifference("query", f"order of {which}", ", ".join(names[0]), ", ".join(names[1]))

    def blanks(self, seen: SeenTarget) -> Iterator[tuple[str, str]]:
        """What the variables of a target that fits stand for."""
        for pattern, part in zip(self.segments, self._own(seen) or (), strict=False):
            yield from pattern.values(unquote(part))
        values = dict(reversed([decoded(raw) for raw in seen.parameters]))
        for ours in self.parameters:
            if ours.name in values:
                # The value in a filter is a JSON string (RFC 7644 section 3.4.2.2).
                found = ours.decoded.values(values[ours.name])
                yield from ((blank, unescaped(value)) for blank, value in found)


def _compare_parameter(ours: Parameter, raw: str) -> Iterator[RequestDifference]:
    name, value = decoded(raw)
    if name != ours.name:
        yield RequestDifference("query", ours.name, ours.name, name)
    spelled, _, _ = raw.partition("=")
    expected = ours.written(value)
    if expected is None:
        yield RequestDifference("query", ours.name, _cut(ours.decoded.source), _cut(value))
        return
    if name == ours.name and spelled != ours.raw.partition("=")[0]:
        for one, other in spellings(ours.raw.partition("=")[0], spelled):
            yield RequestDifference("query encoding", ours.name, one, other)
    texts = expected.partition("=")[2], raw.partition("=")[2]
    for one, other in spellings(*texts):
        yield RequestDifference("query encoding", ours.name, one, other)


def spellings(ours: str, seen: str) -> list[tuple[str, str]]:
    """Each way in which a part of the same decoded text is written otherwise, once: `%20` and `+`."""
    if ours == seen:
        return []
    units = zip(_units(ours), _units(seen), strict=False)
    pairs = list(dict.fromkeys((one, other) for one, other in units if one != other))
    # Hexadecimal digits in another letter case are one way to write, however many bytes are encoded.
    cases = [pair for pair in pairs if pair[0].lower() == pair[1].lower()]
    return [pair for pair in pairs if pair not in cases[1:]] or [(_cut(ours), _cut(seen))]


def _units(text: str) -> list[str]:
    """The text in parts that stand for one byte each; a plain character is there for each of its bytes."""
    return [unit for unit in _UNITS.findall(text) for _ in range(_length(unit))]


def _length(unit: str) -> int:
    return len(unit.encode("utf-8", "replace")) if len(unit) == 1 else 1


def decoded(raw: str) -> tuple[str, str]:
    """The name and the value of a raw parameter; `+` is a space, as servers read it."""
    name, _, value = raw.partition("=")
    return unquote_plus(name), unquote_plus(value)


def _without(parameters: Sequence[str], base_query: Sequence[str]) -> Sequence[str]:
    """The parameters without those of the base URL, which stand at the end."""
    count = len(base_query)
    return parameters[:-count] if count and list(parameters[-count:]) == list(base_query) else parameters


def _without_mark(match: re.Match[str]) -> str:
    return "" if match[1].startswith("!") else match[0]


def _cut(text: str) -> str:
    return short(text, SHOWN)
