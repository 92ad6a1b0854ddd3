"""The commands that README.md shows a newcomer, taken from it as they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "https://host/scim/v2"  # what README.md writes for the reader's own server
TESTS = "make test"


class ReadmeError(Exception):
    """README.md no longer shows what is looked for in it."""


@dataclass(frozen=True)
class Typed:
    """What a newcomer types: to see it work, to try a server, to run the project's tests."""

    demo: str
    run: str
    tests: str


def typed(text: str) -> Typed:
    """The first two blocks of commands, and the one with `make test`; ReadmeError when there is none."""
    blocks = BLOCK.findall(text)
    if len(blocks) < 2:
        raise ReadmeError(f"README.md has {len(blocks)} blocks of commands; its first two are what is tried")
    if ADDRESS not in blocks[1]:
        raise ReadmeError(
            f"README.md's second block does not name {ADDRESS}, which a server here stands in for"
        )
    tests = next((block for block in blocks if TESTS in block.splitlines()), None)
    if tests is None:
        raise ReadmeError(f"no block of README.md has the line `{TESTS}`")
    return Typed(blocks[0], blocks[1], tests)
