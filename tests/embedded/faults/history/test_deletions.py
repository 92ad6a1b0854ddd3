"""What is left of a user who was deleted, and who gets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.history import deletions
from tests.embedded.client import ENTERPRISE, USER
from tests.embedded.faults.organization import Organization


def _hired_again(org: Organization, name: str) -> None:
    org.delete(name)
    del org.ids[name]
    org.hire(name)


def recreated_rejoins_groups(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    _hired_again(org, "ann")
    return org.members("Staff")


def recreated_inactive(org: Organization) -> object:
    org.hire("ann")
    org.off("ann")
    _hired_again(org, "ann")
    return org.value("ann", "active")


def delete_disables_reports(org: Organization) -> object:
    org.hire("ann")
    own = {"department": "dept-bob", "manager": {"value": org.ids["ann"]}}
    org.hire("bob", **{"schemas": [USER, ENTERPRISE], ENTERPRISE: own})
    org.delete("ann")
    return org.value("bob", "active")


def delete_empties_groups(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann", "bob")
    org.delete("ann")
    return org.members("Staff")


def list_shows_deleted_renamed(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", userName="anna")
    org.delete("ann")
    return bool(org.listed("ann"))


SHOWN: dict[Callable[[Organization], object], tuple[object, object]] = {
    recreated_rejoins_groups: ("", "ann"),
    recreated_inactive: (True, False),
    delete_disables_reports: (True, False),
    delete_empties_groups: ("bob", ""),
    list_shows_deleted_renamed: (False, True),
}


@pytest.mark.parametrize("puts", [True, False], ids=["puts", "patches"])
@pytest.mark.parametrize("history", SHOWN, ids=lambda history: history.__name__)
def test_the_shortest_history_shows_it(history: Callable[[Organization], object], puts: bool) -> None:
    right, wrong = SHOWN[history]
    assert history(Organization(puts=puts)) == right
    assert history(Organization(history.__name__.replace("_", "-"), puts=puts)) == wrong


def test_each_has_a_history() -> None:
    assert {one.name for one in deletions.FAULTS} == {one.__name__.replace("_", "-") for one in SHOWN}
