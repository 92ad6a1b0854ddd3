"""Spelling of a text in a query or in JSON: how each of its characters is written, kept where it changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

# One character as it is written: what it is, and its form.
WrittenCharacter = tuple[str, str]
Edit = tuple[int, int, str]  # begin and end in the text, and what is to stand there

ESCAPED = re.compile(r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)|(?P<plus>\+)|(?P<plain>.)", re.DOTALL)
JSON_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)


@dataclass(frozen=True)
class Spelling:
    """A text as a list of its characters with their written forms.

    A character that is put in is written as the same one elsewhere in it, else as `default` writes it.
    """

    written: tuple[WrittenCharacter, ...]
    default: Callable[[str], str]

    @property
    def text(self) -> str:
        """The text, decoded."""
        return "".join(character for character, _ in self.written)

    def edited(self, edits: Iterable[Edit]) -> str:
        """The written text with these parts of the decoded one replaced; the rest is as it was."""
        forms: dict[str, str] = {}
        for character, form in self.written:
            forms.setdefault(character, form)
        parts, at = [], 0
        for start, end, new in sorted(edits):
            parts += [form for _, form in self.written[at:start]]
            parts += [forms.get(character) or self.default(character) for character in new]
            at = end
        parts += [form for _, form in self.written[at:]]
        return "".join(parts)


def of_query(raw: str) -> Spelling:
    """The spelling of a value in a query; `+` is a blank unless the query writes blanks as %20."""
    form_encoded = "%20" not in raw
    written: list[WrittenCharacter] = []
    for found in ESCAPED.finditer(raw):
        if found["percent"]:
            written += _percent(found["percent"])
        elif found["plus"]:
            written.append((" " if form_encoded else "+", "+"))
        else:
            written.append((found["plain"], found["plain"]))
    digits = "".join(re.findall(r"%([0-9A-Fa-f]{2})", raw))
    low = digits != digits.upper()

    def default(character: str) -> str:
        if character == " " and form_encoded and "+" in raw:
            return "+"
        encoded = quote(character, safe="")
        return re.sub("%..", lambda found: found[0].lower(), encoded) if low else encoded

    return Spelling(tuple(written), default)


def _percent(run: str) -> list[WrittenCharacter]:
    """The characters of a run of percent-encoded bytes; bytes that are no UTF-8 stay one character each."""
    data = bytes.fromhex(run.replace("%", ""))
    written: list[WrittenCharacter] = []
    at = 0
    for character in data.decode("utf-8", "surrogateescape"):
        size = len(character.encode("utf-8", "surrogateescape"))
        written.append((character, run[3 * at : 3 * (at + size)]))
        at += size
    return written


def of_json(token: str, *, ascii_only: bool = False) -> Spelling:
    """The spelling of a JSON string, its quotes aside; in an `ascii_only` document what is new is escaped."""
    written = tuple((json.loads(f'"{form}"'), form) for form in JSON_CHARACTER.findall(token[1:-1]))
    return Spelling(written, lambda character: json.dumps(character, ensure_ascii=ascii_only)[1:-1])
