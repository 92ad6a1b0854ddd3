"""A document of a run of a submission's profile, without exchanges, in which all holds but what is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from scimproof.catalog import submission as submissions
from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.submission import ManualCase, Submission
from scimproof.core.definitions import Sequence
from scimproof.core.results import Finding, Outcome, Verdict
from scimproof.render.submission.evidence import CaseEvidence, Pack
from scimproof.report.document import build_report
from tests.report import synthetic

Said = Mapping[str, tuple[Verdict, str]]
WAIVER = {"reason": "The directory team replaces that part in March.", "name": "waivers.toml 1"}


@cache
def catalog() -> Catalog:
    return load_catalog()


@cache
def submission(id: str = "oin") -> Submission:
    return submissions.load(catalog(), id)


def document(
    said: Said | None = None, left_out: Iterable[str] = (), *, inferred: bool = False, id: str = "oin"
) -> dict[str, Any]:
    """`said` are verdict and observation by finding's id; sequences in `left_out` were not played."""
    profile = catalog().profile(submission(id).profile)
    selected = catalog().select(profile.sequences, inferred=inferred)
    played = [sequence for sequence in selected if sequence.id not in set(left_out)]
    outcomes = [outcome for sequence in played for outcome in _outcomes(sequence, said or {})]
    report = build_report(
        synthetic.played(catalog=catalog(), profile=profile, sequences=played, outcomes=outcomes)
    )
    for finding in report["findings"]:
        if finding["verdict"] == Verdict.WAIVED:
            finding["waiver"] = WAIVER
    return report


def pack(
    said: Said | None = None, left_out: Iterable[str] = (), *, inferred: bool = False, id: str = "oin"
) -> Pack:
    return Pack(document(said, left_out, inferred=inferred, id=id), submission(id))


def told(of: Pack, id: str) -> CaseEvidence:
    """What is said of a case."""
    return next(told for case, told in of.cases if case.id == id)


def case(id: str) -> ManualCase:
    return next(case for case in submission().cases if case.id == id)


def _outcomes(sequence: Sequence, said: Said) -> Iterable[Outcome]:
    for step in sequence.steps:
        findings = []
        for check in () if step.given else step.checks:
            name = f"{sequence.id}/{step.id}#{check.requirement}"
            verdict, observed = said.get(name, (Verdict.PASS, "as expected"))
            findings.append(
                Finding(sequence.id, step.id, check.requirement, verdict, "what it says", observed)
            )
        yield Outcome(sequence.id, step.id, (), tuple(findings))
