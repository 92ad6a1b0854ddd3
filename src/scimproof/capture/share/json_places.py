"""JSON text with its strings and numbers replaced at their places; all between stays, byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from scimproof.capture.share import spelling
from scimproof.capture.share.attribute_paths import first_name, last_name
from scimproof.capture.share.spelling import Span

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|NaN|-?Infinity|[{}\[\]]', re.DOTALL)


class ValueRewriter(Protocol):
    """What replaces the values of attributes and the names of unknown ones."""

    def value(self, text: str, attribute: str = "", parent: str = "") -> str:
        """The value of an attribute, replaced."""

    def key(self, text: str) -> str:
        """The name of a member of an object, or a path in its place; names of attributes stay."""

    def number(self, text: str, attribute: str) -> str:
        """A number, replaced by another of as many digits."""


@dataclass
class Node:
    """A JSON value in a text: its place, and for objects and lists what is in it."""

    start: int
    end: int
    raw: str
    members: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    @cached_property
    def text(self) -> str | None:
        """The text of a string; None for anything else."""
        if self.raw[:1] != '"':
            return None
        return str(json.loads(self.raw)) if "\\" in self.raw else self.raw[1:-1]


class JsonText:
    """Replaces the values in JSON texts."""

    def __init__(self, rewriter: ValueRewriter) -> None:
        self._rewriter = rewriter

    def rewritten(self, text: str) -> str | None:
        """The text with its strings and numbers replaced; None for what is not JSON."""
        try:
            json.loads(text)
            tokens = [(found.start(), found[0]) for found in TOKEN.finditer(text)]
            node, _ = _node(tokens, 0)
            return spelling.replaced(text, self._spans(node, "", ""))
        except (ValueError, RecursionError):
            return None

    def _spans(self, node: Node, attribute: str, parent: str) -> Iterator[Span]:
        if node.raw == "{":
            yield from self._members(node, attribute)
        elif node.raw == "[":
            for item in node.items:
                yield from self._spans(item, attribute, parent)
        elif node.raw.startswith('"'):
            yield self._string(node, lambda text: self._rewriter.value(text, attribute, parent))
        elif node.raw[:1] in "-0123456789":
            yield Span(node.start, node.end, self._rewriter.number(node.raw, attribute))

    def _members(self, node: Node, attribute: str) -> Iterator[Span]:
        path = _patched(node)
        for key, value in node.members:
            yield self._string(key, self._rewriter.key)
            name = key.text or ""
            if path is not None and name.lower() == "value":
                yield from self._spans(value, last_name(path), first_name(path))
            else:
                first, last = first_name(name), last_name(name)
                yield from self._spans(value, last, first if first != last else attribute)

    def _string(self, node: Node, rewrite: spelling.Change) -> Span:
        raw = spelling.in_json(node.raw[1:-1], lambda text: spelling.between(text, rewrite(text)))
        return Span(node.start, node.end, f'"{raw}"')


def _patched(node: Node) -> str | None:
    """The path of a PATCH operation; None for any other object, and for an operation without one."""
    names = [(key.text or "").lower() for key, _ in node.members]
    if "op" not in names or "path" not in names:
        return None
    return node.members[names.index("path")][1].text


def _node(tokens: list[tuple[int, str]], at: int) -> tuple[Node, int]:
    """The value that begins with that token, and the place behind it; the text was parsed before."""
    start, raw = tokens[at]
    node = Node(start, start + len(raw), raw)
    at += 1
    if raw == "{":
        while tokens[at][1] != "}":
            key, at = _node(tokens, at)
            value, at = _node(tokens, at)
            node.members.append((key, value))
        at += 1
    elif raw == "[":
        while tokens[at][1] != "]":
            item, at = _node(tokens, at)
            node.items.append(item)
        at += 1
    return node, at
