"""Reads the JSON documents that scimproof writes, and refuses with the place what is none of them.

Whoever gets one from here can rely on the published schema, and on what is referred to being there.
"""

from __future__ import annotations

import json
import os
import re
import select
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from scimproof.core.errors import ScimproofError, UsageError
from scimproof.core.http_message import short
from scimproof.core.validation import printable, published, schema, told, wrongs
from scimproof.report import consistency

REPORT, LOAD = "scimproof.report/1", "scimproof.load/1"
CAPACITY = "scimproof.capacity/1"
LATER = re.compile(r"(scimproof\.[a-z]+)/(?:[2-9]|[1-9]\d+)")
KNOWN = {
    REPORT: "a report of a run",
    LOAD: "the load.json of a load run",
    CAPACITY: "the capacity.json of a search for the highest rate",
}
LARGEST = 100 * 2**20  # bytes; a report of 20,000 exchanges has 17 MB
DEEPEST = 64  # levels; a report has twelve, with what a server answered as text
DIGITS = 19  # of a whole number: what 64 bits hold
SILENT = 10.0  # seconds without a byte after which a pipe counts as abandoned
HALF = re.compile(r"\\u[dD][89a-fA-F]")  # an escape that may be a lone surrogate
CONSISTENT = {REPORT: consistency.report, LOAD: consistency.load, CAPACITY: consistency.capacity}
OURS = "a report of scimproof"

Document = dict[str, Any]


class _Refused(Exception):
    """Raised for a document that cannot be used; the text goes on after its path."""


def read(path: Path, *formats: str) -> Document:
    """The document in that file, of one of these formats; UsageError says what is wrong and where."""
    return checked(path, peek(path), *formats)


def checked(path: Path, document: Document, *formats: str) -> Document:
    """As `read`, for a document that `peek` returned."""
    found = document.get("format")
    if found not in formats:
        wanted = " or ".join(KNOWN[form] for form in formats)
        said = f"its format is {told(found)}" if found is not None else "it does not say its format"
        raise UsageError(f"{path} is not {wanted}: {said}, not {' or '.join(map(repr, formats))}")
    try:
        _valid(document, found)
        if found == REPORT:
            consistency.complete(document)
        for place, wrong in CONSISTENT[found](document):
            raise _Refused(f"at {printable(place)} {printable(wrong)}")  # noqa: TRY301 - the first will do
    except _Refused as wrong:
        raise UsageError(f"{path} is not {KNOWN[found]}: {wrong}") from None
    return document


@contextmanager
def held_together(*paths: Path) -> Iterator[None]:
    """Inside, an error about data of these documents becomes a UsageError that names them.

    The schema cannot express every consistency rule, and a traceback tells the user nothing.
    """
    try:
        yield
    except (ScimproofError, OSError, MemoryError):
        raise
    except Exception as problem:
        raise UsageError(
            f"{' and '.join(map(str, paths))}: nothing can be made of it, though it looks like {OURS} "
            f"({type(problem).__name__}; SCIMPROOF_DEBUG=1 shows where). Was it changed by hand? If it is "
            "as scimproof wrote it, that is scimproof's mistake: please report it"
        ) from problem


def peek(path: Path) -> Document:
    """The JSON object in that file, whatever its format and however little of it is there."""
    try:
        document = _parsed(_text(path))
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror or problem}") from None
    except _Refused as wrong:
        raise UsageError(f"{path} is not a report: {wrong}") from None
    if later := LATER.fullmatch(str(document.get("format"))):
        raise UsageError(
            f"{path} was written by a newer scimproof: its format is {later[0]!r}, and this version reads "
            f"{later[1]}/1; update scimproof to read it"
        )
    return document


def _text(path: Path) -> str:
    """The content of the file; a pipe is read to its end, any other special file is refused."""
    # Without O_NONBLOCK, opening a pipe that nobody writes into would never return.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        kind = os.fstat(number).st_mode
        if stat.S_ISDIR(kind):
            raise _Refused("it is a folder")
        if not (stat.S_ISREG(kind) or stat.S_ISFIFO(kind)):
            raise _Refused("it is no file")
        data = b"".join(_pieces(number, pipe=stat.S_ISFIFO(kind)))
    finally:
        os.close(number)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _Refused(f"it is not UTF-8 (byte {problem.start})") from None


def _pieces(number: int, *, pipe: bool) -> Iterator[bytes]:
    size = 0
    while True:
        if pipe and not select.select([number], [], [], SILENT)[0]:
            raise _Refused(f"it is a pipe into which nobody has written for {SILENT:g} s")
        piece = os.read(number, 2**20)
        size += len(piece)
        if size > LARGEST:
            raise _Refused(f"it is larger than {LARGEST // 2**20} MiB, as no report is")
        if not piece:
            return
        yield piece


def _parsed(text: str) -> Document:
    if not text.strip():
        raise _Refused("it is empty")
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_float,
            parse_int=_int,
        )
    except RecursionError:
        raise _Refused("it is nested too deep") from None
    except ValueError as problem:
        raise _Refused(f"it is not JSON: {problem}") from None
    if not isinstance(document, dict):
        raise _Refused("it is no JSON object")
    _shallow(document)
    if HALF.search(text):
        _whole(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> Document:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"one object has the name {told(twice)} twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise _Refused(f"it is not JSON: {text} is no number there")


def _float(text: str) -> float:
    found = float(text)
    if found in (float("inf"), float("-inf")):
        raise _Refused(f"the number {short(text, 20)} is too large")
    return found


def _int(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS:
        raise _Refused(f"it has a number of {len(text.lstrip('-'))} digits")
    return int(text)


def _shallow(document: Document) -> None:
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        within = (one.values() if isinstance(one, dict) else one for one in level)
        level = [found for part in within for found in part if isinstance(found, dict | list)]
        if not level:
            return
    raise _Refused(f"it is nested deeper than {DEEPEST} levels")


def _whole(value: Any) -> None:
    """Refuse lone surrogates, which no file could hold again."""
    if isinstance(value, dict):
        for key, found in value.items():
            _whole(key)
            _whole(found)
    elif isinstance(value, list):
        for found in value:
            _whole(found)
    elif isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
        raise _Refused("a text in it has half a character (a surrogate that stands alone)")


def _valid(document: Document, form: str) -> None:
    """Refuse, with its place, what the published schema of that format does not allow.

    jsonschema decides. What fastjsonschema accepts it accepts too (a test holds both to that), and is not
    asked about again: a report of 18 MB takes 1.1 s instead of 12 s.
    """
    import fastjsonschema  # noqa: PLC0415 - 10 ms that others do not need

    name = form.replace("/", "-")
    try:
        _accepting(name)(document)
    except fastjsonschema.JsonSchemaValueException:
        for wrong in wrongs(published(name), document):
            at = f"at {wrong.pointer} " if wrong.place else ""
            raise _Refused(at + wrong.sentence) from None


@cache
def _accepting(name: str) -> Callable[[Document], object]:
    import fastjsonschema  # noqa: PLC0415

    made: Callable[[Document], object] = fastjsonschema.compile(schema(name), use_default=False)
    return made
