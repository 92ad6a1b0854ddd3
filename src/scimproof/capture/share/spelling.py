r"""Spelling of texts in JSON strings and URLs: a part is replaced, and everything else stays as it was.

A span is a part of a text and what comes in its place. Characters of a stand-in are spelled as those that
they stand for: `\u00fc` as an escape, `%C3%BC` percent-encoded with hexadecimal digits in the same case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
LONG = 256 * 1024  # characters of a string of which not every one is looked at by itself: it is no name
PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+|.", re.DOTALL)


class Span(NamedTuple):
    """The part of a text from `start` up to `end`, and what comes in its place."""

    start: int
    end: int
    new: str


class Unit(NamedTuple):
    """One character, and how it is spelled."""

    char: str
    raw: str


Spell = Callable[[str, str], str]  # a character as another raw one is spelled
Rewrite = Callable[[str], Iterable[Span]]
Change = Callable[[str], str]


def replaced(text: str, spans: Iterable[Span]) -> str:
    """The text with its spans replaced; they are in order and do not overlap."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], span.new]
        at = span.end
    return "".join(parts) + text[at:]


def between(old: str, new: str) -> Iterator[Span]:
    """What of the old text is replaced to make the new one, so that the rest stays spelled as it was."""
    if old == new:
        return
    if len(old) == len(new):
        yield Span(0, len(old), new)
        return
    start = next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    most = min(len(old), len(new)) - start
    end = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    middle = new[start : len(new) - end]
    common = min(len(old) - end - start, len(middle))
    if common:
        yield Span(start, start + common, middle[:common])
    yield Span(start + common, len(old) - end, middle[common:])


def in_json(raw: str, rewrite: Rewrite) -> str:
    """The inside of a JSON string, in which the text that it stands for is rewritten."""
    if len(raw) > LONG:
        return _json_plain(replaced(json.loads(f'"{raw}"'), rewrite(json.loads(f'"{raw}"'))))
    if "\\" not in raw:
        return replaced(raw, (Span(*span[:2], _json_plain(span.new)) for span in rewrite(raw)))
    return _respelled(
        [_json_unit(found[0]) for found in ESCAPE.finditer(raw)], rewrite, _json_as, _json_plain
    )


def in_url(raw: str, rewrite: Rewrite, *, plus: bool = False) -> str:
    """A part of a URL, in which the text that it stands for is rewritten; with `plus`, + is a space."""
    if "%" not in raw and not (plus and "+" in raw):
        return replaced(raw, rewrite(raw))
    units: list[Unit] = []
    for found in PERCENT.finditer(raw):
        if len(found[0]) == 1:
            units.append(Unit(" " if plus and found[0] == "+" else found[0], found[0]))
        else:
            units += _percent_units(found[0])
    return _respelled(units, rewrite, _percent_as, lambda text: quote(text, safe="@:/"))


def _respelled(units: Sequence[Unit], rewrite: Rewrite, spell: Spell, plain: Callable[[str], str]) -> str:
    text = "".join(unit.char for unit in units)
    parts, at = [], 0
    for start, end, new in rewrite(text):
        old = units[start:end]
        parts += [unit.raw for unit in units[at:start]]
        if len(new) == len(old):
            parts += [
                one.raw if one.char == char else spell(char, one.raw)
                for one, char in zip(old, new, strict=True)
            ]
        else:
            parts.append(plain(new))
        at = end
    return "".join([*parts, *(unit.raw for unit in units[at:])])


def _json_unit(raw: str) -> Unit:
    if len(raw) == 1:
        return Unit(raw, raw)
    try:
        char = json.loads(f'"{raw}"')
    except ValueError:
        char = "\ufffd"
    # Half a surrogate pair stays what it is.
    return Unit(char if len(char) == 1 and not "\ud800" <= char <= "\udfff" else "\ufffd", raw)


def _json_as(char: str, raw: str) -> str:
    if not raw.startswith("\\u"):
        return _json_plain(char)
    escaped = "".join(f"{unit:04x}" for unit in _utf16(char))
    escaped = escaped.upper() if any(digit in raw[2:] for digit in "ABCDEF") else escaped
    return "".join(f"\\u{escaped[at : at + 4]}" for at in range(0, len(escaped), 4))


def _utf16(char: str) -> list[int]:
    data = char.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _json_plain(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _percent_units(raw: str) -> list[Unit]:
    """The characters of a run of percent-encoded bytes; bytes that are not UTF-8 stay what they are."""
    data, units, at = bytes.fromhex(raw.replace("%", "")), [], 0
    while at < len(data):
        size = next((size for low, size in ((0xF0, 4), (0xE0, 3), (0xC0, 2)) if data[at] >= low), 1)
        try:
            char = data[at : at + size].decode()
        except UnicodeDecodeError:
            char, size = "\ufffd", 1
        units.append(Unit(char, raw[3 * at : 3 * (at + size)]))
        at += size
    return units


def _percent_as(char: str, raw: str) -> str:
    if len(raw) == 1:
        return char if char.isascii() else quote(char)
    encoded = "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
    return encoded.lower() if any(digit in raw for digit in "abcdef") else encoded
