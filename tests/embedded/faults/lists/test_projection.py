"""Lists and lookups that compare or show other values than are stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.lists import projection
from tests.embedded.client import ENTERPRISE
from tests.embedded.faults.organization import Organization


def lookup_compares_email(org: Organization) -> object:
    org.hire("ann")
    return org.found("ann"), org.found("ann@example.com")


def filter_eq_contains(org: Organization) -> object:
    org.hire("ann")
    org.hire("joann")
    return org.found("ann")


def lookup_without_extension(org: Organization) -> object:
    org.hire("ann")
    return ENTERPRISE in org.client.find("Users", "userName", "ann").body["Resources"][0]


def list_shows_first_profile(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", title="Boss")
    return org.listed("ann")["title"], org.value("ann", "title")


def list_shows_deleted(org: Organization) -> object:
    org.push("Staff")
    org.delete("Staff")
    return bool(org.listed("Staff"))


# Fault, requests, what is there in the end on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("lookup-compares-email", lookup_compares_email, ("ann", ""), ("", "ann")),
    ("filter-eq-contains", filter_eq_contains, "ann", "ann joann"),
    ("lookup-without-extension", lookup_without_extension, True, False),
    ("list-shows-first-profile", list_shows_first_profile, ("Boss", "Boss"), ("title-ann", "Boss")),
    ("list-shows-deleted", list_shows_deleted, False, True),
]


@pytest.mark.parametrize(("fault", "story", "right", "wrong"), STORIES)
def test_the_fault_shows(
    fault: str, story: Callable[[Organization], object], right: object, wrong: object
) -> None:
    assert story(Organization()) == right
    assert story(Organization(fault)) == wrong


def test_every_fault_is_shown() -> None:
    assert {row[0] for row in STORIES} == {fault.name for fault in projection.FAULTS}
