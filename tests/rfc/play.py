"""Plays sequences of the profile rfc against an embedded target in this process, without sockets."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scimproof.cleanup.ledger import Ledger
from scimproof.core.results import Finding, Verdict
from scimproof.embedded.app import build
from scimproof.engine.runner import Runner, in_order
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, PREFIX, TOKEN, InProcess, catalog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# What is no pass of a finding that applies; what is called wrong.
BAD = (Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR)
WRONG = (Verdict.WARNING, Verdict.FAIL, Verdict.ERROR)


@dataclass(frozen=True)
class Played:
    """What came of some sequences: their findings, those of the watches beside, requests, what was left."""

    findings: tuple[Finding, ...]
    watched: tuple[Finding, ...]
    requests: int
    left: int

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of each finding."""
        return {finding.id: finding.verdict for finding in (*self.findings, *self.watched)}

    def by(self, *verdicts: str) -> set[str]:
        """The requirements of findings with one of these verdicts."""
        return {one.requirement for one in self.findings if one.verdict in verdicts}

    def told(self, *verdicts: str, quiet: tuple[str, ...] = (), watched: bool = False) -> list[str]:
        """Those findings for a reader, but for warnings of the requirements that may warn."""
        return [
            f"{one.verdict} {one.id}: {one.expected} | {one.observed}"
            for one in (*self.findings, *(self.watched if watched else ()))
            if one.verdict in verdicts and not (one.verdict is Verdict.WARNING and one.requirement in quiet)
        ]


def play(app: WSGIApplication, *wanted: str, keys: str = "", second: str = "", parallel: int = 1) -> Played:
    """Play these sequences and remove what they made.

    Of those with cases only the ones whose key begins with `keys`; `second` is a token of another tenant.
    """
    target = Target(BASE, Bearer(TOKEN), other=Bearer(second) if second else None)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        sequences = catalog().select(wanted)
        run = Runner(
            catalog(),
            catalog().profile("rfc"),
            sequences,
            target,
            InProcess(app, target),
            ledger,
            parallel=parallel,
            budget=600,
        )
        if keys:
            some = in_order(run.with_cases(sequences))
            cases = [one for one in some if not one.case or one.case.key.startswith(keys)]
            outcomes = [outcome for one in cases for outcome in run.perform(one)] + run.watched()
        else:
            outcomes = list(run.play())
        sent = run.client.sent
        run.tidy()
        counts = ledger.counts()
        ledger.close()
    watches = set(catalog().profile("rfc").watches)
    found = [finding for outcome in outcomes for finding in outcome.findings]
    return Played(
        tuple(one for one in found if one.sequence not in watches),
        tuple(one for one in found if one.sequence in watches),
        sent,
        len(counts["left"]) + len(counts["unknown"]),
    )


@cache
def honest(*wanted: str) -> Played:
    """The same against the honest target, played once."""
    return play(build(token=TOKEN), *wanted)


def shown(played: Played, trips: tuple[str, ...], also: tuple[str, ...]) -> None:
    """Assert that each of `trips` is called wrong, and nothing outside both.

    A contested requirement is tripped by a warning, any other of a MUST by a failure.
    """
    wrong = played.by(*WRONG)
    rules = catalog().requirements
    failing = {id for id in trips if rules[id].level == "MUST" and not rules[id].contested}
    told = played.told(*BAD)
    assert set(trips) <= wrong, told
    assert failing <= played.by(Verdict.FAIL), told
    assert wrong <= {*trips, *also}, told
