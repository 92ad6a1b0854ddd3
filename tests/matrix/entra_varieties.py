"""Legal variety in what Entra's traffic asks: none of it may be flagged under its profile."""

from __future__ import annotations

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, ok, shown, when
from scimproof.embedded.faults.entra.reading import ENTERPRISE, elements, path_of, rejected
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error
from tests.matrix.varieties import variety

_CUSTOM = "urn:scimproof:custom:2.0:User"


def _forbidden(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return error(403, "Forbidden") if response.status == HTTPStatus.UNAUTHORIZED else response


@when("Users", "create")
def _created_200(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.status == HTTPStatus.CREATED:
        response.status = HTTPStatus.OK
    return response


def _deleted(status: HTTPStatus) -> Behave:
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        return ScimResponse(status) if call.action == "delete" and ok(response) else response

    return behave


def _gone_is_done(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    gone = call.action == "delete" and response.status == HTTPStatus.NOT_FOUND
    return ScimResponse(HTTPStatus.NO_CONTENT) if gone else response


def _role_text(operation: JSON) -> bool:
    roles = path_of(operation).lower() == "roles"
    return roles and any(str(one.get("value")).startswith("{") for one in elements(operation))


@when("Groups", "patch")
def _nested_refused(call: InterceptedRequest) -> ScimResponse:
    nested = any(call.fetch("Groups", str(one.get("value"))) for one in call.members)
    return error(400, "A group cannot be a member", "invalidValue") if nested else call.proceed()


def _custom_declined(call: InterceptedRequest) -> ScimResponse:
    named = call.kind == "Users" and _CUSTOM in call.request.body.decode()
    return error(400, "Unknown schema", "invalidPath") if named else call.proceed()


def _manager_resolved(user: JSON) -> None:
    manager = (user.get(ENTERPRISE) or {}).get("manager")
    if isinstance(manager, dict):
        manager |= {"$ref": f"../Users/{manager['value']}", "displayName": "Somebody"}


def _primary_said(user: JSON) -> None:
    for name in ("emails", "phoneNumbers", "addresses", "roles"):
        for one in user.get(name) or []:
            one.setdefault("primary", False)


def _with_display(user: JSON) -> None:
    for name in ("emails", "phoneNumbers", "roles"):
        for one in user.get(name) or []:
            one.setdefault("display", one.get("value"))


ENTRA = (
    variety("wrong-token-403", "A wrong token gets 403.", _forbidden, edge=True),
    variety("create-200", "A create is answered 200.", _created_200),
    variety("delete-200", "A delete is answered 200 without a body.", _deleted(HTTPStatus.OK)),
    variety("delete-202", "A delete is answered 202.", _deleted(HTTPStatus.ACCEPTED)),
    variety("gone-is-done", "A delete of what is gone is answered 204.", _gone_is_done),
    variety(
        "role-text-declined",
        "A role that comes as text is refused.",
        rejected("Users", _role_text, "value must be the name of a role", "invalidValue"),
    ),
    variety("nested-declined", "A group as a member is refused.", _nested_refused),
    variety("custom-declined-everywhere", "A custom extension is refused.", _custom_declined),
    variety(
        "manager-named", "The manager is shown with reference and name.", shown("Users", _manager_resolved)
    ),
    variety("primary-said", "Every value says whether it is primary.", shown("Users", _primary_said)),
    variety("display-said", "Every value has a display.", shown("Users", _with_display)),
)
