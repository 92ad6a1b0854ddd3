"""Faults of PUT on users that change more, or less, than requested."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, refused, sent, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "replace"
_PUT = ("replace",)
_put = when("Users", "replace")


def _no_locale(body: JSON) -> None:
    body.pop("locale", None)


def _state(user: JSON | None) -> JSON:
    return {key: value for key, value in (user or {}).items() if key != "meta"}


@_put
def _deactivates(call: InterceptedRequest) -> ScimResponse:
    before = call.current() or {}
    response = call.proceed()
    after = response.body or {}
    profile = {**_state(before), "active": None} != {**_state(after), "active": None}
    if ok(response) and profile and before.get("active") is True is after.get("active"):
        return call.ask("PUT", call.request.path, {**after, "active": False})
    return response


@_put
def _empty_keeps_old(call: InterceptedRequest) -> ScimResponse:
    current = call.current() or {}
    for attribute, value in call.body.items():
        if value in ("", None, []):
            call.body[attribute] = current.get(attribute)
    name = call.body.get("name")
    if isinstance(name, dict):
        old = current.get("name") or {}
        call.body["name"] = {key: value or old.get(key) for key, value in name.items()}
    for key in ("title", "displayName", "locale"):
        if key not in call.body and key in current:
            call.body[key] = current[key]
    return call.send()


@_put
def _no_change_400(call: InterceptedRequest) -> ScimResponse:
    before = call.current()
    response = call.proceed()
    same = ok(response) and "password" not in call.body and _state(before) == _state(call.current())
    return error(400, "No valid fields to update") if same else response


def _renames(call: InterceptedRequest) -> bool:
    current = call.current()
    return current is not None and call.body.get("userName") != current.get("userName")


def _relinks(call: InterceptedRequest) -> bool:
    current = call.current()
    return current is not None and call.body.get("externalId") != current.get("externalId")


def _no_external_id(body: JSON) -> None:
    body.pop("externalId", None)


def _empty(call: InterceptedRequest) -> bool:
    name = call.body.get("name")
    values = [*call.body.values(), *(name.values() if isinstance(name, dict) else ())]
    return any(value is None or value == "" for value in values)


@when("Users", "patch", "replace")
def _password_deactivates(call: InterceptedRequest) -> ScimResponse:
    """Deactivate a user whose password is pushed, as if it had to be changed first."""
    values = [op.get("value") for op in call.operations] or [call.body]
    pushed = any(isinstance(value, dict) and "password" in value for value in values)
    response = call.proceed()
    user = call.current()
    if not pushed or not ok(response) or user is None:
        return response
    return call.ask("PUT", call.request.path, {**user, "active": False})


def _unnamed(call: InterceptedRequest) -> bool:
    """Whether a PUT sends no displayName, or a PATCH goes to a user without one."""
    user = call.body if call.action == "replace" else call.current()
    return user is not None and "displayName" not in user


FAULTS = (
    Fault(
        "put-display-name-demanded",
        "D-101",
        GROUP,
        "PUT of a user without displayName is refused.",
        refused("Users", _PUT, 400, "displayName is required", where=_unnamed),
    ),
    Fault(
        "patch-display-name-demanded",
        "D-101",
        GROUP,
        "PATCH of a user who has no displayName is refused.",
        refused("Users", ("patch",), 400, "displayName is required", where=_unnamed),
    ),
    Fault("put-drops-locale", "D-101", GROUP, "PUT loses locale.", sent("Users", _PUT, _no_locale)),
    Fault(
        "put-profile-deactivates", "D-101", GROUP, "A change of the profile by PUT deactivates.", _deactivates
    ),
    Fault(
        "put-empty-keeps-old", "D-090", GROUP, "An emptied attribute keeps its old value.", _empty_keeps_old
    ),
    Fault("put-no-change-400", "D-115", GROUP, "A PUT that changes nothing is refused.", _no_change_400),
    Fault(
        "put-rename-refused",
        "OKTA-09",
        GROUP,
        "A change of userName by PUT is refused.",
        refused("Users", _PUT, 400, "userName is immutable", scim_type="mutability", where=_renames),
    ),
    Fault(
        "put-external-id-immutable",
        "OKTA-06",
        GROUP,
        "PUT with another externalId, or a first one, is refused.",
        refused("Users", _PUT, 400, "externalId is immutable", scim_type="mutability", where=_relinks),
    ),
    Fault(
        "put-drops-external-id",
        "D-062",
        GROUP,
        "PUT loses externalId.",
        sent("Users", _PUT, _no_external_id),
    ),
    Fault(
        "put-empty-value-refused",
        "OKTA-09",
        GROUP,
        "PUT with an empty value is refused.",
        refused("Users", _PUT, 400, "Values must not be empty", scim_type="invalidValue", where=_empty),
    ),
    Fault(
        "password-push-deactivates",
        "OKTA-10",
        GROUP,
        "A pushed password deactivates the user.",
        _password_deactivates,
    ),
)
