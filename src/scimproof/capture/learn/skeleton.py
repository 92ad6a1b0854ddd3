"""Skeleton of a captured request: what decides how it compares with every template, without its values.

Two requests with one skeleton are compared once. The skeleton keeps names, order, spelling and types, and of
each value only whether it is what some template says there.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from urllib.parse import unquote

from scimproof.capture.learn.shapes.body_comparison import below
from scimproof.capture.learn.shapes.body_shape import AnyValue, Merged
from scimproof.capture.learn.shapes.formatting import formatting
from scimproof.capture.learn.shapes.header_comparison import OF_TARGET, SeenHeader
from scimproof.capture.learn.shapes.request_shape import RequestShape, SeenRequest
from scimproof.capture.learn.shapes.target_shape import Parameter, SeenTarget, decoded, filter_of, spellings
from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.catalog.request_template import BLANK, quoted
from scimproof.core.http_message import Json

_QUOTED = re.compile(r'"[^"]*"')
_TEXT, _NUMBER = "text", "number"
# Attributes whose text says what a request asks for, whatever templates have there.
_TELLING = frozenset({"op", "path"})
LONGEST = 200  # characters of a text that a skeleton keeps


class Skeletons:
    """Makes skeletons for the templates of these shapes."""

    def __init__(self, shapes: Iterable[RequestShape]) -> None:
        self._segments: set[str] = set()
        self._parameters: dict[str, dict[Hashable, Parameter]] = {}
        self._literals: dict[str, set[str]] = {}
        self._patterns: dict[str, dict[str, TextPattern]] = {}
        self._numbers: set[Json] = set()
        self._values: set[str] = set()  # names of headers whose values templates say
        for shape in shapes:
            self._learn(shape)

    def _learn(self, shape: RequestShape) -> None:
        for pattern in shape.target.segments:
            self._segments |= {pattern.literal} if pattern.literal is not None else set()
        for parameter in shape.target.parameters:
            form = BLANK.sub(_form, parameter.raw), parameter.encoding
            self._parameters.setdefault(parameter.name.lower(), {}).setdefault(form, parameter)
        self._values |= {name.lower() for name, value in shape.headers.headers if not value.is_blank}
        self._learn_body(shape.body.root, "")

    def _learn_body(self, node: Json, where: str) -> None:
        if isinstance(node, dict | Merged):
            for key, found in (node.fields if isinstance(node, Merged) else node).items():
                self._learn_body(found, below(where, key).lower())
        elif isinstance(node, list):
            for found in node:
                self._learn_body(found, where)
        elif isinstance(node, TextPattern) and node.literal is not None:
            self._literals.setdefault(where, set()).add(node.literal.lower())
        elif isinstance(node, TextPattern) and not (node.is_blank and node.free):
            self._patterns.setdefault(where, {})[BLANK.sub(_form, node.source)] = node
        elif not isinstance(node, AnyValue | TextPattern | bool) and node is not None:
            self._numbers.add(node)

    def of(self, seen: SeenRequest) -> Hashable:
        """The skeleton of a request."""
        return (
            seen.method,
            seen.fidelity,
            seen.masked,
            seen.withheld,
            tuple(self._target(seen.target)),
            tuple(map(self._header, seen.headers)),
            self._body(seen),
        )

    def _target(self, target: SeenTarget) -> Iterator[Hashable]:
        # Templates that begin beside the base URL have its last segment.
        yield target.base_path
        for part in target.segments[target.base :]:
            text = unquote(part)
            known = next((one for one in self._segments if one.lower() == text.lower()), None)
            if known is None:
                yield bool(part), tuple(spellings(quoted(text), part))
            else:
                yield part
        yield "?"
        for raw in target.parameters:
            name, value = decoded(raw)
            patterns = self._parameters.get(name.lower())
            if patterns is None:
                yield raw
                continue
            yield raw.partition("=")[0]
            yield filter_of(value) if name.lower() == "filter" else ""
            fit = tuple(self._fit(one, raw, value) for one in patterns.values())
            # A value that no template has is shown as it is.
            yield fit if any(one is not None for one in fit) else value

    @staticmethod
    def _fit(ours: Parameter, raw: str, value: str) -> Hashable:
        written = ours.written(value) if ours.alike(value) else None
        if written is None:
            return None
        return tuple(spellings(written.partition("=")[2], raw.partition("=")[2]))

    def _header(self, header: SeenHeader) -> Hashable:
        told = header.key in self._values and header.key not in OF_TARGET
        return header.name, header.value if told else "", header.spaces

    def _body(self, seen: SeenRequest) -> Hashable:
        if not seen.content:
            return ""
        if seen.json is None:
            return "not JSON"
        return self._value(seen.json, ""), () if seen.compact else tuple(formatting(seen.content))

    def _value(self, value: Json, where: str) -> Hashable:
        if isinstance(value, str):
            return self._text(value, where)
        if isinstance(value, dict):
            return tuple(
                [(key, self._value(found, below(where, key).lower())) for key, found in value.items()]
            )
        if isinstance(value, list):
            parts: list[Hashable] = ["["]
            for found in value:
                part = self._value(found, where)
                # Any number of neighbours of one form is as good as two.
                if parts[-2:] != [part, part]:
                    parts.append(part)
            return tuple(parts)
        if value is None or isinstance(value, bool):
            return repr(value)
        return (_NUMBER, repr(value) if value in self._numbers else type(value).__name__)

    def _text(self, text: str, where: str) -> Hashable:
        if where.rpartition(".")[2] in _TELLING or where == "schemas":
            return _TEXT, _QUOTED.sub('""', text)[:LONGEST], self._forms(text, where)
        if text.lower() in self._literals.get(where, ()):
            return _TEXT, text
        return _TEXT, self._forms(text, where)

    def _forms(self, text: str, where: str) -> Hashable:
        patterns = self._patterns.get(where)
        if not patterns:
            return ()
        return tuple((one.matches(text), one.resembles(text)) for one in patterns.values())


def _form(match: re.Match[str]) -> str:
    """A variable as what it may stand for."""
    return "{{" + TextPattern(match[0]).form + "}}"
