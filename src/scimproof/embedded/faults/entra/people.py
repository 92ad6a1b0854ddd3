"""Faults of users who leave, are deleted or are renamed."""

import re
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, refused, when
from scimproof.embedded.faults.entra.reading import dropped, path_of, rejected, stored, users
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "Entra: users who leave"
_TOMBSTONE = re.compile(r"[0-9a-f]{32}.+", re.IGNORECASE)
_LONGEST = 48
_OTHER_CASE = 409


def _names(operation: JSON) -> list[str]:
    """The userNames that an operation sets, by a path or without one."""
    value = operation.get("value")
    if path_of(operation).lower() == "username":
        return [value] if isinstance(value, str) else []
    if operation.get("path") or not isinstance(value, dict):
        return []
    return [value["userName"]] if isinstance(value.get("userName"), str) else []


def _tombstone(operation: JSON) -> bool:
    return any(_TOMBSTONE.fullmatch(name) for name in _names(operation))


@users
def _email_overwritten(call: InterceptedRequest) -> ScimResponse:
    """A new userName is the address too, whatever it looks like."""
    new = [name for operation in call.operations for name in _names(operation)]
    response = call.proceed()
    mails = (call.current() or {}).get("emails") or []
    if not new or not ok(response) or not mails:
        return response
    return stored(call, emails=[{**mails[0], "value": new[-1]}, *mails[1:]])


def _old_name_taken(call: InterceptedRequest) -> ScimResponse:
    """A userName that somebody had is never free again, and a lookup goes on finding its first owner."""
    if call.on("Users", "patch") and any(map(_names, call.operations)):
        before = str((call.current() or {}).get("userName")).lower()
        response = call.proceed()
        now = str((call.current() or {}).get("userName")).lower()
        if ok(response) and now != before:
            with call.kept("taken", dict[str, str]) as taken:
                taken[before] = call.id
        return response
    if call.on("Users", "create"):
        with call.kept("taken", dict[str, str]) as taken:
            known = str(call.body.get("userName")).lower() in taken
        return error(_OTHER_CASE, "userName is taken", "uniqueness") if known else call.proceed()
    return call.proceed()


def _deleted_name_taken(call: InterceptedRequest) -> ScimResponse:
    """The userName of a deleted user cannot be given again."""
    if call.on("Users", "delete"):
        name = str((call.current() or {}).get("userName")).lower()
        response = call.proceed()
        if ok(response):
            with call.kept("gone", set[str]) as gone:
                gone.add(name)
        return response
    if call.on("Users", "create"):
        with call.kept("gone", set[str]) as gone:
            known = str(call.body.get("userName")).lower() in gone
        return error(409, "userName is taken", "uniqueness") if known else call.proceed()
    return call.proceed()


def _deleted_comes_back(call: InterceptedRequest) -> ScimResponse:
    """A new user of a deleted user's name gets the old id."""
    if call.on("Users", "delete"):
        user = call.current() or {}
        response = stored(call, active=False)
        with call.kept("kept", dict[str, str]) as kept:
            kept[str(user.get("userName")).lower()] = call.id
        return ScimResponse(HTTPStatus.NO_CONTENT) if ok(response) else response
    return call.proceed()


@when("Users", "delete")
def _unknown_500(call: InterceptedRequest) -> ScimResponse:
    return call.proceed() if call.current() else error(500, "Internal server error")


@when("Users", "patch")
def _unknown_patched_500(call: InterceptedRequest) -> ScimResponse:
    return call.proceed() if call.current() else error(500, "Internal server error")


def _disable_leaves_groups(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if not ok(response) or call.active is not False:
        return response
    for membership in (call.current() or {}).get("groups") or []:
        group = call.fetch("Groups", membership["value"]) or {}
        members = [one for one in group.get("members", []) if one["value"] != call.id]
        call.ask("PUT", f"/Groups/{membership['value']}", {**group, "members": members})
    return call.ask("GET", call.request.path)


@users
def _oldest_disabled_too(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and call.active is False:
        oldest = next(iter(call.store.names("Users")))
        call.ask("PUT", f"/Users/{oldest}", {**(call.fetch("Users", oldest) or {}), "active": False})
    return response


FAULTS = (
    Fault(
        "entra-rename-changes-email",
        "EN-52",
        GROUP,
        "A new userName is stored as the e-mail address too, a tombstone as well.",
        _email_overwritten,
    ),
    Fault(
        "entra-rename-refused",
        "ENTRA-20",
        GROUP,
        "A change of userName is refused.",
        rejected("Users", _names, "userName is immutable", "mutability"),
    ),
    Fault(
        "entra-rename-ignored",
        "ENTRA-20",
        GROUP,
        "A change of userName has no effect.",
        dropped("Users", _names),
    ),
    Fault(
        "entra-tombstone-refused",
        "EN-52",
        GROUP,
        "A userName that begins with 32 hexadecimal digits is refused.",
        rejected("Users", _tombstone, "userName must be the user's address", "invalidValue"),
    ),
    Fault(
        "entra-tombstone-name-taken",
        "EN-52",
        GROUP,
        "A userName that somebody was renamed from stays taken.",
        _old_name_taken,
    ),
    Fault(
        "entra-user-delete-405",
        "EN-53",
        GROUP,
        "DELETE of a user gets 405.",
        refused("Users", ("delete",), 405, "DELETE is not allowed"),
    ),
    Fault(
        "entra-group-delete-400",
        "EN-53",
        GROUP,
        "DELETE of a group gets 400.",
        refused("Groups", ("delete",), 400, "Groups cannot be deleted"),
    ),
    Fault(
        "entra-user-delete-deactivates",
        "EN-53",
        GROUP,
        "DELETE of a user is answered 204 and deactivates.",
        _deleted_comes_back,
    ),
    Fault(
        "entra-delete-unknown-500",
        "EN-54",
        GROUP,
        "DELETE of a user who is gone gets 500.",
        _unknown_500,
    ),
    Fault(
        "entra-patch-unknown-500",
        "EN-55",
        GROUP,
        "PATCH of an unknown user gets 500.",
        _unknown_patched_500,
    ),
    Fault(
        "entra-deleted-name-taken",
        "EN-56",
        GROUP,
        "The userName of a deleted user cannot be given again.",
        _deleted_name_taken,
    ),
    Fault(
        "entra-disable-leaves-groups",
        "EN-51",
        GROUP,
        "Who is deactivated is out of all groups.",
        users(_disable_leaves_groups),
    ),
    Fault(
        "entra-disable-hits-oldest",
        "ENTRA-18",
        GROUP,
        "A disable disables the oldest user too.",
        _oldest_disabled_too,
    ),
)
