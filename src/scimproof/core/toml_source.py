"""TOML files that people write: values checked by type and range, errors with file and line."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from scimproof.core.bounds import Range
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.paths import shown

Keys = tuple[str, ...]
KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
DOTTED = rf"{KEY}(?:\s*\.\s*{KEY})*"
HEADER = re.compile(rf"\s*(\[\[?)\s*({DOTTED})\s*\]\]?")
PAIR = re.compile(rf"\s*({DOTTED})\s*=(.*)")
INSIDE = re.compile(rf"[{{,]\s*({DOTTED})\s*=")


class TomlFile:
    """The data of one TOML file, with the line of each key.

    `shown` is its path as it is printed, `digest` the SHA-256 of the bytes that were read. A path of keys has
    `"0"` for the first of [[tables]]. All methods raise UsageError with file and line for a wrong value.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.shown = path, shown(path)
        try:
            read = path.read_bytes()
            text = read.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except OSError as problem:
            raise UsageError(f"{self.shown} cannot be read: {problem.strerror}") from None
        except UnicodeDecodeError as problem:
            raise UsageError(f"{self.shown}:1: not UTF-8: {problem}") from None
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            line = re.search(r" \(at line (\d+),", str(problem))
            at = line[1] if line else max(1, len(text.splitlines()))  # else it says "at end of document"
            raise UsageError(f"{self.shown}:{at}: {problem}") from None
        self.lines = lines_of(text)
        self.digest = hashlib.sha256(read).hexdigest()

    def where(self, keys: Keys) -> str:
        """File and line of that key, or of the nearest thing around it."""
        return f"{self.shown}:{line_at(self.lines, keys)}"

    def refuse(self, keys: Keys, why: str) -> NoReturn:
        """Say what is wrong and where."""
        raise UsageError(f"{self.where(keys)}: {why}")

    def only(self, known: Iterable[str], table: Mapping[str, Any], keys: Keys) -> None:
        """Refuse a key that nobody knows."""
        known = list(known)
        for key in table:
            if key not in known:
                self.refuse((*keys, key), f"no key is called {key!r} here{did_you_mean(key, known)}")

    def kind(self, table: Mapping[str, Any], keys: Keys, kind: type, name: str) -> Any:
        """The value of the last key, which has to be of that type."""
        value = table[keys[-1]]
        if not isinstance(value, kind):
            self.refuse(keys, f"{keys[-1]} should be {name}, not {value!r}")
        return value

    def number(self, table: Mapping[str, Any], keys: Keys, bounds: Range) -> Any:
        """The value of the last key, which has to be a number within bounds."""
        value = table[keys[-1]]
        if not bounds.holds(value):
            self.refuse(keys, f"{keys[-1]} should be {bounds.words}, not {value!r}")
        return value

    def table(self, table: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
        """The table of the last key, empty when there is none."""
        return dict(self.kind(table, keys, dict, "a table")) if keys[-1] in table else {}


def lines_of(text: str) -> Mapping[Keys, int]:
    """The line, counted from 1, of every table and key; a path holds `"0"` for the first of [[tables]]."""
    found: dict[Keys, int] = {}
    counts: dict[Keys, int] = {}
    table: Keys = ()
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


def line_at(lines: Mapping[Keys, int], path: Keys) -> int:
    """The line of that key, or of the nearest thing around it; 1 when nothing is known."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _parts(dotted: str) -> Keys:
    return tuple(_plain(part) for part in _split(dotted))


def _split(dotted: str) -> Iterator[str]:
    yield from re.findall(KEY, dotted)


def _plain(key: str) -> str:
    return key[1:-1] if key[0] in "\"'" else key
