"""Faults of groups with more than a hundred members."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, refused, shown, when
from scimproof.embedded.intercepted_request import InterceptedRequest, puts_members
from scimproof.embedded.responses import JSON

GROUP = "large groups"
_CUT = 100
_TOO_MANY = 150
_TOO_LARGE = 16 * 1024


def _cut(group: JSON) -> None:
    if "members" in group:
        group["members"] = group["members"][:_CUT]


@when("Groups", "patch")
def _add_cuts(call: InterceptedRequest) -> ScimResponse:
    members = (call.current() or {}).get("members", [])
    if len(members) > _CUT and any(puts_members(op) for op in call.operations):
        call.store_members(members[:_CUT])
    return call.proceed()


@when("Groups", "patch")
def _batch_replaces(call: InterceptedRequest) -> ScimResponse:
    for op in call.operations:
        if puts_members(op) and len(op.get("value") or []) >= _CUT:
            op["op"] = "replace"
    return call.send()


@when("Groups", "create", "replace")
def _put_cuts(call: InterceptedRequest) -> ScimResponse:
    if "members" not in call.body:
        return call.proceed()
    return call.send({**call.body, "members": call.members[:_CUT]})


FAULTS = (
    Fault(
        "large-add-cuts-to-100",
        "D-206",
        GROUP,
        "Adding to more than 100 members keeps the first 100.",
        _add_cuts,
    ),
    Fault("large-put-cuts-to-100", "D-206", GROUP, "PUT stores the first 100 members.", _put_cuts),
    Fault("large-read-cuts-to-100", "D-214", GROUP, "At most 100 members are shown.", shown("Groups", _cut)),
    Fault(
        "large-batch-replaces",
        "D-216",
        GROUP,
        "A batch of 100 members replaces the batch before.",
        _batch_replaces,
    ),
    Fault(
        "large-push-500",
        "D-208",
        GROUP,
        "More than 150 members in one request get 500.",
        refused(
            "Groups",
            ("create", "replace", "patch"),
            500,
            "Internal server error",
            where=lambda c: len(c.members) > _TOO_MANY,
        ),
    ),
    Fault(
        "large-body-413",
        "D-208",
        GROUP,
        "A group of more than 16 KiB is refused.",
        refused(
            "Groups",
            ("create", "replace", "patch"),
            413,
            "Request entity too large",
            where=lambda c: len(c.request.body) > _TOO_LARGE,
        ),
    ),
)
