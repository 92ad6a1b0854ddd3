"""Ways in which a Bitwarden could break what it documents as its limits, or what it says outside SCIM."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from scimproof.embedded.bitwarden.faults.definition import Behave, Call, Fault, resources, shown
from scimproof.embedded.bitwarden.http import JSON, Answer, error
from scimproof.embedded.bitwarden.people import Member, Status, What


def _sent(edit: Callable[[Call, JSON], None]) -> Behave:
    """Edit every user that is to be created."""

    def behave(call: Call) -> Answer:
        if not call.on("POST", "users") or not call.body:
            return call.proceed()
        body = dict(call.body)
        edit(call, body)
        return call.send(body)

    return behave


def _created(edit: Callable[[Call, Member], None]) -> Behave:
    """Edit every member that was created; the answer to the create stays."""

    def behave(call: Call) -> Answer:
        answer = call.proceed()
        if call.on("POST", "users") and answer.status == 201:
            edit(call, call.vault.members[answer.body["id"]])
        return answer

    return behave


def _first_only(_: Call, body: JSON) -> None:
    if body.get("emails"):
        body["emails"] = [{**body["emails"][0], "primary": True}]


def _user_name_serves(_: Call, body: JSON) -> None:
    if not body.get("emails"):
        body["emails"] = [{"primary": True, "value": body.get("userName"), "type": "work"}]


def _other_external_id(call: Call, body: JSON) -> None:
    if call.vault.with_external_id(str(body.get("externalId"))) is not None:
        body["externalId"] = f"{body['externalId']}-again"


def _second_email(_: Call, user: JSON) -> None:
    if isinstance(user.get("emails"), list):
        user["emails"] = [*user["emails"], {"primary": False, "value": "old@example.com", "type": "home"}]


def _create_200(call: Call) -> Answer:
    answer = call.proceed()
    created = call.on("POST", "users") and answer.status == 201 and len(call.body["emails"]) > 1
    return dataclasses.replace(answer, status=200) if created else answer


def _prefixed_ids(call: Call) -> Answer:
    """Ids that are no GUIDs, understood wherever they come back."""
    plain = re.sub(r"\bm-(?=[0-9a-f]{8}-)", "", call.request.path)
    body = re.sub(rb"\bm-(?=[0-9a-f]{8}-)", b"", call.request.body)
    answer = call.proceed(dataclasses.replace(call.request, path=plain, body=body))
    if call.kind == "users":
        for resource in resources(answer):
            if "id" in resource:
                resource["id"] = f"m-{resource['id']}"
    return answer


def _other_address(call: Call) -> str:
    """The address that a PUT or PATCH asks for, if it is another one."""
    member = call.vault.members.get(call.id)
    if member is None or call.request.method not in ("PUT", "PATCH"):
        return ""
    operations = call.body.get("Operations") or []
    named = [o.get("value") for o in operations if str(o.get("path")).lower() == "username"]
    wanted = call.body.get("userName") or (named[0] if named else None)
    return wanted if isinstance(wanted, str) and wanted.lower() != member.email else ""


def _email_changed(call: Call) -> Answer:
    wanted = _other_address(call)
    if wanted:
        call.vault.set_email(call.vault.members[call.id], wanted)
    return call.proceed()


def _email_refused(call: Call) -> Answer:
    return Answer(400, error(400, "The e-mail cannot change.")) if _other_address(call) else call.proceed()


def _revoked_by_change(call: Call) -> Answer:
    wanted = _other_address(call)
    answer = call.proceed()
    if wanted and not call.vault.members[call.id].revoked:
        call.vault.revoke(call.vault.members[call.id])
    return answer


def _miss_is_404(call: Call) -> Answer:
    answer = call.proceed()
    missed = "filter" in call.request.query and isinstance(answer.body, dict)
    return Answer(404, error(404, "Nobody.")) if missed and not resources(answer) else answer


def _found_by_what_was_sent(call: Call) -> Answer:
    """Whose userName was another than the e-mail is not found by the e-mail."""
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


def _unordered(call: Call) -> Answer:
    answer = call.proceed()
    if call.on("GET", "users") and isinstance(answer.body, dict) and "resources" in answer.body:
        answer.body["resources"] = answer.body["resources"][::-1]
    return answer


def _any_organization(call: Call) -> Answer:
    path = re.sub(r"^/v2/[^/]+", f"/v2/{call.vault.organization}", call.request.path)
    return call.proceed(dataclasses.replace(call.request, path=path))


def _confirm(_: Call, member: Member) -> None:
    member.status = Status.CONFIRMED


def _forget_external_id(call: Call, member: Member) -> None:
    call.vault.set_external_id(member, None)


def _active_text(_: Call, user: JSON) -> None:
    if "active" in user:
        user["active"] = str(user["active"]).lower()


def _no_events(call: Call) -> Answer:
    """There is a log, of what happened elsewhere, and nothing of SCIM's comes into it."""
    answer = call.proceed()
    call.vault.events.clear()
    call.vault.note(What.ORGANIZATION_UPDATED)
    return answer


def _steps(before: Status, after: Status) -> Behave:
    """Whoever has one status has another as soon as SCIM reads them."""

    def behave(call: Call) -> Answer:
        member = call.vault.members.get(call.id)
        if member and call.request.method == "GET" and member.account and member.status is before:
            member.status = after
        return call.proceed()

    return behave


def _no_account_name(_: Call, user: JSON) -> None:
    user.update(displayName=None, name=dict.fromkeys(user.get("name") or {}))


def _on_status(before: bool, act: Callable[[Call, Member], None]) -> Behave:  # noqa: FBT001 - which of the two
    """Act when a PATCH asked for `active` of that value and the member has it now."""

    def behave(call: Call) -> Answer:
        member = call.vault.members.get(call.id)
        answer = call.proceed()
        asked = f'"active":{str(before).lower()}'.encode() in call.request.body.replace(b" ", b"")
        if member and call.request.method == "PATCH" and asked and member.revoked is not before:
            act(call, member)
        return answer

    return behave


def _log_again(call: Call, member: Member) -> None:
    call.vault.note(What.REVOKED, member=member.id)


def _leave_groups(call: Call, member: Member) -> None:
    for group in call.vault.groups.values():
        group.members.pop(member.id, None)


def _rename_ignored(call: Call) -> Answer:
    group = call.vault.groups.get(call.id)
    name = group.name if group else ""
    answer = call.proceed()
    if group and call.kind == "groups":
        group.name = name
    return answer


def _deleted_in_name_only(call: Call) -> Answer:
    gone: set[str] = call.memory.setdefault("gone", set())
    if call.on("DELETE", "groups") and call.id in call.vault.groups:
        gone.add(call.id)
        return Answer(204)
    if call.kind == "groups" and call.id in gone:
        return Answer(404, error(404, "Group not found."))
    answer = call.proceed()
    if call.on("GET", "groups") and isinstance(answer.body, dict) and "resources" in answer.body:
        left = [group for group in answer.body["resources"] if group["id"] not in gone]
        answer.body = {**answer.body, "resources": left, "totalResults": len(left)}
    return answer


LIMITS = (
    Fault("create-answers-200", "a create with several e-mails is answered 200", _create_200),
    Fault("ids-prefixed", "ids of users are no GUIDs", _prefixed_ids),
    Fault("second-email-shown", "users have a second e-mail", shown("users", _second_email)),
    Fault("first-email-taken", "the first e-mail is taken, whatever it is", _sent(_first_only)),
    Fault("username-as-email", "a userName serves as the e-mail", _sent(_user_name_serves)),
    Fault("email-changed", "PUT and PATCH change the e-mail", _email_changed),
    Fault("email-change-refused", "a change of the e-mail is refused", _email_refused),
    Fault("email-change-revokes", "a change of the e-mail revokes the member", _revoked_by_change),
    Fault("active-not-needed", "a create needs no active", _sent(lambda _, body: body.update(active=True))),
    Fault("active-as-text", "active is text", shown("users", _active_text)),
    Fault("miss-is-404", "a search that finds nobody is answered 404", _miss_is_404),
    Fault(
        "found-by-sent-username", "members are found by the userName that was sent", _found_by_what_was_sent
    ),
    Fault("external-id-forgotten", "externalId is not kept", _created(_forget_external_id)),
    Fault("external-id-shared", "an externalId may be somebody else's too", _sent(_other_external_id)),
    Fault("list-unordered", "users are listed in another order", _unordered),
    Fault("any-organization", "a key opens every organization", _any_organization),
    Fault("confirmed-at-once", "a pushed user is confirmed, whom nobody has asked", _created(_confirm)),
    Fault("account-name-hidden", "no name is ever shown", shown("users", _no_account_name)),
    Fault(
        "accepted-let-in",
        "who has accepted is confirmed, though nobody did it",
        _steps(Status.ACCEPTED, Status.CONFIRMED),
    ),
    Fault("confirmed-sent-back", "who was confirmed is not", _steps(Status.CONFIRMED, Status.ACCEPTED)),
    Fault("events-lost", "nothing of SCIM's is written to the event log", _no_events),
    Fault("revoked-again", "revoking again is written down again", _on_status(before=False, act=_log_again)),
    Fault("restored-as-confirmed", "who is restored is confirmed", _on_status(before=True, act=_confirm)),
    Fault(
        "revoke-leaves-groups",
        "a revoked member leaves the groups",
        _on_status(before=False, act=_leave_groups),
    ),
    Fault("rename-ignored", "a new name of a group is answered, and not kept", _rename_ignored),
    Fault("group-deleted-in-name-only", "a group is deleted over SCIM, and goes on", _deleted_in_name_only),
)
"""Each breaks a requirement that suites/requirements/bitwarden.toml has."""
