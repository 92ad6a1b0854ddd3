"""Discovery, every answer, credentials and HTTP: quiet on the honest server, and each fault shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from scimproof.core.results import Finding, Outcome
from scimproof.embedded.app import build
from scimproof.embedded.fault import Fault
from scimproof.embedded.faults.rfc import access, answers, discovery
from tests.matrix.inprocess import TOKEN
from tests.rfc.inprocess import bad, findings, play

DISCOVERY = ("rfc.discovery",)
ACCESS = ("rfc.auth", "rfc.http", "rfc.me")
# What is enough to meet what the watches look at: users and groups made, listed, changed; refusals.
SEEN = ("rfc.discovery", "rfc.create.minimal", "rfc.auth.challenge", "rfc.me")
PLAYED: Mapping[str, tuple[str, ...]] = {
    **{fault.name: DISCOVERY for fault in discovery.FAULTS},
    **{fault.name: ACCESS for fault in access.FAULTS},
    **{fault.name: SEEN for fault in answers.FAULTS},
}
FAULTS = (*discovery.FAULTS, *access.FAULTS, *answers.FAULTS)


@cache
def honest(sequences: tuple[str, ...]) -> list[Outcome]:
    return play(build(token=TOKEN), *sequences)


@pytest.mark.parametrize("sequences", [DISCOVERY, ACCESS, SEEN], ids=" ".join)
def test_the_honest_server_holds_all_of_it(sequences: tuple[str, ...]) -> None:
    assert bad(findings(honest(sequences))) == {}


def test_there_are_more_findings_than_requests() -> None:
    outcomes = [*honest(DISCOVERY), *honest(ACCESS)]
    sent = sum(len(outcome.exchanges) for outcome in outcomes)
    assert sent < len(findings(outcomes))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_trips_what_it_should_and_nothing_else(fault: Fault) -> None:
    sequences = PLAYED[fault.name]
    found = findings(play(build(token=TOKEN, faults=[fault.name]), *sequences))
    # What another profile asks of every answer, and nobody decides by, is no false alarm.
    shown = {finding.requirement: finding for finding in bad(found).values()}
    told = {id: (finding.verdict.value, finding.observed) for id, finding in shown.items()}
    assert set(fault.trips) <= set(shown), told
    assert set(shown) <= {*fault.trips, *fault.also} | blocked(found), told


def blocked(found: list[Finding]) -> set[str]:
    """The requirements that could not be asked because of another one that did not hold."""
    return {finding.requirement for finding in found if finding.because and finding.verdict == "inconclusive"}
