"""PUT: the resource is what was sent, and nothing happens where it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import changed, equal, nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import CORE_USER, ENTERPRISE_USER, id_of, value_at

from ..asks import at, attribute_at, refused, type_at
from ..people import GROUP, create_group, create_user, user_body
from .answers import (
    after,
    as_answered,
    as_before,
    itself,
    latest,
    moved_forward,
    not_found,
    of_shown,
    shows_sent,
)
from .groups import members_are

WORK = {"value": "{{user.email}}", "type": "work", "primary": True}
WHOLE: dict[str, Json] = {
    "schemas": [CORE_USER],
    "userName": "{{user.userName}}",
    "displayName": "{{prefix}} before",
    "name": {"givenName": "{{user.givenName}}", "familyName": "{{user.familyName}}"},
    "nickName": "{{user.nickName}}",
    "title": "Engineer",
    "emails": [WORK, {"value": "{{user.secondEmail}}", "type": "home"}],
    "phoneNumbers": [{"value": "+1-415-555-0101", "type": "work"}],
    ENTERPRISE_USER: {"department": "Sales"},
}
CHANGED = WHOLE | {
    "displayName": "{{prefix}} after",
    "title": "Captain",
    "name": {"givenName": "{{user.givenName}}", "familyName": "{{user.newFamilyName}}"},
}
FEWER = {key: value for key, value in CHANGED.items() if key not in ("nickName", "title")} | {
    "emails": [WORK]
}
EMPTIED = CHANGED | {"title": None, "phoneNumbers": []}
READ_ONLY = CHANGED | {
    "id": "{{prefix}}-other",
    "meta": {"created": "1999-01-01T00:00:00Z", "resourceType": "Group", "location": "http://example.com/x"},
    "groups": [{"value": "{{prefix}}-nowhere"}],
}
PLAIN = {key: value for key, value in CHANGED.items() if key != ENTERPRISE_USER}
BOTH = json.dumps({**json.loads(GROUP), "members": [{"value": "{{user.id}}"}]})
OTHERS = json.dumps({**json.loads(GROUP), "members": [{"value": "{{other.id}}"}]})
WRITES = ("create", "put", "again", "null", "read-only")


def put_200(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """200 with the resource."""
    expected = "200 with the resource"
    right = exchange.status == 200 and bool(id_of(exchange.json))
    return held(expected) if right else broken(expected, exchange.summary())


def last_modified(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """LastModified has moved, where the PUT sent anything else than the create."""
    if scene.sent("put") == scene.sent("create"):
        return does_not_apply("users have nothing that the PUT could have changed")
    return moved_forward("create")(scene, exchange)


def left_out(*paths: str) -> Ask:
    """What a PUT left out has lost its value, or has another one; that it was kept is told."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before = latest(scene, *WRITES)
        known = [path for path in paths if not nothing(at(before, path))]
        if not known:
            return does_not_apply(f"there was no value of {' or '.join(paths)} before")
        expected = f"{', '.join(known)} cleared or defaulted"
        if not exchange.ok:
            return broken(expected, exchange.summary())
        kept = [path for path in known if at(exchange.json, path) == at(before, path)]
        return broken(expected, f"kept: {', '.join(kept)}") if kept else held(expected)

    return ask


def lists_replaced(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The list has the values of the PUT and no others; whether all of each is kept is asked elsewhere."""
    sent, found = (_values_of(one.json) for one in (exchange.request, exchange))
    expected = f"emails = {show(sent)}"
    if nothing(sent):
        return does_not_apply("users have no emails")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    right = equal(sent, found, attribute_at(scene, exchange, "emails"))
    return held(expected) if right else broken(expected, show(found))


def _values_of(user: Json) -> Json:
    """The addresses of a user, without what else is said of them."""
    emails = value_at(user, "emails")
    return [{"value": value_at(one, "value")} for one in emails] if isinstance(emails, list) else emails


def same_again(scene: ExecutionContext, _: Exchange) -> CheckResult:
    """The second of two like PUTs changes nothing that the first did not."""
    expected = "the same answer to the same PUT"
    first, second = (scene.exchanges["again"][place] for place in (0, -1))
    if not first.ok or not second.ok or first is second:
        return broken(expected, second.summary())
    if not isinstance(first.json, Mapping) or not isinstance(second.json, Mapping):
        return does_not_apply("it was answered without the resource")
    paths = list(changed(first.json, second.json, scene.discovery, type_at(scene, second)))
    told = [f"{path}: {show(at(first.json, path))}, then {show(at(second.json, path))}" for path in paths[:3]]
    return broken(expected, "; ".join(told)) if told else held(expected)


def cleared(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Null and [] have taken the values away."""
    sent = exchange.request.json
    names = [name for name in ("title", "phoneNumbers") if name in sent]
    expected = f"no value for {' and '.join(names)}"
    if not names:
        return does_not_apply("users have neither title nor phoneNumbers")
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    if not exchange.ok:
        return broken(expected, exchange.summary())
    kept = [name for name in names if not nothing(value_at(exchange.json, name))]
    told = "; ".join(f"{name} = {show(value_at(exchange.json, name))}" for name in kept)
    return broken(expected, told) if kept else held(expected)


def read_only_ignored(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """id, meta and groups of the client have no effect; 400 is understood, since id differs from the path."""
    expected = "200, with the server's own id, meta and groups"
    if exchange.status == 400 and not exchange.error:
        return declined(expected, exchange.summary())
    if not exchange.ok:
        return broken(expected, exchange.summary())
    if not isinstance(exchange.json, Mapping):
        return does_not_apply(f"it was answered without the resource: {exchange.summary()}")
    sent = exchange.request.json
    wrong = [
        f"{path} = {show(value_at(exchange.json, path))}"
        for path in ("id", "meta.created", "meta.resourceType", "meta.location", "groups")
        if value_at(exchange.json, path) == value_at(sent, path) is not None
    ]
    return broken(expected, "; ".join(wrong)) if wrong else held(expected)


def incomplete_body(scene: ExecutionContext) -> Json:
    """A user's body without userName."""
    return {key: value for key, value in user_body(scene).items() if key.lower() != "username"}


def _put(id: str, body: Mapping[str, Json], *checks: Check) -> Step:
    return Step(
        id=id,
        request="rfc/user-put.http",
        blanks={"body": json.dumps(body)},
        checks=checks,
        independent=True,
    )


def _read(id: str, *checks: Check) -> Step:
    return Step(id=id, request="rfc/user-get.http", independent=True, checks=checks)


SEQUENCES = (
    Sequence(
        id="rfc.replace.whole",
        title="Replace a user",
        source="RFC 7644 section 3.5.1",
        needs=("type:User",),
        people={"user": "plain", "other": "plain"},
        groups={"group": "plain"},
        steps=(
            create_user(body=json.dumps(WHOLE)),
            create_user("create-other", "other"),
            Step(
                id="put",
                request="rfc/user-put.http",
                blanks={"body": json.dumps(CHANGED)},
                wait=1.1,
                checks=(
                    Check("rfc7644-3.5-put", answers(200, 204), gate=True),
                    Check("rfc7644-3.5.1-put-200", put_200),
                    Check("rfc7644-3.5.1-replaces", of_shown(shows_sent("put"))),
                ),
            ),
            _read(
                "read",
                Check("rfc7643-3.1-id-stays", itself()),
                Check("rfc7644-3.5.1-replaces", shows_sent("put")),
                Check("rfc7644-3.1-write-shows-stored", as_answered("put")),
                Check("rfc7643-3.1-last-modified", last_modified),
            ),
            _put(
                "fewer",
                FEWER,
                Check("rfc7644-3.5.1-left-out", of_shown(left_out("nickName", "title"))),
                Check("rfc7644-3.5.1-lists", of_shown(lists_replaced)),
            ),
            _read("fewer-read", Check("rfc7644-3.1-write-shows-stored", as_answered("fewer"))),
            Step(
                id="again",
                request="rfc/user-put.http",
                blanks={"body": json.dumps(CHANGED)},
                times=2,
                independent=True,
                checks=(Check("rfc7644-3.5.1-idempotent", same_again),),
            ),
            _put("null", EMPTIED, Check("rfc7644-3.5.1-null", of_shown(cleared))),
            _put("read-only", READ_ONLY, Check("rfc7644-3.5.1-read-only-ignored", read_only_ignored)),
            Step(
                id="incomplete",
                request="rfc/user-put-incomplete.http",
                blanks={"body": json.dumps(CHANGED)},
                independent=True,
                checks=(Check("rfc7644-3.5.1-required", refused(400)),),
            ),
            _read("unchanged", Check("rfc7644-3.5.1-required", as_before(*WRITES))),
            _put(
                "taken",
                CHANGED | {"userName": "{{other.userName}}"},
                Check("rfc7644-3.5.1-conflict", refused(409, understood=(400,))),
            ),
            _read("untouched", Check("rfc7644-3.5.1-conflict", as_before(*WRITES, "unchanged"))),
            Step(
                id="unknown",
                request="rfc/user-put.http",
                blanks={"user.id": "{{prefix}}-nobody", "body": json.dumps(CHANGED)},
                independent=True,
                checks=(Check("rfc7644-3.5.1-put-unknown", not_found()),),
            ),
            Step(
                id="extension",
                request="rfc/user-put.http",
                blanks={"body": json.dumps(PLAIN)},
                needs=("extension:enterprise",),
                independent=True,
                checks=(
                    Check("rfc7644-3.5.1-left-out", of_shown(left_out(f"{ENTERPRISE_USER}:department"))),
                ),
            ),
            create_group(body=BOTH),
            Step(
                id="group",
                request="rfc/group-put.http",
                blanks={"body": OTHERS},
                needs=("type:Group",),
                independent=True,
                checks=(Check("rfc7644-3.5.1-group", answers(200, 204)),),
            ),
            Step(
                id="group-read",
                request="rfc/group-view.http",
                each="group-view",
                needs=("type:Group",),
                independent=True,
                checks=(Check("rfc7644-3.5.1-group", after("group", members_are("other"))),),
            ),
        ),
    ),
)

RULES = {"rfc-user-incomplete": incomplete_body}
