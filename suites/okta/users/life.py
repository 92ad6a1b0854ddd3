"""A whole life of a user with all of Okta's default profile: after each change a read and a search."""

from __future__ import annotations

from dataclasses import replace

from scimproof.core.definitions import Sequence, Step

from ..bundles import GET, IDENTITY, answered, finds_inactive, given_user, search_hits
from ..imports.imports import USERS, walk
from .lifecycle_aiw import put_active, put_inactive
from .lifecycle_oin import deactivate, reactivate
from .people import DIALECTS
from .profile_update import ACCEPTED, FULL

CHANGE = Step(id="change", request="okta/both/user-put-several.http", checks=answered(ACCEPTED))


def read(id: str) -> Step:
    """A read by id, of which only the whole resource matters."""
    return Step(id=id, request=GET, checks=IDENTITY)


def life(dialect: str) -> Sequence:
    """Created, found, deactivated, brought back, changed, deactivated and brought back again."""
    off, on = (deactivate, reactivate) if dialect == "oin" else (put_inactive, put_active)
    return Sequence(
        id=f"okta.{dialect}.user.whole-life",
        title="Everything that happens to a user with a whole profile, one after the other",
        source="OKTA-05, OKTA-07 to OKTA-13; wire-facts section 5",
        about="After each step the whole user is read: what a change spoils shows where it is made.",
        people={"user": "plain"},
        alone=True,
        steps=(
            replace(given_user(request=FULL), otherwise="okta/both/user-create.http"),
            read("read"),
            search_hits("search"),
            off(),
            read("read-inactive"),
            finds_inactive("find-inactive"),
            on(),
            read("read-active"),
            replace(CHANGE, independent=True),
            read("read-changed"),
            search_hits("find-changed"),
            Step(id="pages", request=USERS, pages=True, checks=walk()),
            off("deactivate-again"),
            read("read-inactive-again"),
            on("reactivate-again"),
            read("read-active-again"),
        ),
    )


SEQUENCES = tuple(life(dialect) for dialect in DIALECTS)
