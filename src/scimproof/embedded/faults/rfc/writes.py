"""Faults of PUT and DELETE, of groups and of what is particular to users and to other types."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, shown, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

GROUP = "rfc"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def _fault(
    name: str, section: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = ()
) -> Fault:
    return Fault(f"rfc-write-{name}", section, GROUP, summary, behave, trips, also)


@when("Users", "replace")
def _adds_emails(call: InterceptedRequest) -> ScimResponse:
    before = (call.current() or {}).get("emails") or []
    sent = call.body.get("emails")
    if not isinstance(sent, list):
        return call.proceed()
    values = {mail.get("value") for mail in sent}
    return call.send({**call.body, "emails": [*sent, *(one for one in before if one["value"] not in values)]})


def _name_taken_away(call: InterceptedRequest) -> ScimResponse:
    with call.kept("nameless", set[str]) as nameless:
        known = set(nameless)
    if call.on("Users", "replace") and "userName" not in call.body and (current := call.current()):
        with call.kept("nameless", set[str]) as nameless:
            nameless.add(call.id)
            known = set(nameless)
        answer = call.send({**call.body, "userName": current["userName"]})
    else:
        answer = call.proceed()
    for resource in resources(answer):
        if resource["id"] in known:
            resource.pop("userName", None)
    return answer


@when("Users", "delete")
def _again_204(call: InterceptedRequest) -> ScimResponse:
    answer = call.proceed()
    return ScimResponse(HTTPStatus.NO_CONTENT) if answer.status == HTTPStatus.NOT_FOUND else answer


def _group_lingers(call: InterceptedRequest) -> ScimResponse:
    members: list[str] = []
    if call.on("Groups", "delete"):
        members = [one["value"] for one in (call.current() or {}).get("members") or []]
    answer = call.proceed()
    with call.kept("groups", dict[str, list[JSON]]) as left:
        if ok(answer):
            for member in members:
                left.setdefault(member, []).append({"value": call.id, "type": "direct"})
        for resource in resources(answer) if call.kind == "Users" else ():
            if resource["id"] in left:
                resource["groups"] = [*resource.get("groups", []), *left[resource["id"]]]
    return answer


def _no_groups(user: JSON) -> None:
    user.pop("groups", None)


def _ref_of_group(group: JSON) -> None:
    for member in group.get("members") or []:
        member["$ref"] = group["meta"]["location"]


def _manager_as_text(user: JSON) -> None:
    manager = user.get(ENTERPRISE, {}).get("manager")
    if isinstance(manager, dict):
        user[ENTERPRISE]["manager"] = manager.get("value")


@when("Users", "read")
def _inactive_hidden(call: InterceptedRequest) -> ScimResponse:
    answer = call.proceed()
    if any(user.get("active") is False for user in resources(answer)):
        return error(404, "Resource not found")
    return answer


def _no_meta(resource: JSON) -> None:
    resource.pop("meta", None)


FAULTS = (
    _fault(
        "put-adds",
        "3.5.1",
        "a PUT adds to emails",
        _adds_emails,
        "rfc7644-3.5.1-lists",
    ),
    _fault(
        "put-takes-name",
        "3.5.1",
        "a PUT without userName is answered 200 and takes the name away",
        _name_taken_away,
        "rfc7644-3.5.1-required",
    ),
    _fault(
        "delete-again-204",
        "3.6",
        "a second DELETE is answered 204",
        _again_204,
        "rfc7644-3.6-gone-for-writes",
        also=("rfc7644-3.6-delete-unknown",),
    ),
    _fault(
        "group-lingers",
        "7643-4.1.2",
        "a deleted group stays among the groups of its members",
        _group_lingers,
        "rfc7643-4.1.2-groups-follow",
    ),
    _fault(
        "groups-empty",
        "7643-4.1.2",
        "a user shows no groups",
        shown("Users", _no_groups),
        "rfc7643-4.1.2-groups-shown",
    ),
    _fault(
        "member-ref-of-group",
        "7643-4.2",
        "$ref of a member is that of the group",
        shown("Groups", _ref_of_group),
        "rfc7643-4.2-member-ref",
    ),
    _fault(
        "manager-is-text",
        "7643-4.3",
        "manager is a text",
        shown("Users", _manager_as_text),
        "rfc7643-4.3-manager",
        "rfc7643-4.3-container",
    ),
    _fault(
        "inactive-hidden",
        "7643-4.1.1",
        "a user who is not active cannot be read",
        _inactive_hidden,
        "rfc7643-4.1.1-active",
    ),
    _fault(
        "other-type-without-meta",
        "7643-3.1",
        "resources of another type have no meta",
        shown("Rooms", _no_meta),
        "rfc7643-3.1-common",
        also=("rfc7643-3.1-assigned",),
    ),
)
