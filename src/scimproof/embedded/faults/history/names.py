"""Faults of names that were given up, and are used again by the same resource or by another."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.accepted_write import (
    ENTERPRISE,
    AcceptedWrite,
    admit,
    after,
    expel,
    ids_in,
    members_of,
    store,
)
from scimproof.embedded.fault import Fault, ok
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON

GROUP = "histories: names used again"
_PROFILE = ("displayName", "title", "phoneNumbers", ENTERPRISE)
_HAUNTED_WRITES = 3  # a create, a rename to the same name, and a push of the members


def _name(resource: JSON) -> str:
    return str(resource.get("userName") or resource.get("displayName") or "").lower()


def _renamed(write: AcceptedWrite) -> bool:
    return bool(write.before) and bool(write.after) and _name(write.before) != _name(write.after)


@after("Users", "create", "patch", "replace")
def _reactivation_restores_name(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("first", JSON) as first:
        name = first.setdefault(str(write.after.get("id")), (write.before or write.after).get("userName"))
    if write.reactivated and name != write.after.get("userName"):
        store(call, "Users", write.after, userName=name)


@after("Users", "patch", "replace")
def _former_name_former_profile(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Keep the profile under each name, and take it out again when the user gets that name back."""
    if not _renamed(write):
        return
    with call.kept("profiles", dict[tuple[str, str], JSON]) as profiles:
        profiles[call.id, _name(write.before)] = write.before
        former = profiles.get((call.id, _name(write.after)))
    if former:
        store(call, "Users", former, userName=write.after["userName"], active=write.after.get("active"))


@after("Users", "create", "patch", "replace")
def _freed_name_old_profile(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("freed", JSON) as freed:
        former = freed.pop(_name(write.after), None) if call.action == "create" else None
        if _renamed(write):
            freed[_name(write.before)] = {key: write.before[key] for key in _PROFILE if key in write.before}
    if former:
        store(call, "Users", write.after, **former)


def _freed_name_found_twice(call: InterceptedRequest) -> ScimResponse:
    """Find who had a name beside who has it now."""
    if call.on("Users", "patch", "replace"):
        return _noting_former_names(call)
    response = call.proceed()
    asked = call.equality if call.on("Users", "list") else None
    found = (response.body or {}).get("Resources") or []
    if asked is None or asked[0].lower() != "username" or not ok(response) or not found:
        return response
    with call.kept("former", dict[str, set[str]]) as former:
        keys = former.get(asked[1].lower(), set()) - {user["id"] for user in found}
    others = [user for user in (call.fetch("Users", key) for key in sorted(keys)) if user]
    return listing(call, [*found, *others]) if others else response


@after("Users", "patch", "replace")
def _noting_former_names(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if _renamed(write):
        with call.kept("former", dict[str, set[str]]) as former:
            former.setdefault(_name(write.before), set()).add(call.id)


@after("Groups", "create", "patch", "replace", "delete")
def _deleted_groups_members(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Add the members of a deleted group of that name, also at the writes that belong to a push."""
    key = str(write.after.get("id"))
    with (
        call.kept("deleted", dict[str, list[JSON]]) as deleted,
        call.kept("haunted", dict[str, tuple[list[JSON], int]]) as haunted,
    ):
        if call.action == "delete":
            deleted[_name(write.before)] = members_of(write.before)
        elif call.action == "create":
            haunted[key] = (deleted.pop(_name(write.after), []), _HAUNTED_WRITES)
        members, left = haunted.pop(key, ([], 0))
        if members and left > 1:
            haunted[key] = (members, left - 1)
    if members and call.action != "delete":
        admit(call, key, members)


@after("Groups", "patch", "replace", "delete")
def _renamed_onto_former_name(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Move the members of the group that had the name before into the one that gets it."""
    if not _renamed(write):
        return
    with call.kept("former", dict[str, str]) as former:
        other = former.pop(_name(write.after), None)
        former[_name(write.before)] = call.id
    if other and other != call.id:
        _move(call, other, call.id)


@after("Groups", "create", "patch", "replace", "delete")
def _created_under_former_name(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("former", dict[str, str]) as former:
        other = former.pop(_name(write.after), None) if call.action == "create" else None
        if _renamed(write):
            former[_name(write.before)] = call.id
    if other:
        _move(call, other, str(write.after.get("id")))


def _move(call: InterceptedRequest, source: str, to: str) -> None:
    group = call.fetch("Groups", source) or {}
    expel(call, source, ids_in(group))
    admit(call, to, members_of(group))


FAULTS = (
    Fault(
        "reactivate-old-name",
        "D-334",
        GROUP,
        "A reactivation restores the first userName. Shows when the user was renamed before.",
        _reactivation_restores_name,
        history=True,
    ),
    Fault(
        "rename-back-old-profile",
        "D-334",
        GROUP,
        "A former userName brings back the profile of that time. Shows when a user is renamed back.",
        _former_name_former_profile,
        history=True,
    ),
    Fault(
        "freed-name-old-profile",
        "D-334",
        GROUP,
        "A new user under a freed userName gets the profile of who had it. Shows after a rename.",
        _freed_name_old_profile,
        history=True,
    ),
    Fault(
        "freed-name-found-twice",
        "D-038",
        GROUP,
        "A lookup finds who had the userName beside who has it. Shows when a freed name is given again.",
        _freed_name_found_twice,
        history=True,
    ),
    Fault(
        "deleted-group-name-old-members",
        "D-162",
        GROUP,
        "A new group under the name of a deleted one gets its members. Shows after a delete.",
        _deleted_groups_members,
        history=True,
    ),
    Fault(
        "group-rename-takes-members",
        "D-316",
        GROUP,
        "A group renamed to the former name of another takes its members. Shows after two renames.",
        _renamed_onto_former_name,
        history=True,
    ),
    Fault(
        "group-create-takes-members",
        "D-316",
        GROUP,
        "A new group under the former name of another takes its members. Shows after a rename.",
        _created_under_former_name,
        history=True,
    ),
)
