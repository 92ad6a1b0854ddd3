"""Faults of creating users."""

import re
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, refused, sent, shown, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "create"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_CREATE = ("create",)


def _without(*names: str) -> Behave:
    """A behaviour that accepts these attributes of a new user and does not store them."""

    def edit(body: JSON) -> None:
        for name in names:
            body.pop(name, None)

    return sent("Users", _CREATE, edit)


def _answered(edit: Behave) -> Behave:
    """Apply a behaviour to creates of users."""
    return when("Users", "create")(edit)


@_answered
def _empty_body(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return ScimResponse(response.status, None, response.headers) if ok(response) else response


@_answered
def _no_id(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and response.body:
        del response.body["id"]
    return response


@_answered
def _other_id(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and response.body:
        response.body["id"] = response.body["id"][::-1]
    return response


@_answered
def _not_stored(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and response.body:
        call.ask("DELETE", f"/Users/{response.body['id']}")
    return response


@_answered
def _status_200(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response):
        response.status = HTTPStatus.OK
    return response


def _no_location(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.action == "create":
        response.headers.pop("Location", None)
    return response


@_answered
def _inactive_is_active(call: InterceptedRequest) -> ScimResponse:
    call.body["active"] = True
    return call.send()


def _weak_password(call: InterceptedRequest) -> bool:
    password = call.body.get("password")
    return isinstance(password, str) and not re.search(r"[^A-Za-z0-9]", password)


def _unknown_manager(call: InterceptedRequest) -> bool:
    manager = call.body.get(_ENTERPRISE, {}).get("manager")
    value = manager.get("value") if isinstance(manager, dict) else None
    return value is not None and call.fetch("Users", str(value)) is None


def _no_family_name(user: JSON) -> None:
    user.get("name", {}).pop("familyName", None)


@when("Users", "create", "replace")
def _lower_case(call: InterceptedRequest) -> ScimResponse:
    if isinstance(call.body.get("userName"), str):
        call.body["userName"] = call.body["userName"].lower()
    return call.send()


def _duplicates(*, only_other_case: bool) -> Behave:
    """A behaviour that lets a second user have a name that is taken."""

    @_answered
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if response.status != HTTPStatus.CONFLICT:
            return response
        taken = only_other_case and call.body.get("userName") in call.store.names("Users").values()
        return response if taken else call.without_uniqueness()

    return behave


def _conflict(status: int) -> Behave:
    @_answered
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        conflict = response.status == HTTPStatus.CONFLICT
        return (
            error(status, "The user exists", "uniqueness" if status < 500 else None) if conflict else response
        )

    return behave


FAULTS = (
    Fault(
        "create-external-id-dropped",
        "D-062",
        GROUP,
        "externalId of a new user is not stored.",
        _without("externalId"),
    ),
    Fault("create-empty-body", "D-063", GROUP, "A create is answered 201 without a body.", _empty_body),
    Fault("create-without-id", "D-063", GROUP, "The new user comes back without its id.", _no_id),
    Fault("create-id-differs", "D-064", GROUP, "The id in the answer is not the id stored.", _other_id),
    Fault(
        "create-not-stored", "OKTA-07", GROUP, "A create is answered 201 and nothing is kept.", _not_stored
    ),
    Fault("create-status-200", "OKTA-07", GROUP, "A create is answered 200.", _status_200),
    Fault("create-no-location", "OKTA-07", GROUP, "A create is answered without Location.", _no_location),
    Fault(
        "create-password-policy",
        "D-066",
        GROUP,
        "Okta's throw-away password must contain a symbol.",
        refused("Users", _CREATE, 400, "Password too weak", scim_type="invalidValue", where=_weak_password),
    ),
    Fault(
        "create-password-demanded",
        "D-067",
        GROUP,
        "A create without a password is refused.",
        refused("Users", _CREATE, 400, "password is required", where=lambda c: "password" not in c.body),
    ),
    Fault(
        "create-inactive-refused",
        "D-068",
        GROUP,
        "A create with active false is refused.",
        refused("Users", _CREATE, 400, "Must be active", where=lambda c: c.body.get("active") is False),
    ),
    Fault(
        "create-inactive-becomes-active",
        "D-069",
        GROUP,
        "A create with active false makes an active user.",
        _inactive_is_active,
    ),
    Fault(
        "create-email-username-refused",
        "D-070",
        GROUP,
        "A userName with an @ is refused.",
        refused(
            "Users", _CREATE, 400, "Invalid userName", where=lambda c: "@" in str(c.body.get("userName"))
        ),
    ),
    Fault(
        "create-family-name-missing",
        "D-071",
        GROUP,
        "Answers lack name.familyName.",
        shown("Users", _no_family_name),
    ),
    Fault(
        "create-manager-unresolved",
        "D-072",
        GROUP,
        "A manager the target does not know fails the create.",
        refused("Users", _CREATE, 400, "Unknown manager", where=_unknown_manager),
    ),
    Fault("create-username-lowercased", "D-073", GROUP, "userName is stored in lower case.", _lower_case),
    Fault(
        "create-groups-refused",
        "D-113",
        GROUP,
        "`groups` in a create is refused, even the empty list.",
        refused("Users", _CREATE, 400, "groups is readOnly", where=lambda c: "groups" in c.body),
    ),
    Fault(
        "create-emails-dropped", "D-245", GROUP, "Emails of a new user are not stored.", _without("emails")
    ),
    Fault(
        "create-duplicate-accepted",
        "OKTA-07",
        GROUP,
        "A second user with the same userName is created.",
        _duplicates(only_other_case=False),
    ),
    Fault(
        "create-duplicate-other-case",
        "OKTA-07",
        GROUP,
        "A second user is created if only the letter case of userName differs.",
        _duplicates(only_other_case=True),
    ),
    Fault("create-conflict-400", "OKTA-07", GROUP, "A taken userName gets 400.", _conflict(400)),
    Fault("create-conflict-500", "D-226", GROUP, "A taken userName gets 500.", _conflict(500)),
)
