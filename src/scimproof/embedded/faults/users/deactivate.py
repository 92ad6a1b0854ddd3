"""Faults of deactivation and reactivation."""

import time

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, unlisted, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "deactivate and reactivate"
_LATE = 2.0
_CORE = "urn:ietf:params:scim:schemas:core:2.0:User"


def _ignoring_active(action: str, *, only: bool | None = None) -> Behave:
    """A behaviour in which `active` (or only one value of it) has no effect in a PATCH or PUT."""

    @when("Users", action)
    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.active is None or (only is not None and call.active is not only):
            return call.proceed()
        if action == "patch":
            return call.unchanged()
        current = call.current() or {}
        return call.send({**call.body, "active": current.get("active", True)})

    return behave


def _both(*, only: bool) -> Behave:
    patch, put = _ignoring_active("patch", only=only), _ignoring_active("replace", only=only)
    return lambda call: patch(call) if call.action == "patch" else put(call)


@when("Users", "patch", "replace")
def _only_answered(call: InterceptedRequest) -> ScimResponse:
    was = (call.current() or {}).get("active")
    response = call.proceed()
    if ok(response) and call.active is False and was is True:
        _set(call, active=True)
    return response


def _set(call: InterceptedRequest, **changes: object) -> ScimResponse:
    return call.ask("PUT", call.request.path, {**(call.current() or {}), **changes})


def _pathless_500(call: InterceptedRequest) -> ScimResponse:
    pathless = any(not op.get("path") for op in call.operations)
    return error(500, "Internal server error") if call.active is not None and pathless else call.proceed()


@when("Users", "create")
def _rejoin_conflict(call: InterceptedRequest) -> ScimResponse:
    external = call.body.get("externalId")
    found = call.ask("GET", "/Users", query={"filter": f'externalId eq "{external}"'}).body or {}
    left = any(not user["active"] for user in found.get("Resources", []))
    return error(409, "externalId is taken", "uniqueness") if external and left else call.proceed()


def _inactive(call: InterceptedRequest, resource: JSON) -> bool:
    return call.kind == "Users" and resource.get("active") is False


@when("Users", "read", "patch", "replace")
def _inactive_404(call: InterceptedRequest) -> ScimResponse:
    gone = _inactive(call, call.current() or {})
    return error(404, "User not found") if gone else call.proceed()


@when("Users", "patch", "replace")
def _error_after(call: InterceptedRequest) -> ScimResponse:
    was = (call.current() or {}).get("active")
    response = call.proceed()
    done = ok(response) and call.active is False and was is True
    return error(500, "Internal server error") if done else response


def _after(act: Behave, *, active: bool) -> Behave:
    """Act once a user has become active or inactive; the answer is what `act` returns."""

    @when("Users", "patch", "replace")
    def behave(call: InterceptedRequest) -> ScimResponse:
        was = (call.current() or {}).get("active")
        response = call.proceed()
        changed = ok(response) and call.active is active and was is not active
        return act(call) if changed else response

    return behave


def _deleted(call: InterceptedRequest) -> ScimResponse:
    answer = call.ask("GET", call.request.path)
    call.ask("DELETE", call.request.path)
    return answer


def _anonymised(call: InterceptedRequest) -> ScimResponse:
    user = call.current() or {}
    bare = {"schemas": [_CORE], "userName": user.get("userName"), "active": False}
    return call.ask("PUT", call.request.path, bare)


def _new_id(call: InterceptedRequest) -> ScimResponse:
    user = call.current() or {}
    call.ask("DELETE", call.request.path)
    answer = call.ask("POST", "/Users", user)
    answer.status = type(answer.status)(200)
    return answer


def _leaves_groups(call: InterceptedRequest) -> ScimResponse:
    for membership in (call.current() or {}).get("groups", []):
        group = call.fetch("Groups", membership["value"]) or {}
        members = [member for member in group.get("members", []) if member["value"] != call.id]
        call.ask("PUT", f"/Groups/{membership['value']}", {**group, "members": members})
    return call.ask("GET", call.request.path)


@when("Users", "patch", "replace")
def _second_cycle_fails(call: InterceptedRequest) -> ScimResponse:
    was = (call.current() or {}).get("active")
    with call.kept("cycled", set[str]) as cycled:
        if call.id in cycled:
            return error(400, "Invalid parameter")
    response = call.proceed()
    if ok(response) and call.active is True and was is False:
        with call.kept("cycled", set[str]) as cycled:
            cycled.add(call.id)
    return response


@when("Users", "patch", "replace")
def _late_ignored(call: InterceptedRequest) -> ScimResponse:
    """Ignore a deactivation directly after a reactivation, as if it were a stale one."""
    was = (call.current() or {}).get("active")
    with call.kept("back", dict[str, float]) as back:
        recent = time.monotonic() - back.get(call.id, 0.0) < _LATE
    if call.active is False and recent:
        return call.unchanged()
    response = call.proceed()
    if ok(response) and call.active is True and was is False:
        with call.kept("back", dict[str, float]) as back:
            back[call.id] = time.monotonic()
    return response


@when("Users", "patch", "replace")
def _reactivate_400(call: InterceptedRequest) -> ScimResponse:
    back = call.active is True and (call.current() or {}).get("active") is False
    return error(400, "A disabled user cannot be enabled") if back else call.proceed()


def _profile_reset(call: InterceptedRequest) -> ScimResponse:
    user = call.current() or {}
    bare = {"schemas": [_CORE], "userName": user.get("userName"), "active": True}
    return call.ask("PUT", call.request.path, bare)


FAULTS = (
    Fault("patch-active-500", "D-130", GROUP, "PATCH of active without a path gets 500.", _pathless_500),
    Fault(
        "patch-active-ignored",
        "D-130",
        GROUP,
        "PATCH of active is answered 200 and has no effect.",
        _ignoring_active("patch"),
    ),
    Fault("put-active-ignored", "D-132", GROUP, "PUT leaves active as it was.", _ignoring_active("replace")),
    Fault(
        "deactivate-only-answered",
        "D-132",
        GROUP,
        "The answer says inactive, the user stays active.",
        _only_answered,
    ),
    Fault(
        "reactivate-ignored",
        "D-143",
        GROUP,
        "A deactivated user cannot be activated again.",
        _both(only=True),
    ),
    Fault(
        "reactivate-leaves-groups",
        "D-143",
        GROUP,
        "A reactivated user is out of all groups.",
        _after(_leaves_groups, active=True),
    ),
    Fault(
        "rejoin-conflict",
        "D-138",
        GROUP,
        "A create with the externalId of an inactive user gets 409.",
        _rejoin_conflict,
    ),
    Fault(
        "inactive-not-found-by-name",
        "D-139",
        GROUP,
        "A lookup does not find inactive users.",
        unlisted(_inactive, filtered=True),
    ),
    Fault(
        "inactive-not-listed",
        "D-139",
        GROUP,
        "Inactive users are left out of the list.",
        unlisted(_inactive, filtered=False),
    ),
    Fault("inactive-404", "D-140", GROUP, "An inactive user is 404 by id.", _inactive_404),
    Fault("deactivate-done-but-500", "D-141", GROUP, "Deactivation is done and answered 500.", _error_after),
    Fault(
        "second-cycle-400", "D-144", GROUP, "After one reactivation any change is 400.", _second_cycle_fails
    ),
    Fault(
        "deactivate-deletes", "D-140", GROUP, "Deactivation deletes the user.", _after(_deleted, active=False)
    ),
    Fault(
        "deactivate-anonymises",
        "D-140",
        GROUP,
        "Deactivation clears the profile.",
        _after(_anonymised, active=False),
    ),
    Fault(
        "reactivate-new-id",
        "OKTA-13",
        GROUP,
        "A reactivated user has another id.",
        _after(_new_id, active=True),
    ),
    Fault(
        "late-deactivation-ignored",
        "OKTA-11",
        GROUP,
        "A deactivation within two seconds of a reactivation has no effect.",
        _late_ignored,
    ),
    Fault("reactivate-400", "D-143", GROUP, "A reactivation is refused.", _reactivate_400),
    Fault(
        "reactivate-wipes-profile",
        "D-143",
        GROUP,
        "Reactivation clears the profile.",
        _after(_profile_reset, active=True),
    ),
)
