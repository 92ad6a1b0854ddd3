"""Faults of repeated requests."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, refused, when
from scimproof.embedded.intercepted_request import InterceptedRequest, removed_member
from scimproof.embedded.responses import error

GROUP = "idempotency and retry"
_PATCH = ("patch",)


def _inside(call: InterceptedRequest) -> set[str]:
    return {member["value"] for member in (call.current() or {}).get("members", [])}


def _adds_again(call: InterceptedRequest) -> bool:
    adds = [op for op in call.operations if op.get("op") == "add" and isinstance(op.get("value"), list)]
    return bool(_inside(call) & {member.get("value") for op in adds for member in op["value"]})


def _removes_again(call: InterceptedRequest) -> bool:
    gone = {removed_member(op) for op in call.operations} - {None}
    return bool(gone - _inside(call))


def _repeats(call: InterceptedRequest) -> bool:
    values = [member.get("value") for member in call.members]
    return len(values) > len(set(values))


@when("Users", "create")
def _overwrites(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.status != HTTPStatus.CONFLICT:
        return response
    wanted = str(call.body.get("userName")).lower()
    user = call.named(lambda name: name.lower() == wanted)[0]
    replaced = call.ask("PUT", f"/Users/{user['id']}", call.body)
    if ok(replaced):
        replaced.status = HTTPStatus.CREATED
    return replaced


def _twice(status: int, detail: str) -> Behave:
    return refused("Groups", _PATCH, status, detail, where=_adds_again)


@when("Groups", "create")
def _group_again(call: InterceptedRequest) -> ScimResponse:
    """Answer a second create of a name with 500, as for an unhandled unique index."""
    taken = call.body.get("displayName") in call.store.names("Groups").values()
    return error(500, "Internal server error") if taken else call.proceed()


FAULTS = (
    Fault(
        "group-add-again-500",
        "D-281",
        GROUP,
        "Adding a member again gets 500.",
        _twice(500, "Internal server error"),
    ),
    Fault(
        "group-add-again-409",
        "D-282",
        GROUP,
        "Adding a member again gets 409.",
        _twice(409, "Already a member"),
    ),
    Fault(
        "group-member-repeated-500",
        "D-283",
        GROUP,
        "The same member twice in one request gets 500.",
        refused("Groups", ("create", "replace", "patch"), 500, "Internal server error", where=_repeats),
    ),
    Fault(
        "group-remove-again-404",
        "D-287",
        GROUP,
        "Removing somebody who is not a member gets 404.",
        refused("Groups", _PATCH, 404, "No such member", where=_removes_again),
    ),
    Fault("group-create-again-500", "D-188", GROUP, "A second group of a name gets 500.", _group_again),
    Fault(
        "create-again-overwrites",
        "D-284",
        GROUP,
        "A create of a taken userName overwrites that user.",
        _overwrites,
    ),
)
