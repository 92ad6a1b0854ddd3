"""Creates that are refused for what Okta sends, or leaves out, by default."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.users import demands
from tests.embedded.client import ENTERPRISE
from tests.embedded.faults.organization import Organization


def create_address_username_demanded(org: Organization) -> object:
    return org.hire("ann").status, org.hire("ann@example.com").status


def create_unusual_attributes_refused(org: Organization) -> object:
    return org.hire("ann", nickName="Annie").status, org.hire("bob").status


def create_second_email_refused(org: Organization) -> object:
    mails = [{"primary": True, "value": "a@x.test"}, {"value": "b@x.test"}]
    return org.hire("ann", emails=mails).status, org.hire("bob").status


def create_department_needs_manager(org: Organization) -> object:
    managed = {"department": "one", "manager": {"value": "kim"}}
    return org.hire("ann").status, org.hire("bob", **{ENTERPRISE: managed}).status


# Fault, requests, what is there in the end on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("create-address-username-demanded", create_address_username_demanded, (201, 201), (400, 201)),
    ("create-unusual-attributes-refused", create_unusual_attributes_refused, (201, 201), (400, 201)),
    ("create-second-email-refused", create_second_email_refused, (201, 201), (400, 201)),
    ("create-department-needs-manager", create_department_needs_manager, (201, 201), (400, 201)),
]


@pytest.mark.parametrize(("fault", "story", "right", "wrong"), STORIES)
def test_the_fault_shows(
    fault: str, story: Callable[[Organization], object], right: object, wrong: object
) -> None:
    assert story(Organization()) == right
    assert story(Organization(fault)) == wrong


def test_every_fault_is_shown() -> None:
    assert {row[0] for row in STORIES} == {fault.name for fault in demands.FAULTS}
