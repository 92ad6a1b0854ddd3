"""The life of a group: created empty, filled, renamed, matched, deleted (ENTRA-22 to ENTRA-30)."""

from __future__ import annotations

from dataclasses import replace

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import answers, finds_one, is_text
from scimproof.checks.attributes import blank_kept
from scimproof.checks.lists import first
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import finds_nobody_of, gone, survives, where_found
from ..bundles import (
    A_LIST,
    DIALECTS,
    FINDS_NOTHING,
    GET,
    GROUP,
    GROUP_CREATE,
    GROUP_FIND,
    GROUP_GET,
    change_group,
    given_group,
    given_members,
    group_hits,
    group_read,
    left,
    members,
    of,
)

TWO = {"user": RESIDENT, "other": RESIDENT}
THREE = TWO | {"third": RESIDENT}
ODD = {"marks": "punctuation", "unicode": "letters of other languages", "quotes": "quotes and a backslash"}
CREATED = (
    Check("entra-group-create-answered", answers(201, 200)),
    Check("entra-group-create-id", is_text("id"), gate=True),
)
SEARCH_MISSES = Step(id="search", request=GROUP_FIND, checks=FINDS_NOTHING)
KEPT = Check("entra-group-external-id-kept", blank_kept("externalId", "group.externalId"))
DELETE = Step(
    id="delete",
    request="entra/both/group-delete.http",
    checks=(Check("entra-group-delete-answered", answers(204, 200, 202)),),
)
GONE = (
    Step(id="read-gone", request=GROUP_GET, checks=(Check("entra-group-deleted-gone", gone()),)),
    Step(
        id="find-gone",
        request=GROUP_FIND,
        checks=(
            Check("entra-search-answered", answers(200)),
            A_LIST,
            Check("entra-group-deleted-gone", finds_nobody_of("group.id")),
        ),
    ),
)
USER_SURVIVES = Step(
    id="read-user",
    request=GET,
    cast={"user": "other"},  # who was a member to the end
    own=True,
    checks=(Check("entra-group-users-survive", survives("other.id")),),
)


def create(request: str = GROUP_CREATE, requirement: str = "", beside: str = "") -> Step:
    """The create of the group as the thing under test."""
    accepted = Check(requirement or "entra-group-create-answered", answers(201, 200), beside=beside)
    return Step(id="create", request=request, creates="group", checks=(accepted, CREATED[1]))


def life(dialect: str) -> Sequence:
    """From the first search to the deletion."""
    return Sequence(
        id=f"entra.{dialect}.group.life",
        title="Create a group, add two members, remove one, delete it",
        source=f"wire-facts section 5, {14 if dialect == 'default' else 15}",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            SEARCH_MISSES,
            create(),
            group_read(KEPT, id="read-back"),
            members(requirement="entra-group-create-empty", id="nobody"),
            change_group("add", of(dialect, "group-add-members"), "entra-group-add-answered"),
            members("user.id", "other.id", id="two"),
            change_group("remove", of(dialect, "group-remove-member"), "entra-group-remove-answered"),
            left("other.id", id="one"),
            group_hits("find-back"),
            group_read(KEPT, id="next-cycle"),
            DELETE,
            *GONE,
            USER_SURVIVES,
        ),
    )


def rename(dialect: str) -> Sequence:
    """Another name, and the same members."""
    return Sequence(
        id=f"entra.{dialect}.group.rename",
        title="Rename a group with members",
        source="wire-facts section 5, 14; ENTRA-25",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            given_members(dialect),
            change_group("rename", of(dialect, "group-rename"), "entra-group-rename-answered"),
            group_read(id="read-back", name="group.newDisplayName"),
            members("user.id", "other.id", requirement="entra-group-change-keeps-members"),
            group_hits(
                "find-new-name",
                request="entra/both/group-find-renamed.http",
                name="group.newDisplayName",
                requirement="entra-search-finds-renamed",
            ),
            Step(
                id="find-old-name",
                request=GROUP_FIND,
                checks=(
                    Check("entra-search-answered", answers(200)),
                    A_LIST,
                    Check("entra-search-forgets-old-name", finds_nobody_of("group.id")),
                ),
            ),
            group_read(id="next-cycle", name="group.newDisplayName"),
        ),
    )


def match(dialect: str) -> Sequence:
    """A group of that name was in the app before, and gets members."""
    return Sequence(
        id=f"entra.{dialect}.group.match",
        title="Match a group that was in the app before, and add members",
        source="wire-facts section 5, 16",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(request="entra/both/group-create-local.http"),
            group_hits("search"),
            group_read(),
            change_group("add", of(dialect, "group-add-members"), "entra-group-add-answered"),
            members("user.id", "other.id"),
            group_read(id="next-cycle"),
        ),
    )


def update_external_id(dialect: str) -> Sequence:
    """A group with members gets the externalId of the provider's group."""
    answered = "entra-group-external-id-answered"
    shown = Check("entra-group-external-id-persists", blank_kept("externalId", "group.newExternalId"))
    return Sequence(
        id=f"entra.{dialect}.group.external-id",
        title="Give a group with members another externalId",
        source="wire-facts section 5, 16; ENTRA-25 (langwatch#7141)",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            given_members(dialect),
            change_group("update", of(dialect, "group-update-external-id"), answered),
            group_read(shown, id="read-back"),
            members("user.id", "other.id", requirement="entra-group-change-keeps-members"),
            group_read(shown, id="next-cycle"),
        ),
    )


def odd(kind: str, what: str) -> Sequence:
    """A group with such a name.

    How Entra escapes a quote in a filter is not attested (wire-facts sections 3 and 11), so that a search for
    such a name is inferred.
    """
    find = "entra/both/group-find-quoted.http" if kind == "quotes" else GROUP_FIND
    return Sequence(
        id=f"entra.both.group.{kind}",
        title=f"Create a group with {what} in its name",
        source="ENTRA-22, ENTRA-23",
        groups={"group": kind},
        steps=(
            replace(SEARCH_MISSES, request=find),
            create(requirement="entra-group-odd-name", beside=GROUP_CREATE),
            group_read(id="read-back"),
            group_hits("find-back", request=find, requirement="entra-search-odd-name"),
            group_read(id="next-cycle"),
        ),
    )


SEQUENCES = (
    *(made(dialect) for dialect in DIALECTS for made in (life, rename, match, update_external_id)),
    *(odd(kind, what) for kind, what in ODD.items()),
    Sequence(
        id="entra.both.group.create-two-schemas",
        title="Create a group as the tutorial shows it",
        source="ENTRA-23 (M1: a second schema, no members)",
        groups=GROUP,
        steps=(
            SEARCH_MISSES,
            create("entra/both/group-create-two-schemas.http", "entra-group-two-schemas", GROUP_CREATE),
            group_read(KEPT, id="read-back"),
            group_read(KEPT, id="next-cycle"),
        ),
    ),
    Sequence(
        id="entra.both.group.two",
        title="Create two groups in a row: each keeps its own name and externalId",
        source="ENTRA-23 (snipe-it#19493)",
        groups={"group": "plain", "inner": "plain"},
        steps=(
            given_group(),
            Step(
                id="create-second",
                request="entra/both/group-create-inner.http",
                creates="inner",
                checks=(
                    Check("entra-group-create-answered", answers(201, 200)),
                    Check("entra-group-create-id", is_text("id"), gate=True),
                ),
            ),
            group_hits("find-first"),
            group_read(KEPT, id="read-first"),
            group_read(KEPT, id="next-cycle"),
        ),
    ),
    Sequence(
        id="entra.both.group.find-external-id",
        title="Look for a group by externalId",
        source="ENTRA-22 (L1, where that is the matching attribute)",
        groups=GROUP,
        steps=(
            given_group(),
            Step(
                id="search",
                request="entra/both/group-find-external-id.http",
                checks=(
                    Check("entra-search-group-external-id", finds_one("externalId", "group.externalId")),
                    Check("entra-search-hit-id", where_found(first("id", "group.id"))),
                ),
            ),
        ),
    ),
)
