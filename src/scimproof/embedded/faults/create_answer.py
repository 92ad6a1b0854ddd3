"""Faults in how a create is answered, and in who may be created."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.call import Call
from scimproof.embedded.fault import Fault, ok, refused, when

GROUP = "create"
_CREATE = ("create",)


def _id_only(call: Call) -> ScimResponse:
    response = call.proceed()
    if call.action == "create" and ok(response) and response.body:
        response.body = {"schemas": response.body["schemas"], "id": response.body["id"]}
    return response


@when("Users", "create")
def _inactive(call: Call) -> ScimResponse:
    return call.send({**call.body, "active": False})


@when("Users", "create")
def _conflict_overwrites(call: Call) -> ScimResponse:
    response = call.proceed()
    if response.status == HTTPStatus.CONFLICT:
        wanted = str(call.body.get("userName")).lower()
        for user in call.named(lambda name: name.lower() == wanted):
            call.ask("PUT", f"/Users/{user['id']}", {**call.body, "userName": user["userName"]})
    return response


def _untyped_email(call: Call) -> bool:
    return any("type" not in mail for mail in call.body.get("emails") or [])


FAULTS = (
    Fault("create-answers-id-only", "D-063", GROUP, "A create is answered with the id alone.", _id_only),
    Fault(
        "create-is-inactive", "D-069", GROUP, "A create with active true makes an inactive user.", _inactive
    ),
    Fault(
        "create-conflict-overwrites",
        "D-284",
        GROUP,
        "A taken userName gets 409, and that user is overwritten.",
        _conflict_overwrites,
    ),
    Fault(
        "create-display-name-demanded",
        "OKTA-07",
        GROUP,
        "A create without displayName is refused.",
        refused(
            "Users", _CREATE, 400, "displayName is required", where=lambda c: "displayName" not in c.body
        ),
    ),
    Fault(
        "create-email-type-demanded",
        "OKTA-07",
        GROUP,
        "An email without type is refused.",
        refused("Users", _CREATE, 400, "emails.type is required", where=_untyped_email),
    ),
)
