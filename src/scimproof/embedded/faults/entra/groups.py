"""Faults of groups and members."""

import re
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, refused, when
from scimproof.embedded.faults.entra.reading import (
    answer_of,
    dropped,
    elements,
    groups,
    op_of,
    path_of,
    rejected,
)
from scimproof.embedded.intercepted_request import InterceptedRequest, puts_members, removed_member
from scimproof.embedded.responses import JSON, error

GROUP = "Entra: groups and members"
_ODD_NAME = re.compile(r"[^\x00-\x7f]|,")


def _listed_removal(operation: JSON) -> bool:
    """Whether an operation removes members by a list."""
    return op_of(operation) == "remove" and path_of(operation).lower() == "members" and "value" in operation


@groups
def _clears(call: InterceptedRequest) -> ScimResponse:
    for operation in call.operations:
        if _listed_removal(operation):
            del operation["value"]
    return call.send()


def _null_reference(operation: JSON) -> bool:
    return any("$ref" in one and one["$ref"] is None for one in elements(operation))


@groups
def _null_spoils(call: InterceptedRequest) -> ScimResponse:
    """A member with a null in it is another than the one that is stored: it is not removed."""
    for operation in call.operations:
        if _listed_removal(operation):
            operation["value"] = [one for one in elements(operation) if one.get("$ref", "") is not None]
    return call.send()


def _foreign_schema(call: InterceptedRequest) -> bool:
    schemas = call.body.get("schemas")
    return isinstance(schemas, list) and len(schemas) > 1


def _in_group(call: InterceptedRequest) -> set[str]:
    return {str(one["value"]) for one in (call.current() or {}).get("members", [])}


@groups
def _again_409(call: InterceptedRequest) -> ScimResponse:
    there = _in_group(call)
    again = any(
        one.get("value") in there for op in call.operations if op_of(op) == "add" for one in elements(op)
    )
    adds = again and any(puts_members(op) for op in call.operations)
    return error(409, "Already a member", "uniqueness") if adds else call.proceed()


@groups
def _stranger_404(call: InterceptedRequest) -> ScimResponse:
    there = _in_group(call)
    gone = [str(one.get("value")) for op in call.operations if _listed_removal(op) for one in elements(op)]
    gone += [found for found in map(removed_member, call.operations) if found]
    return error(404, "No such member") if set(gone) - there else call.proceed()


def _about_members(operation: JSON) -> bool:
    value = operation.get("value")
    inside = not operation.get("path") and isinstance(value, dict) and "members" in value
    return path_of(operation).lower().startswith("members") or inside


@groups
def _replace_empties(call: InterceptedRequest) -> ScimResponse:
    other = any(op_of(op) == "replace" and not _about_members(op) for op in call.operations)
    response = call.proceed()
    if other and ok(response):
        call.store_members([])
        return answer_of(call)
    return response


@groups
def _patch_answered_whole(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return ScimResponse(HTTPStatus.OK, call.current()) if ok(response) else response


def _external_id(operation: JSON) -> bool:
    value = operation.get("value")
    named = not operation.get("path") and isinstance(value, dict) and set(value) == {"externalId"}
    return path_of(operation).lower() == "externalid" or named


@when("Groups", "create")
def _second_overwrites(call: InterceptedRequest) -> ScimResponse:
    """The group created before is taken for the same one: it loses its externalId to the new one."""
    response = call.proceed()
    if ok(response) and response.body:
        new = response.body
        with call.kept("latest", dict[str, str]) as latest:
            before = latest.get("id", "")
            latest["id"] = new["id"]
        old = call.fetch("Groups", before) if before else None
        if old and new.get("externalId"):
            call.ask("PUT", f"/Groups/{before}", {**old, "externalId": new["externalId"]})
    return response


def _odd_name(call: InterceptedRequest) -> bool:
    return bool(_ODD_NAME.search(str(call.body.get("displayName") or "")))


@groups
def _nested_500(call: InterceptedRequest) -> ScimResponse:
    nested = any(call.fetch("Groups", str(one.get("value"))) for one in call.members)
    return error(500, "Internal server error") if nested else call.proceed()


@groups
def _nested_dropped(call: InterceptedRequest) -> ScimResponse:
    """One member that is a group loses the others of the request."""
    nested = any(call.fetch("Groups", str(one.get("value"))) for one in call.members)
    return call.unchanged() if nested else call.proceed()


@groups
def _first_of_list(call: InterceptedRequest) -> ScimResponse:
    for operation in call.operations:
        if _listed_removal(operation):
            operation["value"] = elements(operation)[:1]
    return call.send()


def _name_with_path(operation: JSON) -> bool:
    return path_of(operation).lower() == "displayname"


FAULTS = (
    Fault(
        "entra-remove-list-clears",
        "EN-60",
        GROUP,
        "Removing members by a list removes all.",
        _clears,
    ),
    Fault(
        "entra-remove-list-refused",
        "EN-61",
        GROUP,
        "Removing members by a list is refused.",
        rejected("Groups", _listed_removal, "value is not allowed for remove", "invalidValue"),
    ),
    Fault(
        "entra-remove-list-ignored",
        "EN-62",
        GROUP,
        "Removing members by a list has no effect.",
        dropped("Groups", _listed_removal),
    ),
    Fault(
        "entra-remove-list-first-only",
        "EN-62",
        GROUP,
        "Of the members in a list to remove only the first goes.",
        _first_of_list,
    ),
    Fault(
        "entra-null-reference-refused",
        "EN-63",
        GROUP,
        "A member with $ref null is refused.",
        rejected("Groups", _null_reference, "$ref must be a URI", "invalidValue"),
    ),
    Fault(
        "entra-null-reference-spoils",
        "EN-63",
        GROUP,
        "A member with $ref null in a list to remove is not found.",
        _null_spoils,
    ),
    Fault(
        "entra-group-schema-refused",
        "EN-65",
        GROUP,
        "A second schema in the create of a group is refused.",
        refused(
            "Groups", ("create",), 400, "Unknown schema", scim_type="invalidSyntax", where=_foreign_schema
        ),
    ),
    Fault(
        "entra-meta-refused",
        "EN-65",
        GROUP,
        "meta in a create is refused as read-only.",
        refused(
            "Users",
            ("create",),
            400,
            "meta is read-only",
            scim_type="mutability",
            where=lambda call: "meta" in call.body,
        ),
    ),
    Fault(
        "entra-group-meta-refused",
        "EN-65",
        GROUP,
        "meta in the create of a group is refused as read-only.",
        refused(
            "Groups",
            ("create",),
            400,
            "meta is read-only",
            scim_type="mutability",
            where=lambda call: "meta" in call.body,
        ),
    ),
    Fault(
        "entra-group-members-demanded",
        "EN-66",
        GROUP,
        "A create of a group without the key members gets 500.",
        refused(
            "Groups", ("create",), 500, "Internal server error", where=lambda call: "members" not in call.body
        ),
    ),
    Fault(
        "entra-member-again-409",
        "EN-67",
        GROUP,
        "An add of somebody who is a member gets 409.",
        _again_409,
    ),
    Fault(
        "entra-stranger-removed-404",
        "EN-67",
        GROUP,
        "A remove of somebody who is no member gets 404.",
        _stranger_404,
    ),
    Fault(
        "entra-group-patch-body",
        "ENTRA-25",
        GROUP,
        "A PATCH of a group is answered with the group and all its members.",
        _patch_answered_whole,
    ),
    Fault(
        "entra-group-replace-empties",
        "EN-71",
        GROUP,
        "A replace of any other attribute of a group removes its members.",
        _replace_empties,
    ),
    Fault(
        "entra-group-name-kept",
        "EN-71",
        GROUP,
        "A rename of a group by the path displayName has no effect.",
        dropped("Groups", _name_with_path),
    ),
    Fault(
        "entra-group-external-id-kept",
        "EN-72",
        GROUP,
        "A change of a group's externalId has no effect.",
        dropped("Groups", _external_id),
    ),
    Fault(
        "entra-groups-share-external-id",
        "EN-72",
        GROUP,
        "The group created before gets the externalId of the new one.",
        _second_overwrites,
    ),
    Fault(
        "entra-group-name-refused",
        "EN-73",
        GROUP,
        "A group's name with a comma or a letter beyond ASCII is refused.",
        refused("Groups", ("create",), 400, "Invalid name", scim_type="invalidValue", where=_odd_name),
    ),
    Fault(
        "entra-nested-group-500",
        "EN-74",
        GROUP,
        "A member that is a group gets 500.",
        _nested_500,
    ),
    Fault(
        "entra-nested-group-loses-all",
        "EN-74",
        GROUP,
        "A member that is a group loses the others of the same request.",
        _nested_dropped,
    ),
)
