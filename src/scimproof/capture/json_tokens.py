"""Tokens of a JSON text with their places in it, so that values are replaced and nothing else changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from scimproof.core.http_message import Json, parse_json

TOKEN = re.compile(
    r'[ \t\r\n]*(?:(?P<mark>[{}\[\],:])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<other>[-+.\w]+))', re.DOTALL
)
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class JsonToken:
    """A key, or a value that has no others in it: where it stands, quotes included, and its path.

    The path of a key is that of its value; numbers in a path are places in a list.
    """

    start: int
    end: int
    path: Path
    kind: Literal["key", "text", "number", "word"]
    value: Json


def json_tokens(text: str) -> list[JsonToken] | None:
    """The keys and plain values of a JSON text in order; None for what is none that `parse_json` reads."""
    if parse_json(text.encode("utf-8", "replace")) is None and text.strip() != "null":
        return None
    return list(_tokens(text))


def replaced(text: str, replacements: Iterable[tuple[JsonToken, str]]) -> str:
    """The text with some tokens replaced; `replacements` are in the order of the text."""
    parts, at = [], 0
    for token, new in replacements:
        parts += [text[at : token.start], new]
        at = token.end
    return "".join([*parts, text[at:]])


def unescaped(text: str) -> str:
    """The text that stands between the quotes of a JSON string; what cannot stand there as it is."""
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _tokens(text: str) -> Iterator[JsonToken]:
    """The tokens of a text that is known to be JSON."""
    path: list[str | int] = []
    inside: list[str] = []
    key = False  # whether the next text is a key
    for found in TOKEN.finditer(text):
        mark = found["mark"]
        if mark in ("{", "["):
            inside.append(mark)
            path.append("" if mark == "{" else 0)
            key = mark == "{"
        elif mark in ("}", "]"):
            inside.pop()
            path.pop()
            key = False
        elif mark == ",":
            key = inside[-1] == "{"
            last = path[-1]
            if isinstance(last, int):
                path[-1] = last + 1
        elif mark != ":":
            token = found["text"] or found["other"]
            start, end = found.end() - len(token), found.end()
            value = json.loads(token)
            if key:
                path[-1], key = value, False
                yield JsonToken(start, end, tuple(path), "key", value)
            elif found["text"]:
                yield JsonToken(start, end, tuple(path), "text", value)
            else:
                number = isinstance(value, int | float) and not isinstance(value, bool)
                yield JsonToken(start, end, tuple(path), "number" if number else "word", value)
