"""TOML files that people write: values checked by type and range, errors with file and line."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from scimproof.core.bounds import Range
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.paths import shown
from scimproof.core.validation import Wrong, of_toml, wrongs

Keys = tuple[str, ...]
UNKNOWN = "additionalProperties"
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

    def hold_to(self, name: str) -> None:
        """Refuse what the schema of that name in reports/schema does not allow: first what nobody knows."""
        found = [(one, self._keys(one)) for one in wrongs(of_toml(name), self.data)]
        for one, keys in sorted(found, key=lambda pair: (pair[0].rule != UNKNOWN, self._line(pair[1]))):
            self.refuse(keys, said(one))

    def _keys(self, wrong: Wrong) -> Keys:
        """Where it stands: of what nobody knows, the first."""
        keys = tuple(map(str, wrong.place))
        return (*keys, unknown(wrong)[0]) if wrong.rule == UNKNOWN else keys

    def _line(self, keys: Keys) -> int:
        return line_at(self.lines, keys)


def unknown(wrong: Wrong) -> list[str]:
    """The keys of a table that its schema does not name."""
    return [key for key in wrong.value if key not in wrong.schema.get("properties", {})]


def said(wrong: Wrong) -> str:
    """What does not fit, for a person; what to write instead is in the schema where it is not plain.

    `errorMessage` of a schema is what to say by keyword, of a missing key by its name, with `${0}` for what
    is there: a convention of other validators, too.
    """
    around, value = wrong.schema, wrong.value
    own = around.get("errorMessage", {}).get(wrong.rule, "")
    of = around.get("title") or _name(wrong)
    match wrong.rule:
        case "additionalProperties":
            key = unknown(wrong)[0]
            return f"no key is called {key!r} here{did_you_mean(key, around.get('properties', {}))}"
        case "required":
            missing = [name for name in wrong.wanted if name not in value]
            return f"{of} {next((own[name] for name in missing if name in own), f'needs {missing[0]}')}"
        case "enum" if not own:
            near = did_you_mean(value, wrong.wanted) if isinstance(value, str) else ""
            meant = near if "mean" in near else ""
            return f"{of} should be {', '.join(map(str, wrong.wanted))}, not {value!r}{meant}"
    return (
        f"{of} {own.replace('${0}', repr(value))}"
        if own
        else f"{of} should be {_wanted(wrong)}, not {value!r}"
    )


def _name(wrong: Wrong) -> str:
    """What is wrong: its key, and of an entry of a list which one it is."""
    *_, last = wrong.place or ("the file",)
    return f"{wrong.place[-2]}[{last}]" if isinstance(last, int) and len(wrong.place) > 1 else str(last)


def _wanted(wrong: Wrong) -> str:
    kind = wrong.schema.get("type")
    if {"minimum", "maximum"} <= set(wrong.schema):
        return Range(wrong.schema["minimum"], wrong.schema["maximum"], kind == "integer").words
    if kind == "array" and wrong.schema.get("items") == {"type": "string"}:
        return 'a list of texts, as ["a", "b"]'
    return "a table" if kind == "object" else wrong.expected


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


def toml_key(path: str) -> str:
    """A path as a key of a TOML table."""
    return path if path.isalnum() else f"'{path}'" if '"' in path else f'"{path}"'


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
