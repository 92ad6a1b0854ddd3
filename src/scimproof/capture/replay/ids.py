"""Ids of a replay: what the new server gave out for each recorded id, and stand-ins that are nobody's."""

from __future__ import annotations

import hashlib
import random
import re
import string
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from scimproof.core.scim import Kind

KINDS: tuple[Kind, ...] = ("User", "Group")
Key = tuple[Kind, str]
OPAQUE = re.compile(r'"([^"]*)"')
LONG = 8  # characters of an id that cannot be anything else by chance


@dataclass
class IdMapping:
    """The new id of each recorded one by kind, since users and groups may be counted apart.

    `given` are the ids that the new server gave out, `made_up` those that are nobody's. `versions` are ETags
    and cursors: what the new server says instead of what was recorded. Thread-safe.
    """

    prefix: str
    new: dict[Key, str] = field(default_factory=dict)
    given: dict[Kind, set[str]] = field(default_factory=dict)
    made_up: set[str] = field(default_factory=set)
    versions: dict[tuple[str, str], str] = field(default_factory=dict)
    _every: frozenset[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def learn(self, kind: Kind, recorded: str, new: str) -> None:
        """A create that gave the recorded id was answered with the new one."""
        with self._lock:
            self.new[kind, recorded] = new
            self.given.setdefault(kind, set()).add(new)
            self._every = None

    def of(self, recorded: str, kinds: Iterable[Kind] = KINDS) -> str | None:
        """The new id; a stand-in only where no kind has another, None where there is not even one."""
        found = [self.new[kind, recorded] for kind in kinds if (kind, recorded) in self.new]
        return next((id for id in found if id not in self.made_up), found[0] if found else None)

    def is_known(self, new: str) -> bool:
        """Whether this server has given out that id in this run."""
        return any(new in ids for ids in self.given.values())

    @property
    def every(self) -> frozenset[str]:
        """All ids that this server has given out in this run, of whatever kind."""
        with self._lock:
            if self._every is None:
                self._every = frozenset(id for ids in self.given.values() for id in ids)
            return self._every

    def unmistakable(self, text: str) -> str | None:
        """The new id of a text that can only be an id, wherever it stands."""
        found = self.of(text) if len(text) >= LONG and any(letter.isdigit() for letter in text) else None
        return None if found in self.made_up else found

    def stand_in(self, recorded: str, kinds: Iterable[Kind] = KINDS) -> str:
        """An id of the same form that is nobody's, for one that was nobody's in the recording."""
        rng = random.Random(hashlib.sha256(f"{self.prefix}/{recorded}".encode()).digest())
        if recorded.isdecimal():
            made = str(rng.randrange(1_900_000_000, 2_147_000_000))  # fits into 32 bits, and few count so far
        elif len(recorded) >= LONG:
            made = "".join(_like(letter, rng) for letter in recorded)
        else:
            made = f"{self.prefix}-{recorded}"
        with self._lock:
            self.made_up.add(made)
            for kind in kinds:
                self.new.setdefault((kind, recorded), made)
        return made

    def learn_version(self, of: str, recorded: object, new: object) -> None:
        """What was recorded as a version or cursor, and what is said now; `of` is the id, or empty."""
        if isinstance(recorded, str) and isinstance(new, str) and recorded and new:
            with self._lock:
                self.versions[of, _opaque(recorded)] = _opaque(new)

    def version(self, of: str, recorded: str) -> str:
        """The version or cursor of this server; as recorded where none was learnt.

        Of a list of ETags each; whether one is weak stays as recorded.
        """
        if '"' not in recorded:
            return self.versions.get((of, recorded), recorded)
        return OPAQUE.sub(lambda found: f'"{self.versions.get((of, found[1]), found[1])}"', recorded)


def _opaque(version: str) -> str:
    """What is between the quotes of an ETag; a cursor, or a version without quotes, as it is."""
    found = OPAQUE.search(version)
    return found[1] if found else version


def _like(letter: str, rng: random.Random) -> str:
    """A letter of the same class: a hexadecimal digit, another letter, or the sign itself."""
    if letter in string.digits:
        return rng.choice(string.digits)
    if letter in "abcdef":
        return rng.choice("abcdef")
    if letter in "ABCDEF":
        return rng.choice("ABCDEF")
    if letter in string.ascii_lowercase:
        return rng.choice(string.ascii_lowercase)
    return rng.choice(string.ascii_uppercase) if letter in string.ascii_uppercase else letter
