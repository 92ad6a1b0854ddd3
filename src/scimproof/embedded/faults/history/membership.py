"""Faults of the members of one group that show after several changes of it."""

from scimproof.embedded.accepted_write import AcceptedWrite, admit, after, expel, ids_in, members_of, store
from scimproof.embedded.fault import Fault
from scimproof.embedded.intercepted_request import InterceptedRequest, puts_members
from scimproof.embedded.responses import JSON

GROUP = "histories: members of a group"


@after("Groups", "patch", "replace")
def _removed_come_back(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("gone", dict[str, list[JSON]]) as gone:
        back = gone.pop(call.id, []) if write.joined else []
        if write.left:
            gone[call.id] = write.left
    if back:
        admit(call, call.id, back)


@after("Groups", "patch", "replace")
def _place_is_taken(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Write the next member to the place of the one who left, whose id stays in it."""
    with call.kept("places", dict[str, JSON]) as places:
        left = places.pop(call.id, None) if write.joined and not write.left else None
        if write.left and not write.joined:
            places[call.id] = write.left[0]
    if left and left["value"] not in ids_in(write.after):
        expel(call, call.id, {write.joined[0]["value"]})
        admit(call, call.id, [left])


@after("Groups", "patch", "replace")
def _same_number_is_no_change(call: InterceptedRequest, write: AcceptedWrite) -> None:
    whole = call.action == "replace" or any(
        op.get("op") == "replace" and puts_members(op) for op in call.operations
    )
    if whole and write.left and len(write.left) == len(write.joined):
        store(call, "Groups", write.after, members=members_of(write.before))


@after("Groups", "patch")
def _add_toggles(call: InterceptedRequest, write: AcceptedWrite) -> None:
    adds = [op for op in call.operations if str(op.get("op")).lower() == "add" and puts_members(op)]
    added = [op["value"] for op in adds]
    named = {str(member.get("value")) for members in added if isinstance(members, list) for member in members}
    expel(call, call.id, named & ids_in(write.before))


@after("Groups", "patch", "replace")
def _empty_is_deleted(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if write.left and not members_of(write.after):
        call.ask("DELETE", call.request.path)


@after("Groups", "patch", "replace")
def _rename_restores_members(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """At the second rename, write back the members that were there at the first."""
    if not write.changed("displayName"):
        return
    with call.kept("members", dict[str, list[JSON]]) as kept:
        former = kept.get(call.id)
        kept[call.id] = members_of(write.after)
    if former is not None:
        known = [one for one in former if call.fetch("Users", str(one.get("value")))]
        store(call, "Groups", write.after, members=known)


@after("Groups", "patch", "replace")
def _add_drops_inactive(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if not write.joined:
        return
    stayed = ids_in(write.before) & ids_in(write.after)
    users = [call.fetch("Users", key) or {} for key in stayed]
    expel(call, call.id, {str(user["id"]) for user in users if user.get("active") is False})


FAULTS = (
    Fault(
        "group-removed-come-back",
        "D-272",
        GROUP,
        "Who was removed is a member again at the next add. Shows when somebody is added after a removal.",
        _removed_come_back,
        history=True,
    ),
    Fault(
        "group-add-takes-place",
        "D-170",
        GROUP,
        "In place of the member added after a removal the removed one is stored. Shows at that add.",
        _place_is_taken,
        history=True,
    ),
    Fault(
        "group-same-number-ignored",
        "D-177",
        GROUP,
        "A list of as many other members changes nothing. Shows when members are exchanged.",
        _same_number_is_no_change,
        history=True,
    ),
    Fault(
        "group-add-toggles",
        "D-281",
        GROUP,
        "A member who is added again is removed. Shows at the second add of the same one.",
        _add_toggles,
        history=True,
    ),
    Fault(
        "group-last-member-deletes",
        "D-175",
        GROUP,
        "A group is deleted when its last member leaves. Shows when all are gone.",
        _empty_is_deleted,
        history=True,
    ),
    Fault(
        "group-rename-old-members",
        "D-175",
        GROUP,
        "A rename writes back the members of the rename before. Shows at the second one.",
        _rename_restores_members,
        history=True,
    ),
    Fault(
        "group-add-drops-inactive",
        "D-200",
        GROUP,
        "An add removes members who are inactive. Shows when one was deactivated before.",
        _add_drops_inactive,
        history=True,
    ),
)
