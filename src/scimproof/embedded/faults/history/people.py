"""Faults in which a user takes over what is another's, or is touched by what is done to another."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.accepted_write import (
    ENTERPRISE,
    AcceptedWrite,
    after,
    expel,
    groups_of,
    owner_of,
    store,
)
from scimproof.embedded.fault import Behave, Fault, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON

GROUP = "histories: people"
_PROFILE = ("displayName", "title", ENTERPRISE)


def _on_conflict(action: str, *names: str, **changes: object) -> Behave:
    """A behaviour that refuses a taken userName and changes the user who has it, to what was sent."""

    @when("Users", action)
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        owner = owner_of(call, call.body.get("userName")) if response.status == HTTPStatus.CONFLICT else None
        if owner and owner["id"] != call.id:
            taken = {name: call.body[name] for name in names if call.body.get(name)}
            store(call, "Users", owner, **taken, **changes)
        return response

    return behave


def _addresses(user: JSON) -> list[str]:
    return [str(mail["value"]).lower() for mail in user.get("emails") or [] if mail.get("value")]


@after("Users", "create", "patch", "replace")
def _leavers_address_to_next(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Give the address of who was deactivated last in a domain to the next one created there."""
    mails = write.after.get("emails") or []
    domain = _addresses(write.after)[0].rpartition("@")[2] if _addresses(write.after) else ""
    with call.kept("free", dict[str, tuple[str, str]]) as free:
        if write.deactivated and domain:
            free[domain] = (call.id, str(mails[0]["value"]))
        elif write.reactivated and free.get(domain, ("", ""))[0] == call.id:
            del free[domain]
        taken = free.pop(domain, None) if call.action == "create" else None
    if taken:
        store(call, "Users", write.after, emails=[{**mails[0], "value": taken[1]}, *mails[1:]])


@after("Users", "patch", "replace")
def _takes_other_leaver(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Put profiles of leavers on a pile, and give the topmost one to whoever comes back."""
    with call.kept("pile", list[tuple[str, JSON]]) as pile:
        if write.deactivated:
            pile.append((call.id, write.after))
        top = pile.pop() if write.reactivated and pile else None
    if top and top[0] != call.id:
        store(call, "Users", write.after, **{name: top[1][name] for name in _PROFILE if name in top[1]})


@after("Users", "create", "patch", "replace")
def _shared_address_deactivates(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("index", dict[str, set[str]]) as index:
        for address in _addresses(write.after):
            index.setdefault(address, set()).add(str(write.after["id"]))
        found = {key for address in _addresses(write.after) for key in index[address]} - {call.id}
    for key in sorted(found) if write.deactivated else []:
        other = call.fetch("Users", key)
        if other and set(_addresses(other)) & set(_addresses(write.after)):
            store(call, "Users", other, active=False)


def _leaving_groups(name: str) -> Behave:
    """A behaviour in which a change of this attribute takes a user out of all groups."""

    @after("Users", "patch", "replace")
    def behave(call: InterceptedRequest, write: AcceptedWrite) -> None:
        for group in groups_of(call, call.id) if write.before.get(name) and write.changed(name) else []:
            expel(call, group, {call.id})

    return behave


@after("Users", "patch", "replace")
def _keeps_first_external_id(call: InterceptedRequest, write: AcceptedWrite) -> None:
    if not write.changed("externalId"):
        return
    with call.kept("first", JSON) as first:
        known = call.id in first
        former = first.setdefault(call.id, write.before.get("externalId"))
    if known and former:
        store(call, "Users", write.after, externalId=former)


FAULTS = (
    Fault(
        "conflict-moves-external-id",
        "D-284",
        GROUP,
        "A create of a taken userName gets 409, and the user who has it gets the new externalId. "
        "Shows in that other user.",
        _on_conflict("create", "externalId"),
        history=True,
    ),
    Fault(
        "conflict-deactivates-owner",
        "D-284",
        GROUP,
        "A create of a taken userName gets 409 and deactivates who has it. Shows in that other user.",
        _on_conflict("create", active=False),
        history=True,
    ),
    Fault(
        "taken-rename-moves-email",
        "D-097",
        GROUP,
        "A rename onto a taken userName gets 409, and who has it gets the e-mails. Shows in that other user.",
        _on_conflict("replace", "emails"),
        history=True,
    ),
    Fault(
        "leaver-email-to-next",
        "OKTA-11",
        GROUP,
        "The next user created in a domain gets the address of somebody deactivated. Shows in the new user.",
        _leavers_address_to_next,
        history=True,
    ),
    Fault(
        "reactivate-takes-other-leaver",
        "D-143",
        GROUP,
        "Who is reactivated gets the profile of who was deactivated last. Shows when that was another.",
        _takes_other_leaver,
        history=True,
    ),
    Fault(
        "shared-email-deactivates-all",
        "OKTA-11",
        GROUP,
        "A deactivation deactivates everyone of the same e-mail address. Shows when two share one.",
        _shared_address_deactivates,
        history=True,
    ),
    Fault(
        "link-leaves-groups",
        "OKTA-06",
        GROUP,
        "Another externalId takes the user out of all groups. Shows when a member is linked.",
        _leaving_groups("externalId"),
        history=True,
    ),
    Fault(
        "rename-leaves-groups",
        "D-334",
        GROUP,
        "A rename takes the user out of all groups. Shows when a member is renamed.",
        _leaving_groups("userName"),
        history=True,
    ),
    Fault(
        "relink-first-external-id",
        "OKTA-06",
        GROUP,
        "A user linked for the second time gets the first externalId back. Shows at the second link.",
        _keeps_first_external_id,
        history=True,
    ),
)
