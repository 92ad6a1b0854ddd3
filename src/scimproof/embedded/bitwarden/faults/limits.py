"""Faults of limits, ids, addresses and logs of the simulated Bitwarden."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from scimproof.embedded.bitwarden.faults.definition import Behave, ServiceCall, ServiceFault, resources, shown
from scimproof.embedded.bitwarden.http import JSON, ServiceAnswer, error
from scimproof.embedded.bitwarden.people import OrganizationMember, Status, What


def _sent(edit: Callable[[ServiceCall, JSON], None]) -> Behave:
    """Edit every user that is to be created."""

    def behave(call: ServiceCall) -> ServiceAnswer:
        if not call.on("POST", "users") or not call.body:
            return call.proceed()
        body = dict(call.body)
        edit(call, body)
        return call.send(body)

    return behave


def _created(edit: Callable[[ServiceCall, OrganizationMember], None]) -> Behave:
    """Edit every member after its creation; the answer to the create is unchanged."""

    def behave(call: ServiceCall) -> ServiceAnswer:
        answer = call.proceed()
        if call.on("POST", "users") and answer.status == 201:
            edit(call, call.vault.members[answer.body["id"]])
        return answer

    return behave


def _first_only(_: ServiceCall, body: JSON) -> None:
    if body.get("emails"):
        body["emails"] = [{**body["emails"][0], "primary": True}]


def _user_name_serves(_: ServiceCall, body: JSON) -> None:
    if not body.get("emails"):
        body["emails"] = [{"primary": True, "value": body.get("userName"), "type": "work"}]


def _other_external_id(call: ServiceCall, body: JSON) -> None:
    if call.vault.with_external_id(str(body.get("externalId"))) is not None:
        body["externalId"] = f"{body['externalId']}-again"


def _second_email(_: ServiceCall, user: JSON) -> None:
    if isinstance(user.get("emails"), list):
        user["emails"] = [*user["emails"], {"primary": False, "value": "old@example.com", "type": "home"}]


def _create_200(call: ServiceCall) -> ServiceAnswer:
    answer = call.proceed()
    created = call.on("POST", "users") and answer.status == 201 and len(call.body["emails"]) > 1
    return dataclasses.replace(answer, status=200) if created else answer


def _prefixed_ids(call: ServiceCall) -> ServiceAnswer:
    """Ids that are no GUIDs, accepted wherever a client sends them."""
    plain = re.sub(r"\bm-(?=[0-9a-f]{8}-)", "", call.request.path)
    body = re.sub(rb"\bm-(?=[0-9a-f]{8}-)", b"", call.request.body)
    answer = call.proceed(dataclasses.replace(call.request, path=plain, body=body))
    if call.kind == "users":
        for resource in resources(answer):
            if "id" in resource:
                resource["id"] = f"m-{resource['id']}"
    return answer


def _other_address(call: ServiceCall) -> str:
    """The address that a PUT or PATCH asks for, if it differs from the member's."""
    member = call.vault.members.get(call.id)
    if member is None or call.request.method not in ("PUT", "PATCH"):
        return ""
    operations = call.body.get("Operations") or []
    named = [o.get("value") for o in operations if str(o.get("path")).lower() == "username"]
    wanted = call.body.get("userName") or (named[0] if named else None)
    return wanted if isinstance(wanted, str) and wanted.lower() != member.email else ""


def _email_changed(call: ServiceCall) -> ServiceAnswer:
    wanted = _other_address(call)
    if wanted:
        call.vault.set_email(call.vault.members[call.id], wanted)
    return call.proceed()


def _email_refused(call: ServiceCall) -> ServiceAnswer:
    return (
        ServiceAnswer(400, error(400, "The e-mail cannot change."))
        if _other_address(call)
        else call.proceed()
    )


def _revoked_by_change(call: ServiceCall) -> ServiceAnswer:
    wanted = _other_address(call)
    answer = call.proceed()
    if wanted and not call.vault.members[call.id].revoked:
        call.vault.revoke(call.vault.members[call.id])
    return answer


def _miss_is_404(call: ServiceCall) -> ServiceAnswer:
    answer = call.proceed()
    missed = "filter" in call.request.query and isinstance(answer.body, dict)
    return ServiceAnswer(404, error(404, "Nobody.")) if missed and not resources(answer) else answer


def _found_by_what_was_sent(call: ServiceCall) -> ServiceAnswer:
    """A member whose userName differed from the e-mail is not found by the e-mail."""
    sent: dict[str, str] = call.memory.setdefault("sent", {})
    answer = call.proceed()
    if call.on("POST", "users") and answer.status == 201:
        sent[answer.body["id"]] = str(call.body.get("userName")).lower()
    listed = call.on("GET", "users") and "filter" in call.request.query
    if listed and isinstance(answer.body, dict) and "resources" in answer.body:
        found = [
            user for user in resources(answer) if sent.get(user["id"], user["userName"]) == user["userName"]
        ]
        answer.body = {**answer.body, "resources": found, "totalResults": len(found)}
    return answer


def _unordered(call: ServiceCall) -> ServiceAnswer:
    answer = call.proceed()
    if call.on("GET", "users") and isinstance(answer.body, dict) and "resources" in answer.body:
        answer.body["resources"] = answer.body["resources"][::-1]
    return answer


def _any_organization(call: ServiceCall) -> ServiceAnswer:
    path = re.sub(r"^/v2/[^/]+", f"/v2/{call.vault.organization}", call.request.path)
    return call.proceed(dataclasses.replace(call.request, path=path))


def _confirm(_: ServiceCall, member: OrganizationMember) -> None:
    member.status = Status.CONFIRMED


def _forget_external_id(call: ServiceCall, member: OrganizationMember) -> None:
    call.vault.set_external_id(member, None)


def _active_text(_: ServiceCall, user: JSON) -> None:
    if "active" in user:
        user["active"] = str(user["active"]).lower()


def _no_events(call: ServiceCall) -> ServiceAnswer:
    """The event log never has an event of SCIM."""
    answer = call.proceed()
    call.vault.events.clear()
    call.vault.note(What.ORGANIZATION_UPDATED)
    return answer


def _steps(before: Status, after: Status) -> Behave:
    """A member's status changes as soon as SCIM reads it."""

    def behave(call: ServiceCall) -> ServiceAnswer:
        member = call.vault.members.get(call.id)
        if member and call.request.method == "GET" and member.account and member.status is before:
            member.status = after
        return call.proceed()

    return behave


def _no_account_name(_: ServiceCall, user: JSON) -> None:
    user.update(displayName=None, name=dict.fromkeys(user.get("name") or {}))


def _on_status(before: bool, act: Callable[[ServiceCall, OrganizationMember], None]) -> Behave:  # noqa: FBT001 - which of the two
    """Act when a PATCH sets `active` to that value and the member has it now."""

    def behave(call: ServiceCall) -> ServiceAnswer:
        member = call.vault.members.get(call.id)
        answer = call.proceed()
        asked = f'"active":{str(before).lower()}'.encode() in call.request.body.replace(b" ", b"")
        if member and call.request.method == "PATCH" and asked and member.revoked is not before:
            act(call, member)
        return answer

    return behave


def _log_again(call: ServiceCall, member: OrganizationMember) -> None:
    call.vault.note(What.REVOKED, member=member.id)


def _leave_groups(call: ServiceCall, member: OrganizationMember) -> None:
    for group in call.vault.groups.values():
        group.members.pop(member.id, None)


def _rename_ignored(call: ServiceCall) -> ServiceAnswer:
    group = call.vault.groups.get(call.id)
    name = group.name if group else ""
    answer = call.proceed()
    if group and call.kind == "groups":
        group.name = name
    return answer


def _deleted_in_name_only(call: ServiceCall) -> ServiceAnswer:
    gone: set[str] = call.memory.setdefault("gone", set())
    if call.on("DELETE", "groups") and call.id in call.vault.groups:
        gone.add(call.id)
        return ServiceAnswer(204)
    if call.kind == "groups" and call.id in gone:
        return ServiceAnswer(404, error(404, "Group not found."))
    answer = call.proceed()
    if call.on("GET", "groups") and isinstance(answer.body, dict) and "resources" in answer.body:
        left = [group for group in answer.body["resources"] if group["id"] not in gone]
        answer.body = {**answer.body, "resources": left, "totalResults": len(left)}
    return answer


LIMITS = (
    ServiceFault("create-answers-200", "a create with several e-mails is answered 200", _create_200),
    ServiceFault("ids-prefixed", "ids of users are no GUIDs", _prefixed_ids),
    ServiceFault("second-email-shown", "users have a second e-mail", shown("users", _second_email)),
    ServiceFault("first-email-taken", "the first e-mail is taken, whatever it is", _sent(_first_only)),
    ServiceFault("username-as-email", "a userName serves as the e-mail", _sent(_user_name_serves)),
    ServiceFault("email-changed", "PUT and PATCH change the e-mail", _email_changed),
    ServiceFault("email-change-refused", "a change of the e-mail is refused", _email_refused),
    ServiceFault("email-change-revokes", "a change of the e-mail revokes the member", _revoked_by_change),
    ServiceFault(
        "active-not-needed", "a create needs no active", _sent(lambda _, body: body.update(active=True))
    ),
    ServiceFault("active-as-text", "active is text", shown("users", _active_text)),
    ServiceFault("miss-is-404", "a search that finds nobody is answered 404", _miss_is_404),
    ServiceFault(
        "found-by-sent-username", "members are found by the userName that was sent", _found_by_what_was_sent
    ),
    ServiceFault("external-id-forgotten", "externalId is not kept", _created(_forget_external_id)),
    ServiceFault("external-id-shared", "an externalId may be somebody else's too", _sent(_other_external_id)),
    ServiceFault("list-unordered", "users are listed in another order", _unordered),
    ServiceFault("any-organization", "a key opens every organization", _any_organization),
    ServiceFault(
        "confirmed-at-once", "a pushed user is confirmed, whom nobody has asked", _created(_confirm)
    ),
    ServiceFault("account-name-hidden", "no name is ever shown", shown("users", _no_account_name)),
    ServiceFault(
        "accepted-let-in",
        "who has accepted is confirmed, though nobody did it",
        _steps(Status.ACCEPTED, Status.CONFIRMED),
    ),
    ServiceFault(
        "confirmed-sent-back", "who was confirmed is not", _steps(Status.CONFIRMED, Status.ACCEPTED)
    ),
    ServiceFault("events-lost", "nothing of SCIM's is written to the event log", _no_events),
    ServiceFault(
        "revoked-again", "revoking again is written down again", _on_status(before=False, act=_log_again)
    ),
    ServiceFault(
        "restored-as-confirmed", "who is restored is confirmed", _on_status(before=True, act=_confirm)
    ),
    ServiceFault(
        "revoke-leaves-groups",
        "a revoked member leaves the groups",
        _on_status(before=False, act=_leave_groups),
    ),
    ServiceFault("rename-ignored", "a new name of a group is answered, and not kept", _rename_ignored),
    ServiceFault(
        "group-deleted-in-name-only", "a group is deleted over SCIM, and goes on", _deleted_in_name_only
    ),
)
"""Each breaks a requirement that suites/requirements/bitwarden.toml has."""
