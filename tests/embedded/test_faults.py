"""Every fault shows in what Okta would send; races are in test_races.py."""

import pytest

from scimproof.embedded.app import build
from scimproof.embedded.faults import FAULTS

from .client import Client
from .traffic import play

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
CROWDED = {name for name in FAULTS if name.startswith("large-")} | {
    "drop-one-create-in-fifty",
    "list-second-page-empty",
}


@pytest.fixture(scope="module")
def honest() -> list[str]:
    """The honest target's answers."""
    return play(Client(build()))


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - RACES - CROWDED))
def test_shows(name: str, honest: list[str]) -> None:
    """The fault changes some answer."""
    assert play(Client(build(faults=[name]))) != honest


@pytest.mark.parametrize("name", sorted(CROWDED))
def test_shows_in_a_crowd(name: str) -> None:
    """The fault changes some answer once there are hundreds of people."""
    assert play(Client(build(faults=[name])), crowd=True) != play(Client(build()), crowd=True)


def test_every_fault_is_filed_once() -> None:
    """Names are literal, kebab-case, and say where they come from."""
    for name, fault in FAULTS.items():
        assert name == fault.name == name.lower().replace("_", "-")
        assert fault.defect.startswith(("D-", "OKTA-"))
        assert fault.summary.endswith(".")
