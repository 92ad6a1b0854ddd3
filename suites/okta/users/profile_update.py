"""Profile updates: every mapped attribute in turn, what was absent, several at once (OKTA-09, OKTA-25)."""

from __future__ import annotations

from dataclasses import replace

from scimproof.core.definitions import Sequence, Step

from ..bundles import GET, IDENTITY, answered, given_user
from ..mapped import CHANGE, CHANGES
from .lifecycle_oin import READ
from .people import DIALECTS

FULL = "okta/both/user-create-whole-profile.http"
ACCEPTED = "okta-profile-update-accepted"
FIRST, *OTHERS = CHANGES


def change(name: str, requirement: str) -> tuple[Step, Step]:
    """One attribute gets another value; then a read, which the next update is merged into."""
    return (
        Step(
            id=CHANGE + name,
            request="okta/both/user-put-each.http",
            about=f"Profile update: another {name.replace('-', ' ')}",
            independent=requirement == ACCEPTED,
            checks=answered(requirement),
        ),
        Step(id=f"read-{name}", request=GET, checks=IDENTITY),
    )


def each(dialect: str) -> Sequence:
    """Everything that Okta's default profile has is changed, one after the other."""
    return Sequence(
        id=f"okta.{dialect}.user.update-each",
        title="Change every mapped attribute of a user in turn",
        source="OKTA-09, OKTA-25 (L1, L8, L13, S9)",
        about="What the create or an update was refused for is left out of the later ones.",
        people={"user": "plain"},
        steps=(
            replace(given_user(request=FULL), otherwise="okta/both/user-create.http"),
            READ,
            *change(FIRST, "okta-update-answered"),
            *(step for name in OTHERS for step in change(name, ACCEPTED)),
        ),
    )


def several(dialect: str) -> Sequence:
    """Attributes that were absent are added, then several are changed at once."""
    return Sequence(
        id=f"okta.{dialect}.user.update-several",
        title="Add attributes to a user's profile, then change several at once",
        source="OKTA-09, OKTA-25 (L1, L8, L13, S9)",
        people={"user": "plain"},
        steps=(
            given_user(),
            READ,
            Step(id="add", request="okta/both/user-put-added.http", checks=answered(ACCEPTED)),
            Step(id="read-added", request=GET, checks=IDENTITY),
            Step(id="change", request="okta/both/user-put-several.http", checks=answered(ACCEPTED)),
            Step(id="read-changed", request=GET, checks=IDENTITY),
        ),
    )


SEQUENCES = tuple(made(dialect) for dialect in DIALECTS for made in (each, several))
