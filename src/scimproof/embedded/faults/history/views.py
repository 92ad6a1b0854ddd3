"""Faults of what is shown: lists, lookups and reads that stay behind after several writes."""

import copy
from collections import Counter
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.accepted_write import AcceptedWrite, after
from scimproof.embedded.fault import Behave, Fault, ok
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON

GROUP = "histories: what is shown"
_RENEWED = 2


def _row_stays(kind: str, *names: str) -> Behave:
    """A behaviour in which the list shows a resource as it was after its second change.

    A change is one of these attributes, or of the profile if none is named.
    """

    @after(kind, "patch", "replace")
    def noting(call: InterceptedRequest, write: AcceptedWrite) -> None:
        if not (write.changed(*names) if names else write.profile_changed):
            return
        with call.kept("changes", Counter[str]) as changes, call.kept("rows", dict[str, JSON]) as rows:
            changes[call.id] += 1
            if changes[call.id] == _RENEWED:
                rows[call.id] = write.after

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on(kind, "patch", "replace"):
            return noting(call)
        response = call.proceed()
        if call.on(kind, "list") and ok(response) and response.body and "filter" not in call.request.query:
            with call.kept("rows", dict[str, JSON]) as rows:
                shown = [rows.get(one.get("id"), one) for one in response.body.get("Resources") or []]
            response.body["Resources"] = copy.deepcopy(shown)
        return response

    return behave


@after("Users", "patch", "replace")
def _noting_second_rename(call: InterceptedRequest, write: AcceptedWrite) -> None:
    before, now = str(write.before.get("userName")).lower(), str(write.after.get("userName")).lower()
    if before == now:
        return
    with call.kept("renamed", set[str]) as renamed, call.kept("index", dict[str, str]) as index:
        if call.id in renamed:
            index.setdefault(call.id, before)
        renamed.add(call.id)


def _index_knows_one_rename(call: InterceptedRequest) -> ScimResponse:
    """Look up by the userName after the first rename, whatever it was later."""
    if call.on("Users", "patch", "replace"):
        return _noting_second_rename(call)
    response = call.proceed()
    asked = call.equality if call.on("Users", "list") else None
    if asked is None or asked[0].lower() != "username" or not ok(response):
        return response
    with call.kept("index", dict[str, str]) as index:
        late = dict(index)
    wanted, found = asked[1].lower(), (response.body or {}).get("Resources") or []
    right = [user for user in found if late.get(user["id"], wanted) == wanted]
    keys = [key for key, name in late.items() if name == wanted and key not in {u["id"] for u in right}]
    wrong = [user for user in (call.fetch("Users", key) for key in keys) if user]
    return listing(call, [*right, *wrong]) if wrong or right != found else response


def _name_sent(call: InterceptedRequest) -> object:
    """The userName that a PUT or a PATCH has."""
    named = (op.get("value") for op in call.operations if op.get("path") == "userName")
    return call.body.get("userName") or next(named, None)


def _refused_name_shown(call: InterceptedRequest) -> ScimResponse:
    """Show the userName that was refused by a read, until the user is written again."""
    response = call.proceed()
    if call.on("Users", "replace", "patch"):
        with call.kept("refused", JSON) as refused:
            if response.status == HTTPStatus.CONFLICT:
                refused[call.id] = _name_sent(call)
            elif ok(response):
                refused.pop(call.id, None)
    elif call.on("Users", "read") and ok(response) and response.body:
        with call.kept("refused", JSON) as refused:
            response.body["userName"] = refused.get(call.id, response.body.get("userName"))
    return response


def _renamed_stays_active(call: InterceptedRequest) -> ScimResponse:
    """Show in the list who was renamed and deactivated as active: the row is found by its former name."""
    if call.on("Users", "replace", "patch"):
        return _noting_renamed(call)
    response = call.proceed()
    if call.on("Users", "list") and ok(response) and "filter" not in call.request.query:
        with call.kept("renamed", set[str]) as renamed:
            for user in (response.body or {}).get("Resources") or []:
                user["active"] = True if user.get("id") in renamed else user.get("active")
    return response


@after("Users", "replace", "patch")
def _noting_renamed(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if write.changed("userName"):
        with call.kept("renamed", set[str]) as renamed:
            renamed.add(call.id)


FAULTS = (
    Fault(
        "list-row-stays",
        "D-335",
        GROUP,
        "The list shows a user as of the second change of the profile. Shows from the third one.",
        _row_stays("Users"),
        history=True,
    ),
    Fault(
        "list-group-row-stays",
        "D-335",
        GROUP,
        "The list shows the members of a group as of their second change. Shows from the third one.",
        _row_stays("Groups", "members"),
        history=True,
    ),
    Fault(
        "lookup-knows-one-rename",
        "D-334",
        GROUP,
        "A lookup knows a user by the name after the first rename. Shows after the second one.",
        _index_knows_one_rename,
        history=True,
    ),
    Fault(
        "refused-name-shown",
        "D-097",
        GROUP,
        "A read shows the taken userName that was refused. Shows after a 409, until the next write.",
        _refused_name_shown,
        history=True,
    ),
    Fault(
        "list-renamed-stays-active",
        "D-335",
        GROUP,
        "The list shows who was renamed and then deactivated as active. Shows after both.",
        _renamed_stays_active,
        history=True,
    ),
)
