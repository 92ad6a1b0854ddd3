"""What Bitwarden does not show over SCIM, asked of an observer after Okta's requests were accepted."""

from __future__ import annotations

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import tells, tells_blank, tells_flag, tells_members, tells_nobody, tells_times
from scimproof.checks.groups import ids_of
from scimproof.core.definitions import Check, Sequence, Step

from ..okta.bundles import CREATE, GET, GROUP_CREATE_FULL, IDENTITY, given, given_group, given_user
from ..okta.groups.groups_oin import ADD, GROUP, ONE, REMOVE, REPLACE, THREE, TWO
from ..okta.users.lifecycle_oin import DEACTIVATE, REACTIVATE
from .asks import account_name

PENDING = ": provisioned, onboarding pending"
WAITING = ": to be confirmed by an administrator"
NOBODY = "okta/oin/group-replace-nobody.http"
DEACTIVATED = given("deactivate", DEACTIVATE, "okta-deactivate-answered", 200, 204)
REACTIVATED = given("reactivate", REACTIVATE, "okta-reactivate-answered", 200, 204)
INVITED = Check("bitwarden-invited", tells("status", "invited", "staged", meaning=PENDING))
REVOKED = (
    Check("bitwarden-revoked", tells("status", "revoked")),
    Check("bitwarden-revoked-cannot-log-in", tells_flag("canLogIn", value=False)),
)


def truth(observe: str, *checks: Check, id: str = "truth") -> Step:
    """The observer, asked."""
    return Step(id=id, observe=observe, checks=checks)


def events(observe: str, name: str, *values: str) -> Step:
    """The event log has this, as one of these values."""
    logged = Check(f"bitwarden-event-{name}", tells_times("events", values or name, 1))
    return Step(id="events", observe=observe, checks=(logged,))


def done(act: str, about: str) -> Step:
    """What people do outside SCIM, played where it can be."""
    return Step(id=act, observe="user", act=act, about=about, given=True)


def shown(id: str) -> Step:
    """What SCIM shows of somebody who has an account."""
    return Step(id=id, request=GET, checks=(*IDENTITY, Check("bitwarden-name-of-account", account_name())))


def members(id: str, *blanks: str) -> Step:
    """The group has these members and no other."""
    return truth("group", Check("bitwarden-group-members", tells_members(ids_of(*blanks))), id=id)


def sent(id: str, request: str, requirement: str, user: str = "user") -> Step:
    """A change of the group that is accepted; over SCIM nothing more can be said of it."""
    cast = {} if user == "user" else {"user": user}
    return given(id, request, requirement, 200, 204, cast=cast)


SEQUENCES = (
    Sequence(
        id="bitwarden.observed.user.push",
        title="A pushed user is invited: accepting and confirming are up to people",
        source="B1, B2; OKTA-07",
        people={"user": "plain"},
        steps=(
            given_user(request=CREATE),
            truth(
                "user",
                INVITED,
                Check("bitwarden-invited-cannot-log-in", tells_flag("canLogIn", value=False)),
                Check("bitwarden-external-id-recorded", tells_blank("externalId", "user.externalId")),
            ),
            events("user-events", "invited", "invited", "staged"),
        ),
    ),
    Sequence(
        id="bitwarden.observed.user.onboard",
        title="Who accepts and is confirmed can open the vault, until deactivated",
        source="B2, B3; OKTA-11, OKTA-13",
        about="Accepting and confirming are up to people; only a stand-in lets them be played.",
        people={"user": "plain"},
        steps=(
            given_user(),
            done("invite", "an administrator has the invitation mailed again, or a first time"),
            done("accept", "the person accepts the invitation"),
            shown("accepted"),
            truth(
                "user",
                Check("bitwarden-accepted-waits", tells("status", "accepted", meaning=WAITING)),
                Check("bitwarden-accepted-cannot-log-in", tells_flag("canLogIn", value=False)),
            ),
            done("confirm", "an administrator confirms the person"),
            shown("confirmed"),
            truth(
                "user",
                Check("bitwarden-confirmed", tells("status", "confirmed")),
                Check("bitwarden-confirmed-can-log-in", tells_flag("canLogIn", value=True)),
                id="truth-confirmed",
            ),
            DEACTIVATED,
            truth("user", *REVOKED, id="truth-revoked"),
            REACTIVATED,
            truth("user", Check("bitwarden-restored", tells("status", "confirmed")), id="truth-restored"),
        ),
    ),
    Sequence(
        id="bitwarden.observed.user.deactivate",
        title="A deactivated user is revoked, once",
        source="B1; OKTA-11",
        people={"user": "plain"},
        steps=(
            given_user(),
            DEACTIVATED,
            truth("user", *REVOKED),
            given("deactivate-again", DEACTIVATE, "okta-deactivate-again", 200, 204),
            truth("user", *REVOKED, id="truth-again"),
            # What is logged last shows that the log is not late; else "once" waits until it has settled.
            REACTIVATED,
            Step(
                id="events",
                observe="user-events",
                checks=(
                    Check("bitwarden-event-revoked", tells_times("events", "revoked", 1)),
                    Check("bitwarden-revoked-once", tells_times("events", "revoked", 1, 1, "restored")),
                ),
            ),
        ),
    ),
    Sequence(
        id="bitwarden.observed.user.reactivate",
        title="A reactivated user is what the user was before",
        source="B1; OKTA-13",
        people={"user": "plain"},
        steps=(
            given_user(),
            DEACTIVATED,
            REACTIVATED,
            truth("user", Check("bitwarden-restored", tells("status", "invited", "staged", meaning=PENDING))),
            events("user-events", "restored"),
        ),
    ),
    Sequence(
        id="bitwarden.observed.group.push",
        title="Push a group with two members",
        source="B1; OKTA-16, OKTA-19",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            sent("push-members", REPLACE, "okta-group-replace-answered"),
            members("truth", "user.id", "other.id"),
            events("group-events", "group-created"),
            sent("push-nobody", NOBODY, "okta-group-empty-answered"),
            members("truth-nobody"),
        ),
    ),
    Sequence(
        id="bitwarden.observed.group.members",
        title="Add members and take one away",
        source="B1; OKTA-18",
        people=THREE,
        population=3,
        groups=GROUP,
        steps=(
            given_group(),
            sent("add", ADD, "okta-group-add-answered"),
            members("truth-one", "user.id"),
            sent("add-other", ADD, "okta-group-add-answered", "other"),
            sent("add-third", ADD, "okta-group-add-answered", "third"),
            members("truth-three", "user.id", "other.id", "third.id"),
            sent("remove", REMOVE, "okta-group-remove-answered"),
            members("truth-two", "other.id", "third.id"),
        ),
    ),
    Sequence(
        id="bitwarden.observed.group.rename",
        title="A renamed group keeps its members",
        source="B1; OKTA-17",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(GROUP_CREATE_FULL),
            sent("rename", "okta/oin/group-rename.http", "okta-group-rename-answered"),
            truth(
                "group",
                Check("bitwarden-group-name", tells_blank("name", "group.newDisplayName")),
                Check("bitwarden-group-members", tells_members(ids_of("user.id", "other.id"))),
            ),
            events("group-events", "group-updated"),
        ),
    ),
    Sequence(
        id="bitwarden.observed.group.delete",
        title="A group that Okta deletes is gone",
        source="B1; OKTA-21",
        people=ONE,
        population=1,
        groups=GROUP,
        steps=(
            given_group(),
            given("delete", "okta/both/group-delete.http", "okta-group-delete-answered", 204, 200),
            truth("group", Check("bitwarden-group-gone", tells_nobody())),
            events("group-events", "group-deleted"),
        ),
    ),
    Sequence(
        id="bitwarden.observed.group.revoked-member",
        title="A revoked member stays in the group",
        source="B3; OKTA-11",
        people={"user": "plain", "other": RESIDENT},
        population=1,
        groups=GROUP,
        steps=(
            given_user(),
            given_group(),
            sent("push-members", REPLACE, "okta-group-replace-answered"),
            DEACTIVATED,
            truth(
                "group", Check("bitwarden-revoke-keeps-groups", tells_members(ids_of("user.id", "other.id")))
            ),
        ),
    ),
)
