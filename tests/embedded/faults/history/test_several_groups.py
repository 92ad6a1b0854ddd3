"""A change of one group, or of a user in several, and the other groups."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.history import several_groups
from tests.embedded.faults.organization import BY_PATCH, Organization


def joiner_inherits_groups(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann")
    org.push("Guests", "ann")
    org.remove("Staff", "ann")
    org.add("Staff", "bob")
    return org.members("Guests")


def deactivate_empties_second_group(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann")
    org.push("Guests", "ann", "bob")
    org.off("ann")
    return org.members("Guests")


def delete_leaves_other_groups(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.push("Guests", "ann")
    org.delete("Staff")
    return org.members("Guests")


def groups_equal_share_members(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann")
    org.push("Guests", "ann")
    org.add("Staff", "bob")
    return org.members("Guests")


def third_group_leaves_first(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.push("Guests", "ann")
    org.push("Others", "ann")
    return org.members("Staff")


def group_remove_leaves_all(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.push("Guests", "ann")
    org.remove("Staff", "ann")
    return org.members("Guests")


def reactivate_rejoins_left_groups(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.remove("Staff", "ann")
    org.off("ann")
    org.on("ann")
    return org.members("Staff")


# Fault, history, how it ends on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("joiner-inherits-groups", joiner_inherits_groups, "ann", "ann bob"),
    ("deactivate-empties-second-group", deactivate_empties_second_group, "ann bob", "ann"),
    ("delete-leaves-other-groups", delete_leaves_other_groups, "ann", ""),
    ("groups-equal-share-members", groups_equal_share_members, "ann", "ann bob"),
    ("third-group-leaves-first", third_group_leaves_first, "ann", ""),
    ("group-remove-leaves-all", group_remove_leaves_all, "ann", ""),
    ("reactivate-rejoins-left-groups", reactivate_rejoins_left_groups, "", "ann"),
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
    assert {row[0] for row in STORIES} == {fault.name for fault in several_groups.FAULTS}
