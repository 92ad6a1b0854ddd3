"""Faults of PATCH on groups (OIN dialect)."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, refused, when
from scimproof.embedded.intercepted_request import InterceptedRequest, puts_members, removed_member
from scimproof.embedded.responses import JSON

GROUP = "groups and members"
_PATCH = ("patch",)
_patch = when("Groups", "patch")


def _operations(keep: list[JSON], call: InterceptedRequest) -> ScimResponse:
    """Proceed with these operations only; with none left, only pretend."""
    return call.send({**call.body, "Operations": keep}) if keep else call.unchanged()


@_patch
def _remove_ignored(call: InterceptedRequest) -> ScimResponse:
    return _operations([op for op in call.operations if removed_member(op) is None], call)


@_patch
def _remove_clears(call: InterceptedRequest) -> ScimResponse:
    changed = [{"op": "remove", "path": "members"} if removed_member(op) else op for op in call.operations]
    return _operations(changed, call)


@_patch
def _removes_shift(call: InterceptedRequest) -> ScimResponse:
    gone = [removed_member(op) for op in call.operations]
    members = (call.current() or {}).get("members", [])
    places = sorted(at for at, member in enumerate(members) if member["value"] in gone)
    if len(places) < 2:
        return call.proceed()
    for place in places:  # each deletion moves the ones behind it, and nobody minds
        if place < len(members):
            del members[place]
    call.store_members(members)
    return _operations([op for op in call.operations if removed_member(op) is None], call)


def _renamed_op(old: str, new: str) -> Behave:
    """A behaviour that takes one kind of member operation for another."""

    @_patch
    def behave(call: InterceptedRequest) -> ScimResponse:
        for op in call.operations:
            if puts_members(op) and str(op.get("op")).lower() == old:
                op["op"] = new
        empty = all(puts_members(op) and not op.get("value") for op in call.operations)
        return call.unchanged() if new == "add" and empty else call.send()

    return behave


@_patch
def _first_member_only(call: InterceptedRequest) -> ScimResponse:
    for op in call.operations:
        if puts_members(op) and isinstance(op.get("value"), list):
            op["value"] = op["value"][:1]
    return call.send()


@_patch
def _first_op_only(call: InterceptedRequest) -> ScimResponse:
    return _operations(call.operations[:1], call)


@_patch
def _removes_only(call: InterceptedRequest) -> ScimResponse:
    removes = [op for op in call.operations if removed_member(op)]
    return _operations(removes, call) if removes else call.proceed()


def _is_rename(call: InterceptedRequest) -> bool:
    return any(not op.get("path") and "displayName" in (op.get("value") or {}) for op in call.operations)


@_patch
def _rename_ignored(call: InterceptedRequest) -> ScimResponse:
    return call.unchanged() if _is_rename(call) else call.proceed()


@_patch
def _rename_empties(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and _is_rename(call):
        call.store_members([])
    return response


@_patch
def _answers_before(call: InterceptedRequest) -> ScimResponse:
    before = call.current()
    response = call.proceed()
    return ScimResponse(HTTPStatus.OK, before) if ok(response) else response


def _pathless_members(call: InterceptedRequest) -> bool:
    return any(not op.get("path") and "members" in (op.get("value") or {}) for op in call.operations)


def _replaces(call: InterceptedRequest) -> bool:
    return any(puts_members(op) and op.get("op") == "replace" for op in call.operations)


def _empties(call: InterceptedRequest) -> bool:
    return any(puts_members(op) and op.get("value") == [] for op in call.operations)


FAULTS = (
    Fault(
        "group-patch-not-implemented",
        "D-191",
        GROUP,
        "PATCH on groups gets 405.",
        refused("Groups", _PATCH, 405, "PATCH is not allowed"),
    ),
    Fault(
        "group-remove-ignored", "D-167", GROUP, "Removing a member by filter has no effect.", _remove_ignored
    ),
    Fault("group-remove-clears", "D-171", GROUP, "Removing one member removes all.", _remove_clears),
    Fault(
        "group-removes-shift", "D-170", GROUP, "Two removes in one PATCH hit wrong members.", _removes_shift
    ),
    Fault(
        "group-add-replaces",
        "D-169",
        GROUP,
        "Adding members replaces the list.",
        _renamed_op("add", "replace"),
    ),
    Fault(
        "group-replace-appends",
        "OKTA-19",
        GROUP,
        "Replacing members adds to them.",
        _renamed_op("replace", "add"),
    ),
    Fault(
        "group-add-first-only",
        "D-178",
        GROUP,
        "Of several members only the first is stored.",
        _first_member_only,
    ),
    Fault(
        "group-first-op-only",
        "OKTA-18",
        GROUP,
        "Only the first operation of a PATCH is done.",
        _first_op_only,
    ),
    Fault(
        "group-add-after-remove-lost",
        "OKTA-18",
        GROUP,
        "An add in the same PATCH as a remove is lost.",
        _removes_only,
    ),
    Fault(
        "group-empty-push-refused",
        "D-172",
        GROUP,
        "A full push of an empty group is refused.",
        refused("Groups", _PATCH, 400, "value must not be empty", scim_type="invalidValue", where=_empties),
    ),
    Fault(
        "group-rename-400",
        "D-174",
        GROUP,
        "A rename whose value repeats the id is refused.",
        refused("Groups", _PATCH, 400, "id is immutable", scim_type="mutability", where=_is_rename),
    ),
    Fault("group-rename-ignored", "OKTA-17", GROUP, "A rename by PATCH has no effect.", _rename_ignored),
    Fault("group-rename-empties", "D-175", GROUP, "A rename by PATCH empties the group.", _rename_empties),
    Fault(
        "group-patch-answers-before", "D-196", GROUP, "PATCH answers the group as it was.", _answers_before
    ),
    Fault(
        "group-pathless-members-400",
        "OKTA-17",
        GROUP,
        "Members in a value without path are refused.",
        refused("Groups", _PATCH, 400, "path is required", scim_type="noTarget", where=_pathless_members),
    ),
    Fault(
        "group-remove-400",
        "D-167",
        GROUP,
        "Removing a member by filter is refused.",
        refused(
            "Groups",
            _PATCH,
            400,
            "Unsupported path",
            scim_type="invalidPath",
            where=lambda c: any(removed_member(op) for op in c.operations),
        ),
    ),
    Fault(
        "group-several-operations-400",
        "OKTA-18",
        GROUP,
        "A PATCH of several operations is refused.",
        refused("Groups", _PATCH, 400, "One operation at a time", where=lambda c: len(c.operations) > 1),
    ),
    Fault(
        "group-replace-refused",
        "OKTA-19",
        GROUP,
        "Replacing members by PATCH is refused.",
        refused("Groups", _PATCH, 400, "Unsupported operation", scim_type="invalidPath", where=_replaces),
    ),
)
