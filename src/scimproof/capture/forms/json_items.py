"""Items of one list in a JSON file of any size, one after another: a file of 200 MB needs a few MB."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from scimproof.core.errors import UsageError
from scimproof.core.http_message import Json

PIECE = 1024 * 1024  # characters that are read at a time
# Characters of one item: two bodies of 16 MiB, in base64. A larger one is broken JSON.
LARGEST_ITEM = 64 * 1024 * 1024
SPACE = " \t\r\n"
# A value that broke off within the characters that were read so far fails close to their end.
NEAR_END = 16


@dataclass
class JsonItems:
    """The list at `place` (keys from the top, `("log", "entries")`) in a JSON file; iterating reads it once.

    `beside` is, after iterating, what stood next to the list and its parents, by name, and before an item
    what of that was read already; lists and objects of over `LARGEST_ITEM` characters are refused. Raises
    UsageError with file and place for what is not JSON or has no such list.
    """

    path: Path
    place: Sequence[str]
    beside: dict[str, Json] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Json]:
        try:
            with self.path.open("rb") as file:
                yield from self._within(_Text(self.path, file), list(self.place))
        except OSError as problem:
            raise UsageError(f"{self.path} cannot be read: {problem.strerror or problem}") from None

    def _within(self, text: _Text, place: list[str]) -> Iterator[Json]:
        name = ".".join(self.place)
        if text.next() != "{":
            raise UsageError(f"{self.path}: there is no list {name!r} in it")
        text.take()
        found = False
        while (mark := text.next()) != "}":
            if mark == ",":
                text.take()
                continue
            key = text.value()
            if not isinstance(key, str) or text.next() != ":":
                raise text.broken("a name and a colon are expected")
            text.take()
            if key != place[0] or found:
                self.beside[key] = text.value()
            elif place[1:]:
                found = True
                yield from self._within(text, place[1:])
            else:
                found = True
                yield from self._items(text, name)
        text.take()
        if not found:
            raise UsageError(f"{self.path}: there is no list {name!r} in it")

    def _items(self, text: _Text, name: str) -> Iterator[Json]:
        if text.next() != "[":
            raise UsageError(f"{self.path}: {name!r} in it is no list")
        text.take()
        while (mark := text.next()) != "]":
            if mark == ",":
                text.take()
            else:
                yield text.value()
        text.take()


class _Text:
    """The text of a file from where it was read to, as far as it was needed."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path, self._file = path, file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()
        self._text, self._at, self._before, self._ended = "", 0, 0, False

    def next(self) -> str:
        """The next character that is no space, without taking it."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(PIECE):
                raise self.broken("it breaks off")

    def take(self) -> None:
        """Go on behind the next character."""
        self._at += 1

    def value(self) -> Json:
        """The JSON value that begins here."""
        self.next()
        piece = PIECE
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except RecursionError:
                raise self.broken("it is nested too deep") from None
            except json.JSONDecodeError as wrong:
                within, place = wrong.msg.startswith("Unterminated string"), self._before + wrong.pos
                cut = within or wrong.pos > len(self._text) - NEAR_END
                if not cut or not self._more(piece):
                    within = within or not self._text[place - self._before :].strip()
                    raise self.broken("it breaks off" if within else wrong.msg, place) from None
            except ValueError as wrong:  # a whole number of thousands of digits
                raise self.broken(str(wrong)) from None
            else:
                # A number may go on behind the characters that were read so far.
                if end < len(self._text) or not self._more(piece):
                    self._at = end
                    return value
            if len(self._text) - self._at > LARGEST_ITEM:
                raise self.broken(f"a value is longer than {LARGEST_ITEM // 2**20} MiB")
            piece *= 2  # what was decoded in vain is no more than what is decoded in the end

    def _more(self, size: int) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        data = self._file.read(size)
        self._ended = not data
        try:
            more = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            raise UsageError(f"{self._path} is not JSON in UTF-8") from None
        self._before += self._at
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(data)

    def broken(self, what: str, place: int | None = None) -> UsageError:
        """The error that says where the file is not JSON; `place` is a character of it, from 0."""
        place = self._before + self._at if place is None else place
        return UsageError(f"{self._path} is not JSON: {what} (at character {place + 1:,})")
