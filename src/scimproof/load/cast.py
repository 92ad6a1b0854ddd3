"""The people and groups of a load run: made once, then told apart by a tag, unique across all workers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Sequence as Row
from dataclasses import dataclass
from typing import Protocol

from scimproof.model import Sequence
from scimproof.people import RESIDENT, group, person
from scimproof.scene import Member

POOL = 16  # so many different names of a kind: making a person costs as much as sending fifty requests
TAG = 6  # characters of the tag that people.py puts into names; a longer one shortens what has a limit
LONG = "long"
NOTHING: Mapping[str, str] = {}


class Fills(Protocol):
    """Gives the blanks of one playing: the run's own, those of its people and groups, those of residents."""

    def __call__(
        self, number: int, population: Row[Member], run: Mapping[str, str] = NOTHING
    ) -> dict[str, str]:
        """Fill for that number."""
        ...


@dataclass(frozen=True)
class Mould:
    """The blanks of one person or group: those that stay, and those that carry the tag in their middle."""

    fixed: Mapping[str, str]
    tagged: tuple[tuple[str, str, str], ...]
    upper: tuple[tuple[str, str, str], ...]
    external_id: tuple[str, str] | None = None

    def fill(self, blanks: dict[str, str], tag: str) -> None:
        """Put this person's blanks among the others."""
        blanks.update(self.fixed)
        for name, before, after in self.tagged:
            blanks[name] = before + tag + after
        for name, before, after in self.upper:
            blanks[name] = before + tag.upper() + after
        if self.external_id:
            name, letters = self.external_id
            blanks[name] = "00u" + letters[len(tag) :] + tag


def mould(role: str, where: str, made: Mapping[str, str]) -> Mould:
    """The mould of what people.py made for `where`, with blanks named `role.…`."""
    tag = hashlib.sha256(where.encode()).hexdigest()[:TAG]
    fixed, tagged, upper, external_id = {}, [], [], None
    for key, value in made.items():
        name = f"{role}.{key}"
        before, found, after = value.partition(f".{tag}")
        if found:
            tagged.append((name, before + ".", after))
        elif f".{tag.upper()}" in value:
            before, _, after = value.partition(f".{tag.upper()}")
            upper.append((name, before + ".", after))
        elif key == "externalId":
            external_id = (name, value.removeprefix("00u"))
        else:
            fixed[name] = value
    return Mould(fixed, tuple(tagged), tuple(upper), external_id)


@dataclass(frozen=True)
class Cast:
    """Everybody one sequence needs; `blanks(number)` are those of its playing of that number.

    Numbers are unique within a worker and `worker` is unique within the run, so no two playings share a
    name. Everything but the tag is seeded, so the same run can be repeated.
    """

    sequence: Sequence
    prefix: str
    seed: int = 1
    worker: int = 0
    pool: int = POOL

    def moulds(self) -> Fills:
        """Make the moulds; what is given back fills them for a number and the shared population."""
        people = {role: kind for role, kind in self.sequence.people.items() if kind != RESIDENT}
        roles = [(role, self._people(role, kind)) for role, kind in people.items()]
        roles += [(role, self._groups(role, kind)) for role, kind in self.sequence.groups.items()]
        letters = [(chr(ord("a") + place), moulds) for place, (_, moulds) in enumerate(roles)]
        residents = [role for role, kind in self.sequence.people.items() if kind == RESIDENT]
        worker = f"{self.worker}x"

        def blanks(number: int, population: Row[Member], run: Mapping[str, str] = NOTHING) -> dict[str, str]:
            found = dict(run)
            for letter, moulds in letters:
                moulds[number % len(moulds)].fill(found, f"{worker}{number:x}{letter}".rjust(TAG, "0"))
            for place, role in enumerate(residents):
                found[f"{role}.id"] = population[place].id
                found[f"{role}.userName"] = population[place].user_name
            return found

        return blanks

    def _people(self, role: str, kind: str) -> list[Mould]:
        where = [f"load/{self.sequence.id}/{role}/{number}" for number in range(self.pool)]
        return [mould(role, place, person(self.seed, self.prefix, place, kind)) for place in where]

    def _groups(self, role: str, kind: str) -> list[Mould]:
        where = f"load/{self.sequence.id}/{role}"
        made = group(self.prefix, where, kind)
        if kind == LONG:  # exactly as long as the target must take: the tag may need more room than it had
            made = {key: value[:-8] if len(value) > 190 else value for key, value in made.items()}
        return [mould(role, where, made)]
