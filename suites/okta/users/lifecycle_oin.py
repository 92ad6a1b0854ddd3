"""What happens to a user after the create, OIN dialect: PATCH for active, GET and PUT for the profile."""

from __future__ import annotations

from scimproof.checks import answers, is_boolean, kept, same_id, value_is
from scimproof.checks.attributes import all_kept, blank_kept, is_gone
from scimproof.checks.lists import found, nobody_named
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import addresses_are
from ..bundles import (
    GET,
    IDENTITY,
    LOCAL,
    answered,
    finds_inactive,
    given_active,
    given_user,
    search_hits,
    stored_as_answered,
)
from .create import MINIMAL

DEACTIVATE = "okta/oin/user-deactivate.http"
REACTIVATE = "okta/oin/user-reactivate.http"
PROFILE = ("userName", "name.givenName", "name.familyName", "emails", "externalId")
READ = Step(id="read", request=GET, checks=IDENTITY)
BEFORE = Step(id="before", request=GET, given=True, checks=IDENTITY)

STILL_READABLE = (
    Check("okta-deactivate-readable", answers(200)),
    Check("okta-read-is-the-user", same_id("user.id"), gate=True),
)
INACTIVE = (
    *STILL_READABLE,
    Check("okta-deactivate-persists", value_is("active", value=False)),
    Check("okta-active-shown", is_boolean("active")),
)
# The same, where what follows stands on it: who was never switched off is not switched on again.
INACTIVE_FIRST = (
    *(check for check in INACTIVE if check.requirement != "okta-deactivate-persists"),
    Check("okta-deactivate-persists", value_is("active", value=False), gate=True),
)
ACTIVE = (
    *IDENTITY,
    Check("okta-reactivate-persists", value_is("active", value=True)),
    Check("okta-active-shown", is_boolean("active")),
)
UPDATED = (
    *IDENTITY,
    Check("okta-update-persists", kept("update", "name.familyName")),
    Check("okta-update-display-name", kept("update", "displayName")),
    Check("okta-update-keeps-active", value_is("active", value=True)),
    Check("okta-title-kept", kept("update", "title")),
    Check("okta-locale-kept", kept("update", "locale")),
    *stored_as_answered("update"),
)
LINKED = (
    *IDENTITY,
    Check("okta-link-persists", all_kept("link", "name.givenName", "name.familyName")),
    Check("okta-new-user-active", value_is("active", value=True)),
    Check("okta-external-id-kept", kept("link", "externalId")),
    Check("okta-active-shown", is_boolean("active")),
    *stored_as_answered("link"),
)
RENAMED = (
    *IDENTITY,
    Check("okta-rename-persists", blank_kept("userName", "user.newUserName")),
    Check("okta-emails-replaced", addresses_are("rename")),
    *stored_as_answered("rename"),
    Check("okta-update-keeps-active", value_is("active", value=True)),
)
UPDATE = Step(id="update", request="okta/both/user-put-profile.http", checks=answered("okta-update-answered"))
LINK = Step(id="link", request="okta/both/user-put-link.http", checks=answered("okta-link-answered"))
RENAME = Step(id="rename", request="okta/both/user-put-rename.http", checks=answered("okta-rename-answered"))
RENAMED_FOUND = Step(
    id="find-new-name",
    request="okta/both/user-find-renamed.http",
    checks=(
        *answered("okta-search-answered", 200),
        Check("okta-search-finds-renamed", found("user.newUserName")),
    ),
)
OLD_NAME_GONE = Step(
    id="find-old-name",
    request="okta/both/user-find.http",
    checks=(
        *answered("okta-search-answered", 200, 404),
        Check("okta-search-forgets-old-name", nobody_named("user.userName", id="user.id")),
    ),
)


def deactivate(id: str = "deactivate", requirement: str = "okta-deactivate-answered") -> Step:
    """The PATCH without path (OKTA-11)."""
    return Step(id=id, request=DEACTIVATE, checks=answered(requirement))


def reactivate(id: str = "reactivate") -> Step:
    """The same PATCH with active true (OKTA-13)."""
    return Step(id=id, request=REACTIVATE, checks=answered("okta-reactivate-answered"))


UPDATE_STEPS = (given_user(), READ, UPDATE, Step(id="read-back", request=GET, checks=UPDATED))
RENAME_STEPS = (
    given_user(),
    READ,
    RENAME,
    Step(id="read-back", request=GET, checks=RENAMED),
    RENAMED_FOUND,
    OLD_NAME_GONE,
)
LINK_STEPS = (
    given_user(request=LOCAL),
    search_hits("search", save=True),
    READ,
    LINK,
    Step(id="read-back", request=GET, checks=LINKED),
    search_hits("find-back"),
)


SEQUENCES = (
    Sequence(
        id="okta.oin.user.update",
        title="Update a user's profile",
        source="wire-facts section 5, OIN-UPDATE; OKTA-09",
        people={"user": "plain"},
        steps=UPDATE_STEPS,
    ),
    Sequence(
        id="okta.oin.user.update-emptied",
        title="Empty an attribute",
        source="OKTA-09; test plan C9337",
        people={"user": "plain"},
        steps=(
            given_user(),
            READ,
            Step(
                id="update",
                request="okta/both/user-put-emptied.http",
                checks=answered("okta-emptied-accepted"),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY, Check("okta-emptied-is-gone", is_gone("displayName"))),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.user.rename",
        title="Change a userName",
        source="OKTA-09; D-334",
        people={"user": "plain"},
        steps=RENAME_STEPS,
    ),
    Sequence(
        id="okta.oin.user.link",
        title="Assign a user who exists and is active",
        source="wire-facts section 5, OIN-LINK; OKTA-06",
        people={"user": "plain"},
        steps=LINK_STEPS,
    ),
    Sequence(
        id="okta.oin.user.link-inactive",
        title="Assign a user who exists and is inactive",
        source="wire-facts section 5, OIN-LINK; OKTA-06, OKTA-13",
        people={"user": "plain"},
        steps=(
            given_user(),
            given_active("prepare-inactive", DEACTIVATE, active=False),
            finds_inactive("search", save=True),
            reactivate(),
            READ,
            LINK,
            Step(id="read-back", request=GET, checks=LINKED),
        ),
    ),
    Sequence(
        id="okta.oin.user.deactivate",
        title="Deactivate a user",
        source="wire-facts section 5, OIN-DEACTIVATE; OKTA-11",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            deactivate(),
            Step(id="read-back", request=GET, checks=(*INACTIVE, *stored_as_answered("deactivate"))),
            finds_inactive("find-back"),
        ),
    ),
    Sequence(
        id="okta.oin.user.deactivate-minimal",
        title="Deactivate, then reactivate a user without displayName, locale and e-mail type",
        source="OKTA-07 (L1), OKTA-11, OKTA-13",
        about="A target that wants more of a change than of a create leaves such a person with the access.",
        people={"user": "plain"},
        steps=(
            given_user(request=MINIMAL),
            BEFORE,
            deactivate(),
            Step(id="read-back", request=GET, checks=INACTIVE_FIRST),
            reactivate(),
            Step(id="read-active", request=GET, checks=ACTIVE),
        ),
    ),
    Sequence(
        id="okta.oin.user.deactivate-twice",
        title="Deactivate a user who is inactive already",
        source="OKTA-11; D-115",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            given_active("prepare-inactive", DEACTIVATE, active=False),
            deactivate("deactivate-again", "okta-deactivate-again"),
            Step(id="read-back", request=GET, checks=INACTIVE),
        ),
    ),
    Sequence(
        id="okta.oin.user.reactivate",
        title="Assign a deactivated user again",
        source="wire-facts section 5, OIN-DEACTIVATE / REACTIVATE; OKTA-13",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            given_active("prepare-inactive", DEACTIVATE, active=False),
            finds_inactive("search", save=True),
            reactivate(),
            Step(id="read-back", request=GET, checks=ACTIVE),
        ),
    ),
    Sequence(
        id="okta.oin.user.second-cycle",
        title="Deactivate, reactivate, then update",
        source="OKTA-09, OKTA-11, OKTA-13; D-144",
        people={"user": "plain"},
        steps=(
            given_user(),
            given_active("prepare-inactive", DEACTIVATE, active=False),
            given_active("prepare-active", REACTIVATE, active=True),
            READ,
            Step(
                id="update", request="okta/both/user-put-profile.http", checks=answered("okta-second-cycle")
            ),
            Step(id="read-back", request=GET, checks=UPDATED),
            deactivate("deactivate-again"),
            Step(
                id="read-inactive",
                request=GET,
                checks=(*STILL_READABLE, Check("okta-deactivate-persists", value_is("active", value=False))),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.user.stale-order",
        title="Active true, then a late active false",
        source="OKTA-11, OKTA-13; defects.md, not the server's fault (devforum 14380)",
        people={"user": "plain"},
        steps=(
            given_user(),
            given_active("prepare-inactive", DEACTIVATE, active=False),
            given_active("prepare-active", REACTIVATE, active=True),
            deactivate("late-deactivate"),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *STILL_READABLE,
                    Check("okta-late-deactivation-wins", value_is("active", value=False)),
                ),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.user.password",
        title="Push a password",
        source="OKTA-10",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            Step(id="push", request="okta/oin/user-password.http", checks=answered("okta-password-answered")),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY,),
            ),
        ),
    ),
)
