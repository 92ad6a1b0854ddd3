"""Faults in the behaviour of the simulated Bitwarden: broken or fixed deviations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from scimproof.embedded.bitwarden.faults.definition import Behave, ServiceCall, ServiceFault, resources, shown
from scimproof.embedded.bitwarden.faults.limits import LIMITS
from scimproof.embedded.bitwarden.http import JSON, SCIM, ServiceAnswer, error
from scimproof.embedded.bitwarden.people import Status


def _active_ignored(wanted: bool) -> Behave:  # noqa: FBT001 - which of the two
    """Answer a change of `active` as if it had been made."""

    def behave(call: ServiceCall) -> ServiceAnswer:
        member = call.vault.members.get(call.id)
        if member is None or call.request.method not in ("PATCH", "PUT"):
            return call.proceed()
        before, prior = member.status, member.prior
        answer = call.proceed()
        if (before is Status.REVOKED) == wanted and member.status is not before:
            member.status, member.prior = before, prior
        return answer

    return behave


def _revoked_in_name_only(call: ServiceCall) -> ServiceAnswer:
    """SCIM shows the user inactive, and the member keeps access."""
    member = call.vault.members.get(call.id)
    before = member.status if member else None
    answer = call.proceed()
    told: set[str] = call.memory.setdefault("told", set())
    if member and before is not Status.REVOKED and member.revoked and before is not None:
        member.status, member.prior = before, None
        told.add(member.id)
    elif member and call.request.method in ("PATCH", "PUT") and answer.status < 300:
        told.discard(member.id)
    if call.kind == "users":
        for resource in resources(answer):
            if resource.get("id") in told:
                resource["active"] = False
    return answer


_Ids = dict[str, None]


def _members(keep: Callable[[ServiceCall, _Ids, _Ids], _Ids]) -> Behave:
    """Give a group other members after a change than requested; `keep` gets those before and after."""

    def behave(call: ServiceCall) -> ServiceAnswer:
        if call.kind != "groups" or call.request.method == "GET":
            return call.proceed()
        before = {id: dict(group.members) for id, group in call.vault.groups.items()}
        answer = call.proceed()
        for id, group in call.vault.groups.items():
            if id not in before or id == call.id:
                group.members = keep(call, before.get(id, {}), group.members)
        return answer

    return behave


def _no_change(_: ServiceCall, before: _Ids, __: _Ids) -> _Ids:
    return before


def _no_removal(_: ServiceCall, before: _Ids, after: _Ids) -> _Ids:
    return {**before, **after}


def _lost_in_renaming(call: ServiceCall, _: _Ids, after: _Ids) -> _Ids:
    return {} if b"displayName" in call.request.body and call.id else after


def _list_key(call: ServiceCall) -> ServiceAnswer:
    answer = call.proceed()
    if isinstance(answer.body, dict) and "resources" in answer.body:
        answer.body = {
            "Resources" if key == "resources" else key: value for key, value in answer.body.items()
        }
    return answer


def _names_stored(call: ServiceCall) -> ServiceAnswer:
    names: dict[str, JSON] = call.memory.setdefault("names", {})
    answer = call.proceed()
    if call.on("POST", "users") and answer.status == 201:
        names[answer.body["id"]] = {key: call.body.get(key) for key in ("name", "displayName")}
    if call.kind == "users":
        for resource in resources(answer):
            resource.update(names.get(str(resource.get("id")), {}))
    return answer


def _case_kept(call: ServiceCall) -> ServiceAnswer:
    """Show the address in the letter case in which it was sent."""
    sent: dict[str, str] = call.memory.setdefault("sent", {})
    answer = call.proceed()
    if call.on("POST", "users") and answer.status == 201:
        sent[answer.body["id"]] = str(call.body.get("userName"))
    if call.kind == "users":
        for resource in resources(answer):
            resource["userName"] = sent.get(str(resource.get("id")), resource.get("userName"))
    return answer


def _challenge(call: ServiceCall) -> ServiceAnswer:
    answer = call.proceed()
    if answer.status != 401:
        return answer
    return ServiceAnswer(401, error(401, "Unauthorized."), SCIM, {"WWW-Authenticate": "Bearer"})


def _standard_errors(call: ServiceCall) -> ServiceAnswer:
    answer = call.proceed()
    if answer.status < 400 or not isinstance(answer.body, dict):
        return answer
    body = {**answer.body, "status": str(answer.status)}
    if answer.status == 409:
        body["scimType"] = "uniqueness"
    return ServiceAnswer(answer.status, body, SCIM, answer.headers)


def _members_shown(call: ServiceCall, group: JSON) -> None:
    stored = call.vault.groups.get(str(group.get("id")))
    group["members"] = [{"value": id} for id in stored.members] if stored else []


def _revoked_can_be_created_again(call: ServiceCall) -> ServiceAnswer:
    """A POST of a revoked user restores access, where the known server answers 409."""
    answer = call.proceed()
    if not call.on("POST", "users") or answer.status != 409:
        return answer
    member = call.vault.with_email(str(call.body.get("userName")))
    if member is None or not member.revoked:
        return answer
    call.vault.restore(member)
    path = f"{call.request.path.rstrip('/')}/{member.id}"
    return dataclasses.replace(
        call.proceed(dataclasses.replace(call.request, method="GET", path=path)), status=201
    )


def _duplicates(call: ServiceCall) -> ServiceAnswer:
    answer = call.proceed()
    if not call.on("POST", "users") or answer.status != 409:
        return answer
    seen = call.memory["number"] = call.memory.get("number", 0) + 1
    name = str(call.body.get("userName"))
    body = {
        **call.body,
        "externalId": f"again-{seen}",
        "emails": [{"primary": True, "value": f"{seen}.{name}"}],
    }
    return call.send(body)


_ALL = (
    ServiceFault(
        "deactivate-ignored",
        "a deactivation is answered as if it had been done",
        _active_ignored(wanted=False),
    ),
    ServiceFault(
        "reactivate-ignored",
        "a reactivation is answered as if it had been done",
        _active_ignored(wanted=True),
    ),
    ServiceFault(
        "revoked-in-name-only", "SCIM shows inactive, the member keeps the access", _revoked_in_name_only
    ),
    ServiceFault("members-ignored", "no change of a group's members is made", _members(_no_change)),
    ServiceFault("member-remove-ignored", "nobody is ever taken out of a group", _members(_no_removal)),
    ServiceFault(
        "members-dropped-on-rename", "a group that is renamed loses its members", _members(_lost_in_renaming)
    ),
    ServiceFault("duplicates-created", "the same user again becomes a second member", _duplicates),
    ServiceFault(
        "revoked-restored-by-create",
        "creating a revoked member restores it",
        _revoked_can_be_created_again,
        "BW-09",
    ),
    ServiceFault("list-key-fixed", "lists have the key Resources", _list_key, "BW-01"),
    ServiceFault("challenge-401", "401 comes with a challenge and a SCIM error", _challenge, "BW-03"),
    ServiceFault("names-stored", "the names that were sent are kept and shown", _names_stored, "BW-04"),
    ServiceFault("case-kept", "userName is shown in the letters it was sent in", _case_kept, "BW-05"),
    ServiceFault("members-shown", "groups show their members", shown("groups", _members_shown), "BW-10"),
    ServiceFault(
        "errors-standard",
        "errors have the media type, status and scimType of the RFC",
        _standard_errors,
        "BW-14",
    ),
)

FAULTS = {fault.name: fault for fault in (*_ALL, *LIMITS)}
"""All of them, by name."""
