"""Paths of attributes in captured bodies, one spelling for creates, merges and all forms of PATCH."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scimproof.capture.json_tokens import Path
from scimproof.core.http_message import Json

SCHEMA = re.compile(r"urn:.*:\d+(\.\d+)*:\w+")  # the URN of a schema, where an attribute may follow
OPERATIONS = "Operations"


def leaves(body: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """The plain values in a body with their paths, in order."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield from leaves(value, (*path, key))
    elif isinstance(body, list):
        for place, value in enumerate(body):
            yield from leaves(value, (*path, place))
    else:
        yield path, body


def value_of(body: Json, path: Path) -> Json:
    """The value at a path; None where none is, as behind a key that came twice."""
    for part in path:
        body = _inner(body, part)
    return body


def attribute_path(body: Json, path: Path) -> str:
    """The path of the attribute that a value belongs to, as `emails[type eq "work"].value`.

    What PATCH operations say in `path`, in keys or by nesting gives the same path as the attribute in a
    resource. An entry of a list is told by its type, or as the primary one, or not at all.
    """
    if path[:1] == (OPERATIONS,) and len(path) > 2 and path[2] == "value":
        operation = _inner(_inner(body, OPERATIONS), path[1])
        stated = _inner(operation, "path")
        start = stated if isinstance(stated, str) else ""
        return _joined(start, _inner(operation, "value"), path[3:], patch=True)
    return _joined("", body, path, patch=False)


def _joined(text: str, value: Json, path: Path, *, patch: bool) -> str:
    for depth, part in enumerate(path):
        value = _inner(value, part)
        if isinstance(part, int):
            text += _entry(value)
            continue
        schema = SCHEMA.fullmatch(text) or (depth == 1 and not patch and text.startswith("urn:"))
        text += f"{':' if schema else '.' if text else ''}{part}"
    return text


def _inner(value: Json, part: str | int) -> Json:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _entry(entry: Json) -> str:
    if not isinstance(entry, dict):
        return ""
    if isinstance(entry.get("type"), str) and entry["type"]:
        return f'[type eq "{entry["type"]}"]'
    return "[primary eq true]" if entry.get("primary") is True else ""
