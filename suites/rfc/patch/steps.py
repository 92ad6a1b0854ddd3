"""Steps of PATCH sequences: what is made, read and changed, and what has to follow a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scimproof.checks import answers
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import CORE_USER, id_of

from ..asks import is_error, rest_unchanged, type_at, unchanged
from ..people import PATCH_OP, create_group, create_user

W = {"value": "{{user.email}}", "type": "work", "primary": True}
H = {"value": "{{user.secondEmail}}", "type": "home"}
NAME = {"givenName": "{{user.givenName}}", "familyName": "{{user.familyName}}"}


def user(**attributes: Json) -> str:
    """The body of a user with these attributes beside the required ones."""
    return json.dumps({"schemas": [CORE_USER], "userName": "{{user.userName}}", **attributes})


def patched(*, optional: bool = False, told_later: bool = False) -> Ask:
    """200 with the resource, or 204 without a body; a clean refusal of what is optional is a warning.

    With `told_later` the rule that a refusal breaks is one that the read after it asks.
    """

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "200 with the resource, or 204 without a body"
        if exchange.status == 204 and not exchange.error and not exchange.body:
            return held(expected, "204")
        if exchange.status == 200 and not exchange.error and id_of(exchange.json):
            return held(expected, "200")
        if optional and was_declined(exchange):
            return declined(expected, exchange.summary())
        if told_later and was_declined(exchange):
            return does_not_apply(f"it was refused, which the read after it judges: {exchange.summary()}")
        return broken(expected, exchange.summary())

    return ask


def was_declined(exchange: Exchange | None) -> bool:
    """Whether a form was cleanly refused: as invalid, or as not implemented, with an Error."""
    return bool(exchange and exchange.status in (400, 501) and not exchange.error and is_error(exchange.json))


def shown_by(step: str) -> Ask:
    """What the answer to that write showed is what is read; it may have shown nothing."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        answer = scene.exchange(step)
        if answer is None or not answer.ok or not isinstance(answer.json, Mapping):
            return does_not_apply(f"{step} was answered without the resource")
        type = type_at(scene, exchange)
        known = scene.discovery.attributes(type) if scene.discovery and type else ()
        on_request = [one.name for one in known if one.returned == "request"]
        return rest_unchanged(step, *on_request)(scene, exchange)

    return ask


def create(kind: str, body: str) -> Step:
    """The step that makes the resource of a form."""
    return create_user(body=body) if kind == "user" else create_group("create", body=body)


def read(kind: str, id: str = "before", *checks: Check, independent: bool = False) -> Step:
    """A read of that resource: a preparation where it has no checks."""
    gate = Check("rfc7644-3.4.1-resource-itself", answers(200), gate=True)
    return Step(
        id=id,
        request="rfc/group-view.http" if kind == "group" else "rfc/user-get.http",
        each="group-view" if kind == "group" else "",
        given=not checks,
        checks=checks or (gate,),
        independent=independent,
    )


def patch(
    kind: str,
    operations: list[Json],
    *,
    id: str = "patch",
    optional: bool = False,
    told_later: bool = False,
) -> Step:
    """A PATCH of that resource by operations, whose texts are templates.

    With `told_later` the read after it is sent and judges also what was refused.
    """
    ask = patched(optional=optional, told_later=told_later)
    return Step(
        id=id,
        request=f"rfc/{kind}-patch.http",
        blanks={"operations": json.dumps(operations)},
        checks=(Check("rfc7644-3.5.2-patch-status", ask, gate=True),),
        independent=told_later,
    )


def patch_as_is(id: str, message: Json, *checks: Check) -> Step:
    """A PATCH of the user with this message as body, whatever it is."""
    return Step(
        id=id,
        request="rfc/user-patch-as-is.http",
        blanks={"body": json.dumps(message)},
        checks=checks,
        independent=True,
    )


def message(*operations: Json) -> dict[str, Json]:
    """The message of a PATCH with these operations."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def failed(step: str, before: str) -> Check:
    """That PATCH, if it was refused, was answered with an Error and has changed nothing."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"an error status and an Error, and the resource as {before} showed it"
        answer = scene.exchange(step)
        if answer is None or answer.ok:
            return does_not_apply(f"{step} was accepted")
        if answer.error or answer.status < 400 or (answer.status >= 500 and answer.status != 501):
            return grave(expected, answer.summary())
        if not is_error(answer.json):
            return broken(expected, answer.summary())
        return unchanged(before)(scene, exchange)

    return Check("rfc7644-3.5.2-failed", ask)


def accepted(step: str, wanted: Ask) -> Ask:
    """What follows from that write, where it was accepted."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        answer = scene.exchange(step)
        if answer is None or not answer.ok:
            return does_not_apply(f"{step} was refused")
        return wanted(scene, exchange)

    return ask
