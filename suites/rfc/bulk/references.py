"""bulkId: what an operation of a job says of a resource that another one makes."""

from __future__ import annotations

from dataclasses import replace

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import ENTERPRISE_USER, member_ids, value_at

from ..asks import at, ours
from ..patch.steps import read
from ..people import create_user
from .results import group, job, patch, post, results, send, statuses, user

MANAGER = f"{ENTERPRISE_USER}:manager.value"
GROUPS = ("type:Group",)
NO_SUCH = (400, 409, 412)


def _was_done(step: str, wanted: Ask) -> Ask:
    """What follows from a job of which every operation was done."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent = scene.exchange(step)
        if sent is None or not sent.ok or not all(result.done for _, result in results(sent)):
            return does_not_apply(f"{step} was not done")
        return wanted(scene, exchange)

    return ask


def _members(*roles: str) -> Ask:
    """The members of the group are these, by their roles."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = {scene.blanks[f"{role}.id"] for role in roles}
        expected = f"members = {', '.join(sorted(wanted))}"
        if not exchange.ok:
            return broken(expected, exchange.summary())
        found = member_ids(exchange.json)
        told = f"members = {', '.join(sorted(found)) or 'nobody'}"
        return held(expected) if found == wanted else grave(expected, told)

    return ask


def _manager(role: str) -> Ask:
    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"manager.value = {scene.blanks[f'{role}.id']}"
        found = at(exchange.json, MANAGER)
        right = exchange.ok and found == scene.blanks[f"{role}.id"]
        return held(expected) if right else grave(expected, f"manager.value = {show(found)}")

    return ask


def _path(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "the PATCH of bulkId:g5 done"
    told = [
        result.status for operation, result in results(exchange) if value_at(operation, "method") == "PATCH"
    ]
    right = exchange.ok and told in ([200], [204])
    return held(expected) if right else broken(expected, f"status {told[0] if told else 'none'}")


def _circle(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Both made, or at least one refused with 409; with 400 where groups in groups are not supported."""
    expected = "both groups made, or 409 for one of them"
    if exchange.status == 409:
        return held(expected, "409 for the job")
    if not exchange.ok:
        return (grave if exchange.status >= 500 else broken)(expected, exchange.summary())
    found = sorted(result.status for _, result in results(exchange))
    told = f"statuses {found}"
    if found == [201, 201] or (409 in found and all(one in (201, 409, 400) for one in found)):
        return held(expected, told)
    return (declined if all(one in (201, 400) for one in found) else broken)(expected, told)


def _crossed(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = f"member {scene.blanks['g7.id']}"
    found = member_ids(exchange.json)
    right = exchange.ok and found == {scene.blanks["g7.id"]}
    return held(expected) if right else grave(expected, f"members {', '.join(sorted(found)) or 'none'}")


def _fails(place: int) -> Ask:
    """The operation at that place fails, since its reference leads to nobody."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "409, 400 or 412 for the reference to nobody"
        if exchange.status in NO_SUCH:
            return held(expected, f"{exchange.status} for the job")
        if not exchange.ok:
            return (grave if exchange.status >= 500 else broken)(expected, exchange.summary())
        _, result = results(exchange)[place]
        told = f"status {result.status or 'none'}"
        if result.status in NO_SUCH or (result.told is None):
            return held(expected, told)
        return (grave if result.status >= 500 else broken)(expected, told)

    return ask


def _no_texts(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """No group of ours has the text of a reference for a member."""
    expected = "no member that begins with bulkId:"
    if not exchange.ok:
        return cannot_tell(expected, exchange.summary())
    texts = [id for row in ours(scene, exchange) for id in member_ids(row) if id.startswith("bulkId:")]
    return grave(expected, f"member {texts[0]}") if texts else held(expected)


def _read(id: str, kind: str, role: str, check: Check, needs: tuple[str, ...] = ()) -> Step:
    step = read(kind, id, check, independent=True)
    return replace(step, cast={kind: role}, needs=needs)


def _search(id: str, roles: tuple[str, ...], check: Check) -> Step:
    names = " or ".join(f'displayName eq "{{{{{role}.displayName}}}}"' for role in roles)
    return Step(
        id=id,
        request="rfc/groups-filter.http",
        blanks={"filter": names},
        pages="follow",
        independent=True,
        needs=("filter", *GROUPS),
        checks=(check,),
    )


def _employee(role: str, manager: str) -> Json:
    return {**user(role), ENTERPRISE_USER: {"manager": {"value": manager}}}


BOTH = statuses((201,), (201,))
EXTENSION = ("extension:enterprise", f"attr:{MANAGER}")

SEQUENCES = (
    Sequence(
        id="rfc.bulk.references",
        title="References by bulkId",
        source="RFC 7644 section 3.7.2",
        needs=("bulk",),
        people=dict.fromkeys(("other", "q1", "q2", "q3", "r"), "plain"),
        groups=dict.fromkeys(("g1", "g2", "g5", "g6", "g7", "g8", "g9"), "plain"),
        steps=(
            create_user("create-other", "other"),
            send(
                "member",
                job(post("q1", user("q1")), post("g1", group("g1", "bulkId:q1"), "/Groups")),
                save={"q1.id": "bulk:q1", "g1.id": "bulk:g1"},
                checks=(Check("rfc7644-3.7.2-resolved", BOTH),),
                independent=True,
                needs=GROUPS,
            ),
            _read(
                "member-read", "group", "g1",
                Check("rfc7644-3.7.2-resolved", _was_done("member", _members("q1"))), GROUPS,
            ),
            send(
                "later",
                job(post("g2", group("g2", "bulkId:q2"), "/Groups"), post("q2", user("q2"))),
                save={"q2.id": "bulk:q2", "g2.id": "bulk:g2"},
                checks=(Check("rfc7644-3.7-order", BOTH),),
                independent=True,
                needs=GROUPS,
            ),
            _read(
                "later-read", "group", "g2",
                Check("rfc7644-3.7-order", _was_done("later", _members("q2"))), GROUPS,
            ),
            send(
                "manager",
                job(post("q3", user("q3")), post("r", _employee("r", "bulkId:q3"))),
                save={"q3.id": "bulk:q3", "r.id": "bulk:r"},
                checks=(Check("rfc7644-3.7.2-extension", BOTH),),
                independent=True,
                needs=EXTENSION,
            ),
            _read(
                "manager-read", "user", "r",
                Check("rfc7644-3.7.2-extension", _was_done("manager", _manager("q3"))), EXTENSION,
            ),
            send(
                "path",
                job(
                    post("g5", group("g5"), "/Groups"),
                    patch(
                        "/Groups/bulkId:g5",
                        {"op": "replace", "path": "displayName", "value": "{{g5.newDisplayName}}"},
                    ),
                ),
                save={"g5.id": "bulk:g5"},
                checks=(Check("rfc7644-3.7.2-path", _path),),
                independent=True,
                needs=(*GROUPS, "patch"),
            ),
            send(
                "circle",
                job(
                    post("g6", group("g6", "bulkId:g7", type="Group"), "/Groups"),
                    post("g7", group("g7", "bulkId:g6", type="Group"), "/Groups"),
                ),
                save={"g6.id": "bulk:g6", "g7.id": "bulk:g7"},
                checks=(Check("rfc7644-3.7.1-circle", _circle),),
                independent=True,
                needs=GROUPS,
            ),
            _read(
                "circle-read", "group", "g6",
                Check("rfc7644-3.7.1-circle", _was_done("circle", _crossed)), GROUPS,
            ),
            send(
                "nobody",
                job(post("g8", group("g8", "bulkId:nobody"), "/Groups")),
                save={"g8.id": "bulk:g8"},
                checks=(Check("rfc7644-3.7.2-unknown", _fails(0)),),
                independent=True,
                needs=GROUPS,
            ),
            send(
                "failed",
                job(
                    post("taken", user("other")),
                    post("g9", group("g9", "bulkId:taken"), "/Groups"),
                ),
                save={"g9.id": "bulk:g9"},
                checks=(Check("rfc7644-3.7.2-unknown", _fails(1)),),
                independent=True,
                needs=GROUPS,
            ),
            _search(
                "unknown-search", ("g8", "g9"),
                Check("rfc7644-3.7.2-unknown", _no_texts),
            ),
        ),
    ),
)  # fmt: skip
