"""Faults of the manager."""

from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, shown, when
from scimproof.embedded.faults.entra.reading import ENTERPRISE, MANAGER, path_of, rejected, users
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

GROUP = "Entra: manager"
_ABSENT = object()


def _value(operation: JSON) -> Any:
    """What an operation sets the manager to, by a path or without one."""
    value = operation.get("value")
    if path_of(operation).lower() == MANAGER.lower():
        return value
    if operation.get("path") or not isinstance(value, dict):
        return _ABSENT
    held = value.get(ENTERPRISE)
    nested = held.get("manager", _ABSENT) if isinstance(held, dict) else _ABSENT
    return value.get(MANAGER, nested)


def _empty(operation: JSON) -> bool:
    value = _value(operation)
    return value == "" or (isinstance(value, dict) and not value.get("value"))


def _id(operation: JSON) -> str:
    """The id of the manager, if an operation sets one."""
    value = _value(operation)
    found = value.get("value") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _empty_stored(call: InterceptedRequest) -> ScimResponse:
    """Who should have no manager has one with an empty id."""
    response = call.proceed()
    with call.kept("empty", set[str]) as empty:
        if call.on("Users", "patch") and ok(response):
            if any(map(_empty, call.operations)):
                empty.add(call.id)
            elif any(map(_id, call.operations)):
                empty.discard(call.id)
        for user in resources(response) if call.kind == "Users" else ():
            if user.get("id") in empty:
                user[ENTERPRISE] = {**user.get(ENTERPRISE, {}), "manager": {"value": ""}}
    return response


@users
def _empty_ignored(call: InterceptedRequest) -> ScimResponse:
    kept = [one for one in call.operations if not _empty(one)]
    if len(kept) == len(call.operations):
        return call.proceed()
    return call.send({**call.body, "Operations": kept}) if kept else call.unchanged()


def _hidden(user: JSON) -> None:
    if isinstance(user.get(ENTERPRISE), dict):
        user[ENTERPRISE].pop("manager", None)


def _at_top(user: JSON) -> None:
    if isinstance(user.get(ENTERPRISE), dict) and "manager" in user[ENTERPRISE]:
        user["manager"] = user[ENTERPRISE].pop("manager")


@users
def _unknown_refused(call: InterceptedRequest) -> ScimResponse:
    unknown = [one for one in call.operations if _id(one) and call.fetch("Users", _id(one)) is None]
    return error(400, "No such manager", "invalidValue") if unknown else call.proceed()


@users
def _change_ignored(call: InterceptedRequest) -> ScimResponse:
    """The first manager stays."""
    held = ((call.current() or {}).get(ENTERPRISE) or {}).get("manager")
    kept = [one for one in call.operations if not (held and _id(one))]
    if len(kept) == len(call.operations):
        return call.proceed()
    return call.send({**call.body, "Operations": kept}) if kept else call.unchanged()


@when("Users", "list")
def _reference_filter(call: InterceptedRequest) -> ScimResponse:
    asked = "manager eq" in call.request.query.get("filter", "")
    return error(400, "Field not found: manager", "invalidFilter") if asked else call.proceed()


@when("Users", "list")
def _reference_500(call: InterceptedRequest) -> ScimResponse:
    asked = "manager eq" in call.request.query.get("filter", "")
    return error(500, "Internal server error") if asked else call.proceed()


@when("Users", "create")
def _create_500(call: InterceptedRequest) -> ScimResponse:
    held = call.body.get(ENTERPRISE)
    text = isinstance(held, dict) and isinstance(held.get("manager"), str)
    return error(500, "Internal server error") if text else call.proceed()


FAULTS = (
    Fault(
        "entra-manager-text-refused",
        "EN-30",
        GROUP,
        "A manager that is a text is refused: it must be an object.",
        rejected(
            "Users",
            lambda one: isinstance(_value(one), str) and _value(one),
            "manager must be an object",
            "invalidValue",
        ),
    ),
    Fault(
        "entra-manager-array-refused",
        "EN-30",
        GROUP,
        "A manager by the path manager is refused.",
        rejected("Users", lambda one: path_of(one) == "manager", "Unknown attribute", "invalidPath"),
    ),
    Fault(
        "entra-manager-empty-stored",
        "EN-31",
        GROUP,
        "An empty manager is stored in place of none.",
        _empty_stored,
    ),
    Fault(
        "entra-manager-empty-ignored",
        "EN-31",
        GROUP,
        "An empty manager leaves the one that was there.",
        _empty_ignored,
    ),
    Fault(
        "entra-manager-empty-500",
        "EN-31",
        GROUP,
        "An empty manager gets 500.",
        rejected("Users", _empty, "Internal server error", status=500),
    ),
    Fault(
        "entra-manager-not-shown",
        "EN-33",
        GROUP,
        "The manager is accepted and never shown.",
        shown("Users", _hidden),
    ),
    Fault(
        "entra-manager-at-top",
        "EN-33",
        GROUP,
        "The manager is shown beside the extension, not in it.",
        shown("Users", _at_top),
    ),
    Fault(
        "entra-manager-kept",
        "EN-33",
        GROUP,
        "Another manager is answered 200 and the first stays.",
        _change_ignored,
    ),
    Fault(
        "entra-manager-unknown-refused",
        "EN-34",
        GROUP,
        "A manager that the target does not know fails the PATCH.",
        _unknown_refused,
    ),
    Fault(
        "entra-reference-filter-refused",
        "EN-35",
        GROUP,
        "A filter by manager is refused.",
        _reference_filter,
    ),
    Fault(
        "entra-reference-filter-500",
        "EN-35",
        GROUP,
        "A filter by manager gets 500.",
        _reference_500,
    ),
    Fault(
        "entra-create-manager-500",
        "EN-30",
        GROUP,
        "A create with a manager that is a text gets 500.",
        _create_500,
    ),
)
