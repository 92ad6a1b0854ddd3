"""What one user takes over from another, or loses by what is done to another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.history import people
from tests.embedded.faults.organization import BY_PATCH, Organization


def conflict_moves_external_id(org: Organization) -> object:
    org.hire("ann")
    org.hire("ann", externalId="00uother")
    return org.value("ann", "externalId")


def conflict_deactivates_owner(org: Organization) -> object:
    org.hire("ann")
    org.hire("ann", externalId="00uother")
    return org.value("ann", "active")


def taken_rename_moves_email(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.update("bob", userName="ann")
    return org.value("ann", "emails")[0]["value"]


def leaver_email_to_next(org: Organization) -> object:
    org.hire("ann")
    org.off("ann")
    org.hire("bob")
    return org.value("bob", "emails")[0]["value"]


def reactivate_takes_other_leaver(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.off("ann", "bob")
    org.on("ann")
    return org.value("ann", "title")


def shared_email_deactivates_all(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob", emails=[{"primary": True, "value": "Ann@example.com"}])
    org.off("ann")
    return org.value("bob", "active")


def link_leaves_groups(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.update("ann", externalId="00uother")
    return org.members("Staff")


def rename_leaves_groups(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff", "ann")
    org.update("ann", userName="annie")
    return org.members("Staff")


def relink_first_external_id(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", externalId="00utwo")
    org.update("ann", externalId="00uthree")
    return org.value("ann", "externalId")


# Fault, history, how it ends on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("conflict-moves-external-id", conflict_moves_external_id, "00uann", "00uother"),
    ("conflict-deactivates-owner", conflict_deactivates_owner, True, False),
    ("taken-rename-moves-email", taken_rename_moves_email, "ann@example.com", "bob@example.com"),
    ("leaver-email-to-next", leaver_email_to_next, "bob@example.com", "ann@example.com"),
    ("reactivate-takes-other-leaver", reactivate_takes_other_leaver, "title-ann", "title-bob"),
    ("shared-email-deactivates-all", shared_email_deactivates_all, True, False),
    ("link-leaves-groups", link_leaves_groups, "ann", ""),
    ("rename-leaves-groups", rename_leaves_groups, "ann", ""),
    ("relink-first-external-id", relink_first_external_id, "00uthree", "00uann"),
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
    assert {row[0] for row in STORIES} == {fault.name for fault in people.FAULTS}
