"""Faults in which a change of one group, or of a user in several, changes another group."""

from scimproof.embedded.accepted_write import (
    AcceptedWrite,
    admit,
    after,
    expel,
    groups_of,
    ids_in,
    members_of,
    store,
)
from scimproof.embedded.fault import Fault
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON

GROUP = "histories: several groups"
_MOST = 2


@after("Groups", "patch", "replace")
def _joiner_inherits(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Give who is added the other groups of who was removed last, as if one followed the other."""
    with call.kept("leavers", dict[str, str]) as leavers:
        if write.left:
            leavers[call.id] = str(write.left[0]["value"])
        leaver = leavers.pop(call.id, None) if write.joined else None
    for group in groups_of(call, leaver) if leaver else []:
        if group != call.id:
            admit(call, group, write.joined)


@after("Users", "patch", "replace")
def _second_group_emptied(call: InterceptedRequest, write: AcceptedWrite) -> None:
    groups = groups_of(call, call.id) if write.deactivated else []
    if len(groups) > 1:
        second = call.fetch("Groups", groups[1]) or {}
        expel(call, groups[1], ids_in(second) - {call.id})


@after("Groups", "delete")
def _delete_leaves_others(call: InterceptedRequest, write: AcceptedWrite) -> None:
    for key in ids_in(write.before):
        for group in groups_of(call, key):
            expel(call, group, {key})


@after("Groups", "patch", "replace")
def _equal_groups_are_one(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Change every group that had the same members too, as if they shared one list."""
    before = ids_in(write.before)
    if not before or before == ids_in(write.after):
        return
    for key in {group for one in before for group in groups_of(call, one)} - {call.id}:
        group = call.fetch("Groups", key) or {}
        if ids_in(group) == before:
            store(call, "Groups", group, members=members_of(write.after))


@after("Groups", "create", "patch", "replace")
def _third_group_leaves_first(call: InterceptedRequest, write: AcceptedWrite) -> None:
    for joined in write.joined:
        groups = groups_of(call, str(joined["value"]))
        if len(groups) > _MOST:
            expel(call, groups[0], {str(joined["value"])})


@after("Groups", "patch", "replace")
def _removed_from_all(call: InterceptedRequest, write: AcceptedWrite) -> None:
    for left in write.left:
        for group in groups_of(call, str(left["value"])):
            expel(call, group, {str(left["value"])})


def _rejoins_groups_left(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("left", dict[str, dict[str, JSON]]) as left:
        for one in write.left if call.kind == "Groups" else []:
            left.setdefault(str(one["value"]), {})[call.id] = one
        back = dict(left.pop(call.id, {})) if write.reactivated else {}
    for group, member in back.items():
        admit(call, group, [member])


_USERS = after("Users", "patch", "replace")(_rejoins_groups_left)
_GROUPS = after("Groups", "patch", "replace")(_rejoins_groups_left)


FAULTS = (
    Fault(
        "joiner-inherits-groups",
        "OKTA-18",
        GROUP,
        "Who is added after a removal gets the other groups of who was removed. Shows in those.",
        _joiner_inherits,
        history=True,
    ),
    Fault(
        "deactivate-empties-second-group",
        "OKTA-11",
        GROUP,
        "A deactivation removes the others from the second group of the user. Shows with two groups.",
        _second_group_emptied,
        history=True,
    ),
    Fault(
        "delete-leaves-other-groups",
        "OKTA-21",
        GROUP,
        "Deleting a group takes its members out of all others. Shows when a member has two groups.",
        _delete_leaves_others,
        history=True,
    ),
    Fault(
        "groups-equal-share-members",
        "OKTA-18",
        GROUP,
        "Groups of the same members change together. Shows when one of two such groups is changed.",
        _equal_groups_are_one,
        history=True,
    ),
    Fault(
        "third-group-leaves-first",
        "OKTA-18",
        GROUP,
        "A user is in two groups at most, the first is left. Shows at the third one.",
        _third_group_leaves_first,
        history=True,
    ),
    Fault(
        "group-remove-leaves-all",
        "OKTA-18",
        GROUP,
        "Who is removed from a group is out of all groups. Shows with two groups.",
        _removed_from_all,
        history=True,
    ),
    Fault(
        "reactivate-rejoins-left-groups",
        "D-143",
        GROUP,
        "Who is reactivated is back in groups left before. Shows after a removal.",
        lambda call: _USERS(call) if call.kind == "Users" else _GROUPS(call),
        history=True,
    ),
)
