"""Parts of the profile that a PUT loses, or that nobody sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.embedded.faults.users import profile
from tests.embedded.client import ENTERPRISE
from tests.embedded.faults.organization import Organization

PHONES = [{"primary": True, "value": "+43 1", "type": "work"}]
HOME = [{"primary": True, "streetAddress": "1 Way", "locality": "Wien"}]
MAILS = [{"primary": True, "value": "a@x.test", "type": "work"}, {"value": "b@x.test", "type": "home"}]


def extension(org: Organization, **changes: object) -> object:
    """The enterprise extension of a user, after a PUT of it with these changes."""
    org.update("ann", **{ENTERPRISE: {**org.value("ann", ENTERPRISE), **changes}})
    return org.value("ann", ENTERPRISE)


def put_department_kept(org: Organization) -> object:
    org.hire("ann")
    return extension(org, department="new")


def put_manager_kept(org: Organization) -> object:
    org.hire("ann")
    return extension(org, manager={"value": "kim"})


def put_phones_kept(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", phoneNumbers=PHONES)
    return bool(org.value("ann", "phoneNumbers"))


def put_addresses_kept(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", addresses=HOME)
    return bool(org.value("ann", "addresses"))


def put_roles_kept(org: Organization) -> object:
    org.hire("ann", roles=[{"value": "reader"}])
    org.update("ann", roles=[{"value": "writer"}])
    return org.value("ann", "roles")[0]["value"]


def put_username_becomes_email(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", title="Boss")
    return org.value("ann", "userName")


def rename_changes_email(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", userName="annie")
    return org.value("ann", "emails")[0]["value"]


def put_second_email_lost(org: Organization) -> object:
    org.hire("ann", emails=MAILS)
    org.update("ann", title="Boss")
    return len(org.value("ann", "emails"))


def put_middle_name_lost(org: Organization) -> object:
    org.hire("ann", name={"givenName": "Ann", "familyName": "Lee", "middleName": "May"})
    org.update("ann", title="Boss")
    return org.value("ann", "name").get("middleName")


def nick_name_becomes_display_name(org: Organization) -> object:
    org.hire("ann", nickName="Annie")
    return org.value("ann", "displayName")


def put_title_becomes_user_type(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", title="Boss")
    return org.value("ann", "userType")


def deactivate_wipes_work_profile(org: Organization) -> object:
    org.hire("ann")
    org.off("ann")
    return org.value("ann", "title"), org.value("ann", "displayName")


def active_resets_language(org: Organization) -> object:
    org.hire("ann", preferredLanguage="de-AT")
    org.off("ann")
    return org.value("ann", "preferredLanguage")


def active_resets_email_type(org: Organization) -> object:
    org.hire("ann", emails=MAILS)
    org.off("ann")
    return [mail["type"] for mail in org.value("ann", "emails")]


def patch_active_leaks(org: Organization) -> object:
    org.hire("ann")
    org.off("ann")
    assert org.update("ann", title="Boss").status == 200
    return org.value("ann", "name").get("active"), org.value("ann", "emails")[0].get("active")


def reactivate_as_created(org: Organization) -> object:
    org.hire("ann")
    org.update("ann", title="Boss")
    org.off("ann")
    org.on("ann")
    return org.value("ann", "title")


# Fault, requests, what is there in the end on the honest target, and with the fault.
STORIES: list[tuple[str, Callable[[Organization], object], object, object]] = [
    ("put-department-kept", put_department_kept, {"department": "new"}, {"department": "dept-ann"}),
    (
        "put-manager-kept",
        put_manager_kept,
        {"department": "dept-ann", "manager": {"value": "kim"}},
        {"department": "dept-ann"},
    ),
    ("put-phones-kept", put_phones_kept, True, False),
    ("put-addresses-kept", put_addresses_kept, True, False),
    ("put-roles-kept", put_roles_kept, "writer", "reader"),
    ("put-username-becomes-email", put_username_becomes_email, "ann", "ann@example.com"),
    ("rename-changes-email", rename_changes_email, "ann@example.com", "annie"),
    ("put-second-email-lost", put_second_email_lost, 2, 1),
    ("put-middle-name-lost", put_middle_name_lost, "May", None),
    ("nick-name-becomes-display-name", nick_name_becomes_display_name, "Name ann", "Annie"),
    ("put-title-becomes-user-type", put_title_becomes_user_type, None, "Boss"),
    (
        "deactivate-wipes-work-profile",
        deactivate_wipes_work_profile,
        ("title-ann", "Name ann"),
        (None, "Name ann"),
    ),
    ("active-resets-language", active_resets_language, "de-AT", "en"),
    ("active-resets-email-type", active_resets_email_type, ["work", "home"], ["other", "other"]),
    ("patch-active-leaks", patch_active_leaks, (None, None), (False, False)),
    ("reactivate-as-created", reactivate_as_created, "Boss", "title-ann"),
]


@pytest.mark.parametrize(("fault", "story", "right", "wrong"), STORIES)
def test_the_fault_shows(
    fault: str, story: Callable[[Organization], object], right: object, wrong: object
) -> None:
    assert story(Organization()) == right
    assert story(Organization(fault)) == wrong


def test_every_fault_is_shown() -> None:
    assert {row[0] for row in STORIES} == {fault.name for fault in profile.FAULTS}
