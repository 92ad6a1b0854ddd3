"""Every fault shows in what Okta would send; races are in test_races.py."""

from functools import cache
from typing import Any

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.embedded.app import build
from scimproof.embedded.faults import FAULTS, HISTORIES, UNSEEN
from scimproof.embedded.faults.groups import side_effects
from scimproof.embedded.faults.lists import projection
from scimproof.embedded.faults.users import demands, profile

from .client import Answer, Client
from .traffic import normal, play

KNOWN = {**FAULTS, **UNSEEN}
RACES = {
    "list-groups-slow",
    "parallel-creates-500",
    "parallel-creates-crosstalk",
    "parallel-group-patches-500",
    "lost-membership-updates",
    "duplicate-under-race",
    "race-500",
    "slower-with-store",
    "slower-with-group",
}
CROWDED = {name for name in KNOWN if name.startswith("large-")} | {
    "drop-one-create-in-fifty",
    "list-group-members-cut",
    "list-second-page-empty",
}


class Seen(Exception):
    """An answer was not the honest one; the rest need not be asked for."""


class Comparing(Client):
    """A client that stops at the first answer which is not the honest one."""

    def __init__(self, fault: str, honest: list[str]) -> None:
        super().__init__(build(faults=[fault]))
        self.honest = iter(honest)

    def send(self, *arguments: Any, **options: Any) -> Answer:
        answer = super().send(*arguments, **options)
        if normal(answer) != next(self.honest, None):
            raise Seen
        return answer


@cache
def honest(*, crowd: bool) -> list[str]:
    """The honest target's answers."""
    client = Client(build())
    play(client, crowd=crowd)
    return [normal(answer) for answer in client.answers]


# A fault that trips a requirement has shown itself: tests/matrix fails where it does not. Others are in
# tests/embedded/faults.
OWN = (*demands.FAULTS, *profile.FAULTS, *projection.FAULTS, *side_effects.FAULTS, *HISTORIES.values())
TRIPPING = {name for name, fault in KNOWN.items() if fault.trips and fault.group != "load"}
ELSEWHERE = TRIPPING | {fault.name for fault in OWN}


@pytest.mark.parametrize("name", sorted(KNOWN.keys() - RACES - ELSEWHERE))
def test_shows(name: str) -> None:
    """The fault changes some answer."""
    crowd = name in CROWDED
    with pytest.raises(Seen):
        play(Comparing(name, honest(crowd=crowd)), crowd=crowd)


def test_every_fault_is_filed_once() -> None:
    """Names are literal, kebab-case, and say where they come from."""
    for name, fault in KNOWN.items():
        assert name == fault.name == name.lower().replace("_", "-")
        assert fault.defect.startswith(("D-", "OKTA-", "ENTRA-"))
        assert fault.summary.endswith(".")


def test_what_a_fault_trips_exists() -> None:
    """Requirements named by faults are the catalogue's, each named once."""
    known = load_catalog().requirements.keys()
    for fault in KNOWN.values():
        named = [*fault.trips, *fault.also]
        assert set(named) <= known, fault.name
        assert len(named) == len(set(named)), fault.name
