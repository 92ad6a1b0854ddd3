"""The parts of a captured request target: base path, endpoint, what follows it, and the query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

ENDPOINT = re.compile(
    r"/(Users|Groups|Me|Bulk|Schemas|ResourceTypes|ServiceProviderConfigs?)(?=/|$)", re.IGNORECASE
)
SEARCH = ".search"
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """A request target in its parts, all as they were encoded.

    `segments` are what follows the endpoint (`Users`); `endpoint` is empty where none of SCIM's is in the
    path, and `base` the whole path then. `query` is without its question mark, None where there is none.
    """

    base: str
    endpoint: str
    segments: tuple[str, ...]
    query: str

    @classmethod
    def of(cls, target: str) -> Self:
        """The parts of a target; of one with scheme and host these stay with the base."""
        path, _, query = target.partition("?")
        found = list(ENDPOINT.finditer(path))
        if not found:
            return cls(path, "", (), query)
        last = found[-1]
        rest = path[last.end() :].removeprefix("/")
        return cls(path[: last.start()], last[1], tuple(rest.split("/")) if rest else (), query)

    @property
    def id(self) -> str:
        """The id of the resource that is addressed; empty for none."""
        first = self.segments[0] if self.segments and self.endpoint.lower() in ("users", "groups") else ""
        return "" if first == SEARCH else unquote(first)


def quotations(text: str) -> Iterator[str]:
    """What stands in double quotes in a filter or a path, escapes taken back."""
    for found in QUOTED.findall(text):
        yield re.sub(r"\\(.)", r"\1", found)
