"""Faults in the answer to a create, and in which users may be created."""

from collections.abc import Callable
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, refused, when
from scimproof.embedded.intercepted_request import InterceptedRequest

GROUP = "create"
_CREATE = ("create",)
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def _id_only(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.action == "create" and ok(response) and response.body:
        response.body = {"schemas": response.body["schemas"], "id": response.body["id"]}
    return response


@when("Users", "create")
def _inactive(call: InterceptedRequest) -> ScimResponse:
    return call.send({**call.body, "active": False})


@when("Users", "create")
def _conflict_overwrites(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.status == HTTPStatus.CONFLICT:
        wanted = str(call.body.get("userName")).lower()
        for user in call.named(lambda name: name.lower() == wanted):
            call.ask("PUT", f"/Users/{user['id']}", {**call.body, "userName": user["userName"]})
    return response


def _untyped_email(call: InterceptedRequest) -> bool:
    return any("type" not in mail for mail in call.body.get("emails") or [])


def _answered_id(value: object, where: Callable[[InterceptedRequest], bool] = lambda _: True) -> Behave:
    """A behaviour in which the answer to a create has this id; None is no id at all."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if call.action == "create" and ok(response) and response.body and where(call):
            response.body = {key: item for key, item in response.body.items() if key != "id"}
            response.body |= {} if value is None else {"id": value}
        return response

    return behave


def _location_undefined(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.action == "create" and "Location" in response.headers:
        response.headers["Location"] = response.headers["Location"].rpartition("/")[0] + "/undefined"
    return response


def _manager_without_value(call: InterceptedRequest) -> bool:
    manager = (call.body.get(_ENTERPRISE) or {}).get("manager")
    return isinstance(manager, dict) and not manager.get("value")


FAULTS = (
    Fault(
        "create-plus-without-id",
        "D-063",
        GROUP,
        "A new user whose userName has a plus comes back without its id.",
        _answered_id(None, lambda call: "+" in str(call.body.get("userName"))),
    ),
    Fault("create-id-empty", "D-063", GROUP, "A new resource comes back with an empty id.", _answered_id("")),
    Fault(
        "create-location-undefined",
        "D-237",
        GROUP,
        "The Location of a new resource does not end in its id.",
        _location_undefined,
    ),
    Fault(
        "create-manager-value-demanded",
        "D-072",
        GROUP,
        "A manager without value is refused.",
        refused(
            "Users", ("create", "replace"), 400, "manager.value is required", where=_manager_without_value
        ),
    ),
    Fault(
        "put-manager-value-demanded",
        "D-248",
        GROUP,
        "A manager without value is refused in a PUT.",
        refused("Users", ("replace",), 400, "manager.value is required", where=_manager_without_value),
    ),
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
