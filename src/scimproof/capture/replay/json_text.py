"""JSON text with its texts and numbers in place, so that some can be replaced and all else stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
Step = str | int


@dataclass(frozen=True, slots=True)
class JsonScalar:
    """A text or number in a JSON document: the keys and indexes that lead to it, and where it stands."""

    path: tuple[Step, ...]
    start: int
    end: int
    value: str | float


def scalars(text: str) -> Iterator[JsonScalar]:
    """The texts and numbers of a document that is JSON, in the order in which they stand there."""
    places: list[Step] = []
    objects: list[bool] = []
    key = False
    for found in TOKEN.finditer(text):
        token = found[0]
        if token in ("{", "["):
            key = token == "{"
            objects.append(key)
            places.append("" if key else 0)
        elif token in ("}", "]"):
            objects.pop()
            places.pop()
            key = False
        elif token == ",":
            key = bool(objects) and objects[-1]
            if places and not key:
                places[-1] = int(places[-1]) + 1
        elif token == ":":
            key = False
        elif key:
            places[-1] = json.loads(token)
        elif token[0] == '"' or token[0] in "-0123456789":
            yield JsonScalar(tuple(places), found.start(), found.end(), json.loads(token))
