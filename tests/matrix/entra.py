"""Plays sequences of Entra's profiles against an embedded target in this process, without sockets."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scimproof.cleanup.ledger import Ledger
from scimproof.core.definitions import Sequence
from scimproof.core.results import Finding, Outcome, Verdict
from scimproof.embedded.app import Application
from scimproof.embedded.fault import Fault
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import FEW, OTHER, PREFIX, TOKEN, InProcess, catalog
from tests.matrix.reach import Numbered, Recorder, Seen, touched_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BASE = "http://127.0.0.1/scim/v2"
FLAGGED = f"{BASE}?aadOptscim062020"
WRONG = (Verdict.WARNING, Verdict.FAIL, Verdict.ERROR)


@dataclass(frozen=True)
class Played:
    """What came of some sequences."""

    outcomes: tuple[Outcome, ...]

    @property
    def findings(self) -> list[Finding]:
        """All findings, those of the watches too."""
        return [finding for outcome in self.outcomes for finding in outcome.findings]

    @property
    def tripped(self) -> set[str]:
        """The requirements that did not hold."""
        return {one.requirement for one in self.findings if one.verdict in WRONG}

    def told(self, *verdicts: Verdict) -> list[str]:
        """Findings with one of these verdicts, for a reader."""
        return [
            f"{one.verdict} {one.id}: {one.expected} | {one.observed}"
            for one in self.findings
            if one.verdict in verdicts
        ]


def sequences(profile: str = "entra") -> list[Sequence]:
    """Those of a profile, the inferred ones too."""
    return catalog().select(catalog().profile(profile).sequences, inferred=True)


def few(some: Iterable[Sequence]) -> list[Sequence]:
    """The same with a dozen shared users at most: the same requirements for a tenth of the requests."""
    return [replace(one, population=min(one.population, FEW)) for one in some]


def play(
    app: WSGIApplication, some: Iterable[Sequence], *, profile: str = "entra", base: str = BASE
) -> Played:
    """Play these sequences under a profile."""
    return play_over(InProcess(app), some, profile=profile, base=base)


def play_over(
    transport: InProcess, some: Iterable[Sequence], *, profile: str = "entra", base: str = BASE
) -> Played:
    """The same, sent by that transport."""
    target = Target(base, Bearer(TOKEN), other=Bearer(OTHER))
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", base, PREFIX)
        run = Runner(
            catalog(),
            catalog().profile(profile),
            list(some),
            target,
            transport,
            ledger,
            parallel=1,
            budget=250,
        )
        outcomes = list(run.play())
        ledger.close()
    return Played(tuple(outcomes))


@dataclass(frozen=True)
class Honest:
    """A profile against the honest target: what came of it, and what a fault sees of it.

    `asked` has for each sequence its exchanges and the requirements that are held to them.
    """

    played: Played
    edge: tuple[Seen, ...]
    core: tuple[Seen, ...]
    asked: Mapping[str, tuple[frozenset[int], frozenset[str]]]

    def touched(self, fault: Fault) -> list[str]:
        """The sequences in which a fault does anything, those of the fewest requests first."""
        numbers = touched_of(fault, self.edge if fault.edge else self.core)
        names = [name for name, (exchanges, _) in self.asked.items() if exchanges & numbers]
        return sorted(names, key=lambda name: (len(self.asked[name][0]), name))

    def likeliest(self, fault: Fault, most: int) -> set[str]:
        """Of these for each requirement that a fault trips so many of the cheapest that ask it.

        What no sequence asks is a watch's: it looks at every answer, so that any touched one may do.
        """
        touched, chosen = self.touched(fault), set[str]()
        for requirement in fault.trips:
            some = [name for name in touched if requirement in self.asked[name][1]]
            chosen |= set((some or touched)[:most])
        return chosen


@cache
def honest(profile: str = "entra") -> Honest:
    """The profile with few shared users, played once in each process of the tests."""
    edge, core = Recorder(lambda: transport.now.number), Recorder(lambda: transport.now.number)
    faults = [Fault("", "", "", "", edge, edge=True), Fault("", "", "", "", core)]
    transport = Numbered(Application(TOKEN, faults, 0.0))
    some = few(sequences(profile))
    played = play_over(transport, some, profile=profile)
    exchanges: dict[str, set[int]] = {one.id: set() for one in some}
    rules: dict[str, set[str]] = {one.id: set() for one in some}
    for outcome in played.outcomes:
        name = outcome.id.partition("/")[0]
        if name in exchanges:  # the watches are no sequences
            exchanges[name] |= {exchange.number for exchange in outcome.exchanges}
            rules[name] |= {finding.requirement for finding in outcome.findings}
    asked = {name: (frozenset(exchanges[name]), frozenset(rules[name])) for name in exchanges}
    return Honest(played, tuple(edge.seen), tuple(core.seen), asked)


def play_some(fault: Fault, names: Container[str], *, profile: str = "entra") -> Played:
    """Play those of these names against a target with that fault."""
    some = [one for one in few(sequences(profile)) if one.id in names]
    return play(Application(TOKEN, [fault], 0.0), some, profile=profile)
