"""Plays sequences of the profile rfc against an embedded target in this process, without sockets."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scimproof.cleanup.ledger import Ledger
from scimproof.core.results import Finding, Outcome, Verdict
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, PREFIX, TOKEN, InProcess, catalog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# What is no pass of a finding that applies.
BAD = (Verdict.FAIL, Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.ERROR)


def play(app: WSGIApplication, *ids: str, second: str = "", parallel: int = 1) -> list[Outcome]:
    """The outcomes of these sequences of the profile rfc, and of its watches; `second` is another token."""
    other = Bearer(second) if second else None
    target = Target(BASE, Bearer(TOKEN), other=other)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        sequences = catalog().select(ids)
        transport = InProcess(app, target)
        profile = catalog().profile("rfc")
        run = Runner(catalog(), profile, sequences, target, transport, ledger, parallel=parallel, budget=250)
        outcomes = list(run.play())
        ledger.close()
    return outcomes


def findings(outcomes: list[Outcome], *sequences: str) -> list[Finding]:
    """The findings of these sequences, of all where none is named."""
    return [
        finding
        for outcome in outcomes
        for finding in outcome.findings
        if not sequences or finding.sequence.startswith(sequences)
    ]


def bad(found: list[Finding]) -> dict[str, Finding]:
    """Those of the findings that are no pass, by their ids."""
    return {finding.id: finding for finding in found if finding.verdict in BAD}
