"""PATCH of a group: the supported forms, and those that are answered 204 and ignored."""

from __future__ import annotations

from scimproof.embedded.bitwarden import bodies
from scimproof.embedded.bitwarden.http import Refused, ServiceAnswer, ServiceRequest
from scimproof.embedded.bitwarden.people import Group, What, now
from scimproof.embedded.bitwarden.scim.groups import NO_MEMBER, known, named, rename, set_external_id
from scimproof.embedded.bitwarden.vault import Vault

_OPENS, _SKIPPED, _CLOSES = "members[value eq ", 18, '"]'


def change(vault: Vault, request: ServiceRequest, id: str) -> ServiceAnswer:
    """PATCH /Groups/{id}: operations one by one; those before an error stay applied."""
    group = named(vault, id)
    operations = bodies.bind(request.body, bodies.PATCH)["Operations"]
    if operations is None:
        raise bodies.crash()
    for operation in operations:
        act = _ACTS.get((operation["op"] or "").lower())
        if act is not None:
            act(vault, group, (operation["path"] or "").lower(), operation["value"])
    return ServiceAnswer(204)


def _replace(vault: Vault, group: Group, path: str, value: object) -> None:
    if path == "members":
        group.members = known(vault, _values(value))
        _touched(vault, group)
    elif path == "displayname":
        rename(vault, group, _name(value))
    elif path == "externalid":
        set_external_id(vault, group, value)
    elif not path.strip():
        fields = _object(value)
        if "displayName" in fields:  # and what else is there is not looked at
            rename(vault, group, _name(fields["displayName"]))
        elif "externalId" in fields:
            set_external_id(vault, group, fields["externalId"])


def _add(vault: Vault, group: Group, path: str, value: object) -> None:
    if path == "members":
        _join(vault, group, known(vault, _values(value)))
    elif path == "externalid":
        set_external_id(vault, group, value)
    elif not path.strip():
        fields = _object(value)
        if "externalId" in fields:
            set_external_id(vault, group, fields["externalId"])
    else:
        member = _filtered(path)
        if member in vault.members:
            _join(vault, group, {member: None})
            vault.note(What.GROUPS_EDITED, member=member)


def _join(vault: Vault, group: Group, members: dict[str, None]) -> None:
    if members.keys() - group.members.keys():
        group.members |= members
        _touched(vault, group)


def _touched(vault: Vault, group: Group) -> None:
    """Record a change of members as a change of the group, on new servers; there is no event of it."""
    if vault.knobs.since("preMay2026"):
        group.modified = now()


def _remove(vault: Vault, group: Group, path: str, value: object) -> None:
    if path == "members":
        for id in known(vault, _values(value)):
            group.members.pop(id, None)
        return
    member = _filtered(path)
    if not member:
        return
    if member not in vault.members:
        raise Refused(404, NO_MEMBER)
    group.members.pop(member, None)
    vault.note(What.GROUPS_EDITED, member=member)


_ACTS = {"replace": _replace, "add": _add, "remove": _remove}


def _filtered(path: str) -> str:
    """The member that a path names, or None.

    The service reads no further than this: it skips what should be the opening with its quotation mark, and
    drops the closing wherever it stands.
    """
    if not path.startswith(_OPENS):
        return ""
    return bodies.guid(path[_SKIPPED:].replace(_CLOSES, "")) or ""


def _values(value: object) -> list[object]:
    if not isinstance(value, list):
        raise bodies.expected("Array", value)
    return [_text(element["value"]) for element in map(_object, value) if "value" in element]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise bodies.expected("String", value)
    return value


def _name(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise bodies.expected("String", value)
    return value


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise bodies.expected("Object", value)
    return value
