"""Faults of PUT on users."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, refused, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, resources

GROUP = "replace"
_PUT = ("replace",)
_put = when("Users", "replace")


def _keeping(*names: str) -> Behave:
    """A behaviour in which PUT does not change these attributes."""

    @_put
    def behave(call: InterceptedRequest) -> ScimResponse:
        current = call.current() or {}
        for name in names:
            call.body.pop(name, None)
            if name in current:
                call.body[name] = current[name]
        return call.send()

    return behave


@_put
def _merges(call: InterceptedRequest) -> ScimResponse:
    return call.send({**(call.current() or {}), **call.body})


@_put
def _emails_appended(call: InterceptedRequest) -> ScimResponse:
    old = (call.current() or {}).get("emails", [])
    new = call.body.get("emails") or []
    values = {mail.get("value") for mail in new}
    kept = [{**mail, "primary": False} for mail in old if mail.get("value") not in values]
    return call.send({**call.body, "emails": new + kept})


def _groups_obeyed(call: InterceptedRequest) -> ScimResponse:
    # The list is not shown, so that Okta's merge adds its constant `groups: []` to the PUT.
    named = {group.get("value") for group in call.body.get("groups") or []}
    if call.on("Users", "replace") and "groups" in call.body:
        for group in (call.current() or {}).get("groups", []):
            if group["value"] not in named:
                _expel(call, group["value"])
    response = call.proceed()
    if call.kind == "Users":
        for user in resources(response):
            user.pop("groups", None)
    return response


def _expel(call: InterceptedRequest, group_id: str) -> None:
    group = call.fetch("Groups", group_id) or {}
    members = [member for member in group.get("members", []) if member["value"] != call.id]
    call.ask("PUT", f"/Groups/{group_id}", {**group, "members": members})


def _formatted(user: JSON) -> str:
    name = user.get("name") or {}
    return name.get("formatted") or " ".join(filter(None, (name.get("givenName"), name.get("familyName"))))


def _formatted_wins(call: InterceptedRequest) -> ScimResponse:
    current = call.current() or {} if call.on("Users", "replace") else {}
    sent = (call.body.get("name") or {}).get("formatted")
    if current and sent and sent == _formatted(current):
        response = call.send({**call.body, "name": current.get("name")})
    else:
        response = call.proceed()
    if call.kind == "Users":
        for user in resources(response):
            if "name" in user:
                user["name"]["formatted"] = _formatted(user)
    return response


@_put
def _unknown_creates(call: InterceptedRequest) -> ScimResponse:
    if call.current() is not None:
        return call.proceed()
    response = call.ask("POST", "/Users", call.body)
    if ok(response):
        response.status = HTTPStatus.OK
    return response


@_put
def _conflict_saves_rest(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.status == HTTPStatus.CONFLICT:
        current = call.current() or {}
        call.ask("PUT", call.request.path, {**call.body, "userName": current.get("userName")})
    return response


@_put
def _answers_before(call: InterceptedRequest) -> ScimResponse:
    before = call.current()
    response = call.proceed()
    if ok(response):
        response.body = before
    return response


@_put
def _answers_204(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return ScimResponse(HTTPStatus.NO_CONTENT) if ok(response) else response


@_put
def _unchanged(call: InterceptedRequest) -> ScimResponse:
    """Validate the request, change nothing, and answer as if it had been done."""
    before = call.current()
    response = call.proceed()
    if before is not None and ok(response):
        call.ask("PUT", call.request.path, before)
    return response


FAULTS = (
    Fault(
        "put-not-implemented",
        "D-089",
        GROUP,
        "PUT on users gets 501.",
        refused("Users", _PUT, 501, "PUT is not supported"),
    ),
    Fault("put-merges", "D-090", GROUP, "Attributes left out of a PUT survive.", _merges),
    Fault("put-not-stored", "OKTA-09", GROUP, "PUT answers the new state and stores nothing.", _unchanged),
    Fault(
        "put-groups-leaves-groups",
        "D-092",
        GROUP,
        "`groups: []` in a PUT takes the user out of all groups.",
        _groups_obeyed,
    ),
    Fault(
        "put-formatted-wins",
        "D-095",
        GROUP,
        "A stale name.formatted undoes a change of the name's parts.",
        _formatted_wins,
    ),
    Fault("put-unknown-creates", "D-096", GROUP, "PUT to an unknown id creates a user.", _unknown_creates),
    Fault(
        "put-conflict-saves-rest",
        "D-097",
        GROUP,
        "PUT with a taken userName gets 409, the rest is saved.",
        _conflict_saves_rest,
    ),
    Fault(
        "put-refuses-own",
        "D-100",
        GROUP,
        "PUT of what GET returned is refused for its meta.",
        refused(
            "Users", _PUT, 400, "meta is readOnly", scim_type="mutability", where=lambda c: "meta" in c.body
        ),
    ),
    Fault("put-external-id-kept", "D-101", GROUP, "externalId in a PUT is ignored.", _keeping("externalId")),
    Fault(
        "put-display-name-kept", "D-101", GROUP, "displayName in a PUT is ignored.", _keeping("displayName")
    ),
    Fault("put-username-kept", "D-101", GROUP, "userName in a PUT is ignored.", _keeping("userName")),
    Fault("put-name-kept", "D-101", GROUP, "`name` in a PUT is ignored.", _keeping("name")),
    Fault("put-emails-kept", "D-098", GROUP, "Emails in a PUT are ignored.", _keeping("emails")),
    Fault(
        "put-emails-appended", "D-090", GROUP, "Emails in a PUT are added to the old ones.", _emails_appended
    ),
    Fault("put-answers-before", "D-116", GROUP, "PUT answers the state before.", _answers_before),
    Fault("put-answers-204", "OKTA-09", GROUP, "PUT on users answers 204 without a body.", _answers_204),
    Fault(
        "put-password-refused",
        "OKTA-10",
        GROUP,
        "PUT with a password is refused.",
        refused("Users", _PUT, 400, "password cannot be set", where=lambda c: "password" in c.body),
    ),
)
