"""What lists, lookups and reads show after several writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.history import views
from tests.embedded.faults.organization import BY_PATCH, Organization


def list_row_stays(org: Organization) -> object:
    org.hire("ann")
    for title in ("One", "Two", "Three"):
        org.update("ann", title=title)
    return org.listed("ann").get("title"), org.value("ann", "title")


def list_group_row_stays(org: Organization) -> object:
    org.hire("ann")
    org.push("Staff")
    org.add("Staff", "ann")
    org.remove("Staff", "ann")
    org.add("Staff", "ann")
    return org.called(org.listed("Staff")), org.members("Staff")


def lookup_knows_one_rename(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", userName="annie")
    org.update("ann", userName="anna")
    return org.found("anna"), org.found("annie")


def refused_name_shown(org: Organization) -> object:
    org.hire("ann")
    org.hire("bob")
    org.update("bob", userName="ann")
    return org.value("bob", "userName"), org.found("bob")


def list_renamed_stays_active(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", userName="annie")
    org.off("ann")
    return org.listed("ann")["active"], org.value("ann", "active")


# Fault, history, how it ends on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("list-row-stays", list_row_stays, ("Three", "Three"), ("Two", "Three")),
    ("list-group-row-stays", list_group_row_stays, ("ann", "ann"), ("", "ann")),
    ("lookup-knows-one-rename", lookup_knows_one_rename, ("ann", ""), ("", "ann")),
    ("refused-name-shown", refused_name_shown, ("bob", "bob"), ("ann", "bob")),
    ("list-renamed-stays-active", list_renamed_stays_active, (False, False), (True, False)),
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
    assert {row[0] for row in STORIES} == {fault.name for fault in views.FAULTS}
