"""Faults of group membership, by any method."""

from collections import Counter
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, refused, sent, shown, unlisted, when
from scimproof.embedded.intercepted_request import InterceptedRequest, puts_members, removed_member
from scimproof.embedded.responses import JSON, error, resources

GROUP = "groups and members"
_WRITES = ("create", "replace", "patch")


def _no_members(group: JSON) -> None:
    group.pop("members", None)


@when("Groups", *_WRITES)
def _unknown_dropped(call: InterceptedRequest) -> ScimResponse:
    unknown = {m.get("value") for m in call.members if not call.fetch("Users", str(m.get("value")))}
    if not unknown:
        return call.proceed()
    lists = [op for op in call.operations if puts_members(op)] or [call.body]
    for holder in lists:
        key = "value" if puts_members(holder) else "members"
        holder[key] = [member for member in holder[key] if member.get("value") not in unknown]
    return call.send()


@when("Groups", *_WRITES)
def _unknown_500(call: InterceptedRequest) -> ScimResponse:
    named = bool(call.members)
    response = call.proceed()
    refused_members = named and (response.body or {}).get("scimType") == "invalidValue"
    return error(500, "Internal server error") if refused_members else response


def _display_missing(call: InterceptedRequest) -> bool:
    return any(not member.get("display") for member in call.members)


def _inactive_member(call: InterceptedRequest) -> bool:
    users = (call.fetch("Users", str(member.get("value"))) for member in call.members)
    return any(user is not None and user.get("active") is False for user in users)


def _stored_twice(call: InterceptedRequest) -> ScimResponse:
    """Count members that were stored more than once: the conforming store keeps each once."""
    response = _count_extra(call) if call.on("Groups", "patch") else call.proceed()
    if call.kind == "Groups":
        for group in resources(response):
            members = group.get("members", [])
            with call.kept("extra", Counter[tuple[str, str]]) as extra:
                again = [m for m in members for _ in range(extra[group["id"], m["value"]])]
            if again:
                group["members"] = members + again
    return response


def _count_extra(call: InterceptedRequest) -> ScimResponse:
    inside = {member["value"] for member in (call.current() or {}).get("members", [])}
    kept = []
    with call.kept("extra", Counter[tuple[str, str]]) as extra:
        for op in call.operations:
            gone = (call.id, removed_member(op) or "")
            if extra[gone]:
                extra[gone] -= 1
                continue
            if op.get("op") == "add" and puts_members(op):
                named = (member.get("value") for member in op.get("value") or [])
                extra.update((call.id, value) for value in named if value in inside)
            kept.append(op)
    return call.send({**call.body, "Operations": kept}) if kept else call.unchanged()


def _refused_all(status: int) -> Behave:
    return lambda call: error(status, "Internal server error") if call.kind == "Groups" else call.proceed()


def _shown_in_user(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.kind == "Users":
        for user in resources(response):
            user.pop("groups", None)
    return response


@when("Groups", "create")
def _create_not_stored(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.status == HTTPStatus.CREATED and response.body:
        call.ask("DELETE", f"/Groups/{response.body['id']}")
    return response


@when("Groups", "create")
def _create_without_id(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.status == HTTPStatus.CREATED and response.body:
        del response.body["id"]
    return response


@when("Groups", *_WRITES)
def _inactive_loses_all(call: InterceptedRequest) -> ScimResponse:
    """Drop all members of a request when one of them is inactive."""
    if not _inactive_member(call):
        return call.proceed()
    if call.action == "patch":
        return call.unchanged()
    return call.send({**call.body, "members": (call.current() or {}).get("members", [])})


@when("Groups", *_WRITES)
def _renames_users(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    for member in call.members if response.status < HTTPStatus.BAD_REQUEST else []:
        user = call.fetch("Users", str(member.get("value")))
        if user and member.get("display"):
            call.ask("PUT", f"/Users/{user['id']}", {**user, "displayName": member["display"]})
    return response


@when("Groups", "create")
def _owner_added(call: InterceptedRequest) -> ScimResponse:
    users = list(call.store.names("Users"))
    return (
        call.proceed()
        if call.members or not users
        else call.send({**call.body, "members": [{"value": users[0]}]})
    )


@when("Groups", "replace", "patch")
def _duplicated(call: InterceptedRequest) -> ScimResponse:
    """Create a copy of the old group when a change sends members to a group that has some."""
    before = call.current() or {}
    response = call.proceed()
    if response.status < HTTPStatus.BAD_REQUEST and before.get("members") and call.members:
        call.duplicate("/Groups", before)
    return response


FAULTS = (
    Fault(
        "group-create-members-ignored",
        "D-176",
        GROUP,
        "Members in the create of a group are ignored.",
        sent("Groups", ("create",), _no_members),
    ),
    Fault(
        "group-create-empty-500",
        "D-190",
        GROUP,
        "A group without members cannot be created.",
        refused("Groups", ("create",), 500, "Internal server error", where=lambda c: not c.members),
    ),
    Fault(
        "group-create-single-500",
        "D-203",
        GROUP,
        "A group with exactly one member cannot be created.",
        refused("Groups", ("create",), 500, "Internal server error", where=lambda c: len(c.members) == 1),
    ),
    Fault(
        "group-create-not-stored",
        "OKTA-16",
        GROUP,
        "A group is answered 201 and not kept.",
        _create_not_stored,
    ),
    Fault(
        "group-create-without-id", "OKTA-16", GROUP, "A new group comes back without id.", _create_without_id
    ),
    Fault(
        "group-unknown-member-dropped",
        "D-183",
        GROUP,
        "An unknown member is dropped without a word.",
        _unknown_dropped,
    ),
    Fault("group-unknown-member-500", "D-226", GROUP, "An unknown member gets 500.", _unknown_500),
    Fault(
        "group-display-demanded",
        "D-186",
        GROUP,
        "A member without display, or with null, is refused.",
        refused("Groups", _WRITES, 400, "display must be a string", where=_display_missing),
    ),
    Fault(
        "group-inactive-member-refused",
        "D-200",
        GROUP,
        "One inactive member fails the whole request.",
        refused("Groups", _WRITES, 400, "Member is inactive", where=_inactive_member),
    ),
    Fault(
        "group-member-stored-twice", "D-201", GROUP, "A member added again is stored twice.", _stored_twice
    ),
    Fault("groups-unsupported-500", "D-202", GROUP, "/Groups gets 500.", _refused_all(500)),
    Fault(
        "group-not-found-by-name",
        "D-188",
        GROUP,
        "A lookup by displayName never finds a group.",
        unlisted(lambda call, _: call.kind == "Groups", filtered=True),
    ),
    Fault(
        "group-members-not-returned",
        "OKTA-23",
        GROUP,
        "Groups are returned without members.",
        shown("Groups", _no_members),
    ),
    Fault(
        "group-inactive-member-loses-all",
        "D-200",
        GROUP,
        "An inactive member loses the others of the request.",
        _inactive_loses_all,
    ),
    Fault(
        "group-display-renames-user",
        "D-087",
        GROUP,
        "display of a member becomes the user's displayName.",
        _renames_users,
    ),
    Fault("group-create-adds-owner", "OKTA-16", GROUP, "An empty new group gets a member.", _owner_added),
    Fault(
        "group-write-duplicates",
        "OKTA-22",
        GROUP,
        "A change of a group with members leaves the old one beside it.",
        _duplicated,
    ),
)
