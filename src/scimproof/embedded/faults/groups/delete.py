"""Faults of deleting groups."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, refused, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

GROUP = "delete"
_DELETE = ("delete",)
_delete = when("Groups", "delete")


def _unknown_500(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    missing = call.action == "delete" and response.status == HTTPStatus.NOT_FOUND
    return error(500, "Internal server error") if missing else response


@_delete
def _ineffective(call: InterceptedRequest) -> ScimResponse:
    return ScimResponse(HTTPStatus.NO_CONTENT) if call.current() else call.proceed()


@_delete
def _twice_204(call: InterceptedRequest) -> ScimResponse:
    call.proceed()
    return ScimResponse(HTTPStatus.NO_CONTENT)


@_delete
def _status_200(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return ScimResponse(HTTPStatus.OK, {}) if ok(response) else response


@when("Groups", "delete", "create")
def _name_stays_taken(call: InterceptedRequest) -> ScimResponse:
    gone = None if call.action == "create" else (call.current() or {}).get("displayName")
    with call.kept("names", set[str | None]) as names:
        taken = call.action == "create" and call.body.get("displayName") in names
        names.add(gone)
    return error(409, "A group of that name exists", "uniqueness") if taken else call.proceed()


def _listed_with_user(call: InterceptedRequest) -> ScimResponse:
    if call.on("Groups", "delete"):
        group = call.current() or {}
        with call.kept("ghosts", dict[str, list[JSON]]) as ghosts:
            for member in group.get("members", []):
                ghost = {"value": group["id"], "display": group["displayName"], "type": "direct"}
                ghosts.setdefault(member["value"], []).append(ghost)
    response = call.proceed()
    if call.kind == "Users":
        with call.kept("ghosts", dict[str, list[JSON]]) as ghosts:
            for user in resources(response):
                if user.get("id") in ghosts:
                    user["groups"] = [*user.get("groups", []), *map(dict, ghosts[user["id"]])]
    return response


@_delete
def _deactivates_members(call: InterceptedRequest) -> ScimResponse:
    members = (call.current() or {}).get("members", [])
    response = call.proceed()
    for member in members if ok(response) else []:
        user = call.fetch("Users", member["value"])
        if user:
            call.ask("PUT", f"/Users/{user['id']}", {**user, "active": False})
    return response


def _has_members(call: InterceptedRequest) -> bool:
    return bool((call.current() or {}).get("members"))


@_delete
def _deletes_members(call: InterceptedRequest) -> ScimResponse:
    members = (call.current() or {}).get("members", [])
    response = call.proceed()
    for member in members if ok(response) else []:
        call.ask("DELETE", f"/Users/{member['value']}")
    return response


FAULTS = (
    Fault("delete-unknown-500", "D-157", GROUP, "DELETE of an unknown id gets 500.", _unknown_500),
    Fault("delete-ineffective", "D-158", GROUP, "DELETE is answered 204, the group stays.", _ineffective),
    Fault("delete-unknown-204", "D-158", GROUP, "DELETE of a group that is gone gets 204.", _twice_204),
    Fault("delete-answers-200", "OKTA-21", GROUP, "DELETE is answered 200 with a body.", _status_200),
    Fault(
        "delete-not-implemented",
        "OKTA-21",
        GROUP,
        "DELETE of groups gets 501.",
        refused("Groups", _DELETE, 501, "DELETE is not supported"),
    ),
    Fault(
        "delete-refused-with-members",
        "OKTA-21",
        GROUP,
        "A group with members cannot be deleted.",
        refused("Groups", _DELETE, 409, "The group has members", where=_has_members),
    ),
    Fault(
        "delete-name-stays-taken",
        "D-162",
        GROUP,
        "The name of a deleted group cannot be used again.",
        _name_stays_taken,
    ),
    Fault(
        "delete-still-in-user-groups",
        "D-164",
        GROUP,
        "`groups` of a user lists a deleted group.",
        _listed_with_user,
    ),
    Fault(
        "delete-deactivates-members",
        "OKTA-21",
        GROUP,
        "Deleting a group deactivates its members.",
        _deactivates_members,
    ),
    Fault(
        "delete-deletes-members", "OKTA-21", GROUP, "Deleting a group deletes its members.", _deletes_members
    ),
)
