"""Faults of users who were deleted: what was theirs is given to others, or stays."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.accepted_write import ENTERPRISE, AcceptedWrite, admit, after, expel, ids_in, store
from scimproof.embedded.fault import Fault, ok
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON

GROUP = "histories: people deleted"


def _name(user: JSON) -> str:
    return str(user.get("userName")).lower()


@after("Users", "create", "delete")
def _recreated_rejoins(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Give the groups of who was deleted to the next user of that name, as if the id were the name."""
    with call.kept("groups", dict[str, list[str]]) as groups:
        if call.action == "delete":
            groups[_name(write.before)] = [str(one["value"]) for one in write.before.get("groups") or []]
            return
        back = groups.pop(_name(write.after), [])
    for group in back:
        admit(call, group, [{"value": write.after["id"]}])


@after("Users", "create", "delete")
def _recreated_inactive(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("inactive", set[str]) as inactive:
        if call.action == "delete":
            if write.before.get("active") is False:
                inactive.add(_name(write.before))
            return
        again = _name(write.after) in inactive
        inactive.discard(_name(write.after))
    if again:
        store(call, "Users", write.after, active=False)


def _reports_to(user: JSON, id: str) -> bool:
    manager = (user.get(ENTERPRISE) or {}).get("manager")
    return isinstance(manager, dict) and manager.get("value") == id


@after("Users", "delete")
def _reports_disabled(call: InterceptedRequest, _: AcceptedWrite) -> None:
    for key in call.store.names("Users"):
        user = call.fetch("Users", key)
        if user and _reports_to(user, call.id):
            store(call, "Users", user, active=False)


@after("Users", "delete")
def _groups_emptied(call: InterceptedRequest, write: AcceptedWrite) -> None:
    for one in write.before.get("groups") or []:
        group = call.fetch("Groups", str(one["value"])) or {}
        expel(call, str(one["value"]), ids_in(group))


@after("Users", "patch", "replace", "delete")
def _noting_deleted(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("renamed", set[str]) as renamed, call.kept("rows", dict[str, JSON]) as rows:
        if call.action != "delete":
            if write.changed("userName"):
                renamed.add(call.id)
        elif call.id in renamed:
            rows[call.id] = write.before


def _renamed_stays_listed(call: InterceptedRequest) -> ScimResponse:
    """Show in the list who was deleted under another name than at first: the row is removed by name."""
    if call.on("Users", "patch", "replace", "delete"):
        return _noting_deleted(call)
    response = call.proceed()
    if call.on("Users", "list") and ok(response) and response.body and "filter" not in call.request.query:
        with call.kept("rows", dict[str, JSON]) as rows:
            known = list(rows.values())
        response.body["Resources"] = [*(response.body.get("Resources") or []), *known]
        response.body["totalResults"] = response.body.get("totalResults", 0) + len(known)
    return response


FAULTS = (
    Fault(
        "recreated-rejoins-groups",
        "ENTRA-21",
        GROUP,
        "A user created under the name of a deleted one is in that one's groups. Shows after a delete.",
        _recreated_rejoins,
        history=True,
    ),
    Fault(
        "recreated-inactive",
        "ENTRA-21",
        GROUP,
        "A user created under the name of one deleted when inactive is inactive. Shows after a delete.",
        _recreated_inactive,
        history=True,
    ),
    Fault(
        "delete-disables-reports",
        "ENTRA-21",
        GROUP,
        "Deleting a manager makes inactive whom he manages. Shows when a manager is deleted.",
        _reports_disabled,
        history=True,
    ),
    Fault(
        "delete-empties-groups",
        "ENTRA-21",
        GROUP,
        "Deleting a user empties the user's groups. Shows when a member is deleted.",
        _groups_emptied,
        history=True,
    ),
    Fault(
        "list-shows-deleted-renamed",
        "ENTRA-21",
        GROUP,
        "The list shows who was deleted after a rename. Shows after both.",
        _renamed_stays_listed,
        history=True,
    ),
)
