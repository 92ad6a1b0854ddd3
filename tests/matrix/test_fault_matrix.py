"""Proves the checks: an honest target passes, each fault trips its requirement and nothing unrelated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scimproof.core.results import Finding, Verdict
from scimproof.embedded.app import build
from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import FAULTS
from tests.matrix.inprocess import (
    FEW,
    TIMED,
    TOKEN,
    catalog,
    play,
    play_against,
    play_few,
    tripped,
    whole,
)
from tests.matrix.reach import PLAYED_HONESTLY, asking, fewest, honest, likeliest, shared, touched
from tests.matrix.shown_by import hints

SEEN = {name: fault for name, fault in FAULTS.items() if fault.group != "load"}


@PLAYED_HONESTLY
def test_the_honest_target_passes() -> None:
    """Everything holds; only what the target gives no occasion for is not applicable."""
    findings = honest().findings
    assert len(findings) > 1000
    quiet = (Verdict.PASS, Verdict.NOT_APPLICABLE)
    assert [f for f in findings if f.verdict not in quiet and f.requirement not in TIMED] == []


@PLAYED_HONESTLY
def test_who_shares_a_play_is_with_one_worker(request: pytest.FixtureRequest) -> None:
    """Groups are put behind the id, in a field of pytest's own: with 9.2 they silently did nothing."""
    if getattr(request.config.option, "loadgroup", False):  # set by pytest-xdist in its workers
        assert request.node.nodeid.endswith("@played-honestly")


def consequences() -> set[str]:
    """The requirements of whole resources: whatever a fault does to a resource is a difference there too."""
    return {rule for sender in catalog().senders.values() for rule in sender.state.requirements}


def unexpected(fault: Fault, findings: list[Finding]) -> tuple[set[str], set[str]]:
    """What should have failed and did not, and what failed and is not named as a consequence."""
    found = tripped(findings) - (TIMED - set(fault.trips))
    return set(fault.trips) - found, found - {*fault.trips, *fault.also} - consequences()


@PLAYED_HONESTLY
def test_with_few_shared_users_it_passes_too() -> None:
    """And everything is asked that the whole profile asks."""
    few, all_ = play_few(build(token=TOKEN), {one.id for one in whole()}), honest().findings
    quiet = (Verdict.PASS, Verdict.NOT_APPLICABLE)
    assert [f for f in few if f.verdict not in quiet and f.requirement not in TIMED] == []
    assert {f.id for f in few} == {f.id for f in all_}


def played(fault: Fault) -> Iterator[list[Finding]]:
    """Findings about a target with that fault, from a few requests at first and then from ever more."""
    if fault.name in hints():
        yield play_against(build(token=TOKEN, faults=[fault.name]), *hints()[fault.name])
    for most in (2, 8):
        yield play_few(build(token=TOKEN, faults=[fault.name]), likeliest(fault, most))
    if some := {one.id for one in whole() if one.population > FEW} & likeliest(fault, 8):
        yield play_against(build(token=TOKEN, faults=[fault.name]), *some)
    yield play_few(build(token=TOKEN, faults=[fault.name]), fewest(fault))
    yield play_few(build(token=TOKEN, faults=[fault.name]), touched(fault))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=shared(number)) for number, name in enumerate(sorted(SEEN))]
)
def test_a_fault_trips_its_requirement_and_nothing_unrelated(name: str) -> None:
    """The named requirements fail; whatever else fails has to be named as a consequence.

    Played is what is likely to show it, and no more than it takes. Where that does not show exactly what
    is expected, the whole profile decides.
    """
    fault, findings = SEEN[name], list[Finding]()
    for some in played(fault):
        findings += some
        if not unexpected(fault, findings)[0]:
            break
    if any(unexpected(fault, findings)):
        _whole(fault)


@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize("name", sorted({fault.group: name for name, fault in SEEN.items()}.values()))
def test_of_each_kind_one_trips_nothing_unrelated_wherever_it_is_at_work(name: str) -> None:
    """Every requirement is asked that the fault can reach, by every form of request that it touches.

    Every night that is so of all of them: the whole profile is played, touched or not.
    """
    fault = SEEN[name]
    findings = play_few(build(token=TOKEN, faults=[name]), fewest(fault))
    if missed := unexpected(fault, findings)[0]:
        app, more = build(token=TOKEN, faults=[name]), asking(missed, fault)
        # No sequence asks what a watch does: it looks at every answer.
        findings += play_against(app, *more) if more else play_few(app, touched(fault))
    if any(unexpected(fault, findings)):
        _whole(fault)


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(SEEN))
def test_it_does_so_over_the_whole_profile(name: str) -> None:
    """Nor does it trip anything in a sequence that it should not be able to touch."""
    _whole(SEEN[name])


def _whole(fault: Fault) -> None:
    missed, unrelated = unexpected(fault, play(fault.name))
    assert not missed, f"not tripped: {missed}"
    assert not unrelated, f"unrelated: {unrelated}"


def test_every_fault_names_a_requirement_that_exists() -> None:
    """A fault that trips nothing proves nothing."""
    known = set(catalog().requirements)
    assert {name for name, fault in SEEN.items() if not fault.trips} == set()
    assert {r for fault in SEEN.values() for r in (*fault.trips, *fault.also)} <= known


def test_every_okta_requirement_has_a_fault_that_trips_it() -> None:
    """A check that has never been seen to fail may be one that cannot."""
    proven = {requirement for fault in SEEN.values() for requirement in fault.trips}
    # Those that only a history can break are proven in tests/explore.
    proven |= {rule for rule in catalog().requirements if rule.startswith("okta-history-")}
    assert {r.id for r in catalog().requirements.values() if r.authority == "okta"} - proven == set()


def test_there_are_faults_enough() -> None:
    """At least eighty, of every group of defects that this traffic can show."""
    assert len(SEEN) >= 80
    assert len({fault.group for fault in SEEN.values()}) >= 18
