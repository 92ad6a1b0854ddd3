"""Groups over time: a member of several who is deactivated, a member who is added twice at once."""

from __future__ import annotations

from dataclasses import replace

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import answers, members_include, same_id, value_is
from scimproof.checks.groups import ids_of
from scimproof.core.definitions import Check, Sequence, Step

from ..bundles import (
    GET,
    GROUP_CREATE_FULL,
    GROUP_GET,
    IDENTITY,
    answered,
    given_group,
    given_user,
    read_group,
)
from ..users import lifecycle_aiw, lifecycle_oin
from ..users.lifecycle_oin import READ, STILL_READABLE
from ..users.people import DIALECTS
from .groups_oin import ADD, GROUP, TWO

PUT = "okta/aiw/group-put-members.http"
DEACTIVATE = {"oin": lifecycle_oin.deactivate, "aiw": lifecycle_aiw.put_inactive}
REACTIVATE = {"oin": lifecycle_oin.reactivate, "aiw": lifecycle_aiw.put_active}
INACTIVE = Check("okta-deactivate-persists", value_is("active", value=False), gate=True)
ACTIVE = Check("okta-reactivate-persists", value_is("active", value=True))


def others_stay(id: str, group: str) -> Step:
    """A read of that group, in which everybody else still is; the deactivated user may be gone from it."""
    return Step(
        id=id,
        request=GROUP_GET,
        cast={"group": group},
        checks=(
            Check("okta-group-read-answered", answers(200)),
            Check("okta-group-is-the-group", same_id(f"{group}.id"), gate=True),
            Check("okta-deactivate-leaves-others", members_include(ids_of("other.id"))),
        ),
    )


def deactivated_in_two(dialect: str) -> Sequence:
    """Somebody who is in two groups is deactivated, and reactivated."""
    first = given_group(GROUP_CREATE_FULL, "user.id", "other.id")
    return Sequence(
        id=f"okta.{dialect}.group.deactivated-in-two",
        title="Deactivate a user who is a member of two groups",
        source="OKTA-11 (OIN), OKTA-12 (AIW), OKTA-13, OKTA-16",
        about="A target may take the user out of both groups; everybody else stays.",
        people={"user": "plain", "other": RESIDENT},
        population=1,
        groups={"group": "plain", "second": "plain"},
        steps=(
            given_user(),
            first,
            replace(first, id="create-second", creates="second", cast={"group": "second"}),
            READ,
            DEACTIVATE[dialect](),
            Step(id="read-back", request=GET, checks=(*STILL_READABLE, INACTIVE)),
            others_stay("read-group", "group"),
            others_stay("read-second", "second"),
            REACTIVATE[dialect](),
            Step(id="read-active", request=GET, checks=(*IDENTITY, ACTIVE)),
            others_stay("read-group-again", "group"),
        ),
    )


def at_once(dialect: str) -> Sequence:
    """The same membership update is under way twice, as a retry is while the first is still worked on."""
    request, requirement, what = {
        "oin": (ADD, "add", "Add a member, and once more while that is under way"),
        "aiw": (PUT, "put", "Put two members, and once more while that is under way"),
    }[dialect]
    members = ("user.id",) if dialect == "oin" else ("user.id", "other.id")
    return Sequence(
        id=f"okta.{dialect}.group.at-once",
        title=what,
        source="OKTA-18 (OIN), OKTA-20 (AIW), OKTA-24 (chains overlap)",
        about="One of the two may be refused, as with 409; nobody may be a member twice.",
        people=TWO,
        population=2,
        groups=GROUP,
        steps=(
            given_group(),
            Step(
                id="write",
                request=request,
                at_once=2,
                about="Sent twice at once; the answer is that of one which was accepted, if any was.",
                checks=answered(f"okta-group-{requirement}-answered"),
            ),
            read_group("read-back", f"okta-group-{requirement}-persists", *members),
        ),
    )


SEQUENCES = tuple(made(dialect) for dialect in DIALECTS for made in (deactivated_in_two, at_once))
