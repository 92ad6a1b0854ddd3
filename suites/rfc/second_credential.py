"""A second credential: what it may see and change of what the first one made."""

from __future__ import annotations

import json

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import OTHER_TOKEN, Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import shows, value_at

from .asks import ours, unchanged
from .auth import PROBE, bearers
from .people import USER, create_user


def _is_of_another(scene: ExecutionContext, exchange: Exchange) -> bool:
    """Whether the other tenant has somebody else by that id."""
    return exchange.ok and not shows(exchange.json, scene.blanks["user.id"], scene.blanks["prefix"])


def of_second(ask: Ask) -> Ask:
    """A question to what a second credential is answered, where that is accepted at all."""

    def asked(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status == 401:
            return does_not_apply("the second credential is not accepted here: 401")
        if _is_of_another(scene, exchange):
            return does_not_apply("another resource has that id there")
        return ask(scene, exchange)

    return asked


def not_touched(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    right = exchange.status in (403, 404) and not exchange.error
    return (held if right else broken)("403 or 404", exchange.summary())


def forbidden(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """403; 404 tells even less."""
    return not_touched(_, exchange)._replace(expected="403")


def lacks_scope(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    if exchange.status != 403:
        return does_not_apply(f"it was not answered 403: {exchange.status}")
    codes = [one.value("error") for one in bearers(exchange)]
    right = "insufficient_scope" in codes
    return (held if right else broken)("error insufficient_scope", show(codes))


def own_external_id(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    if not exchange.ok:
        return does_not_apply(f"it sees nothing of it: {exchange.status}")
    found, sent = value_at(exchange.json, "externalId"), value_at(scene.sent("create"), "externalId")
    expected = "its own externalId, or none"
    return broken(expected, show(found)) if found == sent else held(expected, show(found))


def no_wider(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "a refusal, or nobody of ours"
    if not exchange.ok:
        wrong = exchange.error or exchange.status >= 500
        return (broken if wrong else held)(expected, exchange.summary())
    found = ours(scene, exchange)
    return broken(expected, f"{len(found)} of ours") if found else held(expected, exchange.summary())


WITH_EXTERNAL_ID = json.dumps({**json.loads(USER), "externalId": "{{prefix}}-second"})
CHANGED = json.dumps({**json.loads(WITH_EXTERNAL_ID), "displayName": "{{prefix}} changed by another"})
OF_OURS = "filter={{%ours}}&count=1&cursor="

SEQUENCES = (
    Sequence(
        id="rfc.auth.second",
        title="What a second credential may see and change",
        source="RFC 7644 sections 2 and 6.1",
        about="Asked with --other-token-env only.",
        needs=("config:second-credential",),
        people={"user": "plain", "other": "plain"},
        last=True,
        steps=(
            create_user(body=WITH_EXTERNAL_ID),
            create_user("create-other", "other"),
            Step(
                id="before",
                request="rfc/user-get.http",
                given=True,
                checks=(Check("rfc7644-3.3-create-201", answers(200)),),
            ),
            Step(
                id="read",
                request="rfc/user-get.http",
                authorization=OTHER_TOKEN,
                independent=True,
                checks=(
                    Check("rfc7644-2-policy", of_second(not_touched)),
                    Check("rfc7644-3.12-forbidden", of_second(forbidden)),
                    Check("rfc6750-3.1-scope", of_second(lacks_scope)),
                    Check("rfc7643-3.1-external-id-own", of_second(own_external_id)),
                ),
            ),
            Step(
                id="change",
                request="rfc/user-put.http",
                blanks={"body": CHANGED},
                authorization=OTHER_TOKEN,
                independent=True,
                checks=(
                    Check("rfc7644-2-policy", of_second(not_touched)),
                    Check("rfc7644-3.12-forbidden", of_second(forbidden)),
                    Check("rfc6750-3.1-scope", of_second(lacks_scope)),
                ),
            ),
            Step(
                id="unchanged",
                request="rfc/user-get.http",
                independent=True,
                checks=(Check("rfc7644-2-policy", unchanged("before")),),
            ),
            Step(
                id="first-page",
                request="rfc/users-query.http",
                blanks={"query": OF_OURS, "ours": 'userName sw "{{prefix}}"'},
                given=True,
                needs=("pagination.cursor", "filter"),
                save={"second.cursor": "nextCursor"},
                checks=(Check("rfc9865-2-starts", answers(200)),),
            ),
            Step(
                id="next-page",
                request="rfc/users-query.http",
                blanks={"query": OF_OURS + "{{%second.cursor}}", "ours": 'userName sw "{{prefix}}"'},
                authorization=OTHER_TOKEN,
                needs=("pagination.cursor", "filter"),
                independent=True,
                checks=(Check("rfc9865-5-no-wider", no_wider),),
            ),
            Step(
                id="expired",
                request=PROBE,
                authorization="",
                needs=("config:expired-token",),
                independent=True,
                checks=(Check("rfc7644-7.4-expired", answers(401)),),
            ),
        ),
    ),
)
