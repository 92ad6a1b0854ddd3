"""Importing users and groups page by page (OKTA-03, OKTA-04)."""

from __future__ import annotations

from collections.abc import Callable

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import answers, counters_are_integers, finds_nothing
from scimproof.checks.lists import at_most, is_list_body
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, does_not_apply
from scimproof.core.scim import usable_id, value_at

from ..bundles import answered, given_active, given_group, given_members, given_user
from .pages import (
    imported_members,
    listed_inactive,
    ours_have,
    pages_answered,
    pages_repeat_nothing,
    pages_show,
    pages_show_all,
    total_counts_all,
)

USERS = "okta/both/users-page.http"
GROUPS = "okta/both/groups-page.http"
USER_PATHS = ("id", "userName", "name.givenName", "name.familyName", "emails", "active")


def nothing() -> Ask:
    """An empty target answers an empty list; a target with users says nothing about this."""
    empty = finds_nothing()

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        total = value_at(exchange.json, "totalResults")
        if exchange.status == 200 and isinstance(total, int) and total > 0:
            return does_not_apply("the target has users, so an import of nothing cannot be seen")
        answered = answers(200)(scene, exchange)
        return empty(scene, exchange) if answered.held else answered

    return ask


def population_ids(scene: ExecutionContext) -> list[str]:
    """The ids of the shared population."""
    return [member.id for member in scene.population]


def created_at(step: str) -> Callable[[ExecutionContext], list[str]]:
    """The ids that the answers to a repeated create gave, where they are any."""

    def ids(scene: ExecutionContext) -> list[str]:
        told = (usable_id(value_at(exchange.json, "id")) for exchange in scene.exchanges.get(step, []))
        return [id for id in told if id]

    return ids


def whole(*, but: int = 0) -> tuple[Check, ...]:
    """Nobody is cut off, by short pages or by totalResults; so many as `but` says may be left out."""
    return (
        Check("okta-import-complete", pages_show_all()),
        Check("okta-import-total", total_counts_all(but=but)),
    )


def walk(*more: Check) -> tuple[Check, ...]:
    """What the pages of a walk have in common."""
    return (
        Check("okta-import-answered", pages_answered()),
        Check("okta-list-is-json", is_list_body(), gate=True),
        Check("okta-list-counters-integer", counters_are_integers()),
        Check("okta-list-no-more-than-asked", at_most(100)),
        Check("okta-import-no-repeats", pages_repeat_nothing()),
        *whole(),
        *more,
    )


SEQUENCES = (
    Sequence(
        id="okta.oin.user.import-nothing",
        title="Import users from an empty target",
        source="OKTA-03 (0 results)",
        alone=True,
        steps=(
            Step(
                id="page",
                request="okta/both/users-first-page.http",
                checks=(Check("okta-import-nothing", nothing()),),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.user.import",
        title="Import users over several pages",
        source="wire-facts section 5, IMPORT; OKTA-03",
        population=250,
        alone=True,
        steps=(
            Step(
                id="pages",
                request=USERS,
                pages=True,
                checks=walk(
                    Check("okta-import-shows-ours", pages_show(population_ids)),
                    Check("okta-import-profile", ours_have(*USER_PATHS)),
                ),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.user.import-inactive",
        title="Import users, one of them deactivated",
        source="OKTA-03; test plan C9361",
        people={"user": "plain"},
        alone=True,
        steps=(
            given_user(),
            given_active("prepare-inactive", "okta/oin/user-deactivate.http", active=False),
            Step(
                id="pages",
                request=USERS,
                pages=True,
                checks=(
                    Check("okta-import-answered", pages_answered()),
                    *whole(but=1),
                    Check("okta-import-shows-inactive", listed_inactive("user.id")),
                ),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.import-nothing",
        title="Import groups from an empty target",
        source="OKTA-04 (0 results)",
        alone=True,
        steps=(
            Step(
                id="page",
                request="okta/both/groups-test.http",
                checks=(Check("okta-import-nothing", nothing()),),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.import-pages",
        title="Import groups over several pages",
        source="wire-facts section 5, IMPORT; OKTA-04",
        groups={"group": "plain"},
        alone=True,
        steps=(
            Step(
                id="create-groups",
                request="okta/both/group-create-numbered.http",
                given=True,
                creates="group",
                times=101,
                checks=answered("okta-group-create-answered", 201, 200)[:1],
            ),
            Step(
                id="pages",
                request=GROUPS,
                pages=True,
                checks=walk(Check("okta-import-shows-ours", pages_show(created_at("create-groups")))),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.group.import",
        title="Import groups",
        source="wire-facts section 5, IMPORT; OKTA-04",
        people={"user": RESIDENT, "other": RESIDENT},
        population=2,
        groups={"group": "plain"},
        alone=True,
        steps=(
            given_group(),
            given_members("prepare-two", "okta/oin/group-add-members.http", "user.id", "other.id"),
            Step(
                id="pages",
                request=GROUPS,
                pages=True,
                checks=walk(
                    Check("okta-import-shows-ours", pages_show(lambda scene: [scene.blanks["group.id"]])),
                    Check("okta-import-group-members", imported_members("group.id", "user.id", "other.id")),
                ),
            ),
        ),
    ),
)
