"""DELETE: what is gone afterwards, and what stays."""

from __future__ import annotations

import json

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import id_of, member_ids, resources, value_at

from ..asks import created
from ..people import GROUP, USER, create_user
from .answers import itself, not_found, of_search, of_shown
from .bodies import PREFIX, body_for, case_for, name_of, playable

STEPS = ("first", "delete", "get", "put", "patch", "again", "search", "list", "create")
TAG = "delete1"
JOINED = json.dumps({**json.loads(GROUP), "members": [{"value": "{{member.id}}"}]})
GONE = Check("rfc7644-3.6-gone-for-writes", not_found(understood=()))


def each_type(discovery: Discovery) -> list[Case]:
    """Every resource type: what is created and removed, and how it is searched."""
    found = []
    for type in playable(discovery):
        body, name = body_for(type, discovery, TAG), name_of(type, discovery)
        if isinstance(body, str) or name is None:
            found.append(case_for(type, discovery, STEPS, str(body)))
            continue
        value = body[name.name]
        texts = {
            "named": f'{name.path} eq "{value}"',
            "all": f'{name.path} sw "{PREFIX}.{TAG}"',
            "operations": json.dumps([{"op": "replace", "path": name.path, "value": value}]),
        }
        found.append(case_for(type, discovery, STEPS, {"body": body}, texts=texts))
    return found


def not_listed(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What was deleted is not in the list that was searched or walked."""
    id = scene.blanks["resource.id"]
    walked = next((scene.pages[step] for step, some in scene.exchanges.items() if exchange in some), [])
    ids = [one for page in walked for one in page.ids] or [id_of(row) for row in resources(exchange.json)]
    expected = f"a list without {id}"
    return broken(expected, "it is in it") if id in ids else held(expected)


def free_again(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The name of what was deleted can be given again."""
    expected = "201 to the same values"
    return held(expected) if exchange.status == 201 else broken(expected, exchange.summary())


def another_id(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What is created after the DELETE has another id."""
    if not exchange.ok:
        return does_not_apply(f"it was not created: {exchange.summary()}")
    before, now = scene.blanks["resource.id"], id_of(exchange.json)
    expected = f"an id that is not {before}"
    return broken(expected, "the same") if now == before else held(expected, now)


def without_group(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The user's groups do not have the one that was deleted."""
    groups = value_at(exchange.json, "groups")
    values = [value_at(one, "value") for one in groups] if isinstance(groups, list) else []
    expected = "groups without the deleted one"
    return broken(expected, show(groups)) if scene.blanks["group.id"] in values else held(expected)


def without_member(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The group is there, and does not have the user who was deleted."""
    expected = "the group, without the deleted user"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    return (
        broken(expected, "the user is still a member")
        if scene.blanks["member.id"] in member_ids(exchange.json)
        else held(expected)
    )


def _gone(id: str, request: str, needs: tuple[str, ...] = ()) -> Step:
    return Step(id=id, request=f"rfc/{request}.http", needs=needs, independent=True, checks=(GONE,))


def _looked_for(id: str, filter: str, *, pages: bool) -> Step:
    return Step(
        id=id,
        request="rfc/resources-filter.http",
        blanks={"filter": filter},
        pages="follow" if pages else False,
        needs=("filter",),
        independent=True,
        settles=2.0,
        checks=(Check("rfc7644-3.6-not-found", of_search(not_listed)),),
    )


def _joined(id: str, role: str) -> Step:
    return Step(
        id=id,
        request="rfc/group-create.http",
        creates=role,
        cast={"group": role} if role != "group" else {},
        blanks={"body": JOINED},
        given=True,
        checks=(Check("rfc7644-3.3-create-201", answers(201)),),
    )


SEQUENCES = (
    Sequence(
        id="rfc.delete.gone",
        title="Remove a resource",
        source="RFC 7644 section 3.6",
        each="deleted-types",
        steps=(
            Step(
                id="first",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                given=True,
                checks=(Check("rfc7644-3.3-create-201", created(), gate=True),),
            ),
            Step(
                id="delete",
                request="rfc/resource-delete.http",
                checks=(Check("rfc7644-3.6-delete-204", answers(204), gate=True),),
            ),
            Step(
                id="get",
                request="rfc/resource-get.http",
                independent=True,
                checks=(Check("rfc7644-3.6-gone", not_found(understood=())),),
            ),
            _gone("put", "resource-put-as-is"),
            _gone("patch", "resource-patch", ("patch",)),
            _gone("again", "resource-delete"),
            _looked_for("search", "{{!named}}", pages=False),
            _looked_for("list", "{{!all}}", pages=True),
            Step(
                id="create",
                request="rfc/resource-create-as-is.http",
                creates="fresh",
                independent=True,
                checks=(
                    Check("rfc7644-3.6-free", free_again),
                    Check("rfc7643-3.1-id-not-reused", of_shown(another_id)),
                ),
            ),
        ),
    ),
    Sequence(
        id="rfc.delete.gone[membership]",
        title="DELETE of a group, and of a member of one",
        source="RFC 7644 section 3.6, RFC 7643 section 2.3.7",
        needs=("type:User", "type:Group"),
        people={"member": "plain"},
        groups={"group": "plain", "other": "plain"},
        steps=(
            create_user("create-member", "member", body=USER),
            _joined("create-group", "group"),
            Step(
                id="group",
                request="rfc/group-delete.http",
                independent=True,
                checks=(Check("rfc7644-3.6-delete-204", answers(204)),),
            ),
            Step(
                id="stays",
                request="rfc/user-get.http",
                cast={"user": "member"},
                independent=True,
                settles=2.0,
                checks=(
                    Check("rfc7644-3.6-members-stay", itself("member")),
                    Check("rfc7643-4.1.2-groups-follow", without_group),
                ),
            ),
            _joined("create-other", "other"),
            Step(
                id="member",
                request="rfc/user-delete.http",
                cast={"user": "member"},
                independent=True,
                checks=(Check("rfc7644-3.6-delete-204", answers(204)),),
            ),
            Step(
                id="dangling",
                request="rfc/group-get.http",
                cast={"group": "other"},
                independent=True,
                settles=2.0,
                checks=(Check("rfc7643-2.3.7-no-dangling", without_member),),
            ),
        ),
    ),
)

EXPANSIONS = {
    "deleted-types": Expansion(
        cases=each_type, blanks=frozenset({"endpoint", "body", "named", "all", "operations"})
    )
}
