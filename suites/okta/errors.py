"""Wrong credentials and unknown ids; played last, because some servers stall after bad tokens."""

from __future__ import annotations

from scimproof.checks import answers
from scimproof.model import Check, Sequence, Step

from .asks import nobody_named
from .bundles import CREATE, answered

WRONG = "Bearer scimproof-wrong-token"

SEQUENCES = (
    Sequence(
        id="okta.oin.unknown-id",
        title="Ids that nobody has",
        source="OKTA-08, OKTA-11, OKTA-23; SPEC suite steps 4 and 12",
        steps=(
            Step(
                id="read-uuid",
                request="okta/both/user-get-unknown.http",
                checks=answered("okta-unknown-user", 404),
            ),
            Step(
                id="read-no-uuid",
                request="okta/both/user-get-unknown-okta.http",
                regardless=True,
                checks=answered("okta-unknown-user", 404),
            ),
            Step(
                id="read-group",
                request="okta/both/group-get-unknown.http",
                regardless=True,
                checks=answered("okta-unknown-group", 404),
            ),
            Step(
                id="deactivate",
                request="okta/oin/user-patch-unknown.http",
                regardless=True,
                checks=answered("okta-unknown-patched", 404),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.wrong-token",
        title="A wrong token",
        source="OKTA-01; SPEC suite step 11; D-013, D-014",
        people={"user": "plain"},
        last=True,
        steps=(
            Step(
                id="test",
                request="okta/both/users-test.http",
                authorization=WRONG,
                checks=answered("okta-unauthorized", 401, 403),
            ),
            Step(
                id="create",
                request=CREATE,
                authorization=WRONG,
                creates="user",
                regardless=True,
                checks=answered("okta-unauthorized-create", 401, 403),
            ),
            Step(
                id="search",
                request="okta/both/user-find.http",
                regardless=True,
                checks=(
                    Check("okta-search-answered", answers(200, 404)),
                    Check("okta-unauthorized-create", nobody_named("user.userName")),
                ),
            ),
        ),
    ),
)
