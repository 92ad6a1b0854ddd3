"""Plays sequences of the profile rfc against an embedded target in this process."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scimproof.cleanup.ledger import Ledger
from scimproof.core.results import Finding, Verdict
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, PREFIX, TOKEN, InProcess, catalog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BAD = (Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR)


def played(app: WSGIApplication, *wanted: str) -> tuple[list[Finding], int]:
    """The findings of these sequences, those of the watches aside, and how many requests were sent."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        run = Runner(
            catalog(),
            catalog().profile("rfc"),
            catalog().select(wanted),
            Target(BASE, Bearer(TOKEN)),
            InProcess(app),
            ledger,
            parallel=4,
            budget=250,
        )
        findings = [finding for outcome in run.play() for finding in outcome.findings]
        sent = run.client.sent
        run.tidy()
        ledger.close()
    return [one for one in findings if one.sequence.startswith(wanted)], sent


def not_held(findings: list[Finding]) -> list[str]:
    """What did not hold, or could not be told, with what was seen."""
    return [f"{one.verdict} {one.id}: {one.observed}" for one in findings if one.verdict in BAD]
