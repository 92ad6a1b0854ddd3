"""Proves the checks: an honest target passes, each fault trips its requirement and nothing unrelated."""

from __future__ import annotations

import pytest

from scimproof.core.results import Verdict
from scimproof.embedded.faults import FAULTS
from tests.matrix.inprocess import TIMED, catalog, play, tripped

SEEN = {name: fault for name, fault in FAULTS.items() if fault.group != "load"}


def test_the_honest_target_passes() -> None:
    """Everything holds; only what the target gives no occasion for is not applicable."""
    findings = play()
    assert len(findings) > 1000
    quiet = (Verdict.PASS, Verdict.NOT_APPLICABLE)
    assert [f for f in findings if f.verdict not in quiet and f.requirement not in TIMED] == []


@pytest.mark.parametrize("name", sorted(SEEN))
def test_a_fault_trips_its_requirement_and_nothing_unrelated(name: str) -> None:
    """The named requirements fail; whatever else fails has to be named as a consequence."""
    fault = SEEN[name]
    found = tripped(play(name)) - (TIMED - set(fault.trips))
    assert set(fault.trips) <= found, f"not tripped: {set(fault.trips) - found}"
    assert found <= {*fault.trips, *fault.also}, f"unrelated: {found - {*fault.trips, *fault.also}}"


def test_every_fault_names_a_requirement_that_exists() -> None:
    """A fault that trips nothing proves nothing."""
    known = set(catalog().requirements)
    assert {name for name, fault in SEEN.items() if not fault.trips} == set()
    assert {r for fault in SEEN.values() for r in (*fault.trips, *fault.also)} <= known


def test_every_okta_requirement_has_a_fault_that_trips_it() -> None:
    """A check that has never been seen to fail may be one that cannot."""
    proven = {requirement for fault in SEEN.values() for requirement in fault.trips}
    assert {r.id for r in catalog().requirements.values() if r.authority == "okta"} - proven == set()


def test_there_are_faults_enough() -> None:
    """At least eighty, of every group of defects that this traffic can show."""
    assert len(SEEN) >= 80
    assert len({fault.group for fault in SEEN.values()}) >= 18
