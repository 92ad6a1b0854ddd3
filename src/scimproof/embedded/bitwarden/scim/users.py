"""Users over SCIM: members of the organization, with few stored and fewer changeable attributes."""

from __future__ import annotations

import re
import secrets
import string

from scimproof.embedded.bitwarden import bodies
from scimproof.embedded.bitwarden.http import JSON, Refused, ServiceAnswer, ServiceRequest
from scimproof.embedded.bitwarden.people import OrganizationMember, Role, Status, What
from scimproof.embedded.bitwarden.scim.lists import listing, operand
from scimproof.embedded.bitwarden.vault import NO_OWNER, Vault

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
BAD_REQUEST = "Exception of type 'Bit.Core.Exceptions.BadRequestException' was thrown."
NOT_FOUND = "User not found."
_LETTERS = string.ascii_letters + string.digits
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def show(member: OrganizationMember) -> JSON:
    """A member as SCIM shows it; the name is that of the account, if there is one."""
    name = member.account.name if member.account else None
    return {
        "id": member.id,
        "meta": {"resourceType": "User", "created": None, "lastModified": None},
        "userName": member.email,
        "name": {"formatted": name, "givenName": None, "middleName": None, "familyName": None},
        "emails": [{"primary": True, "value": member.email, "type": "work"}],
        "primaryEmail": member.email,
        "workEmail": member.email,
        "displayName": name,
        "active": not member.revoked,
        "groups": [],
        "externalId": member.external_id,
        "schemas": [USER_URN],
    }


def named(vault: Vault, id: str, *, ordinary: bool = False) -> OrganizationMember:
    """The member with this id; an id that is no GUID is unknown."""
    member = vault.members.get(bodies.guid(id) or "")
    if member is None:
        raise Refused(404, NOT_FOUND, ordinary=ordinary)
    return member


def read_all(vault: Vault, request: ServiceRequest) -> ServiceAnswer:
    """GET /Users."""

    def find(wanted: str) -> OrganizationMember | None:
        name = operand(wanted, "userName", any_case=True)
        if name is not None:
            return vault.with_email(name) if "@" in name else None
        external_id = operand(wanted, "externalId", any_case=True)
        return vault.with_external_id(external_id) if external_id is not None else None

    return listing(request, vault.in_order, find, show)


def read_one(vault: Vault, _: ServiceRequest, id: str) -> ServiceAnswer:
    """GET /Users/{id}."""
    return ServiceAnswer(200, show(named(vault, id)))


def create(vault: Vault, request: ServiceRequest) -> ServiceAnswer:
    """POST /Users: an invitation."""
    body = bodies.bind(request.body, bodies.USER)
    knobs = vault.knobs
    email = address(body, entra=request.entra, skips_blank=knobs.since("preFeb2026"))
    if not email or not body["active"]:
        raise Refused(400, BAD_REQUEST)
    email = email.lower()
    if knobs.fail_fast and not _MAIL.fullmatch(email):
        raise Refused(400, f"{email} The email address is not valid.")
    external_id = _said(body["externalId"]) or _said(body["userName"]) or random_id()
    _refuse_duplicates(vault, email, external_id)
    if not knobs.staged:
        vault.take_seat()
    if not (knobs.staged or knobs.fail_fast or vault.owned()):
        raise Refused(400, NO_OWNER)
    if not knobs.mail and not knobs.staged:
        raise _mail_failed(fail_fast=knobs.fail_fast)
    return _created(vault, _enrol(vault, email, external_id))


def _said(text: str | None) -> str:
    """A non-blank string; white space only counts as not sent."""
    return text if text is not None and text.strip() else ""


def _enrol(vault: Vault, email: str, external_id: str) -> OrganizationMember:
    if vault.knobs.staged:
        member = vault.add(email, external_id, Status.STAGED)
        vault.note(What.STAGED, member=member.id)
    else:
        member = vault.add(email, external_id, Status.INVITED)
        vault.invite(member)
        vault.note(What.INVITED, member=member.id)
    return member


def _created(vault: Vault, member: OrganizationMember) -> ServiceAnswer:
    # A path, in the service's own letters: the proxy of a self-hosted server knows nothing of it.
    where = f"/v2/{vault.organization}/users/{member.id}"
    return ServiceAnswer(201, show(member), headers={"Location": where})


def address(body: JSON, *, entra: bool, skips_blank: bool = True) -> str | None:
    """The address that is used: the primary one, else Entra's userName or the others' work address.

    Unless it `skips_blank` ones, only the first of a sort is looked at.
    """
    emails = body["emails"] or []

    def first(fits: list[JSON]) -> str | None:
        some = fits if skips_blank else fits[:1]
        return next((str(each["value"]) for each in some if (each["value"] or "").strip()), None)

    found = first([each for each in emails if each["primary"]])
    if found is not None:
        return found
    if entra:
        name = body["userName"]
        return str(name) if (name or "").strip() else None
    return first([each for each in emails if each["type"] == "work"]) or first(emails)


def random_id() -> str:
    """A random externalId of 15 letters and digits, for a user sent without one."""
    return "".join(secrets.choice(_LETTERS) for _ in range(15))


def _refuse_duplicates(vault: Vault, email: str, external_id: str) -> None:
    fast = vault.knobs.fail_fast
    taken = vault.with_email(email) is not None or vault.with_external_id(external_id) is not None
    if fast and not taken:
        taken = _external_id_taken(vault, external_id) is not None
    if taken:
        raise Refused(409, "User already exists." if fast else "Conflict.")


def _external_id_taken(vault: Vault, external_id: str) -> OrganizationMember | None:
    wanted = external_id.lower()
    return next((m for m in vault.members.values() if (m.external_id or "").lower() == wanted), None)


def _mail_failed(*, fail_fast: bool) -> Refused:
    if fail_fast:
        return Refused(400, "Failed to invite users")
    return Refused(500, "One or more errors occurred while inviting users. (The mail could not be sent.)")


def replace(vault: Vault, request: ServiceRequest, id: str) -> ServiceAnswer:
    """PUT /Users/{id}: only `active` is used, and a missing one is false."""
    member = named(vault, id, ordinary=True)
    active = bodies.bind(request.body, bodies.USER)["active"]
    if active and member.revoked:
        vault.restore(member)
    elif not active and not member.revoked:
        _refuse_last_owner(vault, member)
        vault.revoke(member)
    return ServiceAnswer(200, show(member))


def _refuse_last_owner(vault: Vault, member: OrganizationMember) -> None:
    """Refuse to revoke the last owner: by PUT on new servers only for owners, on older ones always."""
    if not vault.knobs.since("preFeb2026"):
        _refuse_without_owner(vault, member)
    elif member.role is Role.OWNER and not vault.owned(besides=member):
        raise Refused(400, f"{NO_OWNER} for user {member.id}", ordinary=True)


def _refuse_without_owner(vault: Vault, member: OrganizationMember) -> None:
    if not vault.owned(besides=member):
        raise Refused(400, NO_OWNER)


def change(vault: Vault, request: ServiceRequest, id: str) -> ServiceAnswer:
    """PATCH /Users/{id}: operations one by one; those before an error stay applied."""
    member = named(vault, id)
    operations = bodies.bind(request.body, bodies.PATCH)["Operations"]
    if operations is None:
        raise bodies.crash()
    for operation in operations:
        if (operation["op"] or "").lower() == "replace":
            _apply(vault, member, (operation["path"] or "").lower(), operation["value"])
    return ServiceAnswer(204)


def _apply(vault: Vault, member: OrganizationMember, path: str, value: object) -> None:
    if path == "active":
        text = "" if value is bodies.MISSING else str(value)
        _set_active(vault, member, active=text.lower() == "true")
    elif path == "externalid":
        _set_external_id(vault, member, value)
    elif not path.strip():
        if not isinstance(value, dict):
            raise bodies.expected("Object", value)
        if "active" in value:
            if not isinstance(value["active"], bool):
                raise bodies.expected("Boolean", value["active"])
            _set_active(vault, member, active=value["active"])
        if "externalId" in value:
            _set_external_id(vault, member, value["externalId"])


def _set_active(vault: Vault, member: OrganizationMember, *, active: bool) -> None:
    if active and member.revoked:
        vault.restore(member)
    elif not active and not member.revoked:
        _refuse_without_owner(vault, member)
        vault.revoke(member)


def _set_external_id(vault: Vault, member: OrganizationMember, value: object) -> None:
    if not vault.knobs.since("preFeb2026"):
        return
    external_id = external_id_of(value)
    if external_id is not None and external_id.strip():
        other = _external_id_taken(vault, external_id)
        if other is not None and other is not member:
            raise Refused(409, "ExternalId already exists for another user.")
    vault.set_external_id(member, external_id)


def external_id_of(value: object) -> str | None:
    """The externalId in a PATCH: null clears it, 300 characters are the maximum."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise bodies.expected("String", value)
    if len(value) > 300:
        raise Refused(400, "ExternalId cannot exceed 300 characters.")
    return value


def delete(vault: Vault, _: ServiceRequest, id: str) -> ServiceAnswer:
    """DELETE /Users/{id}: removes the membership, not the account."""
    member = named(vault, id)
    if member.role is Role.OWNER and member.status is Status.CONFIRMED:
        _refuse_without_owner(vault, member)
    vault.forget(member)
    vault.note(What.REMOVED, member=member.id)
    return ServiceAnswer(204)
