"""Group push, OIN dialect: PATCH for name and members (OKTA-15 to OKTA-24)."""

from __future__ import annotations

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import (
    answers,
    echoes,
    finds_one,
    is_text,
    same_id,
    value_is,
)
from scimproof.checks.attributes import all_stay
from scimproof.checks.lists import first
from scimproof.core.definitions import Check, Sequence, Step

from ..bundles import (
    A_LIST,
    GET,
    GROUP_CREATE,
    GROUP_CREATE_FULL,
    GROUP_FIND,
    GROUP_GET,
    IDENTITY,
    answered,
    given_group,
    given_members,
    given_user,
    read_group,
)
from ..bundles import (
    SEARCH_MISSES as SEARCH_NOTHING,
)

ONE = {"user": RESIDENT}
TWO = {"user": RESIDENT, "other": RESIDENT}
THREE = TWO | {"third": RESIDENT}
FOUR = THREE | {"fourth": RESIDENT}
GROUP = {"group": "plain"}
REPLACE = "okta/oin/group-replace-members.http"
ADD = "okta/oin/group-add-member.http"
REMOVE = "okta/oin/group-remove-member.http"

THE_GROUP = (
    Check("okta-group-read-answered", answers(200)),
    Check("okta-group-is-the-group", same_id("group.id"), gate=True),
)
GROUP_CREATED = (
    Check("okta-group-create-answered", answers(201, 200)),
    Check("okta-group-create-id", is_text("id"), gate=True),
    Check("okta-group-create-echo-name", echoes("displayName")),
)
SEARCH_MISSES = Step(
    id="search",
    request=GROUP_FIND,
    checks=SEARCH_NOTHING,
)
FIND_GROUP = (
    Check("okta-search-answered", answers(200)),
    *A_LIST,
    Check("okta-search-hit", finds_one("displayName", "group.displayName"), gate=True),
    Check("okta-search-hit-id", first("id", "group.id")),
)
WHO = ("userName", "name.givenName", "name.familyName", "displayName", "emails", "active")
BEFORE_USER = Step(id="before", request=GET, given=True, checks=IDENTITY)
USER_AS_BEFORE = Step(
    id="read-user",
    request=GET,
    checks=(*IDENTITY, Check("okta-user-survives-group", all_stay("before", *WHO))),
)
USER_UNTOUCHED = Step(
    id="read-user",
    request=GET,
    checks=(*IDENTITY, Check("okta-user-survives-group", value_is("active", value=True))),
)


def patch(id: str, request: str, requirement: str, cast: dict[str, str] | None = None) -> Step:
    """One PATCH of the group, answered 200 or 204."""
    return Step(id=id, request=request, cast=cast or {}, checks=answered(requirement))


def create_group(request: str = GROUP_CREATE) -> Step:
    """The create of the group as the thing under test."""
    return Step(id="create", request=request, creates="group", checks=GROUP_CREATED)


SEQUENCES = (
    Sequence(
        id="okta.oin.group.push",
        title="Push a group with two members",
        source="wire-facts section 5, OIN-GROUP-PUSH; OKTA-15, OKTA-16, OKTA-17, OKTA-19",
        people={"user": "plain", "other": RESIDENT},
        population=1,
        groups=GROUP,
        steps=(
            given_user(),
            BEFORE_USER,
            SEARCH_MISSES,
            create_group(),
            patch("same-name", "okta/oin/group-same-name.http", "okta-group-rename-answered"),
            patch("push-members", REPLACE, "okta-group-replace-answered"),
            read_group(
                "read-back", "okta-group-replace-persists", "user.id", "other.id", after="push-members"
            ),
            Step(id="find-back", request=GROUP_FIND, checks=FIND_GROUP),
            USER_AS_BEFORE,
        ),
    ),
    Sequence(
        id="okta.oin.group.push-empty",
        title="Push an empty group",
        source="OKTA-15, OKTA-16, OKTA-19; test plan C9317",
        groups=GROUP,
        steps=(
            SEARCH_MISSES,
            create_group(),
            read_group("read-back", "okta-group-create-empty"),
            patch("push-nobody", "okta/oin/group-replace-nobody.http", "okta-group-empty-answered"),
            read_group("read-again", "okta-group-empty-persists"),
            Step(id="find-back", request=GROUP_FIND, checks=FIND_GROUP),
        ),
    ),
    Sequence(
        id="okta.oin.group.rename",
        title="Rename a pushed group",
        source="OKTA-17",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(GROUP_CREATE_FULL),
            Step(
                id="before", request=GROUP_GET, given=True, checks=answered("okta-group-read-answered", 200)
            ),
            patch("rename", "okta/oin/group-rename.http", "okta-group-rename-answered"),
            read_group(
                "read-back",
                "okta-group-rename-keeps-members",
                "user.id",
                "other.id",
                name="group.newDisplayName",
                after="rename",
                before="before",
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.same-name",
        title="Membership update followed by the unchanged name",
        source="OKTA-17, OKTA-18; D-175",
        people=ONE,
        population=1,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-member", ADD, "user.id"),
            patch("same-name", "okta/oin/group-same-name.http", "okta-group-rename-answered"),
            read_group("read-back", "okta-group-rename-keeps-members", "user.id"),
        ),
    ),
    Sequence(
        id="okta.oin.group.add-member",
        title="Add a member, then a second one",
        source="OKTA-18",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            patch("add", ADD, "okta-group-add-answered"),
            read_group("read-back", "okta-group-add-persists", "user.id", after="add"),
            patch("add-other", ADD, "okta-group-add-answered", {"user": "other"}),
            read_group("read-again", "okta-group-add-persists", "user.id", "other.id"),
            USER_UNTOUCHED,
        ),
    ),
    Sequence(
        id="okta.oin.group.add-present",
        title="Add somebody who is a member already",
        source="OKTA-18; D-201, D-281, D-282",
        people=ONE,
        population=1,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-member", ADD, "user.id"),
            patch("add-again", ADD, "okta-group-add-present"),
            read_group("read-back", "okta-group-add-persists", "user.id"),
        ),
    ),
    Sequence(
        id="okta.oin.group.remove-member",
        title="Remove one of three members",
        source="OKTA-18; D-167",
        people=THREE,
        population=3,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-two", "okta/oin/group-add-members.http", "user.id", "other.id"),
            given_members("prepare-third", ADD, "third.id", cast={"user": "third"}),
            patch("remove", REMOVE, "okta-group-remove-answered"),
            read_group("read-back", "okta-group-remove-persists", "other.id", "third.id", after="remove"),
            USER_UNTOUCHED,
        ),
    ),
    Sequence(
        id="okta.oin.group.remove-absent",
        title="Remove somebody who is no member",
        source="OKTA-18; D-287",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-other", ADD, "other.id", cast={"user": "other"}),
            patch("remove", REMOVE, "okta-group-remove-absent"),
            read_group("read-back", "okta-group-remove-persists", "other.id"),
        ),
    ),
    Sequence(
        id="okta.oin.group.remove-and-add",
        title="Remove two members and add one in one PATCH",
        source="OKTA-18; D-170",
        people=FOUR,
        population=4,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-two", "okta/oin/group-add-members.http", "user.id", "other.id"),
            given_members("prepare-fourth", ADD, "fourth.id", cast={"user": "fourth"}),
            patch("change", "okta/oin/group-remove-and-add.http", "okta-group-delta-answered"),
            read_group("read-back", "okta-group-delta-persists", "third.id", "fourth.id", after="change"),
        ),
    ),
    Sequence(
        id="okta.oin.group.push-now",
        title="Push now: replace the members",
        source="wire-facts section 5, OIN-PUSH-NOW; OKTA-19",
        people=THREE,
        population=3,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-third", ADD, "third.id", cast={"user": "third"}),
            patch("push-now", REPLACE, "okta-group-replace-answered"),
            read_group("read-back", "okta-group-replace-persists", "user.id", "other.id"),
        ),
    ),
    Sequence(
        id="okta.oin.group.push-now-empty",
        title="Push now: replace the members with nobody",
        source="wire-facts section 5, OIN-PUSH-NOW; OKTA-19; test plan C9316",
        people=ONE,
        population=1,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-member", ADD, "user.id"),
            patch("push-now", "okta/oin/group-replace-nobody.http", "okta-group-empty-answered"),
            read_group("read-back", "okta-group-empty-persists"),
            USER_UNTOUCHED,
        ),
    ),
    Sequence(
        id="okta.oin.group.replace-pathless",
        title="Replace name and members in one object without path",
        source="OKTA-17 (L5/113)",
        people=ONE,
        population=1,
        groups=GROUP,
        steps=(
            given_group(),
            patch("replace", "okta/oin/group-replace-pathless.http", "okta-group-pathless-replace"),
            read_group("read-back", "okta-group-empty-persists"),
        ),
    ),
)
