"""Faults of PATCH on users."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, refused, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "patch user"
_PATCH = ("patch",)
_OPS = {"add", "remove", "replace"}
_CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
_patch = when("Users", "patch")


def _values(call: InterceptedRequest) -> list[JSON]:
    return [op["value"] for op in call.operations if isinstance(op.get("value"), dict) and not op.get("path")]


def _any_path(call: InterceptedRequest, mark: str) -> bool:
    return any(mark in str(op.get("path", "")) for op in call.operations)


@_patch
def _unknown_op_accepted(call: InterceptedRequest) -> ScimResponse:
    known = [op for op in call.operations if str(op.get("op")).lower() in _OPS]
    if len(known) == len(call.operations):
        return call.proceed()
    return call.send({**call.body, "Operations": known}) if known else call.unchanged()


@_patch
def _unknown_path_accepted(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    scim_type = (response.body or {}).get("scimType")
    return call.unchanged() if scim_type in {"invalidPath", "noTarget"} else response


@_patch
def _second_op_lost(call: InterceptedRequest) -> ScimResponse:
    first: dict[str, JSON] = {}
    for number, op in enumerate(call.operations):
        first.setdefault(str(op.get("path") or number), op)
    return call.send({**call.body, "Operations": list(first.values())})


@_patch
def _empty_accepted(call: InterceptedRequest) -> ScimResponse:
    return call.proceed() if call.operations else call.unchanged()


def _state(user: JSON | None) -> JSON:
    return {key: value for key, value in (user or {}).items() if key != "meta"}


@_patch
def _no_change_400(call: InterceptedRequest) -> ScimResponse:
    before = call.current()
    response = call.proceed()
    hidden = any("password" in value for value in _values(call))
    same = ok(response) and not hidden and _state(before) == _state(call.current())
    return error(400, "No valid fields to update") if same else response


@_patch
def _answers_before(call: InterceptedRequest) -> ScimResponse:
    before = call.current()
    response = call.proceed()
    return ScimResponse(HTTPStatus.OK, before) if ok(response) else response


@_patch
def _wipes_profile(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    user = response.body or {}
    if not ok(response):
        return response
    bare = {"schemas": [_CORE], "userName": user.get("userName"), "active": user.get("active")}
    return call.ask("PUT", call.request.path, bare)


@_patch
def _not_stored(call: InterceptedRequest) -> ScimResponse:
    before = call.current()
    response = call.proceed()
    if before is not None and ok(response):
        call.ask("PUT", call.request.path, before)
    return response


@_patch
def _empty_200(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return ScimResponse(HTTPStatus.OK) if ok(response) else response


FAULTS = (
    Fault(
        "patch-not-implemented",
        "D-102",
        GROUP,
        "PATCH on users gets 501.",
        refused("Users", _PATCH, 501, "PATCH is not supported"),
    ),
    Fault(
        "patch-unknown-op-accepted",
        "D-104",
        GROUP,
        "An operation with a misspelt op is thrown away.",
        _unknown_op_accepted,
    ),
    Fault(
        "patch-value-path-500",
        "D-108",
        GROUP,
        "A path with a filter gets 500.",
        refused("Users", _PATCH, 500, "Internal server error", where=lambda c: _any_path(c, "[")),
    ),
    Fault(
        "patch-unknown-path-accepted",
        "D-111",
        GROUP,
        "A path that is no attribute is accepted.",
        _unknown_path_accepted,
    ),
    Fault(
        "patch-schemas-demanded",
        "D-114",
        GROUP,
        "A value without path must have `schemas`.",
        refused(
            "Users",
            _PATCH,
            400,
            "'schemas' is required",
            where=lambda c: any("schemas" not in value for value in _values(c)),
        ),
    ),
    Fault("patch-no-change-400", "D-115", GROUP, "A PATCH that changes nothing is refused.", _no_change_400),
    Fault("patch-answers-before", "D-116", GROUP, "PATCH answers the state before.", _answers_before),
    Fault(
        "patch-second-op-lost", "D-118", GROUP, "Of two operations on a path the first wins.", _second_op_lost
    ),
    Fault(
        "patch-dotted-path-500",
        "D-120",
        GROUP,
        "A path with a dot gets 500.",
        refused("Users", _PATCH, 500, "Internal server error", where=lambda c: _any_path(c, "name.")),
    ),
    Fault("patch-empty-accepted", "D-125", GROUP, "A PATCH without operations is accepted.", _empty_accepted),
    Fault(
        "patch-unknown-id-400",
        "D-127",
        GROUP,
        "PATCH of an unknown id gets 400.",
        refused("Users", _PATCH, 400, "Invalid request", where=lambda c: c.current() is None),
    ),
    Fault(
        "patch-unknown-id-200",
        "OKTA-11",
        GROUP,
        "PATCH of an unknown id is answered 204.",
        _patch(lambda c: c.proceed() if c.current() else ScimResponse(HTTPStatus.NO_CONTENT)),
    ),
    Fault("patch-wipes-profile", "OKTA-11", GROUP, "PATCH clears whatever it does not name.", _wipes_profile),
    Fault(
        "patch-not-stored", "OKTA-11", GROUP, "PATCH answers the new state and stores nothing.", _not_stored
    ),
    Fault(
        "patch-password-refused",
        "OKTA-10",
        GROUP,
        "PATCH of the password is refused.",
        refused(
            "Users",
            _PATCH,
            400,
            "password cannot be set",
            where=lambda c: any("password" in value for value in _values(c)),
        ),
    ),
    Fault("patch-answers-200-empty", "OKTA-11", GROUP, "PATCH is answered 200 without a body.", _empty_200),
)
