"""PATCH of a group: the forms that are understood, and those that are answered 204 and not."""

from __future__ import annotations

from scimproof.embedded.bitwarden import bodies
from scimproof.embedded.bitwarden.groups import NO_MEMBER, known, named, rename, set_external_id
from scimproof.embedded.bitwarden.people import Group, What
from scimproof.embedded.bitwarden.vault import Vault
from scimproof.embedded.bitwarden.wire import Answer, Refused, Request

_OPENS, _CLOSES = 'members[value eq "', '"]'


def change(vault: Vault, request: Request, id: str) -> Answer:
    """PATCH /Groups/{id}: one operation after another, and what was done stays done."""
    group = named(vault, id)
    operations = bodies.bind(request.body, bodies.PATCH)["Operations"]
    if operations is None:
        raise bodies.crash()
    for operation in operations:
        act = _ACTS.get((operation["op"] or "").lower())
        if act is not None:
            act(vault, group, (operation["path"] or "").strip().lower(), operation["value"])
    return Answer(204)


def _replace(vault: Vault, group: Group, path: str, value: object) -> None:
    if path == "members":
        group.members = known(vault, _values(value))
    elif path == "displayname":
        rename(vault, group, _name(value))
    elif path == "externalid":
        set_external_id(vault, group, value)
    elif not path:
        fields = _object(value)
        if "displayName" in fields:  # and what else is there is not looked at
            rename(vault, group, _name(fields["displayName"]))
        elif "externalId" in fields:
            set_external_id(vault, group, fields["externalId"])


def _add(vault: Vault, group: Group, path: str, value: object) -> None:
    if path == "members":
        group.members |= known(vault, _values(value))
    elif path == "externalid":
        set_external_id(vault, group, value)
    elif not path:
        fields = _object(value)
        if "externalId" in fields:
            set_external_id(vault, group, fields["externalId"])
    else:
        member = _filtered(path)
        if member in vault.members:
            group.members[member] = None
            vault.note(What.GROUPS_EDITED, member=member)


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
    """The member that a path names in the one form that is understood, or nothing."""
    if not (path.startswith(_OPENS) and path.endswith(_CLOSES)):
        return ""
    return bodies.guid(path[len(_OPENS) : -len(_CLOSES)]) or ""


def _values(value: object) -> list[object]:
    if not isinstance(value, list):
        raise bodies.expected("Array", value)
    return [_value(each) for each in value]


def _value(element: object) -> str:
    fields = _object(element)
    if "value" not in fields:
        raise bodies.crash("The given key was not present in the dictionary.")
    found = fields["value"]
    if not isinstance(found, str):
        raise bodies.expected("String", found)
    return found


def _name(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise bodies.expected("String", value)
    return value


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise bodies.expected("Object", value)
    return value
