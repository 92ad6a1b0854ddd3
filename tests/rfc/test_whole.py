"""The profile rfc as a whole: a right target holds, all that is required is asked, legal variety is quiet."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog.rows import section_of
from scimproof.cleanup.ledger import Ledger
from scimproof.core.results import Finding, Verdict
from scimproof.embedded.app import build
from scimproof.embedded.faults.rfc import RFC_FAULTS
from scimproof.embedded.variants import VARIANTS
from scimproof.engine.runner import Runner
from scimproof.report.rfc_rows import rows
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, PREFIX, TOKEN, InProcess, catalog

pytestmark = pytest.mark.xdist_group("profile rfc")
WRONG = (Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR)
AUTHORITIES = ("rfc7643", "rfc7644", "rfc9865", "rfc6750", "rfc9110")
# What no profile of an identity provider is asked, and what the harness cannot send yet, with the reason.
NOT_ASKED: dict[str, str] = {}
SECOND = "secret-token-of-another"
ROWS_WITHOUT_QUESTION = {"RFC7644-3.12-15", "RFC7644-3.12-21"}  # words that no client can provoke for sure


@dataclass(frozen=True)
class Whole:
    """One run of the whole profile: its findings, how many requests it took, and what it left."""

    findings: tuple[Finding, ...]
    requests: int
    left: dict[str, Any]

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of each finding."""
        return {finding.id: finding.verdict for finding in self.findings}

    def wrong(self, quiet: tuple[str, ...] = ()) -> list[str]:
        """What did not hold, but for warnings of the requirements that may warn."""
        return [
            f"{one.verdict} {one.id}: {one.expected} | {one.observed}"
            for one in self.findings
            if one.verdict in WRONG and not (one.verdict is Verdict.WARNING and one.requirement in quiet)
        ]

    @property
    def held(self) -> set[str]:
        """The explicit rows that hold here."""
        found = [
            {"id": one.id, "requirement": one.requirement, "verdict": one.verdict, "observed": one.observed}
            for one in self.findings
        ]
        each = rows(catalog().rows, catalog().requirements, found, {})["each"]
        return {row for row, one in each.items() if one["explicit"] and one["state"] == "held"}


@cache
def played(*variants: str, second: str = "", parallel: int = 1) -> Whole:
    """The whole profile against the target with these variants; `second` is a token of another tenant."""
    target = Target(BASE, Bearer(TOKEN), other=Bearer(second) if second else None)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        run = Runner(
            catalog(),
            catalog().profile("rfc"),
            catalog().select(["rfc"]),
            target,
            InProcess(build(token=TOKEN, variants=variants), target),
            ledger,
            parallel=parallel,
            budget=600,
        )
        findings = tuple(finding for outcome in run.play() for finding in outcome.findings)
        sent = run.client.sent
        run.tidy()
        counts = ledger.counts()
        ledger.close()
    return Whole(findings, sent, {key: counts[key] for key in ("left", "unknown")})


def test_a_right_target_holds() -> None:
    whole = played()
    assert whole.wrong() == []
    assert whole.left == {"left": [], "unknown": []}
    assert len(whole.findings) > 2400
    assert whole.requests <= 1.2 * len(whole.findings)


def test_several_at_a_time_find_the_same() -> None:
    assert played(parallel=6).verdicts == played().verdicts


def test_a_target_full_of_strangers_gives_the_same_findings() -> None:
    assert played("strangers").verdicts == played().verdicts


def test_every_requirement_of_the_rfcs_is_asked() -> None:
    known = catalog()
    used = {
        check.requirement
        for id in (s.id for s in known.select(["rfc"]))
        for step in known.sequences[id].steps
        for check in step.checks
    }
    profile = known.profile("rfc")
    used |= {watch.requirement for name in profile.watches for watch in known.watches[name]}
    mine = {rule.id for rule in known.requirements.values() if rule.authority in AUTHORITIES}
    assert mine - used == set(NOT_ASKED)
    assert profile.gates == AUTHORITIES


def test_every_row_has_a_requirement_but_two() -> None:
    covered = {row for rule in catalog().requirements.values() for row in rule.rows}
    assert set(catalog().rows.levels) - covered == ROWS_WITHOUT_QUESTION
    assert len(catalog().rows.levels) == 475
    assert len(catalog().rows.explicit) == 278
    assert section_of("RFC7644-3.5.2-16") == ("rfc7644", "3.5.2")


def test_nearly_all_explicit_rows_are_asked_of_who_has_the_features() -> None:
    """Some exclude each other: a target has bulk or has none, redirects /Me or has none."""
    held = played().held | played("minimal").held | played("me-308").held | played("formatted-made").held
    missing = set(catalog().rows.explicit) - held - played("defaults").held
    assert len(catalog().rows.explicit) - len(missing) >= 262, sorted(missing)


@pytest.mark.nightly
@pytest.mark.parametrize("name", VARIANTS)
def test_a_legal_variant_is_quiet(name: str) -> None:
    whole = played(name)
    assert whole.wrong(VARIANTS[name].warns) == []
    assert whole.left == {"left": [], "unknown": []}


def test_there_are_enough_faults() -> None:
    assert len(RFC_FAULTS) >= 110
    known = catalog().requirements
    for fault in RFC_FAULTS.values():
        assert fault.trips, fault.name
        assert set(fault.trips) | set(fault.also) <= set(known), fault.name
    for variant in VARIANTS.values():
        assert set(variant.warns) <= set(known), variant.name
