"""PATCH where a server may do one thing or another: what is there already, what is not, what says more."""

from __future__ import annotations

import json

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, grave, held
from scimproof.core.scim import CORE_GROUP, member_ids, value_at

from ..asks import attribute_at, rest_unchanged, shows, unchanged, word
from ..people import create_group, create_user
from .forms import MEMBERS
from .steps import NAME, H, W, accepted, create, failed, patch, patched, read, user

TICK = 1.1  # seconds: a time that is told in seconds moves in between
PRESENT = "rfc7644-3.5.2.1-present"
ABSENT = "rfc7644-3.5.2.2-absent"
NO_MATCH = "rfc7644-3.5.2.1-no-match"


def group_of(*members: str) -> str:
    """The body of a group with these members, by their roles."""
    rows = [{"value": f"{{{{{one}.id}}}}"} for one in members]
    return json.dumps({"schemas": [CORE_GROUP], "displayName": "{{group.displayName}}", "members": rows})


def _tried(kind: str, operation: Json, *checks: Check, wait: float = 0.0) -> Step:
    return Step(
        id="patch",
        request=f"rfc/{kind}-patch.http",
        blanks={"operations": json.dumps([operation])},
        checks=checks,
        independent=True,
        wait=wait,
    )


def _either(expected: str, *, refusals: tuple[int, ...] = (400,)) -> Ask:
    """Done or refused: told, but for a server error."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.error or (exchange.status >= 500 and exchange.status != 501):
            return grave(expected, exchange.summary())
        if exchange.ok or exchange.status in refusals:
            return held(expected, exchange.summary())
        return broken(expected, exchange.summary())

    return ask


def _no_effect(expected: str) -> Ask:
    """All values are as they were before."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        judged = rest_unchanged("before")(scene, exchange)
        return grave(expected, judged.observed) if judged.held is False else judged

    return ask


def _made(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    emails = value_at(exchange.json, "emails")
    values = [value_at(one, "value") for one in emails] if isinstance(emails, list) else []
    there = scene.blanks["user.newEmail"] in values
    expected = "the element made"
    return held(expected) if there else broken(expected, f"accepted without it: emails = {show(emails)}")


def _dotted(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "name.givenName Grace, and no attribute of that whole name"
    if isinstance(exchange.json, dict) and "name.givenName" in exchange.json:
        return broken(expected, "stored under the name name.givenName")
    found = value_at(exchange.json, "name.givenName")
    return held(expected) if found == "Grace" else broken(expected, f"name.givenName = {show(found)}")


def _left(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "any result"
    if not exchange.ok:
        return cannot_tell(expected, exchange.summary())
    roles = {scene.blanks[f"{role}.id"]: role for role in ("u1", "u2")}
    left = sorted(roles.get(id, id) for id in member_ids(exchange.json))
    return held(expected, f"of the members u1 and u2, with u1 as value, these are left: {', '.join(left)}")


def _same_members(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = f"members = {scene.blanks['user.id']}"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found = sorted(member_ids(exchange.json))
    right = found == [scene.blanks["user.id"]]
    return held(expected) if right else broken(expected, f"members = {show(found)}")


def _not_modified(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    answer = scene.exchange("patch")
    if answer is None or not answer.ok:
        return does_not_apply("patch was refused")
    return unchanged("before")(scene, exchange)


def _had(path: str, wanted: Ask) -> Ask:
    """The question, if the resource had before what it was made with at that path."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent, found = value_at(scene.sent("create"), path), value_at(scene.answer("before"), path)
        if equal(sent, found, attribute_at(scene, exchange, path)):
            return wanted(scene, exchange)
        return cannot_tell(f"{path} as they were sent", f"{path} were not kept by the create: {show(found)}")

    return ask


def _again(kind: str, value: Json, path: str, title: str, key: str, *steps: Step, **more: Json) -> Sequence:
    return Sequence(
        id=f"rfc.patch.add[{key}]",
        title=title,
        source="RFC 7644 section 3.5.2.1",
        steps=(
            *steps,
            read(kind),
            _tried(
                kind,
                {"op": "add", "path": path, "value": [value]},
                Check(PRESENT, patched()),
                wait=TICK,
            ),
            read(
                kind,
                "read",
                Check(PRESENT, _had(path, rest_unchanged("before"))),
                Check(f"{PRESENT}-not-modified", _had(path, _not_modified)),
                independent=True,
            ),
        ),
        **more,
    )


def _absent(kind: str, path: str, title: str, key: str, step: Step, **more: Json) -> Sequence:
    return Sequence(
        id=f"rfc.patch.remove[{key}]",
        title=title,
        source="RFC 7644 section 3.5.2.2",
        steps=(
            step,
            read(kind),
            _tried(
                kind,
                {"op": "remove", "path": path},
                Check(ABSENT, _either("a success, or a refusal with 400")),
                Check(f"{ABSENT}-type", word("noTarget")),
            ),
            read(
                kind,
                "read",
                Check(ABSENT, _no_effect("nothing changed")),
                failed("patch", "before"),
                independent=True,
            ),
        ),
        **more,
    )


def _activity(id: str, *, active: bool) -> Step:
    made = patch("user", [{"op": "replace", "value": {"active": active}}], id=id)
    return Step(id=id, request=made.request, blanks=made.blanks, checks=made.checks, needs=("attr:active",))


SEQUENCES = (
    _again(
        "user", H, "emails", "Add to a list what it has", "again",
        create_user(body=user(name=NAME, emails=[W, H])),
        needs=("patch", "attr:emails"), people={"user": "plain"},
    ),
    _again(
        "group", {"value": "{{u1.id}}"}, "members", "Add a member that is one", "again-member",
        create("group", group_of("u1")),
        needs=("patch", "type:Group"), groups={"group": "plain"}, shares=MEMBERS,
    ),
    Sequence(
        id="rfc.patch.add[no-match]",
        title="Add by a filter that nothing matches",
        source="RFC 7644 section 3.5.2.1",
        needs=("patch", "attr:emails"),
        people={"user": "plain"},
        steps=(
            create_user(body=user(name=NAME, emails=[W])),
            read("user"),
            _tried(
                "user",
                {"op": "add", "path": 'emails[type eq "{{prefix}}"].value', "value": "{{user.newEmail}}"},
                Check(NO_MATCH, _either("the element made, or a refusal with 400")),
                Check(f"{NO_MATCH}-type", word("noTarget")),
            ),
            read(
                "user",
                "read",
                Check(NO_MATCH, accepted("patch", _made)),
                failed("patch", "before"),
                independent=True,
            ),
        ),
    ),
    Sequence(
        id="rfc.patch.replace[dotted]",
        title="A dotted name inside the value",
        source="RFC 7644 section 3.5.2.3",
        needs=("patch", "attr:name.givenName"),
        people={"user": "plain"},
        steps=(
            create_user(body=user(name=NAME, emails=[W])),
            read("user"),
            _tried(
                "user",
                {"op": "replace", "value": {"name.givenName": "Grace"}},
                Check("rfc7644-3.5.2.3-dotted", _either("understood or refused")),
            ),
            read(
                "user",
                "read",
                Check("rfc7644-3.5.2.3-dotted", accepted("patch", _dotted)),
                failed("patch", "before"),
                independent=True,
            ),
        ),
    ),
    Sequence(
        id="rfc.patch.replace[same-id]",
        title="The id repeated as it is",
        source="RFC 7644 section 3.5.2.3",
        needs=("patch", "type:Group"),
        groups={"group": "plain"},
        steps=(
            create("group", group_of()),
            read("group"),
            _tried(
                "group",
                {
                    "op": "replace",
                    "value": {"id": "{{group.id}}", "displayName": "{{group.newDisplayName}}"},
                },
                Check("rfc7644-3.5.2.3-same-id", _either("done or refused")),
            ),
            read(
                "group",
                "read",
                Check(
                    "rfc7644-3.5.2.3-same-id",
                    accepted("patch", shows({"displayName": "{{group.newDisplayName}}"})),
                ),
                failed("patch", "before"),
                independent=True,
            ),
        ),
    ),
    Sequence(
        id="rfc.patch.replace[membership]",
        title="A member of a group who is changed stays one",
        source="RFC 7644 section 3.5.2.3",
        needs=("patch", "type:Group", "attr:displayName"),
        people={"user": "plain"},
        groups={"group": "plain"},
        steps=(
            create_user(body=user(displayName="{{user.displayName}}", name=NAME, emails=[W], active=True)),
            create_group(body=group_of("user")),
            read("user"),
            patch("user", [{"op": "replace", "value": {"displayName": "{{prefix}} D2"}}]),
            _activity("deactivate", active=False),
            _activity("activate", active=True),
            read(
                "user",
                "read",
                Check("rfc7644-3.5.2.3-pathless", shows({"displayName": "{{prefix}} D2"})),
                Check("rfc7644-3.5.2.3-rest", rest_unchanged("before", "displayName")),
                independent=True,
            ),
            read("group", "group", Check("rfc7644-3.5.2.3-rest", _same_members), independent=True),
        ),
    ),
    _absent(
        "user", "nickName", "Remove what has no value", "absent",
        create_user(body=user(name=NAME, emails=[W])),
        needs=("patch", "attr:nickName"), people={"user": "plain"},
    ),
    _absent(
        "group", 'members[value eq "{{u2.id}}"]', "Remove somebody who is no member", "not-a-member",
        create("group", group_of("u1")),
        needs=("patch", "type:Group"), groups={"group": "plain"}, shares=MEMBERS,
    ),
    Sequence(
        id="rfc.patch.remove[with-value]",
        title="A value beside a remove",
        source="RFC 7644 section 3.5.2.2",
        needs=("patch", "type:Group"),
        groups={"group": "plain"},
        shares=MEMBERS,
        steps=(
            create("group", group_of("u1", "u2")),
            read("group"),
            _tried(
                "group",
                {"op": "remove", "path": "members", "value": [{"value": "{{u1.id}}"}]},
                Check("rfc7644-3.5.2.2-with-value", _either("done or refused")),
            ),
            read(
                "group",
                "read",
                Check("rfc7644-3.5.2.2-with-value", accepted("patch", _left)),
                failed("patch", "before"),
                independent=True,
            ),
        ),
    ),
)  # fmt: skip
