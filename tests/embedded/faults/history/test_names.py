"""Names that were given up, and are used again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.history import names
from tests.embedded.faults.organization import BY_PATCH, Organization


def reactivate_old_name(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", userName="annie")
    org.off("ann")
    org.on("ann")
    return org.value("ann", "userName")


def rename_back_old_profile(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", userName="annie")
    org.update("ann", title="Boss")
    org.update("ann", userName="ann")
    return org.value("ann", "title")


def freed_name_old_profile(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", userName="annie")
    org.hire("ann", title="New")
    return org.client.find("Users", "userName", "ann").body["Resources"][0]["title"]


def freed_name_found_twice(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", userName="annie")
    org.hire("ann")
    return org.client.find("Users", "userName", "ann").body["totalResults"]


def deleted_group_name_old_members(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.delete("Staff")
    org.push("Staff")
    return org.members("Staff")


def group_rename_takes_members(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.push("Guests")
    org.rename("Staff", "Crew")
    org.rename("Guests", "Staff")
    return org.members("Staff"), org.members("Guests")


def group_create_takes_members(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.rename("Staff", "Crew")
    former = org.ids["Staff"]
    org.push("Staff")
    return org.client.send("GET", f"/Groups/{former}").body.get("members", [])[:1] != []


# Fault, history, how it ends on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("reactivate-old-name", reactivate_old_name, "annie", "ann"),
    ("rename-back-old-profile", rename_back_old_profile, "Boss", "title-ann"),
    ("freed-name-old-profile", freed_name_old_profile, "New", "title-ann"),
    ("freed-name-found-twice", freed_name_found_twice, 1, 2),
    ("deleted-group-name-old-members", deleted_group_name_old_members, "", "ann"),
    ("group-rename-takes-members", group_rename_takes_members, ("ann", ""), ("", "ann")),
    ("group-create-takes-members", group_create_takes_members, True, False),
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
    assert {row[0] for row in STORIES} == {fault.name for fault in names.FAULTS}
