"""Members: added again, removed again, many, at once, groups in groups (ENTRA-26 to ENTRA-29)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import answers, members_are, no_member_twice, value_is
from scimproof.checks.groups import ids_of, ids_of_population, takes
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import accepted_or_refused, all_answered, one_or_both
from ..bundles import (
    DIALECTS,
    GET,
    GROUP,
    GROUP_MEMBERS,
    STILL_READABLE,
    THE_GROUP,
    change_group,
    given_group,
    given_members,
    given_user,
    group_read,
    joined_to,
    left,
    of,
    patch,
    search_hits,
)
from .life import DELETE, GONE, THREE, TWO

MANY, AT_ONCE = 200, 20  # MANY as suites/entra/sender.toml has it: a plan can say otherwise


def first_members(size: int) -> Callable[[ExecutionContext], list[dict[str, str]]]:
    """So many of the shared users, as Entra names members; whoever is `user` comes on his own."""

    def members(scene: ExecutionContext) -> list[dict[str, str]]:
        others = (member.id for member in scene.population if member.id != scene.blanks.get("user.id"))
        return [{"value": id} for id in islice(others, size)]

    return members


def rules_of_batch(size: int) -> dict[str, Callable[[ExecutionContext], Any]]:
    """The body rule of many members in one request."""
    return {"entra-members": first_members(size)}


def once(id: str, *blanks: str) -> Step:
    """Everybody is a member once."""
    checks = (*THE_GROUP, Check("entra-group-member-once", no_member_twice()))
    more = (Check("entra-group-add-keeps-others", members_are(ids_of(*blanks))),)
    return Step(id=id, request=GROUP_MEMBERS, checks=(*checks, *more), own=True)


def everybody(id: str, requirement: str) -> Step:
    """All shared users are members."""
    checks = (*THE_GROUP, Check(requirement, members_are(ids_of_population)))
    return Step(id=id, request=GROUP_MEMBERS, checks=checks, own=True)


def repeated(dialect: str) -> Sequence:
    """What was done already is done again, as after a lost answer."""
    return Sequence(
        id=f"entra.{dialect}.group.again",
        title="Add a member twice, remove somebody twice",
        source="wire-facts section 5, 17",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            given_members(dialect, "group-add-members"),
            change_group("add-again", of(dialect, "group-add-member"), "entra-group-add-again"),
            once("read-added", "user.id", "other.id"),
            change_group("remove", of(dialect, "group-remove-member"), "entra-group-remove-answered"),
            change_group("remove-again", of(dialect, "group-remove-member"), "entra-group-remove-absent"),
            left("other.id", id="read-removed"),
        ),
    )


def several(dialect: str) -> Sequence:
    """Two of three members leave in one request."""
    return Sequence(
        id=f"entra.{dialect}.group.remove-several",
        title="Remove two of three members in one request",
        source="ENTRA-27, ENTRA-28",
        people=THREE,
        population=3,
        groups=GROUP,
        steps=(
            given_group(),
            given_members(dialect, "group-set-members", "user.id", "other.id", "third.id"),
            change_group("remove", of(dialect, "group-remove-members"), "entra-group-remove-answered"),
            left("third.id", gone=("user.id", "other.id")),
            group_read(id="next-cycle"),
        ),
    )


def many(dialect: str) -> Sequence:
    """200 members in one request, one more, and one less."""
    return Sequence(
        id=f"entra.{dialect}.group.many",
        title="Add 200 members in one request, then one more",
        source="wire-facts section 5, 18",
        people={"user": RESIDENT},
        population=MANY + 1,
        groups=GROUP,
        steps=(
            given_group(),
            Step(
                id="add-many",
                request=of(dialect, "group-add-many"),
                checks=(Check("entra-group-many-answered", takes(MANY, "PATCH", 200, 204)),),
            ),
            change_group("add-one", of(dialect, "group-add-member"), "entra-group-add-answered"),
            everybody("read-all", "entra-group-many-persist"),
            group_read(id="next-cycle"),
        ),
    )


def at_once(dialect: str) -> Sequence:
    """Twenty people get into one group at the same time, a request each."""
    return Sequence(
        id=f"entra.{dialect}.group.at-once",
        title="Add twenty members at once, a request each",
        source="wire-facts section 5, 18 (Infisical#6471)",
        population=AT_ONCE,
        groups=GROUP,
        steps=(
            given_group(),
            Step(
                id="add",
                request=of(dialect, "group-add-each"),
                members=AT_ONCE,
                about="One request for each of twenty shared users, all under way at the same time.",
                checks=(Check("entra-group-at-once-answered", all_answered("add", 200, 204)),),
            ),
            everybody("read-all", "entra-group-at-once-persists"),
        ),
    )


def nested(dialect: str) -> Sequence:
    """A group becomes a member of another."""
    return Sequence(
        id=f"entra.{dialect}.group.nested",
        title="Add a group to a group",
        source="ENTRA-26 (BYOA#26)",
        about="One level is provisioned; a target may refuse it, and must not fail over it.",
        people={"user": RESIDENT},
        population=1,
        groups={"group": "plain", "inner": "plain"},
        steps=(
            given_group(),
            given_members(dialect, "group-add-member", "user.id"),
            Step(
                id="create-inner",
                request="entra/both/group-create-inner.http",
                creates="inner",
                given=True,
                checks=(Check("entra-group-create-answered", answers(201, 200)),),
            ),
            Step(
                id="add",
                request=of(dialect, "group-add-group"),
                checks=(Check("entra-group-nested", accepted_or_refused(200, 204)),),
            ),
            group_read(id="next-cycle"),
        ),
    )


def unassign_user(dialect: str) -> Sequence:
    """A member of an assigned group leaves it, and with it the app."""
    return Sequence(
        id=f"entra.{dialect}.group.unassign-user",
        title="Take a user out of an assigned group: disable, then remove the member",
        source="wire-facts section 5, 19 (order from Acqueon's documentation)",
        people={"user": "plain", "other": RESIDENT},
        population=1,
        groups=GROUP,
        steps=(
            given_user(),
            given_group(),
            given_members(dialect),
            search_hits("search"),
            patch("disable", of(dialect, "user-disable"), "entra-disable-answered"),
            inactive(),
            group_read(),
            change_group("remove", of(dialect, "group-remove-member"), "entra-group-remove-answered"),
            left("other.id", id="one-left"),
        ),
    )


def unassign_group(dialect: str) -> Sequence:
    """An assigned group leaves the scope: its people are disabled, then it is deleted."""
    return Sequence(
        id=f"entra.{dialect}.group.unassign",
        title="Take a group out of scope: disable its user, delete the group",
        source="wire-facts section 5, 19",
        people={"user": "plain"},
        groups=GROUP,
        steps=(
            given_user(),
            given_group(),
            given_members(dialect, "group-add-member", "user.id"),
            patch("disable", of(dialect, "user-disable"), "entra-disable-answered"),
            DELETE,
            *GONE,
            inactive(),
        ),
    )


def inactive() -> Step:
    """The user is still there, and inactive."""
    shown = Check("entra-disable-persists", value_is("active", value=False))
    return Step(id="read-user", request=GET, checks=(*STILL_READABLE, shown))


MADE = (repeated, several, many, at_once, nested, unassign_user, unassign_group)
SEQUENCES = (
    *(made(dialect) for dialect in DIALECTS for made in MADE),
    Sequence(
        id="entra.default.group.ref-null",
        title="Add and remove a member whose $ref is null",
        source="ENTRA-26, ENTRA-27 (M1; L7#149)",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("default", "group-add-members"),
            change_group("remove", "entra/default/group-remove-member-ref.http", "entra-group-ref-null"),
            left("other.id", gate=True),
            change_group("add", "entra/default/group-add-member-ref.http", "entra-group-ref-null"),
            joined_to("user.id", "other.id", id="both"),
        ),
    ),
    Sequence(
        id="entra.default.group.replace-member",
        title="Replace the members by one (two readings)",
        source="ENTRA-29; wire-facts section 10, 6",
        about="Reports contradict Microsoft's texts here; nothing is decided by it.",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            given_members("default", "group-add-member", "user.id"),
            Step(
                id="replace",
                request="entra/default/group-replace-member.http",
                checks=(Check("entra-group-replace-member", accepted_or_refused(200, 204)),),
            ),
            Step(
                id="read-back",
                request=GROUP_MEMBERS,
                own=True,
                checks=(Check("entra-group-replace-member", one_or_both("user.id", "other.id")),),
            ),
        ),
    ),
)
