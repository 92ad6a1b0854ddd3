"""What is changed in a group beside what was asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.groups import side_effects
from tests.embedded.faults.organization import Organization


def group_inactive_member_hidden(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann", "bob")
    org.off("ann")
    return org.members("Staff")


def group_change_lowers_name(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff")
    org.add("Staff", "ann")
    return org.value("Staff", "displayName")


def group_rename_drops_last(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann", "bob")
    org.rename("Staff", "Crew")
    return org.members("Staff")


# Fault, requests, what is there in the end on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("group-inactive-member-hidden", group_inactive_member_hidden, "ann bob", "bob"),
    ("group-change-lowers-name", group_change_lowers_name, "Staff", "staff"),
    ("group-rename-drops-last", group_rename_drops_last, "ann bob", "ann"),
]


@pytest.mark.parametrize(("fault", "story", "right", "wrong"), STORIES)
def test_the_fault_shows(
    fault: str, story: Callable[[Organization], object], right: object, wrong: object
) -> None:
    assert story(Organization()) == right
    assert story(Organization(fault)) == wrong


def test_every_fault_is_shown() -> None:
    assert {row[0] for row in STORIES} == {fault.name for fault in side_effects.FAULTS}
