"""Body of a template as a tree of patterns: parsed JSON in which variables stand for values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.catalog.request_template import BLANK, compact
from scimproof.core.http_message import Json

# Where a variable or a rule stands for a whole JSON value, outside quotes; no body has such a character.
_MARK = "\ue000"


@dataclass(frozen=True)
class AnyValue:
    """Place of any JSON value: a variable outside quotes, or what a rule makes; `name` as it is written."""

    name: str


@dataclass(frozen=True)
class Merged:
    """Object that is sent back as it was read, with some attributes set: `fields`, the `needed` ones always.

    Any attribute that was read may be beside them, in the order in which it was read.
    """

    fields: dict[str, Json]
    needed: frozenset[str]


@dataclass(frozen=True)
class BodyShape:
    """Body of a template. `root` is its tree, None for no body.

    Its nodes are dict, Merged, list, TextPattern for text, AnyValue, and numbers, booleans, None as they are.
    A body that is no JSON, however its variables are filled in, is one AnyValue.
    """

    root: Json

    @classmethod
    def of(cls, body: str, made: Callable[[str], Json] = AnyValue) -> BodyShape:
        """The shape of a template's body; `made` gives the node of a variable or rule that is a value."""
        if not body.strip():
            return cls(None)
        try:
            parsed = json.loads(_with_marks(body), strict=False)
        except ValueError:
            return cls(AnyValue(body))
        return cls(node_of(parsed, made))

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


def node_of(value: Json, made: Callable[[str], Json] = AnyValue) -> Json:
    """The node of a parsed value whose texts may have variables."""
    if isinstance(value, dict):
        return {key: node_of(found, made) for key, found in value.items()}
    if isinstance(value, list):
        return [node_of(found, made) for found in value]
    if isinstance(value, str):
        return made(value[1:]) if value.startswith(_MARK) else TextPattern(value)
    return value


def source(node: Json) -> str:
    """A node as the template writes it, compact."""
    if isinstance(node, dict):
        return "{" + ",".join(f"{compact(key)}:{source(found)}" for key, found in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(source, node)) + "]"
    if isinstance(node, AnyValue):
        return node.name
    if isinstance(node, Merged):
        return source(node.fields)
    return compact(node.source) if isinstance(node, TextPattern) else compact(node)


# How vague a body is where a variable or a rule stands for anything, and how much each attribute that a rule
# always sets takes from that.
ANY_VALUE, NEEDED = 1000, 20


def vague(node: Json) -> int:
    """How much a body leaves open; of two that fit equally well the one that says more is meant."""
    if isinstance(node, AnyValue):
        return ANY_VALUE
    if isinstance(node, Merged):
        return max(ANY_VALUE - NEEDED * len(node.needed), NEEDED)
    if isinstance(node, dict | list):
        return sum(map(vague, node.values() if isinstance(node, dict) else node))
    return node.vague if isinstance(node, TextPattern) else 0


def leaves(node: Json) -> Iterator[Any]:
    """The nodes of a tree that have none below them; an empty list or object is one."""
    if isinstance(node, Merged):
        yield from leaves(node.fields)
    elif isinstance(node, dict | list) and node:
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
