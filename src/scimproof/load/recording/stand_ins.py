"""Stand-ins: which sequence stands for a recorded request, found by the steps of all in the catalogue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scimproof.catalog.identities import RESIDENT
from scimproof.catalog.loader import Catalog
from scimproof.catalog.request_template import Template
from scimproof.catalog.senders import Sender
from scimproof.core.definitions import Sequence, Step

READS = ("GET", "HEAD")
ORDINARY = ("plain", RESIDENT)  # kinds of people without anything odd about them
ANY = 10**9  # more requests than anybody records
PATCH_OPERATION = re.compile(r'"op"\s*:\s*"(\w+)"')
Covered = Counter[str]  # how many requests of each kind one playing of a sequence sends


def kind_of(template: Template) -> str:
    """What a request is, whatever its body: its method and operation."""
    return f"{template.method} {template.operation}"


@dataclass
class StandIns:
    """Stand-ins of one sender's requests, for an app of the kind `dialect` ("" where that is unknown).

    A sequence stands for the write that it is about, its first one that is no preparation, or for a read
    where it writes nothing. Those in `planned`, the mixes of the sender's plans, stand for every request of
    the same operation, in any of the sender's dialects; others only for exactly their own.
    """

    catalog: Catalog
    sender: Sender
    planned: Mapping[str, int] = field(default_factory=dict)
    dialect: str = ""
    _found: dict[tuple[str, str], Sequence | None] = field(default_factory=dict)

    def of(self, template: Template, dialect: str = "") -> Sequence | None:
        """The sequence that stands for that request of an app of that kind; None where there is none."""
        key = (template.path, dialect or self.dialect)
        if key not in self._found:
            ranked = [
                (rank, place, sequence)
                for place, sequence in enumerate(self._sequences)
                if (rank := self._rank(sequence, template, key[1])) is not None
            ]
            self._found[key] = min(ranked, key=lambda one: one[:2])[2] if ranked else None
        return self._found[key]

    def covered(self, sequence: Sequence) -> Covered:
        """How many requests of each kind a playing sends, preparing writes left out; of a walked list any."""
        found: Covered = Counter()
        for step in sequence.unattended:
            template = self.catalog.templates[step.request]
            if step.given and template.method not in READS:
                continue
            times = ANY if step.pages else max(step.times, step.members, step.at_once)
            found[kind_of(template)] += times
        return found

    @cached_property
    def _sequences(self) -> list[Sequence]:
        """What the sender's applications send, in catalogue order: no tests of others, no wrong tokens."""
        suites = {id for id, dialect in self.sender.dialects.items() if dialect.suite}
        return [
            one
            for one in self.catalog.sequences.values()
            if one.id.partition(".")[0] == self.sender.id
            and _dialect(one.id) not in suites
            and not one.each
            and not self.catalog.is_normative(one)
            and all(step.authorization is None for step in one.unattended)
        ]

    @cached_property
    def _namesakes(self) -> frozenset[str]:
        """Ids of the names of planned sequences in any of the sender's dialects."""
        names = {id.removeprefix(_dialect(id)) for id in self.planned}
        return frozenset(f"{dialect}{name}" for dialect in self.sender.dialects for name in names)

    def _rank(self, sequence: Sequence, template: Template, dialect: str) -> tuple[float, ...] | None:
        """How well the sequence stands for the request, lowest first; None where it does not."""
        own = [(step, self.catalog.templates[step.request]) for step in _own(sequence)]
        writes = [one for _, one in own if one.method not in READS]
        read = template.method in READS
        if read and (writes or not own):
            return None
        among = [one for _, one in own] if read else writes
        exact = any(one.path == template.path for one in among)
        alike = [one for one in among if kind_of(one) == kind_of(template)]
        planned, namesake = sequence.id in self.planned, sequence.id in self._namesakes
        prepared = any(step.given for step in sequence.unattended)
        if not alike or not (planned or namesake or (exact and not (read and prepared))):
            return None
        first = among[0]
        others = [one for one in writes if kind_of(one) != kind_of(template)]
        return (
            self._of_another_app(sequence, dialect),
            kind_of(first) != kind_of(template),
            not _patches_alike(template, [one for one in alike if one is first] or alike),
            0 if planned or (namesake and exact) else 1 if exact else 2,
            first.path != template.path,
            sum(_resources(one) != _resources(template) for one in others),
            len(others),
            0 if planned else sum(kind not in ORDINARY for kind in sequence.people.values()),
            any(step.at_once > 1 or step.members for step in sequence.unattended),
            -self.planned.get(sequence.id, 0),
        )

    def _of_another_app(self, sequence: Sequence, dialect: str) -> bool:
        """Whether an app of that kind never sends the sequence."""
        mine, known = _dialect(sequence.id), self.sender.dialects
        return dialect in known and mine in known and mine not in (dialect, *known[dialect].counts)


def _own(sequence: Sequence) -> Iterator[Step]:
    return (step for step in sequence.unattended if not step.given)


def _dialect(id: str) -> str:
    return ".".join(id.split(".")[:2])


def _patches_alike(template: Template, others: Iterable[Template]) -> bool:
    """Whether one of the others adds, removes or replaces as this one does, or has a body made by a rule."""
    does = _patched(template)
    return not does or any(_patched(one) in (does, frozenset()) for one in others)


def _patched(template: Template) -> frozenset[str]:
    return frozenset(PATCH_OPERATION.findall(template.body.lower()))


def _resources(template: Template) -> str:
    """The collection that the request is about: `/Users`."""
    return template.target.partition("?")[0].split("/")[1]
