"""Likeness of a captured body and a template's: whether they are the same operation."""

from __future__ import annotations

import re

from scimproof.capture.learn.shapes.body_shape import AnyValue, Merged
from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.core.http_message import Json

LEAST = 0.5  # the share of what both ask for in what either asks for
_QUOTED = re.compile(r'"[^"]*"')


def alike(ours: Json, seen: Json) -> bool:
    """Whether a body asks for about the same as a template's."""
    if ours is None or seen is None:
        # Whether there is a body at all tells no operations apart that have one method and one target.
        return True
    if isinstance(ours, AnyValue):
        return True
    if isinstance(ours, Merged):
        found = {key.lower() for key in seen} if isinstance(seen, dict) else set()
        return 2 * sum(key.lower() in found for key in ours.needed) >= len(ours.needed)
    one, other = asks(ours), asks(seen)
    return not one | other or len(one & other) / len(one | other) >= LEAST


def asks(body: Json) -> frozenset[str]:
    """What a body asks for: the operations of a PATCH, else its attributes, in lower case."""
    if not isinstance(body, dict):
        return frozenset({"?"})
    keys = {key.lower(): value for key, value in body.items()}
    operations = keys.get("operations")
    if not isinstance(operations, list):
        return frozenset(key for key in keys if key != "schemas") | _schemas(keys.get("schemas"))
    return frozenset(ask for one in operations for ask in _operation(one))


def _schemas(value: Json) -> frozenset[str]:
    return frozenset(_text(one) for one in value) if isinstance(value, list) else frozenset()


def _operation(one: Json) -> frozenset[str]:
    """One operation as `op path`, for each attribute of the value where it has no path."""
    if not isinstance(one, dict):
        return frozenset({"?"})
    keys = {key.lower(): value for key, value in one.items()}
    op, path, value = _text(keys.get("op")), keys.get("path"), keys.get("value")
    if path is None and isinstance(value, dict):
        return frozenset(f"{op} {key.lower()}" for key in value)
    return frozenset({f"{op} {_QUOTED.sub('', _text(path))}"})


def _text(value: Json) -> str:
    if isinstance(value, TextPattern):
        return value.source.lower()
    return value.lower() if isinstance(value, str) else ""
