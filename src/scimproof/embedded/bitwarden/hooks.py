"""Hooks that play actions of people outside SCIM: accept an invitation, confirm a member, change settings."""

from __future__ import annotations

import json
import re
import time
from uuid import uuid4

from scimproof.embedded.bitwarden import HOOKS, bodies
from scimproof.embedded.bitwarden.http import JSON, PLAIN, Refused, ServiceAnswer, ServiceRequest
from scimproof.embedded.bitwarden.people import Account, OrganizationMember, Status, What
from scimproof.embedded.bitwarden.public_api import show_member
from scimproof.embedded.bitwarden.vault import Vault

HELP = {
    "POST /hooks/members/{id or address}/accept": "the person follows the mailed link: "
    '{"name": "Ada Smith", "twoStep": false, "elsewhere": false}, all of them optional',
    "POST /hooks/members/{id or address}/confirm": "an administrator confirms a member who accepted",
    "POST /hooks/members/{id or address}/resend": "an administrator mails the invitation again",
    "POST /hooks/members/{id or address}/address": 'the person changes it: {"email": "new@example.com"}',
    "PATCH /hooks/settings": 'turn knobs while it runs, as --with does: {"seats": 10, "two-step": "yes"}',
    "GET /hooks/mail": "the invitations that were mailed",
}
_MEMBER = re.compile(r"/members/([^/]+)/(accept|confirm|resend|address)")


class Unable(Exception):
    """Raised for an action that is not possible; the text is the reason."""


def answer(vault: Vault, request: ServiceRequest) -> ServiceAnswer | None:
    """The answer, or None if the path is none of the hooks'."""
    if request.path != HOOKS and not request.path.startswith(f"{HOOKS}/"):
        return None
    try:
        with vault.lock:
            return ServiceAnswer(200, _act(vault, request), PLAIN)
    except (Unable, Refused, ValueError) as problem:
        return ServiceAnswer(400, {"error": str(problem)}, PLAIN)


def _act(vault: Vault, request: ServiceRequest) -> object:
    path, method = request.path.removeprefix(HOOKS), request.method
    if (method, path) in (("GET", ""), ("GET", "/")):
        return HELP
    if (method, path) == ("GET", "/mail"):
        return [mail._asdict() for mail in vault.mails]
    if (method, path) == ("PATCH", "/settings"):
        for name, value in _fields(request).items():
            vault.knobs.turn(name, value)
        return {"settings": dict(vars(vault.knobs))}
    found = _MEMBER.fullmatch(path)
    if method != "POST" or found is None:
        raise Unable(f"there is no {method} {request.path} here; GET {HOOKS} says what there is")
    member = vault.members.get(bodies.guid(found[1]) or "") or vault.with_email(found[1])
    if member is None:
        raise Unable(f"nobody here is {found[1]}")
    _ACTS[found[2]](vault, member, _fields(request))
    return show_member(member)


def _fields(request: ServiceRequest) -> JSON:
    found = json.loads(request.body or b"{}")
    if not isinstance(found, dict):
        raise Unable("the body is a JSON object")
    return found


def accept(vault: Vault, member: OrganizationMember, fields: JSON) -> None:
    """The invited user accepts, creating an account if needed, while the invitation is valid."""
    _expect(member, Status.INVITED, "accept")
    if time.time() - member.invited > vault.knobs.invitation_hours * 3600:
        raise Unable(f"the invitation of {member.email} has expired")
    name = str(fields.get("name") or member.email.partition("@")[0])
    account = member.account or Account(str(uuid4()), name)
    account.two_step = bool(fields.get("twoStep", account.two_step))
    account.elsewhere = bool(fields.get("elsewhere", account.elsewhere))
    if vault.knobs.two_step and not account.two_step:
        raise Unable(f"{member.email} has no two-step login, which a policy demands")
    if vault.knobs.single_organization and account.elsewhere:
        raise Unable(f"{member.email} is in another organization, which a policy forbids")
    member.account, member.status = account, Status.ACCEPTED


def confirm(vault: Vault, member: OrganizationMember, _: JSON) -> None:
    """An administrator confirms the member."""
    _expect(member, Status.ACCEPTED, "be confirmed")
    member.status = Status.CONFIRMED
    vault.note(What.CONFIRMED, member=member.id)


def resend(vault: Vault, member: OrganizationMember, _: JSON) -> None:
    """Send the invitation again with a new link; a staged member is invited for the first time."""
    if member.status is Status.STAGED:
        vault.take_seat()
        member.status = Status.INVITED
    _expect(member, Status.INVITED, "be invited again")
    vault.invite(member)


def readdress(vault: Vault, member: OrganizationMember, fields: JSON) -> None:
    """The user changes the account's address, which SCIM clients cannot."""
    email = str(fields.get("email") or "")
    if member.account is None or "@" not in email:
        raise Unable('it takes a member who accepted, and {"email": "new@example.com"}')
    other = vault.with_email(email)
    if other is not None and other is not member:
        raise Unable(f"{email} is somebody else's")
    vault.set_email(member, email)


_ACTS = {"accept": accept, "confirm": confirm, "resend": resend, "address": readdress}


def _expect(member: OrganizationMember, status: Status, what: str) -> None:
    if member.status is not status:
        raise Unable(f"{member.email} is {member.status.name.lower()}, and cannot {what}")
