"""Faults of paths with a filter, and of attributes with several values."""

from collections.abc import Callable
from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, refused
from scimproof.embedded.faults.entra.reading import (
    answer_of,
    elements,
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

GROUP = "Entra: value paths and lists"
_MAILS = {"emails", "phoneNumbers", "addresses"}


def _matched(user: JSON, operation: JSON) -> bool:
    """Whether a user has an element that the path's filter finds."""
    found = value_path(operation)
    if found is None:
        return True
    held = user.get(found["name"]) or []
    return any(str(one.get(found["by"])).lower() == found["which"].lower() for one in held)


@users
def _no_target(call: InterceptedRequest) -> ScimResponse:
    user = call.current() or {}
    missed = [one for one in call.operations if op_of(one) == "add" and not _matched(user, one)]
    return error(400, "The filter matches nothing", "noTarget") if missed else call.proceed()


def _on(name: str) -> Callable[[JSON], bool]:
    return lambda operation: path_of(operation).startswith(f"{name}[")


@users
def _scattered(call: InterceptedRequest) -> ScimResponse:
    """Each part of an address is an address of its own."""
    new: list[JSON] = []
    kept: list[JSON] = []
    for operation in call.operations:
        found = value_path(operation)
        if found and found["name"] == "addresses" and op_of(operation) == "add":
            new.append({found["by"]: found["which"], found["sub"]: operation["value"]})
        else:
            kept.append(operation)
    response = only(call, kept)
    if not new or not ok(response):
        return response
    return stored(call, addresses=[*((call.current() or {}).get("addresses") or []), *new])


@users
def _clears(call: InterceptedRequest) -> ScimResponse:
    named = {
        (found["name"], found["by"], found["which"])
        for found in map(value_path, call.operations)
        if found and found["name"] in _MAILS
    }
    response = call.proceed()
    user = call.current() or {}
    if not named or not ok(response):
        return response
    changes: JSON = {}
    for name in {name for name, _, _ in named}:
        kept = {(by, which) for of, by, which in named if of == name}
        changes[name] = [
            one for one in user.get(name) or [] if any(one.get(by) == which for by, which in kept)
        ]
    return stored(call, **changes)


def _primary_text(operation: JSON) -> bool:
    return '[primary eq "' in path_of(operation)


@users
def _text_kept(call: InterceptedRequest) -> ScimResponse:
    texts = [
        str(role["value"])
        for operation in call.operations
        if path_of(operation).lower() == "roles"
        for role in elements(operation)
        if str(role.get("value", "")).startswith("{")
    ]
    response = call.proceed()
    if not texts or not ok(response):
        return response
    with call.kept("texts", dict[str, list[str]]) as kept:
        kept[call.id] = texts
    return _shown_as_text(call, response)


def _role_text(operation: JSON) -> bool:
    roles = path_of(operation).lower() == "roles"
    return roles and any(str(one.get("value", "")).startswith("{") for one in elements(operation))


def _shown_as_text(call: InterceptedRequest, response: ScimResponse) -> ScimResponse:
    """Show the roles of a user as the texts that they came as."""
    with call.kept("texts", dict[str, list[str]]) as kept:
        texts = kept.get(call.id)
    if texts and response.body and "id" in response.body:
        response.body["roles"] = [{"value": text} for text in texts]
    return response


def _roles_as_text(call: InterceptedRequest) -> ScimResponse:
    if call.on("Users", "patch"):
        return _text_kept(call)
    response = call.proceed()
    return _shown_as_text(call, response) if call.on("Users", "read") else response


@users
def _roles_appended(call: InterceptedRequest) -> ScimResponse:
    for operation in call.operations:
        if path_of(operation).lower() == "roles" and op_of(operation) == "replace":
            operation["op"] = "add"
    return call.send()


def _odd_role(call: InterceptedRequest) -> bool:
    roles = call.body.get("roles")
    return isinstance(roles, list) and any(
        isinstance(one, dict) and {"primary", "type", "displayName"} & one.keys() for one in roles
    )


def _odd_address(call: InterceptedRequest) -> bool:
    addresses: Any = call.body.get("addresses")
    return isinstance(addresses, list) and any("primary" in one for one in addresses if isinstance(one, dict))


def _capital_sub(operation: JSON) -> bool:
    found = value_path(operation)
    return found is not None and found["sub"][:1].isupper()


@users
def _reversed(call: InterceptedRequest) -> ScimResponse:
    return call.send({**call.body, "Operations": call.operations[::-1]})


@users
def _filtered_dropped(call: InterceptedRequest) -> ScimResponse:
    return only(call, [one for one in call.operations if value_path(one) is None])


@users
def _first_element(call: InterceptedRequest) -> ScimResponse:
    """What a filter finds is never looked at: the first element is changed."""
    response = call.proceed()
    phones = [
        found for found in map(value_path, call.operations) if found and found["name"] == "phoneNumbers"
    ]
    held = (call.current() or {}).get("phoneNumbers") or []
    if not ok(response) or not phones or len(held) < 2:
        return response
    stored(call, phoneNumbers=[{**held[0], "value": held[-1]["value"]}, *held[1:]])
    return answer_of(call)


FAULTS = (
    Fault(
        "entra-value-path-no-target",
        "EN-10",
        GROUP,
        "An add by a filter that finds nothing is refused.",
        _no_target,
    ),
    Fault(
        "entra-value-path-ignored",
        "EN-10",
        GROUP,
        "An operation whose path has a filter has no effect.",
        _filtered_dropped,
    ),
    Fault(
        "entra-phone-path-500",
        "EN-11",
        GROUP,
        "A path with a filter on phoneNumbers gets 500.",
        rejected("Users", _on("phoneNumbers"), "Internal server error", status=500),
    ),
    Fault(
        "entra-address-path-500",
        "EN-11",
        GROUP,
        "A path with a filter on addresses gets 500.",
        rejected("Users", _on("addresses"), "Internal server error", status=500),
    ),
    Fault(
        "entra-address-scattered",
        "EN-12",
        GROUP,
        "Five adds to one address make five addresses.",
        _scattered,
    ),
    Fault(
        "entra-value-path-clears-list",
        "EN-13",
        GROUP,
        "A change of one element by its filter removes the others.",
        _clears,
    ),
    Fault(
        "entra-phone-changes-first",
        "EN-13",
        GROUP,
        "A change of one phone number is stored in the first one too.",
        _first_element,
    ),
    Fault(
        "entra-role-primary-text-refused",
        "EN-14",
        GROUP,
        'A path with [primary eq "True"] is refused: it must be a boolean.',
        rejected("Users", _primary_text, "primary must be a boolean", "invalidFilter"),
    ),
    Fault(
        "entra-roles-refused",
        "EN-17",
        GROUP,
        "A PATCH of roles is refused.",
        rejected("Users", lambda one: path_of(one).startswith("roles"), "Unknown attribute", "invalidPath"),
    ),
    Fault(
        "entra-role-text-500",
        "EN-15",
        GROUP,
        "A role that comes as JSON text gets 500.",
        rejected("Users", _role_text, "Internal server error", status=500),
    ),
    Fault(
        "entra-role-text-kept",
        "EN-15",
        GROUP,
        "A role that comes as JSON text is stored as that text.",
        _roles_as_text,
    ),
    Fault(
        "entra-roles-replace-appends",
        "EN-16",
        GROUP,
        "Replacing roles adds to them.",
        _roles_appended,
    ),
    Fault(
        "entra-role-sub-attribute-refused",
        "EN-17",
        GROUP,
        "A role with more than a value is refused.",
        refused(
            "Users", ("create",), 400, "Unknown sub-attribute", scim_type="invalidSyntax", where=_odd_role
        ),
    ),
    Fault(
        "entra-address-primary-refused",
        "EN-17",
        GROUP,
        "An address with primary is refused.",
        refused(
            "Users", ("create",), 400, "Unknown sub-attribute", scim_type="invalidSyntax", where=_odd_address
        ),
    ),
    Fault(
        "entra-sub-attribute-case",
        "EN-18",
        GROUP,
        "A path that ends in .Value is refused.",
        rejected("Users", _capital_sub, "Unknown attribute", "invalidPath"),
    ),
    Fault(
        "entra-operations-reversed",
        "EN-19",
        GROUP,
        "The operations of a PATCH are done from the last to the first.",
        _reversed,
    ),
)
