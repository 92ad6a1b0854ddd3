"""Faults of groups that are changed beside what was asked for."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.accepted_write import AcceptedWrite, after, members_of, store
from scimproof.embedded.fault import Fault
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import resources

GROUP = "groups and members"


def _inactive_hidden(call: InterceptedRequest) -> ScimResponse:
    """Show only active users among the members of a group."""
    response = call.proceed()
    for group in resources(response) if call.kind == "Groups" else []:
        users = [(one, call.fetch("Users", str(one.get("value")))) for one in members_of(group)]
        shown = [one for one, user in users if user is None or user.get("active") is not False]
        if "members" in group:
            group["members"] = shown
    return response


@after("Groups", "patch", "replace")
def _name_lowered(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if write.joined or write.left:
        store(call, "Groups", write.after, displayName=str(write.after.get("displayName")).lower())


@after("Groups", "patch", "replace")
def _rename_drops_last(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if write.changed("displayName"):
        store(call, "Groups", write.after, members=members_of(write.after)[:-1])


FAULTS = (
    Fault(
        "group-inactive-member-hidden",
        "D-200",
        GROUP,
        "Groups are shown without the members who are inactive.",
        _inactive_hidden,
    ),
    Fault(
        "group-change-lowers-name",
        "D-188",
        GROUP,
        "A change of the members stores the name of the group in lower case.",
        _name_lowered,
    ),
    Fault(
        "group-rename-drops-last",
        "D-175",
        GROUP,
        "A rename takes the last member out of the group.",
        _rename_drops_last,
    ),
)
