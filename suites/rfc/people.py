"""Bodies that a SCIM client sends, fitted to the schemas of the target; people that sequences share."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scimproof.checks import answers
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Step
from scimproof.core.discovery import COMMON, Attribute, Discovery, ResourceType
from scimproof.core.http_message import Json
from scimproof.core.scim import CORE_GROUP, CORE_USER

from .asks import created
from .values import value_for

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
# Ordinary bodies; what the target's schema does not have is left out (fitted).
USER = (
    '{"schemas":["' + CORE_USER + '"],"userName":"{{user.userName}}","displayName":"{{user.displayName}}",'
    '"name":{"givenName":"{{user.givenName}}","familyName":"{{user.familyName}}"},'
    '"emails":[{"value":"{{user.email}}","type":"work","primary":true}]}'
)
GROUP = '{"schemas":["' + CORE_GROUP + '"],"displayName":"{{group.displayName}}"}'


def fitted(body: Json, type: ResourceType, discovery: Discovery, tag: str) -> Json:
    """The body without attributes that the target's schemas do not have, with what they require beside."""
    common = {name.lower() for name in COMMON}
    known = {one.name.lower(): one for one in discovery.schema(type.schema)}
    extensions = {urn.lower() for urn in type.extensions}
    made: dict[str, Json] = {}
    for name, value in body.items():
        if name.lower() in common:
            made[name] = value
        elif name.lower() in extensions and isinstance(value, Mapping):
            below = {one.name.lower(): one for one in discovery.schema(name)}
            made[name] = _fitted_values(value, below)
        else:
            made |= _fitted_values({name: value}, known)
    there = {name.lower() for name in made} | common
    needed = [one for one in discovery.schema(type.schema) if one.required and one.name.lower() not in there]
    made |= _values(needed, tag)
    for urn in type.required:
        made[urn] = _values([one for one in discovery.schema(urn) if one.required], tag) | made.get(urn, {})
    used = [type.schema, *(name for name in made if name.lower().startswith("urn:"))]
    first = [urn for urn in body.get("schemas", ()) if urn in used]
    made["schemas"] = [*first, *(urn for urn in used if urn not in first)]
    return made


def _values(attributes: list[Attribute], tag: str) -> dict[str, Json]:
    """A value for each attribute for which one can be made up."""
    made = {one.name: value_for(one, tag) for one in attributes}
    return {name: value for name, value in made.items() if value is not None}


def _fitted_values(values: Mapping[str, Json], known: Mapping[str, Attribute]) -> dict[str, Json]:
    """The attributes that are known, complex ones without sub-attributes that are not."""
    return {
        name: _fitted_value(value, {sub.name.lower() for sub in known[name.lower()].sub_attributes})
        for name, value in values.items()
        if name.lower() in known
    }


def _fitted_value(value: Json, subs: set[str]) -> Json:
    if isinstance(value, list):
        return [_fitted_value(one, subs) for one in value]
    if isinstance(value, Mapping) and subs:
        return {key: one for key, one in value.items() if key.lower() in subs}
    return value


def body_of(scene: ExecutionContext, type: ResourceType | None) -> Json:
    """The body that a step has for a resource of that type, fitted to the schemas of the target."""
    body = json.loads(scene.blanks["body"])
    if scene.discovery is None or type is None:
        return body
    # What a schema requires beside may have to be unique.
    name, prefix = str(body.get("userName", "")).partition("@")[0], scene.blanks["prefix"]
    return fitted(_nested(body, type), type, scene.discovery, name if name.startswith(prefix) else prefix)


def _nested(body: Mapping[str, Json], type: ResourceType) -> Json:
    """The body with `urn:…:User:attribute` at the top in the container of that extension."""
    made: dict[str, Json] = {}
    for key, value in body.items():
        urn = next((urn for urn in type.extensions if key.lower().startswith(f"{urn.lower()}:")), "")
        if urn:
            made[urn] = {**made.get(urn, {}), key[len(urn) + 1 :]: value}
        else:
            made[key] = {**made[key], **value} if key in made else value
    return made


def user_body(scene: ExecutionContext) -> Json:
    """A user's body."""
    return body_of(scene, scene.discovery.user if scene.discovery else None)


def group_body(scene: ExecutionContext) -> Json:
    """A group's body."""
    return body_of(scene, scene.discovery.group if scene.discovery else None)


def create_user(
    id: str = "create",
    role: str = "user",
    *,
    body: str = USER,
    given: bool = True,
    checks: tuple[Check, ...] = (),
) -> Step:
    """A step that creates a user; a preparation unless it has checks of its own."""
    gate = Check("rfc7644-3.3-create-201", answers(201), gate=True)
    return Step(
        id=id,
        request="rfc/user-create.http",
        creates=role,
        cast={"user": role} if role != "user" else {},
        blanks={"body": body},
        given=given and not checks,
        checks=checks or (gate,),
    )


def create_group(
    id: str = "create-group", *, body: str = GROUP, given: bool = True, checks: tuple[Check, ...] = ()
) -> Step:
    """A step that creates a group; a preparation unless it has checks of its own."""
    gate = Check("rfc7644-3.3-create-201", created(), gate=True)
    return Step(
        id=id,
        request="rfc/group-create.http",
        creates="group",
        blanks={"body": body},
        given=given and not checks,
        checks=checks or (gate,),
    )


RULES = {"rfc-user": user_body, "rfc-group": group_body}
