"""Ids that nobody has, and wrong tokens; played last, because some servers stall after bad tokens."""

from __future__ import annotations

from scimproof.checks import answers
from scimproof.core.definitions import Check, Sequence, Step

from .asks import gone
from .bundles import DIALECTS, of
from .connect import USERS

WRONG = "Bearer scimproof-wrong-token"
NOTHING = ""
REFUSED = (Check("entra-unauthorized", answers(401, 403)),)


def unknown(dialect: str) -> Sequence:
    """Somebody whom the target does not have any more."""
    return Sequence(
        id=f"entra.{dialect}.user.unknown",
        title="Read and disable a user whom the target does not have",
        source="wire-facts section 5, 21; ENTRA-08, ENTRA-18",
        steps=(
            Step(
                id="read",
                request="entra/both/user-get-unknown.http",
                checks=(Check("entra-unknown-user", gone()),),
                independent=True,
            ),
            Step(
                id="disable",
                request=of(dialect, "user-disable-unknown"),
                checks=(Check("entra-unknown-patched", gone()),),
                independent=True,
            ),
        ),
    )


SEQUENCES = (
    *(unknown(dialect) for dialect in DIALECTS),
    Sequence(
        id="entra.both.wrong-token",
        title="Test the connection with a wrong token, and without",
        source="wire-facts section 5, 22; ENTRA-01",
        last=True,
        steps=(
            Step(id="wrong", request=USERS, authorization=WRONG, checks=REFUSED),
            Step(id="without", request=USERS, authorization=NOTHING, checks=REFUSED, independent=True),
        ),
    ),
)
