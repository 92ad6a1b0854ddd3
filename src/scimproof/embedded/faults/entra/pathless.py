"""Faults of values without a path, and of paths that begin with a URN."""

import re

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, when
from scimproof.embedded.faults.entra.reading import (
    CORE,
    ENTERPRISE,
    MANAGER,
    only,
    op_of,
    path_of,
    pathless,
    rejected,
    stored,
    users,
)
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

GROUP = "Entra: values without path and URNs"
_OWN = ("urn:ietf:params:scim:schemas:core:", ENTERPRISE)
_URN = re.compile(r"(?P<urn>urn:.+):(?P<name>\w+)(?P<rest>\..*)?", re.IGNORECASE)


def _dotted(key: str) -> bool:
    return "." in key and not key.startswith("urn:")


def _urn(key: str) -> bool:
    return key.startswith("urn:") and key.lower() not in {ENTERPRISE.lower(), CORE.lower()}


def _without(call: InterceptedRequest, unknown: str) -> ScimResponse:
    """Proceed without the keys of a kind in values without path."""
    fits = _dotted if unknown == "dotted" else _urn
    kept: list[JSON] = []
    for operation in call.operations:
        value = operation.get("value")
        if operation.get("path") or not isinstance(value, dict):
            kept.append(operation)
            continue
        rest = {key: one for key, one in value.items() if not fits(key)}
        if rest:
            kept.append({**operation, "value": rest})
    return only(call, kept)


def _literal(call: InterceptedRequest) -> ScimResponse:
    """Keep keys with a dot as attributes of that name, and show them so."""
    if call.on("Users", "patch"):
        found = {key: one for value in pathless(call) for key, one in value.items() if _dotted(key)}
        response = _without(call, "dotted") if found else call.proceed()
        if found and ok(response):
            with call.kept("literal", dict[str, JSON]) as kept:
                kept[call.id] = {**kept.get(call.id, {}), **found}
    else:
        response = call.proceed()
    if call.kind == "Users":
        with call.kept("literal", dict[str, JSON]) as kept:
            for user in resources(response):
                user.update(kept.get(str(user.get("id")), {}))
    return response


def _has_urn_key(operation: JSON) -> bool:
    value = operation.get("value")
    return not operation.get("path") and isinstance(value, dict) and any(map(_urn, value))


def _pathless(operation: JSON) -> bool:
    return not operation.get("path") and isinstance(operation.get("value"), dict)


@users
def _wipes(call: InterceptedRequest) -> ScimResponse:
    """A replace without path leaves only what it names."""
    named = {key.partition(".")[0] for value in pathless(call) for key in value}
    replaces = any(_pathless(one) and op_of(one) == "replace" for one in call.operations)
    response = call.proceed()
    if not replaces or not ok(response):
        return response
    user = call.current() or {}
    urns = {ENTERPRISE} if any(key.startswith(ENTERPRISE) for key in named) else set()
    kept = {key: one for key, one in user.items() if key in {"id", "userName", "active", *named, *urns}}
    return call.ask("PUT", call.request.path, {"schemas": user["schemas"], **kept})


def _custom(key: str) -> re.Match[str] | None:
    """The parts of a path into an extension that is not the RFCs'."""
    found = _URN.fullmatch(key)
    return found if found and not key.startswith(_OWN) else None


def _split(call: InterceptedRequest) -> ScimResponse:
    """Write custom attributes under what is before the dot of 2.0, and show them there."""
    if call.on("Users", "patch"):
        return _split_patch(call)
    response = call.proceed()
    return _show_split(call, response) if call.on("Users", "read", "list") else response


def _split_patch(call: InterceptedRequest) -> ScimResponse:
    found = {path_of(one): one.get("value") for one in call.operations if _custom(path_of(one))}
    kept = []
    for one in call.operations:
        value = one.get("value")
        if _pathless(one) and isinstance(value, dict):
            found |= {key: held for key, held in value.items() if _custom(key)}
            rest = {key: held for key, held in value.items() if not _custom(key)}
            if rest:
                kept.append({**one, "value": rest})
        elif path_of(one) not in found:
            kept.append(one)
    response = only(call, kept)
    if found and ok(response):
        with call.kept("split", dict[str, JSON]) as split:
            split[call.id] = {
                **split.get(call.id, {}),
                **{_before_dot(key): one for key, one in found.items()},
            }
    return _show_split(call, response)


def _before_dot(key: str) -> str:
    return key.partition(".")[0]


def _show_split(call: InterceptedRequest, response: ScimResponse) -> ScimResponse:
    with call.kept("split", dict[str, JSON]) as split:
        for user in resources(response):
            for urn, value in split.get(str(user.get("id")), {}).items():
                user[urn] = {"0:User": value}
    return response


@users
def _other_urn(call: InterceptedRequest) -> ScimResponse:
    """The department goes where there is none: the extension is left as it was."""
    paths = {path_of(one) for one in call.operations} - {MANAGER}
    if not any(path.startswith(f"{ENTERPRISE}:") for path in paths):
        return call.proceed()
    before = (call.current() or {}).get(ENTERPRISE)
    response = call.proceed()
    return stored(call, **{ENTERPRISE: before}) if ok(response) else response


@when("Users", "patch")
def _mono_valued(call: InterceptedRequest) -> ScimResponse:
    """The deprovisioning PATCH is taken for a search in an attribute with one value."""
    found = any(path_of(one).lower() == "active" for one in call.operations)
    detail = "Impossible to search on a mono valued attribute"
    return error(400, detail, "invalidPath") if found else call.proceed()


@when("Users", "patch")
def _nothing_500(call: InterceptedRequest) -> ScimResponse:
    return error(500, "Internal server error") if call.body.get("Operations") == [] else call.proceed()


FAULTS = (
    Fault(
        "entra-dotted-keys-dropped",
        "EN-20",
        GROUP,
        "Keys with a dot in a value without path are dropped.",
        users(lambda call: _without(call, "dotted")),
    ),
    Fault(
        "entra-dotted-keys-literal",
        "EN-20",
        GROUP,
        "Keys with a dot in a value without path are stored as attributes of that name.",
        _literal,
    ),
    Fault(
        "entra-urn-keys-refused",
        "EN-21",
        GROUP,
        "A value without path that has a URN as a key is refused.",
        rejected("Users", _has_urn_key, "Unknown attribute", "invalidValue"),
    ),
    Fault(
        "entra-urn-keys-dropped",
        "EN-21",
        GROUP,
        "URNs as keys of a value without path are dropped.",
        users(lambda call: _without(call, "urn")),
    ),
    Fault(
        "entra-pathless-refused",
        "EN-22",
        GROUP,
        "An operation without path is refused.",
        rejected("Users", _pathless, "path is required", "noTarget"),
    ),
    Fault(
        "entra-group-pathless-refused",
        "EN-22",
        GROUP,
        "An operation without path is refused for groups.",
        rejected("Groups", _pathless, "path is required", "noTarget"),
    ),
    Fault(
        "entra-pathless-is-put",
        "EN-23",
        GROUP,
        "A replace without path wipes everything that it does not name.",
        _wipes,
    ),
    Fault(
        "entra-urn-split-at-dot",
        "EN-24",
        GROUP,
        "The URN of a custom extension ends at the dot of 2.0.",
        _split,
    ),
    Fault(
        "entra-custom-path-refused",
        "EN-24",
        GROUP,
        "A path into a custom extension is refused.",
        rejected("Users", lambda one: _custom(path_of(one)), "Unknown attribute", "invalidPath"),
    ),
    Fault(
        "entra-urn-path-ignored",
        "EN-24",
        GROUP,
        "A path into the enterprise extension is answered 200 and has no effect.",
        _other_urn,
    ),
    Fault(
        "entra-active-mono-valued",
        "EN-25",
        GROUP,
        "active by its path is refused: impossible to search on a mono valued attribute.",
        _mono_valued,
    ),
    Fault(
        "entra-no-operations-500",
        "EN-26",
        GROUP,
        "A PATCH without operations gets 500.",
        _nothing_500,
    ),
)
