"""Wrong credentials and unknown ids; played last, because some servers stall after bad tokens."""

from __future__ import annotations

import base64

from scimproof.checks import answers
from scimproof.core.definitions import Check, Sequence, Step

from .asks import nobody_named
from .bundles import CREATE, answered

WRONG = "Bearer scimproof-wrong-token"
WRONG_BASIC = "Basic " + base64.b64encode(b"scimproof:wrong-password").decode()
NO_TOKEN = "Bearer"  # the scheme alone, as an empty token field makes it
NOTHING = ""
USERS = "okta/both/users-test.http"


def tried(id: str, authorization: str, requirement: str = "okta-unauthorized", *more: int) -> Step:
    """The connector test with these credentials, which are none of the target's."""
    checks = answered(requirement, 401, 403, *more)
    return Step(id=id, request=USERS, authorization=authorization, checks=checks)


WITHOUT = tried("test-without", NOTHING, "okta-token-needed")

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
        title="A wrong token, another scheme, no token at all",
        source="OKTA-01; wire-facts section 2 (Authorization); SPEC suite step 11; D-010 to D-014",
        people={"user": "plain", "other": "plain"},
        last=True,
        steps=(
            tried("test", WRONG),
            # A header of another form may be called malformed: 400, RFC 6750 section 3.1.
            tried("test-other-scheme", WRONG_BASIC, "okta-unauthorized", 400),
            tried("test-empty", NO_TOKEN, "okta-token-needed", 400),
            WITHOUT,
            Step(
                id="create-without",
                request=CREATE,
                authorization=NOTHING,
                creates="other",
                cast={"user": "other"},
                checks=answered("okta-token-needed", 401, 403),
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
    Sequence(
        id="okta.aiw.no-token",
        title="No token at all",
        source="OKTA-01 (L1: 401, then 200); D-010 to D-013",
        last=True,
        steps=(WITHOUT,),
    ),
)
