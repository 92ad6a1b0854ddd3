"""Reports of runs in this process against the embedded server with one thing wrong."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from scimproof.cleanup.ledger import Ledger
from scimproof.embedded.app import Application
from scimproof.embedded.fault import Behave, Fault
from scimproof.embedded.faults import FAULTS
from scimproof.engine.runner import Runner
from scimproof.render.diagnosis.grouping import Cause, causes
from scimproof.report.document import Report, RunRecord, build_report
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, FEW, PREFIX, TIMED, TOKEN, InProcess, catalog

Wrong = Behave | str


def fault(wrong: Wrong) -> Fault:
    """The fault of that name, or one with that behaviour."""
    return FAULTS[wrong] if isinstance(wrong, str) else Fault("", "", "", "", wrong)


def played(wrong: Wrong | Sequence[Wrong], *ids: str, profile: str = "okta", most: int = FEW) -> Report:
    """The report of these sequences, or the profile, against a server with that wrong; () is honest.

    So many users at most are there for all; where the size of a group matters it takes more.
    """
    several = [wrong] if isinstance(wrong, str) or callable(wrong) else wrong
    app = Application(TOKEN, [fault(one) for one in several], 0.0)
    chosen = catalog().profile(profile)
    whole = catalog().select(chosen.sequences)
    sequences = [
        replace(sequence, population=min(sequence.population, most))
        for sequence in catalog().select(ids or chosen.sequences)
    ]
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        target = Target(BASE, Bearer(TOKEN))
        run = Runner(catalog(), chosen, sequences, target, InProcess(app), ledger, parallel=1, budget=600)
        outcomes = list(run.play())
        ledger.close()
    document = build_report(
        RunRecord(
            catalog=catalog(),
            profile=chosen,
            sequences=sequences,
            whole=whole,
            target=target,
            seed=1,
            prefix=PREFIX,
            started=datetime(2026, 11, 26, tzinfo=UTC),
            seconds=1.0,
            outcomes=outcomes,
            ledger={"created": 0, "removed": 0, "left": []},
            sent=run.client.sent,
            stop=run.client.why,
            options={"sequences": list(ids)},
        )
    )
    return dict(json.loads(json.dumps(document)))


def reasons(report: Report) -> list[Cause]:
    """The reasons of a report, but for what only the clock of a busy machine is to blame for."""
    return [cause for cause in causes(report) if {f["requirement"] for f in cause.findings} - TIMED]
