"""Proves Entra's checks: each fault trips its requirement under Entra's traffic, and nothing unrelated."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from scimproof.core.definitions import Sequence
from scimproof.embedded.app import build
from scimproof.embedded.fault import Fault
from scimproof.embedded.faults.entra import ENTRA_FAULTS
from tests.matrix.entra import BASE, FLAGGED, WRONG, Played, few, honest, play, play_some, sequences
from tests.matrix.inprocess import TOKEN, catalog
from tests.matrix.reach import PLAYED_HONESTLY

SEEN = {name: fault for name, fault in ENTRA_FAULTS.items() if fault.trips}
# Shown by no request that a suite sends: one needs a thousand users.
UNSEEN = {
    "entra-lookup-first-thousand",
    "entra-manager-unknown-refused",
    "entra-nested-group-loses-all",
    "entra-no-operations-500",
    "patch-empty-accepted",
}
# One cannot fail: it never decides. Those that only a history can break are proven in tests/explore.
UNPROVEN = {
    "entra-group-replace-member",
    "entra-history-answered",
    "entra-history-found",
    "entra-history-listed",
}


@dataclass(frozen=True)
class Setting:
    """Where a fault shows that the profile entra, played with few users, does not show."""

    profile: str = "entra"
    base: str = BASE
    only: tuple[str, ...] = ()
    crowd: bool = False

    def sequences(self) -> list[Sequence]:
        """What is played there."""
        some = [one for one in sequences(self.profile) if one.id.startswith(self.only or ("",))]
        return some if self.crowd else few(some)


_FLAG = Setting(base=FLAGGED, only=("entra.both.connect", "entra.both.user.create"))
_VALIDATOR = Setting("entra-validator")
_GALLERY = Setting("entra-gallery", only=("entra.gallery",))
ELSEWHERE = {
    "entra-flag-404": _FLAG,
    "entra-flag-is-filter": _FLAG,
    "unknown-parameter-400": _FLAG,
    "large-add-cuts-to-100": Setting(only=("entra.default.group.many", "entra.flag.group.many"), crowd=True),
    "entra-address-primary-refused": _VALIDATOR,
    "entra-operations-reversed": _VALIDATOR,
    "filter-case-sensitive": _VALIDATOR,
    "patch-second-op-lost": _VALIDATOR,
    "entra-group-schema-missing": _GALLERY,
    "list-paging-ignored": _GALLERY,
    "list-start-index-missing": _GALLERY,
}


def consequences() -> set[str]:
    """The requirements of whole resources: whatever a fault does to a resource is a difference there too."""
    return {rule for sender in catalog().senders.values() for rule in sender.state.requirements}


def unexpected(fault: Fault, played: Played) -> tuple[set[str], set[str]]:
    """What should have failed and did not, and what failed and is not named as a consequence."""
    found = played.tripped
    return set(fault.trips) - found, found - {*fault.trips, *fault.also} - consequences()


@PLAYED_HONESTLY
@pytest.mark.parametrize("name", sorted(SEEN.keys() - ELSEWHERE.keys()))
def test_a_fault_trips_its_requirement_and_nothing_unrelated(name: str) -> None:
    """Played is what is likely to show it; where that does not, every sequence in which it does anything."""
    fault = SEEN[name]
    played = play_some(fault, honest().likeliest(fault, 2))
    if any(unexpected(fault, played)):
        played = play_some(fault, honest().touched(fault))
    missed, unrelated = unexpected(fault, played)
    assert not missed, played.told(*WRONG)
    assert not unrelated, [line for line in played.told(*WRONG) if any(rule in line for rule in unrelated)]


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_some_show_in_another_setting(name: str) -> None:
    """At a URL with a flag, in a crowd, in what the validator or the gallery's workflow asks."""
    fault, setting = SEEN[name], ELSEWHERE[name]
    played = play(
        build(token=TOKEN, faults=[name]), setting.sequences(), profile=setting.profile, base=setting.base
    )
    assert unexpected(fault, played) == (set(), set()), played.told(*WRONG)


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(SEEN.keys() - ELSEWHERE.keys()))
def test_it_does_so_over_the_whole_profile(name: str) -> None:
    """Nor does it trip anything in a sequence that it should not be able to touch."""
    played = play(build(token=TOKEN, faults=[name]), few(sequences()))
    assert unexpected(SEEN[name], played) == (set(), set()), played.told(*WRONG)


def test_every_fault_names_requirements_that_exist() -> None:
    """A fault that trips nothing proves nothing, and is named here."""
    assert ENTRA_FAULTS.keys() - SEEN.keys() == UNSEEN
    named = {rule for fault in SEEN.values() for rule in (*fault.trips, *fault.also)}
    assert named <= catalog().requirements.keys()


def test_every_requirement_of_entra_has_a_fault_that_trips_it() -> None:
    """A check that has never been seen to fail may be one that cannot."""
    proven = {rule for fault in SEEN.values() for rule in fault.trips}
    assert {r.id for r in catalog().requirements.values() if r.authority == "entra"} - proven == UNPROVEN


def test_there_are_faults_enough() -> None:
    """Of nearly every defect of Entra's list."""
    assert len(SEEN) >= 55
    assert len({fault.defect for fault in SEEN.values() if fault.defect.startswith("EN-")}) >= 55
