"""Discovery, every answer, credentials and HTTP: quiet on the honest server, and each fault shows."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scimproof.core.results import Verdict
from scimproof.embedded.app import build
from scimproof.embedded.fault import Fault
from scimproof.embedded.faults.rfc import access, answers, discovery
from tests.matrix.inprocess import TOKEN
from tests.rfc.play import BAD, honest, play

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


@pytest.mark.parametrize("sequences", [DISCOVERY, ACCESS, SEEN], ids=" ".join)
def test_the_honest_server_holds_all_of_it(sequences: tuple[str, ...]) -> None:
    assert honest(*sequences).told(*BAD, watched=True) == []


def test_there_are_more_findings_than_requests() -> None:
    some = [honest(*DISCOVERY), honest(*ACCESS)]
    assert sum(one.requests for one in some) < sum(len(one.findings) + len(one.watched) for one in some)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_trips_what_it_should_and_nothing_else(fault: Fault) -> None:
    sequences = PLAYED[fault.name]
    played = play(build(token=TOKEN, faults=[fault.name]), *sequences)
    every = (*played.findings, *played.watched)
    wrong = {one.requirement for one in every if one.verdict in BAD}
    # What could not be asked because of another one that did not hold.
    blocked = {one.requirement for one in every if one.because and one.verdict is Verdict.INCONCLUSIVE}
    assert set(fault.trips) <= wrong, played.told(*BAD, watched=True)
    assert wrong <= {*fault.trips, *fault.also} | blocked, played.told(*BAD, watched=True)
