"""Group push, AIW dialect: the whole group by GET and PUT (OKTA-16, OKTA-20 to OKTA-24)."""

from __future__ import annotations

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import (
    answers,
    finds_one,
    members_are,
    members_include,
    no_member_twice,
    value_is,
)
from scimproof.checks.groups import ids_of, ids_of_population, takes
from scimproof.checks.status import json_or_nothing
from scimproof.core.definitions import Check, Sequence, Step

from ..bundles import (
    GET,
    GROUP_CREATE,
    GROUP_CREATE_FULL,
    GROUP_FIND,
    GROUP_GET,
    IDENTITY,
    answered,
    given,
    given_active,
    given_group,
    given_members,
    given_user,
    read_group,
)
from .groups_oin import (
    BEFORE_USER,
    FIND_GROUP,
    GROUP,
    ONE,
    SEARCH_MISSES,
    THE_GROUP,
    TWO,
    USER_AS_BEFORE,
    create_group,
)

PUT = "okta/aiw/group-put-members.http"
READ = Step(
    id="read",
    request=GROUP_GET,
    checks=THE_GROUP,
)


def put(id: str, request: str, requirement: str = "okta-group-put-answered") -> Step:
    """One PUT of the whole group, answered 200 (204 is tolerated)."""
    return Step(id=id, request=request, checks=answered(requirement))


SEQUENCES = (
    Sequence(
        id="okta.aiw.group.push",
        title="Push a group with two members",
        source="wire-facts section 5, AIW-GROUP-PUSH (L1); OKTA-15, OKTA-16, OKTA-20",
        people={"user": "plain", "other": RESIDENT},
        population=1,
        groups=GROUP,
        steps=(
            given_user(),
            BEFORE_USER,
            SEARCH_MISSES,
            create_group(GROUP_CREATE_FULL),
            read_group("read", "okta-group-create-members", "user.id", "other.id", after="create"),
            put("put-same", PUT),
            read_group("read-back", "okta-group-put-persists", "user.id", "other.id"),
            Step(id="find-back", request=GROUP_FIND, checks=FIND_GROUP),
            USER_AS_BEFORE,
        ),
    ),
    Sequence(
        id="okta.aiw.group.push-one",
        title="Push a group with one member",
        source="wire-facts section 5, AIW-GROUP-PUSH (L1); OKTA-16; D-203",
        people=ONE,
        population=1,
        groups=GROUP,
        steps=(
            create_group("okta/both/group-create-with-member.http"),
            read_group("read-back", "okta-group-create-members", "user.id"),
        ),
    ),
    Sequence(
        id="okta.aiw.group.push-empty",
        title="Push an empty group",
        source="OKTA-16, OKTA-20 (L1); test plan C9317",
        groups=GROUP,
        steps=(
            SEARCH_MISSES,
            create_group(GROUP_CREATE),
            read_group("read", "okta-group-create-empty"),
            put("put-nobody", "okta/aiw/group-put-nobody.http", "okta-group-empty-answered"),
            read_group("read-back", "okta-group-empty-persists"),
        ),
    ),
    Sequence(
        id="okta.aiw.group.add-members",
        title="Put two members into an empty group",
        source="wire-facts section 5, AIW-GROUP-CHANGE; OKTA-20; D-177, D-178",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            READ,
            put("put-two", PUT),
            read_group("read-back", "okta-group-put-persists", "user.id", "other.id", after="put-two"),
        ),
    ),
    Sequence(
        id="okta.aiw.group.null-display",
        title="Put members whose display is null",
        source="OKTA-20 (L5/95); D-186",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            READ,
            put("put-null", "okta/aiw/group-put-members-null-display.http", "okta-group-null-display"),
            read_group("read-back", "okta-group-put-persists", "user.id", "other.id"),
        ),
    ),
    Sequence(
        id="okta.aiw.group.remove-member",
        title="Put the member list after one member left",
        source="wire-facts section 5, AIW-GROUP-CHANGE; OKTA-20",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(GROUP_CREATE_FULL),
            READ,
            put("put-one", "okta/aiw/group-put-one-member.http"),
            read_group("read-back", "okta-group-remove-persists", "other.id"),
        ),
    ),
    Sequence(
        id="okta.aiw.group.empty",
        title="Put nobody",
        source="OKTA-20 (L1); test plan C9316",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(GROUP_CREATE_FULL, "user.id", "other.id"),
            READ,
            put("put-nobody", "okta/aiw/group-put-nobody.http", "okta-group-empty-answered"),
            read_group("read-back", "okta-group-empty-persists"),
        ),
    ),
    Sequence(
        id="okta.aiw.group.rename",
        title="Rename a pushed group",
        source="OKTA-20; D-197",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(GROUP_CREATE_FULL),
            READ,
            put("rename", "okta/aiw/group-put-renamed.http", "okta-group-rename-answered"),
            read_group(
                "read-back",
                "okta-group-rename-keeps-members",
                "user.id",
                "other.id",
                name="group.newDisplayName",
                after="rename",
            ),
        ),
    ),
    Sequence(
        id="okta.aiw.group.without-id",
        title="Put the whole group without id in the body",
        source="OKTA-20 (S1)",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            READ,
            put("put", "okta/aiw/group-put-without-id.http", "okta-group-put-without-id"),
            read_group("read-back", "okta-group-put-persists", "user.id", "other.id"),
        ),
    ),
    Sequence(
        id="okta.aiw.group.large",
        title="250 members in one PUT",
        source="OKTA-24",
        groups=GROUP,
        population=250,
        steps=(
            given_group(),
            READ,
            Step(
                id="put-everybody",
                request="okta/aiw/group-put-population.http",
                checks=(
                    Check("okta-group-large-put", takes(None, "PUT", 200, 204)),
                    Check("okta-answer-is-json", json_or_nothing()),
                ),
            ),
            Step(
                id="read-back",
                request=GROUP_GET,
                checks=(
                    *THE_GROUP,
                    Check("okta-group-large-put", members_are(ids_of_population)),
                    Check("okta-group-member-once", no_member_twice()),
                ),
            ),
        ),
    ),
    Sequence(
        id="okta.aiw.group.link",
        title="Link a pushed group to one that exists",
        source="OKTA-15, OKTA-22; test plan C9315, C9330",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("prepare-member", "okta/oin/group-add-member.http", "user.id"),
            Step(id="search", request=GROUP_FIND, checks=FIND_GROUP, save={"group.id": "Resources.0.id"}),
            READ,
            put("put-merged", "okta/aiw/group-put-linked.http"),
            Step(
                id="read-back",
                request=GROUP_GET,
                checks=(
                    *THE_GROUP,
                    Check("okta-group-link-keeps-members", members_include(ids_of("user.id"))),
                    Check("okta-group-put-persists", members_include(ids_of("other.id"))),
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
        id="okta.aiw.group.deactivated-member",
        title="Put a group that holds a deactivated user",
        source="OKTA-20; wire-facts section 5; D-200",
        people={"user": "plain", "other": RESIDENT},
        population=1,
        groups=GROUP,
        steps=(
            given_user(),
            given_group(),
            given("prepare-read", GET, "okta-read-answered", 200),
            given_active("prepare-inactive", "okta/aiw/user-deactivate.http", active=False),
            READ,
            put("put-two", PUT, "okta-group-inactive-member"),
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
)
