"""Groups and their members: ids, references, what a user shows of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import member_ids, value_at

from ..asks import REFUSED, finds
from ..people import GROUP, create_user
from .answers import after, not_found, of_search

PLAIN: dict[str, Json] = json.loads(GROUP)
CYCLE = "rfc7643-4.2-cycle"
DONE = Check(CYCLE, answers(200, 204))


def group_view(discovery: Discovery) -> list[Case] | str:
    """How a group is read so that it shows its members: some servers do so only when they are asked for."""
    if discovery.group is None:
        return "no resource type Group"
    members = discovery.attribute(discovery.group, "members")
    asked = members is not None and members.returned == "request"
    return [Case(key="view", blanks={"view": "?attributes=displayName,members,meta" if asked else ""})]


def members_are(*roles: str) -> Ask:
    """The members are exactly these people, by their ids."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = {scene.blanks[f"{role}.id"] for role in roles}
        expected = f"members: {', '.join(sorted(wanted)) or 'none'}"
        if not exchange.ok:
            return broken(expected, exchange.summary())
        found = member_ids(exchange.json)
        return held(expected) if found == wanted else broken(expected, show(sorted(found)))

    return ask


def leads_to(reference: Json, id: str, endpoint: str) -> bool:
    """Whether a reference, absolute or relative, ends in the endpoint of the type and that id."""
    if not isinstance(reference, str):
        return False
    rest, _, last = reference.partition("?")[0].rstrip("/").rpartition("/")
    place = rest.rpartition("/")[2]
    return unquote(last) == id and (not place or place in (endpoint.strip("/"), ".", ".."))


def member_ref(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The $ref of the member leads to the user; a wrong one is worse than none."""
    id = scene.blanks["user.id"]
    expected = f"$ref to /Users/{id}"
    entry = _entry(value_at(exchange.json, "members"), id)
    if entry is None:
        return cannot_tell(expected, f"the member is not shown: {exchange.summary()}")
    found = value_at(entry, "$ref")
    if nothing(found):
        return broken(expected, "no $ref")
    return held(expected, show(found)) if leads_to(found, id, "/Users") else grave(expected, show(found))


def groups_shown(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The user shows the group: its id as value, and a $ref to it."""
    id, type = scene.blanks["group.id"], scene.discovery and scene.discovery.user
    known = scene.discovery.attribute(type, "groups") if scene.discovery and type else None
    if known and known.returned in ("request", "never"):
        return does_not_apply(f"groups of a user is returned {known.returned}")
    expected = f"groups with {id} and a $ref to it"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    listed = _entry(value_at(scene.answer("read"), "members"), scene.blanks["user.id"])
    if listed is None and scene.answer("read") is not None:
        return cannot_tell(expected, "the group does not show the user as a member")
    entry = _entry(value_at(exchange.json, "groups"), id)
    if entry is None:
        return broken(expected, show(value_at(exchange.json, "groups")))
    found = value_at(entry, "$ref")
    if nothing(found):
        return declined(expected, f"no $ref: {show(entry)}")
    return held(expected) if leads_to(found, id, "/Groups") else broken(expected, show(entry))


def membership_type(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Tells whether the membership is said to be direct."""
    entry = _entry(value_at(exchange.json, "groups"), scene.blanks["group.id"])
    return held("direct, indirect or nothing", show(value_at(entry, "type")))


def _entry(entries: Json, id: str) -> Mapping[str, Json] | None:
    some = entries if isinstance(entries, list) else []
    return next((one for one in some if isinstance(one, Mapping) and value_at(one, "value") == id), None)


def accepted_or(*statuses: int) -> Ask:
    """Tells whether it is accepted, or refused in a way that says so."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"201, or {' or '.join(map(str, statuses))}"
        right = exchange.status in (201, *statuses)
        return (held if right else broken)(expected, exchange.summary())

    return ask


def refused_or_ignored(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The change is refused; where it is not, the read after it decides."""
    expected = "a refusal, or no effect"
    if exchange.error or (exchange.status >= 500 and exchange.status != 501):
        return grave(expected, exchange.summary())
    return (
        held(expected, str(exchange.status))
        if exchange.status in (*REFUSED, 200, 204, 501)
        else broken(expected, exchange.summary())
    )


def _members(*roles: str) -> list[Json]:
    return [{"value": f"{{{{{role}.id}}}}"} for role in roles]


def _group(id: str, role: str, more: Mapping[str, Json], check: Check, *, independent: bool = True) -> Step:
    return Step(
        id=id,
        request="rfc/group-create.http",
        creates=role,
        blanks={"body": json.dumps({**PLAIN, "displayName": f"{{{{{role}.displayName}}}}", **more})},
        independent=independent,
        checks=(check,),
    )


def _patched(id: str, operation: Mapping[str, Json], check: Check) -> Step:
    return Step(
        id=id,
        request="rfc/group-patch.http",
        blanks={"operations": json.dumps([operation])},
        needs=("patch",),
        independent=True,
        checks=(check,),
    )


def _viewed(id: str, *checks: Check, needs: tuple[str, ...] = ()) -> Step:
    return Step(
        id=id, request="rfc/group-view.http", each="group-view", needs=needs, independent=True, checks=checks
    )


SEQUENCES = (
    Sequence(
        id="rfc.group.members",
        title="Groups and their members",
        source="RFC 7643 sections 4.1.2 and 4.2",
        needs=("type:Group", "type:User"),
        people={"user": "plain", "other": "plain"},
        groups={"group": "plain", "empty": "plain", "bare": "plain", "outer": "plain"},
        steps=(
            create_user("create-user"),
            create_user("create-other", "other"),
            _group(
                "create",
                "group",
                {"members": _members("user")},
                Check(CYCLE, answers(201), gate=True),
                independent=False,
            ),
            _viewed(
                "read",
                Check("rfc7643-4.2-member-ids", members_are("user")),
                Check("rfc7643-4.2-member-ref", member_ref),
            ),
            _group("empty", "empty", {"members": []}, Check("rfc7643-4.2-optional", accepted_or(400))),
            _group("bare", "bare", {}, Check("rfc7643-4.2-optional", accepted_or(400))),
            Step(
                id="user",
                request="rfc/user-get.http",
                needs=("attr:groups",),
                independent=True,
                settles=2.0,
                checks=(
                    Check("rfc7643-4.1.2-groups-shown", groups_shown),
                    Check("rfc7643-4.1.2-direct", membership_type),
                ),
            ),
            _patched(
                "element",
                {"op": "replace", "path": 'members[value eq "{{user.id}}"].value', "value": "{{other.id}}"},
                Check("rfc7643-4.2-member-immutable", refused_or_ignored),
            ),
            _viewed(
                "element-read",
                Check("rfc7643-4.2-member-immutable", after("element", members_are("user"), refused=True)),
                needs=("patch",),
            ),
            Step(
                id="put",
                request="rfc/group-put.http",
                blanks={"body": json.dumps({**PLAIN, "members": _members("other")})},
                independent=True,
                checks=(DONE,),
            ),
            _patched("patch", {"op": "add", "path": "members", "value": _members("user")}, DONE),
            _viewed("members", Check(CYCLE, after("patch", members_are("user", "other"))), needs=("patch",)),
            Step(
                id="list",
                request="rfc/groups-filter.http",
                blanks={"filter": 'displayName eq "{{group.displayName}}"'},
                needs=("filter",),
                independent=True,
                settles=2.0,
                checks=(Check(CYCLE, of_search(finds(["group"]))),),
            ),
            _group(
                "nested",
                "outer",
                {"members": [{"value": "{{group.id}}", "type": "Group"}]},
                Check("rfc7643-4.2-nested", accepted_or(400)),
            ),
            Step(
                id="delete",
                request="rfc/group-delete.http",
                independent=True,
                checks=(Check(CYCLE, answers(204)),),
            ),
            Step(
                id="gone",
                request="rfc/group-get.http",
                independent=True,
                checks=(Check(CYCLE, not_found(understood=())),),
            ),
        ),
    ),
)

EXPANSIONS = {"group-view": Expansion(cases=group_view, blanks=frozenset({"view"}))}
