"""Plays the sequences about attributes against an embedded target in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence as Row
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scimproof.cleanup.ledger import Ledger
from scimproof.core.results import Finding
from scimproof.embedded.app import Application
from scimproof.embedded.fault import Fault
from scimproof.engine.runner import Runner, in_order
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, PREFIX, TOKEN, InProcess, catalog

ATTRIBUTES = "rfc.attributes."


@dataclass(frozen=True)
class Played:
    """What came of some sequences: their findings, and how many requests were sent for them."""

    findings: tuple[Finding, ...]
    requests: int

    def by(self, *verdicts: str) -> set[str]:
        """The requirements of findings with one of these verdicts."""
        return {one.requirement for one in self.findings if one.verdict in verdicts}

    def told(self, *verdicts: str) -> list[str]:
        """Those findings, for a reader of a failed test."""
        return [f"{one.id}: {one.observed}" for one in self.findings if one.verdict in verdicts]


def play(faults: Row[Fault], wanted: Row[str], keys: str = "") -> Played:
    """Play these sequences; of those with cases only the ones whose key begins with `keys`."""
    app = Application(TOKEN, faults, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        sequences = catalog().select(wanted)
        run = Runner(
            catalog(),
            catalog().profile("rfc"),
            sequences,
            Target(BASE, Bearer(TOKEN)),
            InProcess(app),
            ledger,
            parallel=1,
            budget=250,
        )
        cases = [
            one
            for one in in_order(run.with_cases(sequences))
            if not one.case or one.case.key.startswith(keys)
        ]
        outcomes = [outcome for sequence in cases for outcome in run.perform(sequence)]
        sent = run.client.sent
        ledger.close()
    findings = tuple(finding for outcome in outcomes for finding in outcome.findings)
    return Played(findings, sent)


@cache
def honest(name: str) -> Played:
    """One of the sequences against the honest target, played once."""
    return play((), (ATTRIBUTES + name,))
