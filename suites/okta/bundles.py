"""The checks and the preparing steps that many of Okta's sequences share."""

from __future__ import annotations

from collections.abc import Mapping

from scimproof.checks import (
    answers,
    counters_are_integers,
    echoes,
    finds_one,
    is_boolean,
    is_text,
    kept,
    members_are,
    never_shows,
    no_member_twice,
    same_id,
    value_is,
)
from scimproof.checks.attributes import agrees_with, blank_kept, has_id, tells_id
from scimproof.checks.groups import ids_of, joined, still_joined
from scimproof.checks.lists import at_most, first, first_is, is_list_body
from scimproof.checks.status import json_or_nothing
from scimproof.core.definitions import Check, Step

from .asks import case_kept, misses, primary_kept, tolerating_404, unless_404

CREATE = "okta/both/user-create.http"
LOCAL = "harness/user-create-local.http"
GET = "okta/both/user-get.http"
FIND = "okta/both/user-find.http"
GROUP_GET = "okta/both/group-get.http"
GROUP_FIND = "okta/both/group-find.http"
GROUP_CREATE = "okta/both/group-create-empty.http"
GROUP_CREATE_FULL = "okta/both/group-create-with-members.http"

# What somebody can be created by where Okta's own body is declined, so that other things can be asked.
OTHERWISE = {CREATE: "okta/both/user-create-minimal.http", LOCAL: CREATE}
NAME_OF = {"group.newDisplayName": "okta-group-rename-persists"}

# Without it nothing else can be asked: a failure of that create, not a question that is left open.
ID_TOLD = Check("okta-create-id", tells_id(), gate=True)
GROUP_ID_TOLD = Check("okta-group-create-id", tells_id(), gate=True)

A_LIST = (
    Check("okta-list-is-json", is_list_body(), gate=True),
    Check("okta-list-counters-integer", counters_are_integers()),
)
SEARCH_MISSES = (
    Check("okta-search-answered", answers(200, 404)),
    Check("okta-list-is-json", tolerating_404(is_list_body()), gate=True),
    Check("okta-search-miss-empty", misses()),
    Check("okta-list-counters-integer", unless_404(counters_are_integers())),
)
IDENTITY = (
    Check("okta-read-answered", answers(200)),
    Check("okta-answer-is-json", json_or_nothing(), gate=True),
    Check("okta-read-is-the-user", same_id("user.id"), gate=True),
)


def search_misses(id: str = "search", request: str = FIND, about: str = "") -> Step:
    """A search that finds nothing."""
    return Step(id=id, request=request, checks=SEARCH_MISSES, about=about)


def search_hits(
    id: str,
    *,
    request: str = FIND,
    requirement: str = "okta-search-hit",
    extra: tuple[Check, ...] = (),
    save: bool = False,
) -> Step:
    """A search that finds the one user under its id; with `save` Okta takes the id from here (linking)."""
    checks = (
        Check("okta-search-answered", answers(200)),
        *A_LIST,
        Check(requirement, finds_one("userName", "user.userName"), gate=True),
        Check("okta-search-hit-id", first("id", "user.id")),
        Check("okta-password-never-returned", never_shows("user.password")),
        *extra,
    )
    return Step(id=id, request=request, checks=checks, save={"user.id": "Resources.0.id"} if save else {})


def created(requirement: str = "okta-create-answered", beside: str = "") -> tuple[Check, ...]:
    """What Okta relies on in the answer to a create of a user; of one that `beside` another is odd."""
    return (
        Check(requirement, answers(201, 200), beside=beside),
        Check("okta-create-id", is_text("id"), gate=True),
        Check("okta-create-echo-username", echoes("userName")),
        Check("okta-create-echo-active", value_is("active", value=True)),
        Check("okta-password-never-returned", never_shows("user.password")),
    )


def user_as_sent(step: str = "create", *, active: bool | None = True) -> tuple[Check, ...]:
    """A read by id that shows the user as that step sent it, attribute by attribute."""
    state = () if active is None else (Check("okta-new-user-active", value_is("active", value=active)),)
    return (
        *IDENTITY,
        Check("okta-username-kept", kept(step, "userName")),
        Check("okta-username-case-kept", case_kept(step)),
        Check("okta-given-name-kept", kept(step, "name.givenName")),
        Check("okta-family-name-kept", kept(step, "name.familyName")),
        Check("okta-email-kept", kept(step, "emails")),
        Check("okta-external-id-kept", kept(step, "externalId")),
        Check("okta-active-shown", is_boolean("active")),
        Check("okta-email-primary-kept", primary_kept(step)),
        *state,
        *stored_as_answered(step),
        Check("okta-password-never-returned", never_shows("user.password")),
    )


def optional_as_sent(step: str = "create") -> tuple[Check, ...]:
    """The attributes a server may leave out: displayName and locale."""
    return (
        Check("okta-display-name-kept", kept(step, "displayName")),
        Check("okta-locale-kept", kept(step, "locale")),
    )


def finds_inactive(id: str, *, save: bool = False) -> Step:
    """A search that has to find a deactivated user, with active false."""
    return search_hits(id, requirement="okta-search-finds-inactive", extra=FOUND_INACTIVE, save=save)


def stored_as_answered(step: str, *more: str) -> tuple[Check, ...]:
    """What the answer to that write showed of a user is what a read shows afterwards."""
    paths = ("userName", "name.givenName", "name.familyName", "displayName", "emails", "active", *more)
    return (Check("rfc7644-3.1-write-shows-stored", agrees_with(step, *paths)),)


def given_user(name: str = "user", request: str = CREATE) -> Step:
    """Prepare: a user that exists."""
    return Step(
        id=f"create-{name}",
        request=request,
        otherwise=OTHERWISE.get(request, ""),
        given=True,
        creates=name,
        cast={} if name == "user" else {"user": name},
        checks=(
            Check("okta-create-answered", answers(201, 200)),
            Check("okta-create-id", has_id(), gate=True),
        ),
    )


def given_group(request: str = GROUP_CREATE, *members: str) -> Step:
    """Prepare: a group that exists, with these members where the request brings some."""
    return Step(
        id="create-group",
        request=request,
        given=True,
        creates="group",
        checks=(
            Check("okta-group-create-answered", answers(201, 200)),
            Check("okta-group-create-id", has_id(), gate=True),
        ),
        effect=(Check("okta-group-create-members", joined(*members)),) if members else (),
    )


def given(
    id: str,
    request: str,
    requirement: str,
    *statuses: int,
    cast: Mapping[str, str] | None = None,
    effect: tuple[Check, ...] = (),
) -> Step:
    """Prepare: any other request that has to succeed, and to have its effect."""
    return Step(
        id=id,
        request=request,
        given=True,
        cast=cast or {},
        checks=(Check(requirement, answers(*statuses)),),
        effect=effect,
    )


def given_active(id: str, request: str, *, active: bool) -> Step:
    """Prepare: a user who was switched off, or on again, and reads back so."""
    verb = "reactivate" if active else "deactivate"
    readable = Check("okta-read-answered" if active else "okta-deactivate-readable", answers(200))
    effect = (readable, Check(f"okta-{verb}-persists", value_is("active", value=active)))
    return given(id, request, f"okta-{verb}-answered", 200, 204, effect=effect)


def given_members(id: str, request: str, *blanks: str, cast: Mapping[str, str] | None = None) -> Step:
    """Prepare: users added to a group, in which these are then."""
    effect = (Check("okta-group-add-persists", joined(*blanks)),)
    return given(id, request, "okta-group-add-answered", 200, 204, cast=cast, effect=effect)


def read_group(
    id: str,
    requirement: str,
    *blanks: str,
    name: str = "group.displayName",
    after: str = "",
    before: str = "",
) -> Step:
    """A read by id that shows exactly these members, the name of that blank, and what `after` answered.

    With `before` the members are asked for only where that step showed them.
    """
    stored = (
        (Check("rfc7644-3.1-write-shows-stored", agrees_with(after, "displayName", "members")),)
        if after
        else ()
    )
    checks = (
        Check("okta-group-read-answered", answers(200)),
        Check("okta-answer-is-json", json_or_nothing(), gate=True),
        Check("okta-group-is-the-group", same_id("group.id"), gate=True),
        Check(NAME_OF.get(name, "okta-group-name-kept"), blank_kept("displayName", name)),
        Check(requirement, still_joined(before, *blanks) if before else members_are(ids_of(*blanks))),
        Check("okta-group-member-once", no_member_twice()),
        *stored,
    )
    return Step(id=id, request=GROUP_GET, checks=checks)


def answered(requirement: str, *statuses: int, beside: str = "") -> tuple[Check, ...]:
    """A write answered with one of these (200 and 204 when none is named), with a body Okta can read."""
    accepted = Check(requirement, answers(*(statuses or (200, 204))), beside=beside)
    return (accepted, Check("okta-answer-is-json", json_or_nothing()))


PAGE_OF_2 = (
    Check("okta-connect-answered", answers(200)),
    *A_LIST,
    Check("okta-list-no-more-than-asked", at_most(2)),
)
PAGE_OF_100 = (
    Check("okta-connect-groups-answered", answers(200)),
    *A_LIST,
    Check("okta-list-no-more-than-asked", at_most(100)),
)
FOUND_ACTIVE = (Check("okta-new-user-active", first_is("active", value=True)),)
FOUND_INACTIVE = (Check("okta-deactivate-persists", first_is("active", value=False)),)
