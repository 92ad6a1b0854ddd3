"""Challenges of a 401: what WWW-Authenticate says of how to authenticate (RFC 9110 section 11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scimproof.core.http_message import Exchange

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
ITEM = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+')  # up to a comma outside of quotes
PARAMETER = re.compile(rf'({TOKEN})\s*=\s*("(?:[^"\\]|\\.)*"?|[^\s"=][^\s"]*)\s*$', re.DOTALL)
SCHEME = re.compile(rf"({TOKEN})(?:\s+(.*))?$", re.DOTALL)


@dataclass
class Challenge:
    """One challenge: its scheme as it was sent, and its parameters in order, quotes taken away."""

    scheme: str
    parameters: list[tuple[str, str]] = field(default_factory=list)

    def is_of(self, scheme: str) -> bool:
        """Whether it is of that scheme, in any letter case."""
        return self.scheme.lower() == scheme.lower()

    def value(self, name: str) -> str | None:
        """The first value of a parameter, its name in any letter case; None where it has none."""
        return next((value for key, value in self.parameters if key.lower() == name), None)


def challenges(exchange: Exchange) -> list[Challenge]:
    """All challenges of an answer: of each such header, of each several that are in one."""
    values = [value for name, value in exchange.headers if name.lower() == "www-authenticate"]
    found: list[Challenge] = []
    for value in values:
        found += _in_one(value)
    return found


def _in_one(value: str) -> Iterator[Challenge]:
    current: Challenge | None = None
    for item in (found[0].strip() for found in ITEM.finditer(value)):
        parameter, begins = PARAMETER.match(item), SCHEME.match(item)
        if parameter and current:
            current.parameters.append((parameter[1], _unquoted(parameter[2])))
        elif begins:
            if current:
                yield current
            current = Challenge(begins[1])
            if begins[2] and (first := PARAMETER.match(begins[2].strip())):
                current.parameters.append((first[1], _unquoted(first[2])))
    if current:
        yield current


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value.removeprefix('"').removesuffix('"'))
