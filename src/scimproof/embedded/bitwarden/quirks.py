"""Known peculiarities of Bitwarden with their evidence, read from `quirks.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

EVIDENCE = {
    "S": "the source of Bitwarden's server",
    "T": "asserted by its own tests",
    "F": "follows from the framework it is built on",
    "D": "public documentation",
    "I": "an inference, not verified",
}


@dataclass(frozen=True)
class Quirk:
    """One peculiarity; `tags` are keys of `EVIDENCE`, `deviation` the name of a documented deviation."""

    name: str
    what: str
    tags: tuple[str, ...]
    section: str
    deviation: str = ""


@cache
def quirks() -> tuple[Quirk, ...]:
    """All peculiarities, in the order of the file."""
    path = Path(__file__).with_name("quirks.toml")
    found = tomllib.loads(path.read_text(encoding="utf-8"))["quirk"]
    return tuple(Quirk(**{**each, "tags": tuple(each["tags"])}) for each in found)
