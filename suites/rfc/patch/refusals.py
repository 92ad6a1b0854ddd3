"""What a PATCH must not do: to values that are taken or wrong, to what is required or readOnly."""

from __future__ import annotations

from collections.abc import Iterator

from scimproof.checks import answers
from scimproof.checks.schema_equality import nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, declined, does_not_apply, grave
from scimproof.core.scim import CORE_GROUP, value_at

from ..asks import refused, rest_unchanged, unchanged, word
from ..people import create_user
from .steps import NAME, H, W, create, failed, message, patch_as_is, read, user

NO_MATCH = "rfc7644-3.5.2.3-no-match"
TYPE = "{{prefix}}"  # of no e-mail address
WRONG: dict[str, tuple[str, Json]] = {
    "active": ("active", "maybe"),
    "emails": ("emails", "x"),
    "user-name": ("userName", {}),
}
KEPT = {"user-name": "userName", "id": "id", "meta": "meta"}


def _no_match(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A refusal with 400; that it was accepted is a warning here, and the next read tells the rest."""
    judged = refused(400)(_, exchange)
    return declined(judged.expected, exchange.summary()) if exchange.ok else judged


def _made_or_nothing(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """An accepted replace without a match has made the element: a warning, and a failure without effect."""
    expected = "the refusal of a replace without a match"
    answer = scene.exchange("patch")
    if answer is None or not answer.ok:
        return does_not_apply("patch was refused")
    emails = value_at(exchange.json, "emails")
    values = [value_at(one, "value") for one in emails] if isinstance(emails, list) else []
    if scene.blanks["user.newEmail"] in values:
        return declined(expected, "it was accepted, and the element was made")
    untouched = rest_unchanged("before")(scene, exchange)
    why = "it was accepted, and nothing was done" if untouched.held else untouched.observed
    return grave(expected, why)


def _wrong_types() -> Iterator[Step]:
    before = "before"
    for id, (path, value) in WRONG.items():
        operation = {"op": "replace", "path": path, "value": value}
        step = patch_as_is(id, message(operation), Check("rfc7644-3.5.2-wrong-type", refused(400)))
        needs = (f"attr:{path}",)
        after = read(
            "user",
            f"{id}-after",
            Check("rfc7644-3.5.2-wrong-type", unchanged(before)),
            failed(id, before),
            independent=True,
        )
        yield _needing(step, needs)
        yield _needing(after, needs)


def _needing(step: Step, needs: tuple[str, ...]) -> Step:
    return Step(
        id=step.id,
        request=step.request,
        blanks=step.blanks,
        checks=step.checks,
        independent=step.independent,
        given=step.given,
        needs=needs,
    )


def _removals() -> Iterator[Step]:
    before = "before"
    for id, path in KEPT.items():
        yield patch_as_is(
            id,
            message({"op": "remove", "path": path}),
            Check("rfc7644-3.5.2.2-refused", refused(400)),
            Check("rfc7644-3.5.2.2-refused-type", word("mutability")),
        )
        after = f"{id}-after"
        yield read("user", after, failed(id, before), independent=True)
        before = after


def _still_named() -> Ask:
    """The group has its name; it was given back in between, so that the group is known for the run's own."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        judged = rest_unchanged("before")(scene, exchange)
        if nothing(value_at(exchange.json, "displayName")):
            return grave(judged.expected, exchange.summary())
        return judged

    return ask


SEQUENCES = (
    Sequence(
        id="rfc.patch.replace[no-match]",
        title="Replace by a filter that nothing matches",
        source="RFC 7644 section 3.5.2.3",
        needs=("patch", "attr:emails"),
        people={"user": "plain"},
        steps=(
            create_user(body=user(name=NAME, emails=[W, H])),
            read("user"),
            patch_as_is(
                "patch",
                message(
                    {"op": "replace", "path": f'emails[type eq "{TYPE}"].value', "value": "{{user.newEmail}}"}
                ),
                Check(NO_MATCH, _no_match),
                Check(f"{NO_MATCH}-type", word("noTarget")),
            ),
            read(
                "user",
                "read",
                Check(NO_MATCH, _made_or_nothing),
                failed("patch", "before"),
                independent=True,
            ),
        ),
    ),
    Sequence(
        id="rfc.patch.replace[taken]",
        title="Replace a unique value by somebody else's",
        source="RFC 7644 sections 3.5.2 and 3.12",
        needs=("patch",),
        people={"user": "plain", "other": "plain"},
        steps=(
            create_user("create-other", "other", body=user()),
            create_user(body=user(name=NAME)),
            read("user"),
            patch_as_is(
                "patch",
                message({"op": "replace", "path": "userName", "value": "{{other.userName}}"}),
                Check("rfc7644-3.5.2-conflict", refused(409, 400)),
                Check("rfc7644-3.5.2-conflict-type", word("uniqueness")),
            ),
            read(
                "user",
                "read",
                Check("rfc7644-3.5.2-conflict", unchanged("before")),
                failed("patch", "before"),
                independent=True,
            ),
        ),
    ),
    Sequence(
        id="rfc.patch.replace[wrong-type]",
        title="Replace by a value of the wrong type",
        source="RFC 7644 sections 3.5.2 and 3.12",
        needs=("patch",),
        people={"user": "plain"},
        steps=(
            create_user(body=user(displayName="{{prefix}} typed", name=NAME, emails=[W], active=True)),
            read("user"),
            *_wrong_types(),
        ),
    ),
    Sequence(
        id="rfc.patch.remove[refused]",
        title="Remove what is required or readOnly",
        source="RFC 7644 section 3.5.2.2",
        needs=("patch",),
        people={"user": "plain"},
        steps=(
            create_user(body=user(displayName="{{prefix}} kept", name=NAME)),
            read("user"),
            *_removals(),
        ),
    ),
    Sequence(
        id="rfc.patch.remove[group-name]",
        title="Remove the name of a group",
        source="RFC 7644 section 3.5.2.2",
        needs=("patch", "type:Group", "required:Group:displayName"),
        groups={"group": "plain"},
        steps=(
            create("group", f'{{"schemas":["{CORE_GROUP}"],"displayName":"{{{{group.displayName}}}}"}}'),
            read("group"),
            Step(
                id="patch",
                request="rfc/group-patch.http",
                blanks={"operations": '[{"op":"remove","path":"displayName"}]'},
                independent=True,
                checks=(
                    Check("rfc7644-3.5.2.2-refused", refused(400)),
                    Check("rfc7644-3.5.2.2-refused-type", word("mutability")),
                ),
            ),
            Step(
                id="back",
                request="rfc/group-patch.http",
                blanks={
                    "operations": '[{"op":"replace","path":"displayName","value":"{{group.displayName}}"}]'
                },
                given=True,
                checks=(Check("rfc7644-3.5.2-patch-status", answers(200, 204), gate=True),),
            ),
            read("group", "read", Check("rfc7644-3.5.2-failed", _still_named()), independent=True),
        ),
    ),
)
