"""Credentials: who is asked for some, how a server says so, and what another client's open."""

from __future__ import annotations

import re

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.checks.challenges import Challenge, challenges
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import CUT_TOKEN, SMALL_SCHEME, Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, does_not_apply, grave, held
from scimproof.core.scim import resources, value_at

from .people import USER, create_user

WRONG = "Bearer scimproof-wrong-token"
PROBE = "rfc/users-probe.http"
# The scheme of HTTP that a type of authenticationSchemes stands for (RFC 7643 section 5).
SCHEMES = {
    "oauthbearertoken": "bearer",
    "oauth2": "bearer",
    "oauth": "oauth",
    "httpbasic": "basic",
    "httpdigest": "digest",
}
ALLOWED = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")  # RFC 6750 section 3
REFUSED = (401, 403)


def of_401(ask: Ask) -> Ask:
    """A question to a 401 only."""

    def asked(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status != 401:
            return does_not_apply(f"it was not answered 401: {exchange.status}")
        return ask(scene, exchange)

    return asked


def unauthorized(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """401; a gateway may say 403."""
    right = exchange.status in REFUSED and not exchange.error
    return (held if right else broken)("401", exchange.summary() if not right else str(exchange.status))


def says_how(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A challenge, by a scheme that ServiceProviderConfig names where it names one that HTTP has."""
    listed = value_at(scene.discovery.config, "authenticationSchemes") if scene.discovery else None
    types = [str(value_at(one, "type")).lower() for one in listed] if isinstance(listed, list) else []
    wanted = {SCHEMES[type] for type in types if type in SCHEMES}
    found = challenges(exchange)
    expected = f"a challenge of {' or '.join(sorted(wanted))}" if wanted else "a challenge"
    right = any(not wanted or one.scheme.lower() in wanted for one in found)
    return (held if right else broken)(expected, _told(found))


def whether_anybody(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "nothing without credentials, unless that is wanted"
    return (broken if exchange.ok else held)(expected, exchange.summary())


def _told(found: list[Challenge]) -> str:
    return ", ".join(one.scheme for one in found) or "no WWW-Authenticate"


def bearers(exchange: Exchange) -> list[Challenge]:
    return [one for one in challenges(exchange) if one.is_of("bearer")]


def is_challenged(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = challenges(exchange)
    return (held if found else broken)("a challenge in WWW-Authenticate", _told(found))


def by_bearer(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    right = bool(bearers(exchange))
    return (held if right else broken)("a challenge of Bearer", _told(challenges(exchange)))


def _in_bearer(expected: str, wrong: str, *, right: bool | None) -> CheckResult:
    """The result for what a Bearer challenge has; None where there is none."""
    if right is None:
        return does_not_apply("there is no challenge of Bearer")
    return held(expected) if right else broken(expected, wrong)


def has_parameter(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = bearers(exchange)
    right = all(one.parameters for one in found) if found else None
    return _in_bearer("a parameter, such as realm", "Bearer alone", right=right)


def each_once(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = bearers(exchange)
    names = [[name.lower() for name, _ in one.parameters] for one in found]
    twice = sorted({name for some in names for name in some if some.count(name) > 1})
    right = not twice if found else None
    return _in_bearer("each parameter once", f"twice: {', '.join(twice)}", right=right)


def has_error(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = bearers(exchange)
    right = any(one.value("error") for one in found) if found else None
    return _in_bearer("an error code", "no error in the challenge", right=right)


def no_error(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = bearers(exchange)
    codes = [code for one in found if (code := one.value("error")) is not None]
    right = not codes if found else None
    return _in_bearer("no error code", f"error {show(codes)}", right=right)


def right_characters(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = bearers(exchange)
    some = [
        value
        for one in found
        for name, value in one.parameters
        if name.lower() in ("error", "error_description")
    ]
    wrong = [value for value in some if not ALLOWED.fullmatch(value)]
    expected = "error and error_description in ASCII, without quotes and backslashes"
    return _in_bearer(expected, show(wrong), right=not wrong if found else None)


def no_echo(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The wrong token is in no part of the answer; of the right one every answer is asked."""
    expected, wrong = "an answer without the token that was sent", WRONG.rpartition(" ")[2]
    shown = exchange.body.decode("utf-8", "replace") + "\n".join(value for _, value in exchange.headers)
    return broken(expected, exchange.summary()) if wrong in shown else held(expected)


def two_places(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    right = exchange.status == 400
    return (held if right else broken)("400 to credentials in two places", exchange.summary())


def in_query(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What a server does with a token in the query; a made-up one opens no door that is shut."""
    if exchange.ok:
        return broken("a refusal", f"{exchange.summary()}: a made-up token in the query opens the door")
    return held("a refusal", f"{exchange.status} to a made-up token in the query")


def nobody_made(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Whom the create without credentials would have made is not there."""
    tried = scene.exchange("none-create")
    if tried is None or tried.ok:
        return does_not_apply("the create without credentials was not refused")
    expected = f"nobody called {scene.blanks['other.userName']}"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    name = scene.blanks["other.userName"].casefold()
    found = [row for row in resources(exchange.json) if str(value_at(row, "userName")).casefold() == name]
    return grave(expected, f"it was answered {tried.status}, and is there") if found else held(expected)


CHALLENGE = (
    Check("rfc6750-3-there", of_401(is_challenged)),
    Check("rfc6750-3-scheme", of_401(by_bearer)),
    Check("rfc6750-3-parameter", of_401(has_parameter)),
    Check("rfc6750-3-once", of_401(each_once)),
    Check("rfc6750-3-characters", of_401(right_characters)),
)


def tried(id: str, authorization: str | None, *checks: Check, query: str = "") -> Step:
    """A list of one user with these credentials."""
    return Step(
        id=id,
        request="rfc/users-query.http" if query else PROBE,
        blanks={"query": query} if query else {},
        authorization=authorization,
        independent=True,
        checks=checks,
    )


SEQUENCES = (
    Sequence(
        id="rfc.auth.challenge",
        title="Who asks for credentials, and how",
        source="RFC 7644 section 2, RFC 6750 section 3",
        needs=("auth:bearer",),
        people={"user": "plain", "other": "plain"},
        last=True,
        steps=(
            create_user(),
            tried(
                "none",
                "",
                Check("rfc7644-3.12-unauthorized", unauthorized),
                Check("rfc7644-2-challenge", of_401(says_how)),
                Check("rfc7644-2.2-anonymous", whether_anybody),
                *CHALLENGE,
                Check("rfc6750-3.1-no-error", of_401(no_error)),
            ),
            Step(
                id="none-read",
                request="rfc/user-get.http",
                authorization="",
                independent=True,
                checks=(
                    Check("rfc7644-3.12-unauthorized", unauthorized),
                    Check("rfc7644-2.2-anonymous", whether_anybody),
                ),
            ),
            Step(
                id="none-create",
                request="rfc/user-create.http",
                cast={"user": "other"},
                blanks={"body": USER},
                authorization="",
                independent=True,
                checks=(
                    Check("rfc7644-3.12-unauthorized", unauthorized),
                    Check("rfc7644-2.2-anonymous", whether_anybody),
                ),
            ),
            Step(
                id="nobody",
                request="rfc/users-filter.http",
                blanks={"filter": 'userName eq "{{other.userName}}"'},
                needs=("filter",),
                pages="follow",
                independent=True,
                checks=(Check("rfc7644-2.2-nobody-made", nobody_made),),
            ),
            tried(
                "wrong",
                WRONG,
                Check("rfc6750-3.1-invalid", unauthorized),
                *CHALLENGE,
                Check("rfc6750-3-error", of_401(has_error)),
                Check("rfc7644-7-no-token-echo", no_echo),
            ),
            tried("cut", CUT_TOKEN, Check("rfc6750-3.1-invalid", unauthorized)),
            tried("right", None, Check("rfc6750-2.1-accepted", answers(200))),
            tried("lower", SMALL_SCHEME, Check("rfc9110-11.1-any-case", answers(200))),
            tried(
                "twice",
                None,
                Check("rfc6750-3.1-invalid-request", two_places),
                query="count=1&access_token=scimproof-wrong-token",
            ),
            tried(
                "query",
                "",
                Check("rfc6750-2.3-query", in_query),
                query="count=1&access_token=scimproof-wrong-token",
            ),
        ),
    ),
)
