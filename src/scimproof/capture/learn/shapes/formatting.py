"""How JSON is written: spaces, escapes, what stands around it; senders write it compact, in UTF-8."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from scimproof.capture.learn.recognition import RequestDifference

BOM = "\ufeff"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^"\s]+|\s+', re.DOTALL)
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_NEEDED = frozenset({'\\"', "\\\\", "\\n", "\\r", "\\t", "\\b", "\\f"})


def formatting(content: bytes) -> Iterator[RequestDifference]:
    """In which ways a body is written that is not compact JSON in UTF-8, each way once."""
    text = content.decode("utf-8", "replace")
    found = list(dict.fromkeys(_traits(text)))
    if not found:
        # Neither spaces nor escapes: a name that stands twice in one object.
        found = [("name twice in an object", "", "twice")]
    for where, ours, seen in found:
        yield RequestDifference("formatting", where, ours, seen)


def _traits(text: str) -> Iterator[tuple[str, str, str]]:
    if text.startswith(BOM):
        yield "byte order mark", "none", "byte order mark"
    inner = text.removeprefix(BOM)
    if inner != inner.rstrip():
        yield "behind the body", "nothing", repr(inner[len(inner.rstrip()) :])[1:-1]
    if inner != inner.lstrip():
        yield "before the body", "nothing", repr(inner[: -len(inner.lstrip())])[1:-1]
    before = ""
    for token in _TOKEN.findall(inner.strip()):
        if token.isspace():
            yield _space(before, token)
        elif token.startswith('"'):
            yield from _escapes(token)
        else:
            for number in _NUMBER.findall(token):
                if not re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9]|\.0)?", number):
                    yield "numbers", "as digits", number
        before = token[-1:]
    return


def _space(before: str, token: str) -> tuple[str, str, str]:
    if "\n" in token or "\r" in token:
        return "line breaks", "none", "one value a line"
    place = {":": "behind a colon", ",": "behind a comma"}.get(before, "inside brackets")
    return f"spaces {place}", "none", repr(token)[1:-1]


def _escapes(token: str) -> Iterator[tuple[str, str, str]]:
    for escape in _ESCAPE.findall(token):
        if escape in _NEEDED:
            continue
        if escape == "\\/":
            yield "escapes", "/", "\\/"
        elif (character := str(json.loads(f'"{escape}"'))) >= " ":
            yield ("escapes", "as it is", "\\u....") if character > "\x7f" else ("escapes", character, escape)
