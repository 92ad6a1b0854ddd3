"""Wrong credentials and unknown ids; played last, because some servers stall after bad tokens."""

from __future__ import annotations

import base64

from scimproof.checks import answers
from scimproof.checks.attributes import all_stay
from scimproof.checks.lists import nobody_named
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import OTHER_TOKEN, Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import carries, resources, shows, value_at

from .bundles import CREATE, GET, IDENTITY, answered, given_user

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

DEACTIVATE = {"oin": "okta/oin/user-deactivate.http", "aiw": "okta/aiw/user-deactivate.http"}
UNSEEN = "okta-other-tenant-sees-nothing"


def is_refused(exchange: Exchange) -> bool:
    """Whether the answer says that there is nothing, or nothing for that token."""
    return not exchange.error and exchange.status in (400, 401, 403, 404, 410)


def nobody_of_ours() -> Ask:
    """No resource of this run on any page that another tenant is shown; a refusal shows none."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected, prefix = "nobody of this run, or a refusal", scene.blanks["prefix"]
        walked = next(
            (pages for pages in scene.pages.values() if pages and pages[-1].number == exchange.number), []
        )
        rows = [row for page in walked for row in page.ours] or resources(exchange.json)
        ours = [row for row in rows if carries(row, prefix)]
        if ours:
            return broken(expected, f"{len(ours)} of this run, as {value_at(ours[0], 'userName')}")
        right = is_refused(exchange) or exchange.status == 200
        return held(expected, str(exchange.status)) if right else broken(expected, exchange.summary())

    return ask


def not_ours() -> Ask:
    """404, 401 or 403; an id may be somebody else's in another tenant, whom nothing is tried with then."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if is_refused(exchange):
            return held("404, 401 or 403", str(exchange.status))
        if exchange.ok and not shows(exchange.json, scene.blanks["user.id"], scene.blanks["prefix"]):
            return does_not_apply("another user of the other tenant has that id")
        return broken("404, 401 or 403", exchange.summary())

    return ask


def other_tenant(dialect: str) -> Sequence:
    """Somebody else's token, of the same server, is tried on a user of this run."""
    return Sequence(
        id=f"okta.{dialect}.other-token",
        title="The token of another tenant sees and changes nothing",
        source="OKTA-03, OKTA-05, OKTA-08, OKTA-11, OKTA-12; RFC 7644 section 6",
        about="Asked with --other-token-env only.",
        people={"user": "plain"},
        last=True,
        steps=(
            given_user(),
            Step(id="before", request=GET, given=True, checks=IDENTITY),
            Step(
                id="search",
                request="okta/both/user-find.http",
                authorization=OTHER_TOKEN,
                checks=(Check(UNSEEN, nobody_of_ours()),),
            ),
            Step(
                id="list",
                request="okta/both/users-page.http",
                authorization=OTHER_TOKEN,
                pages=True,
                regardless=True,
                checks=(Check(UNSEEN, nobody_of_ours()),),
            ),
            Step(
                id="read",
                request=GET,
                authorization=OTHER_TOKEN,
                regardless=True,
                checks=(Check(UNSEEN, not_ours()),),
            ),
            Step(
                id="deactivate",
                request=DEACTIVATE[dialect],
                authorization=OTHER_TOKEN,
                regardless=True,
                checks=(Check("okta-other-tenant-refused", not_ours()),),
            ),
            Step(
                id="read-back",
                request=GET,
                regardless=True,
                checks=(
                    *IDENTITY,
                    Check("okta-other-tenant-changes-nothing", all_stay("before", "active")),
                ),
            ),
        ),
    )


SEQUENCES = (
    other_tenant("oin"),
    other_tenant("aiw"),
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
