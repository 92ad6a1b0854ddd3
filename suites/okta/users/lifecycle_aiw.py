"""What happens to a user after the create, AIW dialect: everything by GET and PUT."""

from __future__ import annotations

from scimproof.checks import value_is
from scimproof.checks.status import json_or_nothing
from scimproof.core.definitions import Check, Sequence, Step

from ..bundles import (
    CREATE,
    GET,
    IDENTITY,
    answered,
    finds_inactive,
    given,
    given_active,
    given_user,
    stored_as_answered,
)
from .again import refused_or_back, unchanged_or_back
from .create import MINIMAL
from .lifecycle_oin import (
    ACTIVE,
    BEFORE,
    INACTIVE,
    INACTIVE_FIRST,
    LINK,
    LINK_STEPS,
    LINKED,
    OLD_NAME_GONE,
    PROFILE,
    READ,
    RENAME_STEPS,
    STILL_READABLE,
    UPDATE_STEPS,
    UPDATED,
)

DEACTIVATE = "okta/aiw/user-deactivate.http"
REACTIVATE = "okta/aiw/user-reactivate.http"
READ_AGAIN = Step(id="read-again", request=GET, checks=IDENTITY)


def put_inactive(id: str = "deactivate", requirement: str = "okta-deactivate-answered") -> Step:
    """The PUT of what was read, with active false (OKTA-12)."""
    return Step(id=id, request=DEACTIVATE, checks=answered(requirement))


def put_active(id: str = "reactivate") -> Step:
    """The PUT of what was read, with active true (OKTA-13)."""
    return Step(id=id, request=REACTIVATE, checks=answered("okta-reactivate-answered"))


def given_inactive() -> tuple[Step, Step]:
    """Prepare: read, then put inactive."""
    return BEFORE, given_active("prepare-inactive", DEACTIVATE, active=False)


SEQUENCES = (
    Sequence(
        id="okta.aiw.user.update",
        title="Update a user's profile",
        source="wire-facts section 5, AIW-UPDATE; OKTA-09",
        people={"user": "plain"},
        steps=UPDATE_STEPS,
    ),
    Sequence(
        id="okta.aiw.user.rename",
        title="Change a userName",
        source="OKTA-09; D-334",
        people={"user": "plain"},
        steps=RENAME_STEPS,
    ),
    Sequence(
        id="okta.aiw.user.renamed-trap",
        title="A renamed user is looked for under a value the target does not know",
        source="wire-facts section 5, AIW-RENAMED-USER trap (L6)",
        about="Deactivated, looked for under another value, missed, created: 409, or that account again.",
        people={"user": "plain"},
        steps=(
            given_user(),
            *given_inactive(),
            Step(
                id="search-new-name",
                request="okta/both/user-find-renamed.http",
                checks=OLD_NAME_GONE.checks[:1],
            ),
            Step(
                id="create-again",
                request="okta/both/user-create-again.http",
                creates="user",
                checks=(
                    Check("okta-create-conflict", refused_or_back(), beside=CREATE),
                    Check("okta-answer-is-json", json_or_nothing()),
                ),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("okta-conflict-changes-nothing", unchanged_or_back("create-again", *PROFILE)),
                ),
            ),
        ),
    ),
    Sequence(
        id="okta.aiw.user.link",
        title="Assign a user who exists and is active",
        source="wire-facts section 5, AIW-LINK (L2); OKTA-06",
        people={"user": "plain"},
        steps=LINK_STEPS,
    ),
    Sequence(
        id="okta.aiw.user.deactivate",
        title="Deactivate a user",
        source="wire-facts section 5, AIW-DEACTIVATE; OKTA-12",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            READ,
            put_inactive(),
            Step(id="read-back", request=GET, checks=(*INACTIVE, *stored_as_answered("deactivate"))),
            finds_inactive("find-back"),
        ),
    ),
    Sequence(
        id="okta.aiw.user.deactivate-minimal",
        title="Deactivate, then reactivate a user without displayName, locale and e-mail type",
        source="OKTA-07 (L1), OKTA-12, OKTA-13",
        about="A target that wants more of a PUT than of a create leaves such a person with the access.",
        people={"user": "plain"},
        steps=(
            given_user(request=MINIMAL),
            BEFORE,
            READ,
            put_inactive(),
            Step(id="read-back", request=GET, checks=INACTIVE_FIRST),
            put_active(),
            Step(id="read-active", request=GET, checks=ACTIVE),
        ),
    ),
    Sequence(
        id="okta.aiw.user.deactivate-twice",
        title="Deactivate a user who is inactive already",
        source="OKTA-12; D-115",
        people={"user": "plain"},
        steps=(
            given_user(),
            *given_inactive(),
            READ_AGAIN,
            put_inactive("deactivate-again", "okta-deactivate-again"),
            Step(id="read-back", request=GET, checks=INACTIVE),
        ),
    ),
    Sequence(
        id="okta.aiw.user.reassign",
        title="Assign a deactivated user again",
        source="wire-facts section 5, AIW-REASSIGN (L6); OKTA-13",
        people={"user": "plain"},
        steps=(
            given_user(),
            *given_inactive(),
            finds_inactive("search", save=True),
            READ,
            put_active(),
            Step(id="read-active", request=GET, checks=ACTIVE),
            LINK,
            Step(id="read-back", request=GET, checks=LINKED),
        ),
    ),
    Sequence(
        id="okta.aiw.user.second-cycle",
        title="Deactivate, reactivate, then update",
        source="OKTA-09, OKTA-12, OKTA-13; D-144",
        people={"user": "plain"},
        steps=(
            given_user(),
            *given_inactive(),
            given("prepare-read", GET, "okta-read-answered", 200),
            given_active("prepare-active", REACTIVATE, active=True),
            READ,
            Step(
                id="update", request="okta/both/user-put-profile.http", checks=answered("okta-second-cycle")
            ),
            Step(id="read-back", request=GET, checks=UPDATED),
        ),
    ),
    Sequence(
        id="okta.aiw.user.stale-order",
        title="Active true, then a late active false",
        source="OKTA-12, OKTA-13; defects.md, not the server's fault (devforum 14380)",
        people={"user": "plain"},
        steps=(
            given_user(),
            *given_inactive(),
            given("prepare-read", GET, "okta-read-answered", 200),
            given_active("prepare-active", REACTIVATE, active=True),
            READ,
            put_inactive("late-deactivate"),
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
        id="okta.aiw.user.password",
        title="Push a password",
        source="OKTA-10",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            Step(id="push", request="okta/aiw/user-password.http", checks=answered("okta-password-answered")),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY,),
            ),
        ),
    ),
)
