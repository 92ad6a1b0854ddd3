"""Plays the sequences about whole resources against an embedded target in this process."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scimproof.cleanup.ledger import Ledger
from scimproof.core.results import Finding, Verdict
from scimproof.embedded.app import build
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, PREFIX, TOKEN, InProcess, catalog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ALL = (
    "rfc.create", "rfc.read.unknown", "rfc.replace.whole", "rfc.delete.gone", "rfc.group.members",
    "rfc.enterprise.manager", "rfc.user.active", "rfc.type.custom",
)  # fmt: skip
BAD = (Verdict.WARNING, Verdict.FAIL, Verdict.ERROR)


@dataclass(frozen=True)
class Played:
    """What came of some sequences: their findings, how many requests they took, and what was not removed."""

    findings: tuple[Finding, ...]
    requests: int
    left: int

    def by(self, *verdicts: Verdict) -> set[str]:
        """The requirements of findings with one of these verdicts."""
        return {one.requirement for one in self.findings if one.verdict in verdicts}

    def told(self, *verdicts: Verdict) -> list[str]:
        """Those findings, for a reader of a failed test."""
        return [
            f"{one.verdict} {one.id}: {one.expected} | {one.observed}"
            for one in self.findings
            if one.verdict in verdicts
        ]


def play(app: WSGIApplication, *wanted: str) -> Played:
    """Play these sequences and remove what they made; findings of the watches are left out."""
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
        findings = tuple(finding for outcome in run.play() for finding in outcome.findings)
        sent = run.client.sent
        run.tidy()
        left = len(ledger.counts()["left"])
        ledger.close()
    return Played(tuple(one for one in findings if one.sequence.startswith(wanted)), sent, left)


@cache
def honest(*wanted: str) -> Played:
    """The same against the honest target, played once."""
    return play(build(token=TOKEN), *wanted)
