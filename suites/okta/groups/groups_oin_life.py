"""The life of a pushed group, OIN dialect: large, linked, deleted, beside deactivated users."""

from __future__ import annotations

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import (
    answers,
    finds_one,
    members_are,
    members_include,
    no_member_twice,
    same_id,
    value_is,
)
from scimproof.checks.attributes import all_stay
from scimproof.checks.groups import ids_of, ids_of_population, no_group, takes
from scimproof.checks.lists import nobody_named
from scimproof.checks.status import json_or_nothing
from scimproof.core.definitions import Check, Sequence, Step

from ..bundles import (
    GET,
    GROUP_CREATE,
    GROUP_FIND,
    GROUP_GET,
    IDENTITY,
    answered,
    given_active,
    given_group,
    given_members,
    given_user,
    read_group,
)
from .groups_oin import (
    ADD,
    FIND_GROUP,
    GROUP,
    ONE,
    REPLACE,
    THE_GROUP,
    TWO,
    WHO,
    patch,
)


def batch(number: int, count: int) -> Step:
    """One PATCH that adds so many members (OKTA-24)."""
    return Step(
        id=f"batch-{number}",
        request=f"okta/oin/group-add-batch-{number}.http",
        checks=(
            Check("okta-group-large-batches", takes(count, "PATCH", 200, 204)),
            Check("okta-answer-is-json", json_or_nothing()),
        ),
    )


SEQUENCES = (
    Sequence(
        id="okta.oin.group.large",
        title="250 members in batches of a hundred",
        source="OKTA-24; D-206, D-216",
        groups=GROUP,
        population=250,
        steps=(
            given_group(),
            batch(1, 100),
            batch(2, 100),
            batch(3, 50),
            Step(
                id="read-back",
                request=GROUP_GET,
                checks=(
                    *THE_GROUP,
                    Check("okta-group-large-batches", members_are(ids_of_population)),
                    Check("okta-group-member-once", no_member_twice()),
                ),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.link",
        title="Link a pushed group to one that exists",
        source="OKTA-15, OKTA-22; test plan C9315, C9330",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-member", ADD, "user.id"),
            Step(id="search", request=GROUP_FIND, checks=FIND_GROUP, save={"group.id": "Resources.0.id"}),
            patch("add-other", ADD, "okta-group-add-answered", {"user": "other"}),
            Step(
                id="read-back",
                request=GROUP_GET,
                checks=(
                    *THE_GROUP,
                    Check("okta-group-link-keeps-members", members_include(ids_of("user.id"))),
                    Check("okta-group-add-persists", members_include(ids_of("other.id"))),
                ),
            ),
            Step(
                id="find-back",
                request=GROUP_FIND,
                checks=(
                    Check("okta-search-answered", answers(200)),
                    Check("okta-group-link-no-second", finds_one("displayName", "group.displayName")),
                ),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.delete",
        title="Unlink a pushed group and delete it",
        source="OKTA-21; test plan C9318",
        people={"user": "plain"},
        groups=GROUP,
        steps=(
            given_user(),
            given_group(),
            given_members("prepare-member", ADD, "user.id"),
            Step(id="before", request=GET, given=True, checks=IDENTITY),
            Step(
                id="delete",
                request="okta/both/group-delete.http",
                checks=answered("okta-group-delete-answered", 204, 200, 202),
            ),
            Step(
                id="read-user",
                request=GET,
                checks=(
                    Check("okta-group-delete-keeps-users", answers(200)),
                    Check("okta-read-is-the-user", same_id("user.id"), gate=True),
                    Check("okta-user-survives-group", all_stay("before", *WHO)),
                    Check("rfc7643-4.1.2-groups-follow", no_group("group.id")),
                ),
            ),
            Step(id="read-back", request=GROUP_GET, checks=answered("okta-group-delete-persists", 404, 410)),
            Step(
                id="find-back",
                request=GROUP_FIND,
                checks=(
                    Check("okta-search-answered", answers(200, 404)),
                    Check(
                        "okta-group-delete-persists",
                        nobody_named("group.displayName", "displayName", "group.id"),
                    ),
                ),
            ),
            Step(
                id="create-again",
                request=GROUP_CREATE,
                creates="group",
                checks=answered("okta-group-recreate-answered", 201, 200),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.create-existing",
        title="Create a group whose name exists",
        source="OKTA-16; a second group of one name is legal, and so is 409",
        groups=GROUP,
        steps=(
            given_group(),
            Step(
                id="create-again",
                request=GROUP_CREATE,
                creates="group",
                checks=answered("okta-group-conflict", 409, 201, 200),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.seven-at-once",
        title="Seven groups changed at the same time",
        source="OKTA-18, OKTA-24; D-273",
        people=ONE,
        population=1,
        groups=GROUP,
        chains=7,
        steps=(
            given_group(),
            patch("add", ADD, "okta-parallel-groups"),
            read_group("read-back", "okta-group-add-persists", "user.id"),
        ),
    ),
    Sequence(
        id="okta.oin.group.deactivated-member",
        title="Push a group that holds a deactivated user",
        source="OKTA-19; wire-facts section 5; D-200",
        people={"user": "plain", "other": RESIDENT},
        population=1,
        groups=GROUP,
        steps=(
            given_user(),
            given_group(),
            given_members("prepare-member", ADD, "user.id"),
            given_active("prepare-inactive", "okta/oin/user-deactivate.http", active=False),
            patch("push-now", REPLACE, "okta-group-inactive-member"),
            Step(
                id="read-back",
                request=GROUP_GET,
                checks=(
                    *THE_GROUP,
                    Check("okta-group-inactive-member-others", members_include(ids_of("other.id"))),
                ),
            ),
            Step(
                id="read-user",
                request=GET,
                checks=(*IDENTITY, Check("okta-user-survives-group", value_is("active", value=False))),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.update-keeps-groups",
        title="Profile update of a group member, with empty groups",
        source="OKTA-09; D-092",
        people={"user": "plain"},
        groups=GROUP,
        steps=(
            given_user(),
            given_group(),
            given_members("prepare-member", ADD, "user.id"),
            Step(id="read", request=GET, given=True, checks=IDENTITY),
            Step(
                id="update",
                request="okta/both/user-put-profile.http",
                checks=answered("okta-update-answered"),
            ),
            read_group("read-group", "okta-update-keeps-groups", "user.id"),
        ),
    ),
)
