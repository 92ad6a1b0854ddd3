"""Faults of operation names, and of booleans that come as text."""

from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok
from scimproof.embedded.faults.entra.reading import (
    dropped,
    only,
    op_of,
    path_of,
    rejected,
    stored,
    users,
    value_path,
)
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "Entra: operations and booleans"
_SINGLE = {"active", "username", "title", "displayname", "nickname", "externalid", "preferredlanguage"}
_TRUE = {"true"}


def _text(operation: JSON) -> str | None:
    """The value of `active` that comes as text, by a path or without one."""
    value: Any = operation.get("value")
    if not operation.get("path") and isinstance(value, dict):
        value = value.get("active")
    elif path_of(operation).lower() != "active":
        return None
    return value.lower() if isinstance(value, str) else None


@users
def _truthy(call: InterceptedRequest) -> ScimResponse:
    for operation in call.operations:
        if _text(operation):
            operation["value"] = True if operation.get("path") else {**operation["value"], "active": True}
    return call.send()


def _capital(operation: JSON) -> bool:
    return not str(operation.get("op")).islower()


def _everywhere(make: Any) -> Behave:
    """The same behaviour for users and for groups."""
    of_users, of_groups = make("Users"), make("Groups")
    return lambda call: of_users(call) if call.kind == "Users" else of_groups(call)


def _adds_single(operation: JSON) -> bool:
    return op_of(operation) == "add" and path_of(operation).lower() in _SINGLE


@users
def _email_appended(call: InterceptedRequest) -> ScimResponse:
    """What an Add by a filter names is appended, where one is there that it should change."""
    kept: list[JSON] = []
    new: list[JSON] = []
    user = call.current() or {}
    for operation in call.operations:
        found = value_path(operation)
        there = found is not None and any(
            one.get(found["by"]) == found["which"] for one in user.get(found["name"]) or []
        )
        if found and there and op_of(operation) == "add" and found["name"] == "emails":
            new.append({found["by"]: found["which"], found["sub"]: operation["value"]})
        else:
            kept.append(operation)
    response = only(call, kept)
    if not new or not ok(response):
        return response
    return stored(call, emails=[*((call.current() or {}).get("emails") or []), *new])


def _schemas_first_demanded(call: InterceptedRequest) -> ScimResponse:
    late = call.action == "patch" and next(iter(call.body), "schemas") != "schemas"
    return error(400, "schemas expected before Operations", "invalidSyntax") if late else call.proceed()


def _enable_ignored(call: InterceptedRequest) -> ScimResponse:
    return dropped("Users", lambda one: _text(one) in _TRUE)(call)


def _one_by_path(call: InterceptedRequest) -> ScimResponse:
    """Only the operations on the attribute named last are done."""
    last = path_of(call.operations[-1]) if call.operations else ""
    return only(call, [one for one in call.operations if path_of(one) == last])


FAULTS = (
    Fault(
        "entra-active-text-refused",
        "EN-01",
        GROUP,
        '"False" for active is refused: it must be a boolean.',
        rejected("Users", _text, "active must be a boolean", "invalidValue"),
    ),
    Fault(
        "entra-active-text-truthy",
        "EN-02",
        GROUP,
        '"False" for active is a text that is not empty, and so true.',
        _truthy,
    ),
    Fault(
        "entra-enable-text-refused",
        "EN-03",
        GROUP,
        '"True" for active is refused, "False" is not.',
        rejected("Users", lambda one: _text(one) in _TRUE, "active must be a boolean", "invalidValue"),
    ),
    Fault(
        "entra-enable-text-ignored",
        "EN-03",
        GROUP,
        '"True" for active is answered 200 and has no effect.',
        _enable_ignored,
    ),
    Fault(
        "entra-capital-op-refused",
        "EN-04",
        GROUP,
        "Add, Replace and Remove are refused unless in small letters.",
        _everywhere(
            lambda kind: rejected(kind, _capital, "op must be add, remove or replace", "invalidSyntax")
        ),
    ),
    Fault(
        "entra-capital-op-ignored",
        "EN-05",
        GROUP,
        "Add, Replace and Remove have no effect unless in small letters.",
        _everywhere(lambda kind: dropped(kind, _capital)),
    ),
    Fault(
        "entra-add-single-refused",
        "EN-06",
        GROUP,
        "An add of an attribute with one value is refused.",
        rejected("Users", _adds_single, "add is for attributes with several values", "invalidPath"),
    ),
    Fault(
        "entra-add-email-appends",
        "EN-07",
        GROUP,
        "An add to the e-mail that a filter finds makes a second one.",
        _email_appended,
    ),
    Fault(
        "entra-schemas-first-demanded",
        "EN-08",
        GROUP,
        "A PATCH in which Operations come before schemas is refused.",
        _schemas_first_demanded,
    ),
    Fault(
        "entra-last-path-only",
        "EN-19",
        GROUP,
        "Of a PATCH only what is about the last path is done.",
        users(_one_by_path),
    ),
)
