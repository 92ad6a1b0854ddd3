"""Disable, enable, rename, delete (ENTRA-18 to ENTRA-21)."""

from __future__ import annotations

from scimproof.checks import answers, finds_nothing, is_boolean, is_text, same_id, value_is
from scimproof.checks.attributes import blank_kept
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import email_stays, finds_nobody_of, gone, has_tombstone_name
from ..bundles import (
    A_LIST,
    BEFORE,
    CREATE,
    DIALECTS,
    FIND,
    GET,
    STILL_READABLE,
    as_sent,
    given_disabled,
    given_user,
    keeps,
    next_cycle,
    of,
    patch,
    read_back,
    search_hits,
)

DISABLED = Check("entra-disable-persists", value_is("active", value=False))
ENABLED = Check("entra-enable-persists", value_is("active", value=True))
BOOLEAN = Check("entra-active-shown", is_boolean("active"))
ONLY_ACTIVE = keeps(requirement="entra-disable-keeps-rest")
NEXT = "entra/both/user-create-next.http"
NAME_GONE = Step(
    id="find-old-name",
    request=FIND,
    checks=(
        Check("entra-search-answered", answers(200)),
        A_LIST,
        Check("entra-search-forgets-old-name", finds_nobody_of("user.id")),
    ),
)


def inactive(id: str, *more: Check) -> Step:
    """A read by id of somebody who was disabled."""
    return Step(id=id, request=GET, checks=(*STILL_READABLE, DISABLED, BOOLEAN, *more))


def disable(dialect: str) -> Sequence:
    """Twice in a row, as Entra does while its read does not show it."""
    return Sequence(
        id=f"entra.{dialect}.user.disable",
        title="Disable a user, twice",
        source="wire-facts section 5, 10; ENTRA-18",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("disable", of(dialect, "user-disable"), "entra-disable-answered"),
            inactive("read-back", ONLY_ACTIVE),
            search_hits("find-inactive", requirement="entra-search-finds-inactive"),
            patch("disable-again", of(dialect, "user-disable"), "entra-disable-again"),
            inactive("next-cycle", ONLY_ACTIVE),
        ),
    )


def disable_variant(name: str, title: str, source: str) -> Sequence:
    """The same in another form, which some mappings make."""
    requirement = f"entra-disable-{name}"
    shown = Check(f"{requirement}-persists", value_is("active", value=False))
    return Sequence(
        id=f"entra.default.user.disable-{name}",
        title=title,
        source=source,
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("disable", of("default", f"user-disable-{name}"), f"{requirement}-answered"),
            Step(id="read-back", request=GET, checks=(*STILL_READABLE, shown)),
            Step(id="next-cycle", request=GET, checks=(*STILL_READABLE, shown)),
        ),
    )


def enable(dialect: str) -> Sequence:
    """Somebody who was disabled comes back."""
    return Sequence(
        id=f"entra.{dialect}.user.enable",
        title="Enable a user again",
        source="wire-facts section 5, 11; ENTRA-19",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            given_disabled(dialect),
            search_hits("search", requirement="entra-search-finds-inactive"),
            patch("enable", of(dialect, "user-enable"), "entra-enable-answered"),
            read_back(ENABLED, BOOLEAN, ONLY_ACTIVE),
            next_cycle(ENABLED),
        ),
    )


def rename(dialect: str) -> Sequence:
    """Another userName."""
    renamed = Check("entra-rename-persists", blank_kept("userName", "user.newUserName"))
    return Sequence(
        id=f"entra.{dialect}.user.rename",
        title="Rename a user",
        source="ENTRA-20",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("rename", of(dialect, "user-rename"), "entra-rename-answered"),
            read_back(renamed, keeps("userName")),
            search_hits(
                "find-new-name",
                request="entra/both/user-find-renamed.http",
                requirement="entra-search-finds-renamed",
                name="user.newUserName",
            ),
            NAME_GONE,
            next_cycle(renamed),
        ),
    )


def soft_delete(dialect: str) -> Sequence:
    """Who was deleted in Entra gets a name that nobody else will have, and somebody new the old one."""
    buried = Check("entra-tombstone-persists", has_tombstone_name())
    return Sequence(
        id=f"entra.{dialect}.user.soft-delete",
        title="Rename and disable who was deleted in Entra, then create somebody new of that name",
        source="wire-facts section 5, 12; ENTRA-20 (onyx#14074, buildbuddy#5831)",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("bury", of(dialect, "user-tombstone"), "entra-tombstone-answered"),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *STILL_READABLE,
                    buried,
                    Check("entra-tombstone-email-kept", email_stays("before", "user.userName")),
                ),
            ),
            NAME_GONE,
            Step(
                id="create-next",
                request=NEXT,
                creates="next",
                checks=(
                    Check("entra-name-free-again", answers(201, 200)),
                    Check("entra-create-id", is_text("id"), gate=True),
                ),
            ),
            Step(id="next-cycle", request=GET, checks=(*STILL_READABLE, buried)),
        ),
    )


def hard_delete(dialect: str) -> Sequence:
    """Disabled, and 30 days later deleted; then restored in Entra, and created again."""
    return Sequence(
        id=f"entra.{dialect}.user.delete",
        title="Disable, delete, and create again",
        source="wire-facts section 5, 13; ENTRA-21",
        people={"user": "plain"},
        steps=(
            given_user(),
            given_disabled(dialect),
            Step(
                id="delete",
                request="entra/both/user-delete.http",
                checks=(Check("entra-delete-answered", answers(204, 200, 202)),),
            ),
            Step(id="read-gone", request=GET, checks=(Check("entra-deleted-gone", gone()),)),
            Step(
                id="find-gone",
                request=FIND,
                checks=(
                    Check("entra-search-answered", answers(200)),
                    A_LIST,
                    Check("entra-deleted-gone", finds_nothing()),
                ),
            ),
            Step(
                id="delete-again",
                request="entra/both/user-delete.http",
                checks=(Check("entra-delete-unknown", answers(404, 410, 204, 200)),),
                independent=True,
            ),
            Step(
                id="create-again",
                request=CREATE,
                creates="again",
                checks=(
                    Check("entra-recreate-answered", answers(201, 200)),
                    Check("entra-create-id", is_text("id"), gate=True),
                ),
            ),
            Step(
                id="next-cycle",
                request=GET,
                cast={"user": "again"},
                checks=(
                    Check("entra-read-answered", answers(200)),
                    Check("entra-read-is-the-user", same_id("again.id"), gate=True),
                    *as_sent("create-again"),
                ),
            ),
        ),
    )


MADE = (disable, enable, rename, soft_delete, hard_delete)
SEQUENCES = (
    *(made(dialect) for dialect in DIALECTS for made in MADE),
    disable_variant(
        "lower", "Disable a user with the text false in small letters", "wire-facts section 5, 10 (L2)"
    ),
    disable_variant(
        "boolean",
        "Disable a user with a boolean, Operations before schemas",
        "wire-facts section 5, 10; section 10, 1 (M1, L3)",
    ),
    Sequence(
        id="entra.default.user.enable-boolean",
        title="Enable a user with a boolean",
        source="ENTRA-19; wire-facts section 1 (L3)",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            given_disabled("default"),
            patch("enable", "entra/default/user-enable-boolean.http", "entra-enable-answered"),
            read_back(ENABLED, ONLY_ACTIVE),
            next_cycle(ENABLED),
        ),
    ),
    Sequence(
        id="entra.both.user.mixed",
        title="Update in one dialect, disable and enable in the other",
        source="wire-facts section 5, 23 (M2: provisioning on demand does not honour the flag)",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("update", "entra/flag/user-update-live.http"),
            patch("disable", "entra/default/user-disable.http", "entra-disable-answered"),
            inactive("read-back"),
            patch("enable", "entra/flag/user-enable.http", "entra-enable-answered"),
            patch("update-again", "entra/default/user-update-title.http"),
            read_back(ENABLED, BOOLEAN, id="read-again"),
            next_cycle(ENABLED),
        ),
    ),
)
