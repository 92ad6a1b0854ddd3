"""Several operations in one PATCH: all of them or none, and what a server without PATCH answers."""

from __future__ import annotations

from collections.abc import Iterator

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, does_not_apply, grave, held

from ..asks import is_error, refused, unchanged
from ..people import create_user
from .leeway import TICK
from .steps import NAME, W, failed, message, patch_as_is, read, user

# Two operations each, of which the second cannot be done.
HALVES: dict[str, tuple[Json, Json]] = {
    "no-match": (
        {"op": "replace", "path": "displayName", "value": "{{prefix}} half"},
        {"op": "replace", "path": 'emails[type eq "{{prefix}}"].value', "value": "{{user.newEmail}}"},
    ),
    "read-only": (
        {"op": "add", "path": "nickName", "value": "half"},
        {"op": "replace", "path": "id", "value": "{{prefix}}-half"},
    ),
    "unknown-op": (
        {"op": "add", "path": "title", "value": "half"},
        {"op": "{{prefix}}", "path": "title", "value": "whole"},
    ),
    "taken": (
        {"op": "replace", "path": "userName", "value": "{{user.newUserName}}"},
        {"op": "replace", "path": "userName", "value": "{{other.userName}}"},
    ),
}


def _told(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A failed PATCH is answered with an error status and an Error."""
    expected = "an error status and an Error"
    if exchange.ok:
        return does_not_apply("it was accepted as a whole")
    if exchange.error or (exchange.status >= 500 and exchange.status != 501):
        return grave(expected, exchange.summary())
    right = exchange.status >= 400 and is_error(exchange.json)
    return held(expected, str(exchange.status)) if right else broken(expected, exchange.summary())


def _nothing_done(step: str, before: str) -> Ask:
    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        answer = scene.exchange(step)
        if answer is None or answer.ok:
            return does_not_apply(f"{step} was accepted as a whole")
        return unchanged(before)(scene, exchange)

    return ask


def _halves() -> Iterator[Step]:
    before = "before"
    for id, operations in HALVES.items():
        made = patch_as_is(id, message(*operations), Check("rfc7644-3.5.2-failed", _told))
        yield Step(
            id=id,
            request=made.request,
            blanks=made.blanks,
            checks=made.checks,
            independent=True,
            wait=TICK if before == "before" else 0.0,
        )
        after = f"{id}-after"
        check = Check("rfc7644-3.5.2-atomic", _nothing_done(id, before))
        yield read("user", after, check, independent=True)
        before = after


def _not_supported(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    if scene.discovery is None or scene.discovery.flag("patch") is not False:
        return does_not_apply("ServiceProviderConfig does not say that patch.supported is false")
    return refused(501, understood=(404, 405))(scene, exchange)


SEQUENCES = (
    Sequence(
        id="rfc.patch.together[half]",
        title="One of two operations fails",
        source="RFC 7644 section 3.5.2",
        needs=("patch",),
        people={"user": "plain", "other": "plain"},
        steps=(
            create_user("create-other", "other", body=user()),
            create_user(body=user(displayName="{{user.displayName}}", name=NAME, emails=[W])),
            read("user"),
            *_halves(),
        ),
    ),
    Sequence(
        id="rfc.patch.together[unsupported]",
        title="A PATCH where it is not supported",
        source="RFC 7644 sections 3.5 and 3.5.2",
        needs=("no:patch",),
        people={"user": "plain"},
        steps=(
            create_user(body=user()),
            read("user"),
            patch_as_is(
                "patch",
                message({"op": "replace", "path": "userName", "value": "{{user.newUserName}}"}),
                Check("rfc7644-3.5.2-not-supported", _not_supported),
            ),
            read("user", "read", failed("patch", "before"), independent=True),
        ),
    ),
)
