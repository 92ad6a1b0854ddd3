"""Faults of parts of the profile: what a PUT ignores or loses, and what is changed that nobody sent."""

from collections.abc import Callable

from scim2_server.responses import ScimResponse

from scimproof.embedded.accepted_write import ENTERPRISE, AcceptedWrite, after, store
from scimproof.embedded.fault import Behave, Fault, ok, sent, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, resources

GROUP = "profile"
_PUT = ("replace",)
_put = when("Users", *_PUT)


def _part_kept(*names: str, within: str | None = None) -> Behave:
    """A behaviour in which PUT leaves these attributes, or these of a complex one, as they were."""

    @_put
    def behave(call: InterceptedRequest) -> ScimResponse:
        old, new = call.current() or {}, call.body
        if within:
            old, new = old.get(within) or {}, new.setdefault(within, {})
        if not isinstance(new, dict):
            return call.proceed()
        for name in names:
            new.pop(name, None)
            if name in old:
                new[name] = old[name]
        if within and not new:
            del call.body[within]
        return call.send()

    return behave


def _primary_address(user: JSON) -> object:
    mails = [mail for mail in user.get("emails") or [] if isinstance(mail, dict)]
    return next((mail.get("value") for mail in mails if mail.get("primary")), None)


@after("Users", "replace")
def _user_name_becomes_address(call: InterceptedRequest, write: AcceptedWrite) -> None:
    """Make the e-mail address the userName when the profile changes, unless the userName itself does."""
    address = _primary_address(write.after)
    if write.profile_changed and not write.changed("userName") and address:
        store(call, "Users", write.after, userName=address)


@after("Users", "replace")
def _rename_changes_address(call: InterceptedRequest, write: AcceptedWrite) -> None:
    mails = write.after.get("emails")
    if write.changed("userName") and mails:
        store(call, "Users", write.after, emails=[{**mails[0], "value": write.after["userName"]}, *mails[1:]])


def _second_address_lost(body: JSON) -> None:
    if isinstance(body.get("emails"), list):
        body["emails"] = body["emails"][:1]


def _middle_name_lost(body: JSON) -> None:
    for part in ("middleName", "honorificPrefix", "honorificSuffix"):
        if isinstance(body.get("name"), dict):
            body["name"].pop(part, None)


def _nick_name_shown(body: JSON) -> None:
    if body.get("nickName"):
        body["displayName"] = body["nickName"]


def _title_is_user_type(body: JSON) -> None:
    if body.get("title"):
        body["userType"] = body["title"]


def _on_active(change: Callable[[JSON], JSON], *, only: bool | None = None) -> Behave:
    """A behaviour that changes a user's other attributes too when `active` changes (to this value)."""

    @after("Users", "patch", "replace")
    def behave(call: InterceptedRequest, write: AcceptedWrite) -> None:
        if write.reactivated if only else write.deactivated if only is False else write.changed("active"):
            store(call, "Users", write.after, **change(write.after))

    return behave


def _work_profile_wiped(_: JSON) -> JSON:
    return dict.fromkeys(("title", "phoneNumbers", "addresses", ENTERPRISE))


def _language_reset(user: JSON) -> JSON:
    return {"preferredLanguage": "en"} if user.get("preferredLanguage") else {}


def _address_types_lost(user: JSON) -> JSON:
    return {"emails": [{**mail, "type": "other"} for mail in user.get("emails") or []]}


def _active_leaks(call: InterceptedRequest) -> ScimResponse:
    """Write a key `active` into `name` and each e-mail at a PATCH, and take it back in a PUT."""
    if call.on("Users", "replace"):
        return call.send(_cleaned(call.body))
    response = call.proceed()
    if call.kind != "Users":
        return response
    with call.kept("leaked", dict[str, bool]) as leaked:
        if call.on("Users", "patch") and ok(response) and call.active is not None:
            leaked[call.id] = call.active
        found = [(user, leaked[user["id"]]) for user in resources(response) if user.get("id") in leaked]
    for user, active in found:
        user["emails"] = [{**mail, "active": active} for mail in user.get("emails") or []]
        user["name"] = {**(user.get("name") or {}), "active": active}
    return response


def _cleaned(body: JSON) -> JSON:
    """The body without the key that the target itself has put there."""
    mails, name = body.get("emails"), body.get("name")
    cleaned = dict(body)
    if isinstance(mails, list):
        cleaned["emails"] = [_no_active(mail) for mail in mails]
    if isinstance(name, dict):
        cleaned["name"] = _no_active(name)
    return cleaned


def _no_active(value: object) -> object:
    return {key: v for key, v in value.items() if key != "active"} if isinstance(value, dict) else value


@after("Users", "create", "patch", "replace")
def _back_as_created(call: InterceptedRequest, write: AcceptedWrite) -> None:
    with call.kept("created", dict[str, JSON]) as created:
        if call.action == "create":
            created[str(write.after.get("id"))] = write.after
        first = created.get(call.id)
    if write.reactivated and first:
        store(call, "Users", first, active=True, userName=write.after.get("userName"))


FAULTS = (
    Fault(
        "put-department-kept",
        "D-101",
        GROUP,
        "The department in a PUT is ignored.",
        _part_kept("department", "costCenter", "division", "organization", within=ENTERPRISE),
    ),
    Fault(
        "put-manager-kept",
        "D-101",
        GROUP,
        "The manager in a PUT is ignored.",
        _part_kept("manager", within=ENTERPRISE),
    ),
    Fault(
        "put-phones-kept", "D-101", GROUP, "Phone numbers in a PUT are ignored.", _part_kept("phoneNumbers")
    ),
    Fault("put-addresses-kept", "D-101", GROUP, "Addresses in a PUT are ignored.", _part_kept("addresses")),
    Fault(
        "put-roles-kept",
        "D-253",
        GROUP,
        "Roles and entitlements in a PUT are ignored.",
        _part_kept("roles", "entitlements"),
    ),
    Fault(
        "put-username-becomes-email",
        "D-098",
        GROUP,
        "A change of the profile by PUT makes the e-mail address the userName.",
        _user_name_becomes_address,
    ),
    Fault(
        "rename-changes-email",
        "D-098",
        GROUP,
        "A new userName is stored as the first e-mail address too.",
        _rename_changes_address,
    ),
    Fault(
        "put-second-email-lost",
        "D-245",
        GROUP,
        "PUT keeps the first e-mail only.",
        sent("Users", _PUT, _second_address_lost),
    ),
    Fault(
        "put-middle-name-lost",
        "D-245",
        GROUP,
        "PUT loses middleName and titles before and after the name.",
        sent("Users", _PUT, _middle_name_lost),
    ),
    Fault(
        "nick-name-becomes-display-name",
        "D-101",
        GROUP,
        "displayName is overwritten with nickName.",
        sent("Users", ("create", "replace"), _nick_name_shown),
    ),
    Fault(
        "put-title-becomes-user-type",
        "D-101",
        GROUP,
        "PUT stores title as userType too.",
        sent("Users", _PUT, _title_is_user_type),
    ),
    Fault(
        "deactivate-wipes-work-profile",
        "D-140",
        GROUP,
        "Deactivation clears title, phones, addresses and the enterprise extension.",
        _on_active(_work_profile_wiped, only=False),
    ),
    Fault(
        "active-resets-language",
        "D-101",
        GROUP,
        "A change of active sets preferredLanguage to the default.",
        _on_active(_language_reset),
    ),
    Fault(
        "active-resets-email-type",
        "D-101",
        GROUP,
        "A change of active makes the type of each e-mail `other`.",
        _on_active(_address_types_lost),
    ),
    Fault(
        "patch-active-leaks",
        "D-107",
        GROUP,
        "PATCH of active writes a key `active` into the name and each e-mail too.",
        _active_leaks,
    ),
    Fault(
        "reactivate-as-created",
        "D-143",
        GROUP,
        "Reactivation restores the profile as it was created.",
        _back_as_created,
    ),
)
