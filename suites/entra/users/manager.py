"""The manager: set, changed, cleared, asked for (ENTRA-13 to ENTRA-15)."""

from __future__ import annotations

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import answers
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import manager_is, no_manager, where_enterprise
from ..bundles import (
    BEFORE,
    DIALECTS,
    given_user,
    keeps,
    next_cycle,
    of,
    patch,
    read_back,
)

TWO_MANAGERS = {"user": "plain", "manager": RESIDENT, "other": RESIDENT}
QUERY = "entra/both/user-manager-query.http"


def shown(blank: str, requirement: str = "entra-manager-persists") -> Check:
    """The manager reads back, where the target keeps enterprise attributes at all."""
    return Check(requirement, where_enterprise(manager_is(blank)))


def set_manager(dialect: str) -> Sequence:
    """Both people are created, and the reference follows when both are there."""
    return Sequence(
        id=f"entra.{dialect}.user.manager",
        title="Create a user and a manager, then set the manager",
        source="wire-facts section 5, 3",
        people={"user": "plain", "manager": "plain"},
        steps=(
            given_user(),
            given_user("manager"),
            BEFORE,
            patch("set", of(dialect, "user-set-manager"), "entra-manager-answered"),
            read_back(shown("manager.id"), keeps()),
            Step(
                id="ask",
                request=QUERY,
                checks=(Check("entra-manager-query", where_enterprise(answers(200))),),
                independent=True,
            ),
            next_cycle(shown("manager.id")),
        ),
    )


def change_manager(dialect: str) -> Sequence:
    """Somebody else becomes the manager, and then nobody is."""
    return Sequence(
        id=f"entra.{dialect}.user.manager-change",
        title="Change the manager, then clear it",
        source="ENTRA-13, ENTRA-14 (L7#653)",
        people=TWO_MANAGERS,
        population=2,
        steps=(
            given_user(),
            BEFORE,
            patch("set", of(dialect, "user-set-manager"), "entra-manager-answered"),
            patch("change", of(dialect, "user-change-manager"), "entra-manager-answered"),
            read_back(shown("other.id", "entra-manager-changed")),
            patch("clear", of(dialect, "user-clear-manager"), "entra-manager-clear-answered"),
            read_back(Check("entra-manager-cleared", no_manager()), keeps(), id="read-cleared"),
            next_cycle(Check("entra-manager-cleared", no_manager())),
        ),
    )


SEQUENCES = (
    *(made(dialect) for dialect in DIALECTS for made in (set_manager, change_manager)),
    Sequence(
        id="entra.default.user.manager-array",
        title="Set the manager as the tutorial shows it",
        source="ENTRA-13 (M1 Example 5, never seen live)",
        people={"user": "plain", "manager": RESIDENT},
        population=1,
        steps=(
            given_user(),
            BEFORE,
            patch("set", "entra/default/user-set-manager-array.http", "entra-manager-array"),
            read_back(keeps()),
            next_cycle(keeps()),
        ),
    ),
)
