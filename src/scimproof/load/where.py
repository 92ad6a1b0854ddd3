"""Finds the line on which a key of a TOML file stands, so that a complaint about it can be found again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Path = tuple[str, ...]
KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
DOTTED = rf"{KEY}(?:\s*\.\s*{KEY})*"
HEADER = re.compile(rf"\s*(\[\[?)\s*({DOTTED})\s*\]\]?")
PAIR = re.compile(rf"\s*({DOTTED})\s*=(.*)")
INSIDE = re.compile(rf"[{{,]\s*({DOTTED})\s*=")


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, counted from 1, of every table and key; a path holds `"0"` for the first of [[tables]]."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                place = counts[table] = counts.get(table, -1) + 1
                found.setdefault(table, number)
                table = (*table, str(place))
            found.setdefault(table, number)
        elif pair := PAIR.match(line):
            key = (*table, *_parts(pair[1]))
            found.setdefault(key, number)
            for inner in INSIDE.findall(pair[2]):
                found.setdefault((*key, *_parts(inner)), number)
    return found


def line_at(lines: Mapping[Path, int], path: Path) -> int:
    """The line of that key, or of the nearest thing around it; 1 when nothing is known."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _parts(dotted: str) -> Path:
    return tuple(_plain(part) for part in _split(dotted))


def _split(dotted: str) -> Iterator[str]:
    yield from re.findall(KEY, dotted)


def _plain(key: str) -> str:
    return key[1:-1] if key[0] in "\"'" else key
