"""What is particular to users: active, password, the parts of a name."""

from __future__ import annotations

import json

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import CORE_USER, value_at

from ..asks import finds, is_error, no_server_error, shows
from ..people import USER, create_user
from .answers import after, of_search, of_shown

ACTIVE = "rfc7643-4.1.1-active"
PASSWORD = "rfc7643-4.1.1-password-set"
FIRST, SECOND = "Qz7!{{prefix}}-one", "Xk9!{{prefix}}-two"
WITH_STATE = ("attr:active",)
PLAIN: dict[str, Json] = json.loads(USER)
OFF, ON = (json.dumps({**PLAIN, "active": state}) for state in (False, True))
FORMATTED = {
    "schemas": [CORE_USER],
    "userName": "{{formatted.userName}}",
    "name": {"formatted": "{{formatted.givenName}} {{formatted.familyName}}"},
}
RENAMED = '[{"op":"replace","path":"name.familyName","value":"{{user.newFamilyName}}"}]'


def state_is(state: bool) -> Ask:  # noqa: FBT001 - true and false are what it is about
    """The user is there, and active is that."""
    return shows({"active": state})


def set_to(state: bool) -> Ask:  # noqa: FBT001
    """The change is accepted; an answer that shows the user shows the new value."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"200 or 204, and active = {str(state).lower()}"
        if exchange.error or exchange.status not in (200, 204):
            return broken(expected, exchange.summary())
        if value_at(exchange.json, "active") is None:
            return held(expected, str(exchange.status))
        return state_is(state)(scene, exchange)

    return ask


def kept_secret(*texts: str) -> Ask:
    """A password is accepted and not shown; what a policy says of it is told."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "the password accepted, and not shown"
        secrets = [text.replace("{{prefix}}", scene.blanks["prefix"]) for text in texts]
        if any(secret.encode() in exchange.body for secret in secrets):
            return grave(expected, "the answer shows the password")
        if exchange.status == 501 and is_error(exchange.json):
            return declined(expected, exchange.summary())
        if exchange.error or exchange.status >= 500:
            return grave(expected, exchange.summary())
        if exchange.status == 400:
            return held(expected, f"refused, as by a policy: {exchange.summary()}")
        return held(expected) if exchange.ok else broken(expected, exchange.summary())

    return ask


def told_name(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Tells what is shown of the name that was sent."""
    return held("name in parts, formatted, or both", show(value_at(exchange.json, "name")))


def follows_parts(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """name.formatted, where it was not sent, has the family name in it."""
    formatted, family = (value_at(exchange.json, f"name.{part}") for part in ("formatted", "familyName"))
    if nothing(formatted) or nothing(family):
        return does_not_apply("the server makes no name.formatted")
    expected = f"name.formatted with {show(family)}"
    right = str(family).casefold() in str(formatted).casefold()
    return held(expected) if right else broken(expected, show(formatted))


def _put(id: str, body: str, check: Check, *needs: str, wait: float = 0.0) -> Step:
    return Step(
        id=id, request="rfc/user-put.http", blanks={"body": body}, needs=needs, independent=True,
        checks=(check,), wait=wait,
    )  # fmt: skip


def _patch(id: str, operations: str, check: Check, *needs: str) -> Step:
    return Step(
        id=id,
        request="rfc/user-patch.http",
        blanks={"operations": operations},
        needs=("patch", *needs),
        independent=True,
        checks=(check,),
    )


def _read(id: str, *checks: Check, needs: tuple[str, ...] = WITH_STATE) -> Step:
    return Step(id=id, request="rfc/user-get.http", needs=needs, independent=True, checks=checks)


def _state(value: str) -> str:
    return '[{"op":"replace","path":"active","value":' + value + "}]"


SEQUENCES = (
    Sequence(
        id="rfc.user.active",
        title="Deactivate and reactivate, set a password, set a name",
        source="RFC 7643 section 4.1.1",
        needs=("type:User",),
        people={"user": "plain", "secret": "plain", "formatted": "plain"},
        steps=(
            create_user(
                checks=(
                    Check("rfc7644-3.3-create-201", answers(201), gate=True),
                    Check("rfc7643-4.1.1-name", of_shown(told_name)),
                    Check("rfc7643-4.1.1-formatted", of_shown(follows_parts)),
                )
            ),
            _put("off", OFF, Check(ACTIVE, set_to(state=False)), *WITH_STATE),
            _read("off-read", Check(ACTIVE, after("off", state_is(state=False)))),
            Step(
                id="off-found",
                request="rfc/users-filter.http",
                blanks={"filter": 'userName eq "{{user.userName}}"'},
                needs=("filter", *WITH_STATE),
                independent=True,
                settles=2.0,
                checks=(Check(ACTIVE, of_search(finds(["user"]))),),
            ),
            _put("on", ON, Check(ACTIVE, set_to(state=True)), *WITH_STATE),
            _patch("off-again", _state("false"), Check(ACTIVE, set_to(state=False)), *WITH_STATE),
            _read(
                "off-again-read",
                Check(ACTIVE, after("off-again", state_is(state=False))),
                needs=("patch", *WITH_STATE),
            ),
            _patch("on-again", _state("true"), Check(ACTIVE, set_to(state=True)), *WITH_STATE),
            _read("on-read", Check(ACTIVE, state_is(state=True))),
            _patch("rename", RENAMED, Check("rfc7643-4.1.1-name", no_server_error()), "attr:name.familyName"),
            _read(
                "renamed",
                Check("rfc7643-4.1.1-formatted", after("rename", follows_parts)),
                needs=("patch", "attr:name.familyName"),
            ),
            Step(
                id="names",
                request="rfc/user-create.http",
                creates="formatted",
                blanks={"body": json.dumps(FORMATTED)},
                needs=("attr:name.formatted",),
                independent=True,
                checks=(Check("rfc7643-4.1.1-name", told_name),),
            ),
            Step(
                id="password",
                request="rfc/user-create.http",
                creates="secret",
                cast={"user": "secret"},
                blanks={"body": json.dumps({**PLAIN, "password": FIRST})},
                needs=("attr:password",),
                independent=True,
                checks=(Check(PASSWORD, kept_secret(FIRST)),),
            ),
            Step(
                id="password-put",
                request="rfc/user-put.http",
                cast={"user": "secret"},
                blanks={"body": json.dumps({**PLAIN, "password": SECOND})},
                needs=("attr:password", "changePassword"),
                independent=True,
                checks=(Check(PASSWORD, kept_secret(FIRST, SECOND)),),
            ),
            Step(
                id="password-patch",
                request="rfc/user-patch.http",
                cast={"user": "secret"},
                blanks={"operations": '[{"op":"replace","path":"password","value":"' + FIRST + '"}]'},
                needs=("attr:password", "changePassword", "patch"),
                independent=True,
                checks=(Check(PASSWORD, kept_secret(FIRST, SECOND)),),
            ),
            Step(
                id="password-read",
                request="rfc/user-get.http",
                cast={"user": "secret"},
                needs=("attr:password",),
                independent=True,
                checks=(Check(PASSWORD, kept_secret(FIRST, SECOND)),),
            ),
        ),
    ),
)
