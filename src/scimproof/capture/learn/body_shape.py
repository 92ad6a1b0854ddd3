"""Body of a template as a tree of patterns: parsed JSON in which variables stand for values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scimproof.capture.learn.text_pattern import TextPattern
from scimproof.catalog.request_template import BLANK, compact
from scimproof.core.http_message import Json

# Where a variable or a rule stands for a whole JSON value, outside quotes; no body has such a character.
_MARK = "\ue000"


@dataclass(frozen=True)
class AnyValue:
    """Place of any JSON value: a variable outside quotes, or what a rule makes; `name` as it is written."""

    name: str


@dataclass(frozen=True)
class BodyShape:
    """Body of a template. `root` is its tree, None for no body.

    Its nodes are dict, list, TextPattern for text, AnyValue, and numbers, booleans and None as they are. A
    body that is no JSON, however its variables are filled in, is one AnyValue.
    """

    root: Json

    @classmethod
    def of(cls, body: str) -> BodyShape:
        """The shape of a template's body."""
        if not body.strip():
            return cls(None)
        try:
            parsed = json.loads(_with_marks(body), strict=False)
        except ValueError:
            return cls(AnyValue(body))
        return cls(_node(parsed))

    @property
    def empty(self) -> bool:
        """Whether the template has no body."""
        return self.root is None


def _with_marks(body: str) -> str:
    """The body as JSON: what stands outside quotes as a text that begins with a mark."""
    parts, quoted, at = [], False, 0
    for found in BLANK.finditer(body):
        before = body[at : found.start()]
        quoted ^= _quotes(before) % 2 == 1
        parts += [before, found[0] if quoted else json.dumps(_MARK + found[0])]
        at = found.end()
    return "".join([*parts, body[at:]])


def _quotes(text: str) -> int:
    """How many quotes begin or end a JSON string in it."""
    return text.replace("\\\\", "").replace('\\"', "").count('"')


def _node(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _node(found) for key, found in value.items()}
    if isinstance(value, list):
        return [_node(found) for found in value]
    if isinstance(value, str):
        return AnyValue(value[1:]) if value.startswith(_MARK) else TextPattern(value)
    return value


def source(node: Json) -> str:
    """A node as the template writes it, compact."""
    if isinstance(node, dict):
        return "{" + ",".join(f"{compact(key)}:{source(found)}" for key, found in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(source, node)) + "]"
    if isinstance(node, AnyValue):
        return node.name
    return compact(node.source) if isinstance(node, TextPattern) else compact(node)


def leaves(node: Json) -> Iterator[Any]:
    """The nodes of a tree that have none below them; an empty list or object is one."""
    if isinstance(node, dict | list) and node:
        for found in node.values() if isinstance(node, dict) else node:
            yield from leaves(found)
    else:
        yield node


def same_shape(one: Json, other: Json) -> bool:
    """Whether two nodes differ in nothing but the names of variables."""
    return BLANK.sub("{{}}", source(one)) == BLANK.sub("{{}}", source(other))


def repeats(node: Json) -> bool:
    """Whether a list may have any number of such elements: its texts are variables, but for an `op`.

    Members, and operations that name one in their path, are as many as an administrator chose.
    """
    if not isinstance(node, dict):
        return False
    texts = [found for key, value in node.items() if key != "op" for found in leaves(value)]
    return bool(texts) and all(isinstance(found, TextPattern) and found.names for found in texts)
