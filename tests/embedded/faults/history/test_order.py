"""The second or third write of one kind, and writes that follow one another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.history import order
from tests.embedded.faults.organization import BY_PATCH, Organization


def third_patch_lands_before(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.off("bob")
    org.on("bob")
    org.off("bob")
    return org.value("ann", "active"), org.value("bob", "active")


def second_display_name_lost(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", displayName="One")
    org.update("ann", displayName="Two")
    return org.value("ann", "displayName")


def third_update_lost(org: Organization) -> object:
    org.hire("ann")
    for title in ("One", "Two", "Three"):
        org.update("ann", title=title)
    return org.value("ann", "title")


def update_takes_others_title(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.update("ann", title="Boss")
    org.update("bob", displayName="Bobby")
    return org.value("bob", "title")


def refused_create_names_next(org: Organization) -> object:
    org.hire("ann")
    org.hire("ann", displayName="Double")
    org.hire("bob")
    return org.value("bob", "displayName")


def group_second_rename_lost(org: Organization) -> object:
    org.push("Staff")
    org.rename("Staff", "Crew")
    org.rename("Staff", "Team")
    return org.value("Staff", "displayName")


def second_deactivation_lost(org: Organization) -> object:
    org.hire("ann")
    org.off("ann")
    org.on("ann")
    org.off("ann")
    return org.value("ann", "active")


def update_after_cycles_deactivates(org: Organization) -> object:
    org.hire("ann")
    org.off("ann")
    org.on("ann")
    org.off("ann")
    org.on("ann")
    org.update("ann", title="Boss")
    return org.value("ann", "active")


def emptied_title_returns(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", title="")
    org.update("ann", displayName="Annie")
    return org.value("ann", "title") or ""


# Fault, history, how it ends on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("third-patch-lands-before", third_patch_lands_before, (True, False), (False, True)),
    ("second-display-name-lost", second_display_name_lost, "Two", "One"),
    ("third-update-lost", third_update_lost, "Three", "Two"),
    ("update-takes-others-title", update_takes_others_title, "title-bob", "Boss"),
    ("refused-create-names-next", refused_create_names_next, "Name bob", "Double"),
    ("group-second-rename-lost", group_second_rename_lost, "Team", "Crew"),
    ("second-deactivation-lost", second_deactivation_lost, False, True),
    ("update-after-cycles-deactivates", update_after_cycles_deactivates, True, False),
    ("emptied-title-returns", emptied_title_returns, "", "title-ann"),
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
    assert {row[0] for row in STORIES} == {fault.name for fault in order.FAULTS}
