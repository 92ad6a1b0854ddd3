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

# Members that name attributes in PATCH and bulk, searches and schemas; a resource may have its own.
NAMING = frozenset({"path", "name", "attributes", "excludedattributes", "sortby", "filter"})


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
        path, named = _patched(node), _named(node)
        for key, value in node.members:
            yield self._string(key, self._rewriter.key)
            name = key.text or ""
            first, last = first_name(name), last_name(name)
            if path is not None and name.lower() == "value":
                yield from self._spans(value, last_name(path), first_name(path))
            elif last in NAMING and last not in named and _is_text(value):
                yield from self._spans(value, "", "")
            else:
                yield from self._spans(value, last, first if first != last else attribute)

    def _string(self, node: Node, rewrite: spelling.Change) -> Span:
        raw = spelling.in_json(node.raw[1:-1], lambda text: spelling.between(text, rewrite(text)))
        return Span(node.start, node.end, f'"{raw}"')


def _is_text(node: Node) -> bool:
    """Whether a value is a text or a list, at any depth without an object in it."""
    return node.raw != "{" and all(map(_is_text, node.items))


def _named(node: Node) -> frozenset[str]:
    """The members of an object that name attributes, by what else is in it."""
    names = {(key.text or "").lower() for key, _ in node.members}
    found: frozenset[str] = frozenset()
    if names & {"op", "method"}:  # RFC 7644 sections 3.5.2 and 3.7
        found |= {"path"}
    if names & {"mutability", "multivalued", "returned"}:  # RFC 7643 section 7
        found |= {"name"}
    if any("searchrequest" in item.raw.lower() for _, value in node.members for item in value.items):
        found |= NAMING - {"path", "name"}
    return found


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
