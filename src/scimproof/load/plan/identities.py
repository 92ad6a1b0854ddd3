"""Identities of a load run: 16 templates a role, made unique across all workers by a hexadecimal tag."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Row
from dataclasses import dataclass
from functools import cached_property

from scimproof.catalog.identities import FORMS, RESIDENT, group, person
from scimproof.catalog.senders import Identities
from scimproof.core.context import Member
from scimproof.core.definitions import Sequence
from scimproof.core.redaction import remember

Blanks = dict[str, str]
POOL = 16  # so many different names of a kind: making a person costs as much as sending fifty requests
TAG = 6  # characters of the tag in names (catalog/identities.py); a longer one shortens what has a limit
LONG = "long"
PASSWORDS = {"password", "newPassword"}  # of what catalog/identities.py makes
# Of these blanks one with the form of a GUID is a GUID for every playing too.
UNIQUE = frozenset({"guid", "guidDigits", "externalId", "newExternalId"})
GUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}(?:\1[0-9a-f]{4}){2}\1[0-9a-f]{12}")
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class IdentityTemplate:
    """Identity template: the blanks of one person or group, fixed ones and those with a tag inside.

    `guids` are blanks with the digits of a GUID, of which the last become those of the tag, and whether it is
    written with dashes.
    """

    fixed: Mapping[str, str]
    tagged: tuple[tuple[str, str, str], ...]
    upper: tuple[tuple[str, str, str], ...]
    external_id: tuple[str, str, str] | None = None
    guids: tuple[tuple[str, str, bool], ...] = ()

    def one(self, name: str, tag: str) -> str | None:
        """The value of one blank, None when this person has none of that name."""
        found = self.fixed.get(name)
        if found is None:
            parts = self.parts.get(name)
            if parts is not None:
                return parts[0] + tag + parts[1]
            rest: dict[str, str] = {}
            self.fill(rest, tag)
            found = rest.get(name)
        return found

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, str]]:
        """Before and after the tag, by the name of the blank."""
        return {name: (before, after) for name, before, after in self.tagged}

    def fill(self, blanks: dict[str, str], tag: str) -> None:
        """Put this person's blanks among the others."""
        blanks.update(self.fixed)
        for name, before, after in self.tagged:
            blanks[name] = before + tag + after
        for name, before, after in self.upper:
            blanks[name] = before + tag.upper() + after
        if self.external_id:
            name, start, letters = self.external_id
            blanks[name] = start + letters[len(tag) :] + tag
        for name, digits, dashed in self.guids:
            end = tag.encode().hex()
            own = digits[: -len(end)] + end
            blanks[name] = str(uuid.UUID(own)) if dashed else own


def mould(role: str, where: str, made: Mapping[str, str], forms: Identities = FORMS) -> IdentityTemplate:
    """The template of the person or group made for `where`, with blanks `role.…`; passwords are secret."""
    for key in PASSWORDS & set(made):
        remember(made[key])
    tag = hashlib.sha256(where.encode()).hexdigest()[:TAG]
    fixed, tagged, upper, external_id, guids = {}, [], [], None, []
    for key, value in made.items():
        name = f"{role}.{key}"
        before, found, after = value.partition(f".{tag}")
        if found:
            tagged.append((name, before + ".", after))
        elif f".{tag.upper()}" in value:
            before, _, after = value.partition(f".{tag.upper()}")
            upper.append((name, before + ".", after))
        elif key in UNIQUE and GUID.fullmatch(value):
            guids.append((name, value.replace("-", ""), "-" in value))
        elif key == "externalId":
            start = forms.fixed_start
            external_id = (name, start, value.removeprefix(start))
        else:
            fixed[name] = value
    return IdentityTemplate(fixed, tuple(tagged), tuple(upper), external_id, tuple(guids))


class LazyBlanks(dict[str, str]):
    """Lazy blanks of one playing, each made when it is first asked for; what is saved is put in as usual."""

    __slots__ = ("_core", "_moulds", "_number")

    def __init__(self, known: Mapping[str, str], number: int, core: str, moulds: IdentitySet) -> None:
        super().__init__(known)
        self._number, self._core, self._moulds = number, core, moulds

    def __missing__(self, name: str) -> str:
        for letter, moulds in self._moulds.letters:
            value = moulds[self._number % len(moulds)].one(name, self._core + letter)
            if value is not None:
                self[name] = value
                return value
        raise KeyError(name)


@dataclass(frozen=True)
class IdentitySet:
    """Identity set of a sequence: the blanks of all its roles for one playing, and of shared users.

    A tag is the `core` of that number and a letter for the role. Playings of one `variety` differ in it only.
    """

    worker: str
    letters: tuple[tuple[str, list[IdentityTemplate]], ...]
    residents: tuple[str, ...] = ()
    pool: int = 1

    def core(self, number: int) -> str:
        """What all names of that playing have in common, and no other playing has."""
        return f"{self.worker}{number:x}".rjust(TAG - 1, "0")

    def variety(self, number: int) -> int:
        """Index of the identity template that playing takes."""
        return number % self.pool

    def __call__(
        self, number: int, population: Row[Member], run: Mapping[str, str] = NOTHING, core: str = ""
    ) -> dict[str, str]:
        """All blanks; with another `core` than the number's own when one is given."""
        blanks, core = dict(run), core or self.core(number)
        for letter, moulds in self.letters:
            moulds[number % len(moulds)].fill(blanks, core + letter)
        self._settle(blanks, population)
        return blanks

    def lazy(self, number: int, population: Row[Member], run: Mapping[str, str], core: str) -> LazyBlanks:
        """The same, at less cost for the many that are never asked for."""
        blanks = LazyBlanks(run, number, core, self)
        if self.residents:
            self._settle(blanks, population)
        return blanks

    def _settle(self, blanks: dict[str, str], population: Row[Member]) -> None:
        for place, role in enumerate(self.residents):
            blanks[f"{role}.id"] = population[place].id
            blanks[f"{role}.userName"] = population[place].user_name


@dataclass(frozen=True)
class Cast:
    """Cast of one sequence: makes the identity set of all its roles.

    Numbers are unique within a worker and `worker` is unique within the run, so no two playings share a
    name. Everything but the tag is seeded, so the same run can be repeated.
    """

    sequence: Sequence
    prefix: str
    seed: int = 1
    worker: int = 0
    pool: int = POOL
    forms: Identities = FORMS

    def moulds(self) -> IdentitySet:
        """Make the templates of all roles."""
        people = {role: kind for role, kind in self.sequence.people.items() if kind != RESIDENT}
        roles = [self._people(role, kind) for role, kind in people.items()]
        roles += [self._groups(role, kind) for role, kind in self.sequence.groups.items()]
        letters = [(chr(ord("a") + place), moulds) for place, moulds in enumerate(roles)]
        residents = [role for role, kind in self.sequence.people.items() if kind == RESIDENT]
        return IdentitySet(f"{self.worker}x", tuple(letters), tuple(residents), self.pool)

    def _people(self, role: str, kind: str) -> list[IdentityTemplate]:
        where = [f"load/{self.sequence.id}/{role}/{number}" for number in range(self.pool)]
        return [
            mould(role, place, person(self.seed, self.prefix, place, kind, self.forms), self.forms)
            for place in where
        ]

    def _groups(self, role: str, kind: str) -> list[IdentityTemplate]:
        where = f"load/{self.sequence.id}/{role}"
        made = group(self.prefix, where, kind)
        if kind == LONG:  # exactly as long as the target must take: the tag may need more room than it had
            made = {key: value[:-8] if len(value) > 190 else value for key, value in made.items()}
        return [mould(role, where, made)]


PURPOSES = ("prefill", "sizes", "races")  # why people are created beside those of the sequences


def learn_passwords(sequences: Iterable[Sequence], prefix: str, seed: int, forms: Identities = FORMS) -> None:
    """Have the passwords of a run remembered as secrets in a process that did not make its people.

    A server may say them when it refuses to remove who has them.
    """
    for sequence in sequences:
        Cast(sequence, prefix, seed, forms=forms).moulds()
    for purpose in PURPOSES:
        UnscheduledIdentities(prefix, purpose, "", forms=forms)


@dataclass
class UnscheduledIdentities:
    """Identities outside the schedule, unlike all others of the run; `where` names their purpose.

    Tags are hexadecimal, as `scimproof clean` looks for them, and begin with `letter`.
    """

    prefix: str
    where: str
    letter: str
    seed: int = 1
    forms: Identities = FORMS

    def __post_init__(self) -> None:
        places, forms = [f"load/{self.where}/{number}" for number in range(POOL)], self.forms
        self._people = [
            mould("user", place, person(self.seed, self.prefix, place, forms=forms), forms)
            for place in places
        ]
        self._group = mould("group", places[0], group(self.prefix, places[0]))

    def person(self, number: int) -> Blanks:
        """The blanks `user.…` of the person of that number."""
        blanks: Blanks = {}
        self._people[number % POOL].fill(blanks, self._tag(number))
        return blanks

    def group(self, number: int) -> Blanks:
        """The blanks `group.…` of the group of that number."""
        blanks: Blanks = {}
        self._group.fill(blanks, self._tag(number))
        return blanks

    def _tag(self, number: int) -> str:
        return f"{self.letter}{number:05x}"
