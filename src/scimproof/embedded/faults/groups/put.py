"""Faults of PUT on groups (AIW dialect, the app wizard's)."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, refused, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error

GROUP = "groups and members"
_PUT = ("replace",)
_put = when("Groups", "replace")


@_put
def _members_ignored(call: InterceptedRequest) -> ScimResponse:
    return call.send({**call.body, "members": (call.current() or {}).get("members", [])})


@_put
def _one_saved(call: InterceptedRequest) -> ScimResponse:
    return call.send({**call.body, "members": call.members[:1]})


@_put
def _none_saved(call: InterceptedRequest) -> ScimResponse:
    return call.send({**call.body, "members": []})


@_put
def _members_appended(call: InterceptedRequest) -> ScimResponse:
    return call.send({**call.body, "members": [*(call.current() or {}).get("members", []), *call.members]})


@_put
def _rename_dropped(call: InterceptedRequest) -> ScimResponse:
    name = (call.current() or {}).get("displayName", call.body.get("displayName"))
    return call.send({**call.body, "displayName": name})


@_put
def _answers_before(call: InterceptedRequest) -> ScimResponse:
    before = call.current()
    response = call.proceed()
    if ok(response):
        response.body = before
    return response


@_put
def _unknown_creates(call: InterceptedRequest) -> ScimResponse:
    if call.current() is not None:
        return call.proceed()
    response = call.ask("POST", "/Groups", call.body)
    if ok(response):
        response.status = HTTPStatus.OK
    return response


@_put
def _self_conflict(call: InterceptedRequest) -> ScimResponse:
    name = call.body.get("displayName")
    taken = name in call.store.names("Groups").values()
    return error(409, f"A group named {name} exists", "uniqueness") if taken else call.proceed()


def _other_members(call: InterceptedRequest) -> bool:
    current = (call.current() or {}).get("members", [])
    return bool(current) and {m["value"] for m in current} != {m.get("value") for m in call.members}


FAULTS = (
    Fault(
        "group-put-not-implemented",
        "D-089",
        GROUP,
        "PUT on groups gets 501.",
        refused("Groups", _PUT, 501, "PUT is not supported"),
    ),
    Fault("group-put-members-ignored", "D-177", GROUP, "Members in a PUT are ignored.", _members_ignored),
    Fault("group-put-saves-one", "D-178", GROUP, "Of the members in a PUT one is stored.", _one_saved),
    Fault("group-put-saves-none", "D-193", GROUP, "PUT stores no members at all.", _none_saved),
    Fault(
        "group-put-appends", "OKTA-20", GROUP, "PUT adds to the members, none ever goes.", _members_appended
    ),
    Fault(
        "group-put-members-immutable",
        "D-179",
        GROUP,
        "PUT with other members is refused.",
        refused(
            "Groups", _PUT, 400, "members.value is immutable", scim_type="mutability", where=_other_members
        ),
    ),
    Fault(
        "group-put-self-conflict", "D-189", GROUP, "PUT with the group's own name gets 409.", _self_conflict
    ),
    Fault("group-put-rename-dropped", "D-197", GROUP, "PUT does not change the name.", _rename_dropped),
    Fault("group-put-answers-before", "D-196", GROUP, "PUT answers the group as it was.", _answers_before),
    Fault(
        "group-put-unknown-creates", "D-096", GROUP, "PUT to an unknown id creates a group.", _unknown_creates
    ),
    Fault(
        "group-put-id-refused",
        "D-113",
        GROUP,
        "PUT whose body repeats the id is refused.",
        refused(
            "Groups", _PUT, 400, "id is readOnly", scim_type="mutability", where=lambda c: "id" in c.body
        ),
    ),
    Fault(
        "group-put-id-demanded",
        "OKTA-20",
        GROUP,
        "PUT whose body lacks the id is refused.",
        refused("Groups", _PUT, 400, "id is required", where=lambda c: "id" not in c.body),
    ),
)
