"""Groups over SCIM, whose members can be changed and are never shown."""

from __future__ import annotations

from uuid import uuid4

from scimproof.embedded.bitwarden import bodies, collation
from scimproof.embedded.bitwarden.http import JSON, Refused, ServiceAnswer, ServiceRequest
from scimproof.embedded.bitwarden.people import Group, What, now
from scimproof.embedded.bitwarden.scim.lists import listing, operand
from scimproof.embedded.bitwarden.scim.users import BAD_REQUEST, external_id_of, random_id
from scimproof.embedded.bitwarden.vault import Vault

GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
NOT_FOUND = "Group not found."
NO_MEMBER = "Exception of type 'Bit.Core.Exceptions.NotFoundException' was thrown."
_WIDTH = 100  # of the column for names


def show(group: Group) -> JSON:
    """A group as SCIM shows it: always without members."""
    return {
        "id": group.id,
        "meta": {"resourceType": "Group", "created": group.created, "lastModified": group.modified},
        "displayName": group.name,
        "externalId": group.external_id,
        "schemas": [GROUP_URN],
    }


def named(vault: Vault, id: str) -> Group:
    """The group with this id."""
    group = vault.groups.get(bodies.guid(id) or "")
    if group is None:
        raise Refused(404, NOT_FOUND)
    return group


def read_all(vault: Vault, request: ServiceRequest) -> ServiceAnswer:
    """GET /Groups."""
    groups = vault.groups.values()
    paged = {"count", "startindex"} <= set(request.query)

    def find(wanted: str) -> Group | None:
        name = operand(wanted, "displayName", any_case=False)
        if name is not None:
            return next((group for group in groups if group.name == name), None)
        external_id = operand(wanted, "externalId", any_case=False)
        if external_id is None:
            return None
        return next((group for group in groups if group.external_id == external_id), None)

    def everything() -> list[Group]:
        if not paged and not vault.knobs.since("preDec2025"):
            return []
        return sorted(groups, key=lambda group: group.sort)

    return listing(request, everything, find, show)


def read_one(vault: Vault, _: ServiceRequest, id: str) -> ServiceAnswer:
    """GET /Groups/{id}."""
    return ServiceAnswer(200, show(named(vault, id)))


def create(vault: Vault, request: ServiceRequest) -> ServiceAnswer:
    """POST /Groups: two groups may have one name."""
    body = bodies.bind(request.body, bodies.GROUP)
    name, external_id = body["displayName"] or "", body["externalId"] or ""
    if not name.strip():
        raise Refused(400, BAD_REQUEST)
    external_id = external_id if external_id.strip() else random_id()
    if any(group.external_id == external_id for group in vault.groups.values()):
        raise Refused(409, "Conflict.")
    _refuse_without_groups(vault)
    when = now()
    stored = _stored(vault, name)
    group = Group(str(uuid4()), stored, external_id, collation.key(stored), created=when, modified=when)
    vault.groups[group.id] = group
    _replace_members(vault, request, group, body["members"])
    vault.note(What.GROUP_CREATED, group=group.id)
    where = f"/v2/{vault.organization}/groups/{group.id}"
    return ServiceAnswer(201, {**show(group), "displayName": name}, headers={"Location": where})


def _refuse_without_groups(vault: Vault) -> None:
    if not vault.knobs.groups:
        raise Refused(400, "This organization cannot use groups.")


def replace(vault: Vault, request: ServiceRequest, id: str) -> ServiceAnswer:
    """PUT /Groups/{id}: always sets the name, members if sent, never externalId."""
    group = named(vault, id)
    body = bodies.bind(request.body, bodies.GROUP)
    rename(vault, group, body["displayName"])
    _replace_members(vault, request, group, body["members"])
    return ServiceAnswer(200, {**show(group), "displayName": body["displayName"]})


def _replace_members(vault: Vault, request: ServiceRequest, group: Group, members: list[JSON] | None) -> None:
    if members is None or (vault.knobs.era == "pre2025" and not request.okta):
        return
    group.members = known(vault, [each["value"] for each in members])


def known(vault: Vault, ids: list[object]) -> dict[str, None]:
    """The ids that are members of the organization; others are dropped silently."""
    found = (bodies.guid(id) for id in ids)
    return {id: None for id in found if id is not None and id in vault.members}


def rename(vault: Vault, group: Group, name: str | None) -> None:
    """Change the name of a group, within the length that the database allows."""
    _refuse_without_groups(vault)
    group.name = _stored(vault, name)
    group.sort = collation.key(group.name)
    group.modified = now()
    vault.note(What.GROUP_UPDATED, group=group.id)


def _stored(vault: Vault, name: str | None) -> str:
    """The name as the database stores it: SQL Server cuts what is longer than the procedure's parameter."""
    if name is None or (len(name) > _WIDTH and vault.knobs.database != "sqlserver"):
        raise bodies.crash("An error occurred while saving the entity changes.")
    return name.encode("utf-16-le", "surrogatepass")[: 2 * _WIDTH].decode("utf-16-le", "ignore")


def set_external_id(vault: Vault, group: Group, value: object) -> None:
    """Set the externalId of a group as PATCH does, on servers that are new enough."""
    if not vault.knobs.since("preMay2026"):
        return
    external_id = external_id_of(value)
    external_id = external_id if external_id is not None and external_id.strip() else None
    wanted = (external_id or "").lower()
    if wanted and any(
        (other.external_id or "").lower() == wanted for other in vault.groups.values() if other is not group
    ):
        raise Refused(409, "ExternalId already exists for another group.")
    group.external_id = external_id
    group.modified = now()  # without an event


def delete(vault: Vault, _: ServiceRequest, id: str) -> ServiceAnswer:
    """DELETE /Groups/{id}."""
    group = named(vault, id)
    del vault.groups[group.id]
    vault.note(What.GROUP_DELETED, group=group.id)
    return ServiceAnswer(204)
