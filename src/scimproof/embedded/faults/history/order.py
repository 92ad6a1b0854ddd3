"""Faults of the second or third write of one kind, and of writes that follow one another."""

from collections import Counter

from scim2_server.responses import ScimResponse

from scimproof.embedded.accepted_write import AcceptedWrite, after, store
from scimproof.embedded.fault import Fault, ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, resources

GROUP = "histories: order of writes"


def _nth(call: InterceptedRequest, what: str) -> int:
    """How many writes of this kind the resource in the path has had, this one included."""
    with call.kept(what, Counter[str]) as counts:
        counts[call.id] += 1
        return counts[call.id]


@after("Users", "patch")
def _third_patch_lands_before(call: InterceptedRequest, write: AcceptedWrite) -> None:
    older = [key for key in call.store.names("Users") if key < call.id]  # ids sort by creation
    if _nth(call, "patches") % 3 == 0 and older:
        call.ask("PATCH", f"/Users/{older[-1]}", call.body)
        store(call, "Users", write.before)


@after("Users", "patch", "replace")
def _second_display_name_lost(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if write.changed("displayName") and _nth(call, "changes") % 2 == 0:
        store(call, "Users", write.after, displayName=write.before.get("displayName"))


@after("Users", "patch", "replace")
def _third_update_lost(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if write.profile_changed and _nth(call, "updates") % 3 == 0:
        store(call, "Users", write.before, active=write.after.get("active"))


@after("Users", "create", "replace")
def _takes_title_of_update_before(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Keep the last PUT's title in a buffer that all PUTs share; a create clears it."""
    with call.kept("buffer", dict[str, str | None]) as buffer:
        others = dict(buffer)
        buffer.clear()
        if call.action == "replace":
            buffer[call.id] = write.after.get("title")
    others.pop(call.id, None)
    title = next(iter(others.values()), None)
    if title and call.action == "replace":
        store(call, "Users", write.after, title=title)


@when("Users", "create")
def _refused_create_names_next(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    with call.kept("refused", list[object]) as refused:
        drafts = list(refused)
        refused.clear()
        if not ok(response):
            refused.append(call.body.get("displayName"))
    for user in list(resources(response)) if drafts and drafts[-1] else []:
        store(call, "Users", user, displayName=drafts[-1])
    return response


@after("Groups", "patch", "replace")
def _second_rename_of_group_lost(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if write.changed("displayName") and _nth(call, "renames") % 2 == 0:
        store(call, "Groups", write.after, displayName=write.before.get("displayName"))


@after("Users", "patch", "replace")
def _second_deactivation_lost(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if write.deactivated and _nth(call, "deactivations") % 2 == 0:
        store(call, "Users", write.after, active=True)


@after("Users", "patch", "replace")
def _update_after_cycles_deactivates(call: InterceptedRequest, write: AcceptedWrite) -> None:
    again = write.reactivated and _nth(call, "reactivations") == 2
    update = write.profile_changed and write.before.get("active") is True is write.after.get("active")
    with call.kept("again", set[str]) as twice:
        hit = update and call.id in twice
        if again:
            twice.add(call.id)
        elif hit:
            twice.discard(call.id)
    if hit:
        store(call, "Users", write.after, active=False)


@after("Users", "replace")
def _emptied_title_returns(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Keep a title that a PUT left out, and store it again at the next PUT that has none either."""
    old, new = write.before.get("title"), write.after.get("title")
    with call.kept("emptied", JSON) as emptied:
        kept = emptied.pop(call.id, None)
        if old and not new:
            emptied[call.id] = old
    if kept and not new and not old:
        store(call, "Users", write.after, title=kept)


FAULTS = (
    Fault(
        "third-patch-lands-before",
        "OKTA-11",
        GROUP,
        "Every third PATCH of one user is done to the user created before. Shows from that user's third.",
        _third_patch_lands_before,
        history=True,
    ),
    Fault(
        "second-display-name-lost",
        "OKTA-09",
        GROUP,
        "Of two changes of a displayName the first stays. Shows at the second one of the same user.",
        _second_display_name_lost,
        history=True,
    ),
    Fault(
        "third-update-lost",
        "OKTA-09",
        GROUP,
        "Every third change of a profile is answered and not stored. Shows at the third of one user.",
        _third_update_lost,
        history=True,
    ),
    Fault(
        "update-takes-others-title",
        "OKTA-09",
        GROUP,
        "A PUT after a PUT of another user stores that one's title. Shows if none is created in between.",
        _takes_title_of_update_before,
        history=True,
    ),
    Fault(
        "refused-create-names-next",
        "OKTA-07",
        GROUP,
        "The next user gets the displayName of a create that was refused. Shows after a 409.",
        _refused_create_names_next,
        history=True,
    ),
    Fault(
        "group-second-rename-lost",
        "D-197",
        GROUP,
        "Every second rename of a group is answered and not stored. Shows when it is renamed twice.",
        _second_rename_of_group_lost,
        history=True,
    ),
    Fault(
        "second-deactivation-lost",
        "D-144",
        GROUP,
        "Every second deactivation of a user is answered and not stored. Shows after a reactivation.",
        _second_deactivation_lost,
        history=True,
    ),
    Fault(
        "update-after-cycles-deactivates",
        "D-144",
        GROUP,
        "An update of the profile makes inactive who was reactivated twice. Shows after the second time.",
        _update_after_cycles_deactivates,
        history=True,
    ),
    Fault(
        "emptied-title-returns",
        "D-090",
        GROUP,
        "A title that was emptied is back after the next PUT. Shows at the second PUT without one.",
        _emptied_title_returns,
        history=True,
    ),
)
