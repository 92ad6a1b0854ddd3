"""Members of one group after several changes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.history import membership
from tests.embedded.faults.organization import BY_PATCH, Organization


def group_removed_come_back(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann")
    org.remove("Staff", "ann")
    org.add("Staff", "bob")
    return org.members("Staff")


def group_add_takes_place(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann")
    org.remove("Staff", "ann")
    org.add("Staff", "bob")
    return org.members("Staff")


def group_same_number_ignored(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann")
    org.replace("Staff", "bob")
    return org.members("Staff")


def group_add_toggles(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff")
    org.add("Staff", "ann")
    org.add("Staff", "ann")
    return org.members("Staff")


def group_last_member_deletes(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.remove("Staff", "ann")
    return org.members("Staff")


def group_rename_old_members(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff")
    org.rename("Staff", "Crew")
    org.add("Staff", "ann")
    org.rename("Staff", "Team")
    return org.members("Staff")


def group_add_drops_inactive(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann")
    org.off("ann")
    org.add("Staff", "bob")
    return org.members("Staff")


# Fault, history, how it ends on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("group-removed-come-back", group_removed_come_back, "bob", "ann bob"),
    ("group-add-takes-place", group_add_takes_place, "bob", "ann"),
    ("group-same-number-ignored", group_same_number_ignored, "bob", "ann"),
    ("group-add-toggles", group_add_toggles, "ann", ""),
    ("group-last-member-deletes", group_last_member_deletes, "", "404"),
    ("group-rename-old-members", group_rename_old_members, "ann", ""),
    ("group-add-drops-inactive", group_add_drops_inactive, "ann bob", "bob"),
]


@pytest.mark.parametrize("puts", [False, True], ids=["oin", "aiw"])
@pytest.mark.parametrize(("fault", "story", "right", "wrong"), STORIES)
def test_a_history_ends_otherwise(
    fault: str, story: Callable[[Organization], object], right: object, wrong: object, puts: bool
) -> None:
    assert story(Organization(puts=puts)) == right
    shows = not puts or fault not in BY_PATCH
    assert story(Organization(fault, puts=puts)) == (wrong if shows else right)


def test_every_fault_has_its_history() -> None:
    assert {row[0] for row in STORIES} == {fault.name for fault in membership.FAULTS}
