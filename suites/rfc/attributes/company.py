"""Resources that several sequences about attributes look at: a user with everything, a manager, a group."""

from __future__ import annotations

import json

from scimproof.checks import answers
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.discovery import Attribute, Discovery, ResourceType
from scimproof.core.http_message import Json
from scimproof.core.scim import CORE_GROUP, CORE_USER

from ..people import create_user, fitted
from ..values import one_value, value_for
from .cases import ELSEWHERE, EXTERNAL_ID, mark, tag

COMPANY = "rfc.attributes.company"


def _person(role: str) -> str:
    """The body of a user with little beside a name."""
    own = tag(COMPANY, role)
    return json.dumps(
        {"schemas": [CORE_USER], "userName": f"{own}.{role}@example.com", "displayName": f"{own} {role}"}
    )


CREATED = (Check("rfc7644-3.3-create-201", answers(201), gate=True),)


def whole_user(scene: ExecutionContext) -> Json:
    """A user with every attribute that a client may set, and a manager."""
    discovery = scene.discovery or Discovery()
    return whole(scene, discovery.user, {"manager": {"value": scene.blanks.get("boss.id")}})


def whole_group(scene: ExecutionContext) -> Json:
    """A group with every attribute that a client may set, and that user as its member."""
    discovery = scene.discovery or Discovery()
    type = discovery.group or ResourceType("Group", "/Groups", CORE_GROUP)
    return whole(scene, type, {"members": [{"value": scene.blanks.get("whole.id")}]})


def whole(scene: ExecutionContext, type: ResourceType, known: dict[str, Json]) -> Json:
    """A body with every attribute of the type; `known` are values that cannot be made up, by name."""
    discovery, own = scene.discovery or Discovery(), tag(COMPANY, type.name)
    own = own.replace("{{prefix}}", scene.blanks["prefix"])
    marked = mark(type, discovery)
    name = marked.name if marked else "userName"
    made: dict[str, Json] = {"schemas": [type.schema], name: f"{own}.whole", EXTERNAL_ID.name: f"{own} Whole"}
    made |= {marked.name: one_value(marked, own)} if marked else {}
    for attribute in discovery.attributes(type):
        value = known.get(attribute.name.lower(), full_value(attribute, own))
        if value is None or attribute.mutability == "readOnly":
            continue
        if attribute.schema.lower() == type.schema.lower():
            made[attribute.name] = value
        else:
            made[attribute.schema] = {**made.get(attribute.schema, {}), attribute.name: value}
    return fitted(made, type, discovery, own)


def full_value(attribute: Attribute, tag: str) -> Json:
    """A value with all sub-attributes, the first of a list primary; None where none is made up here."""
    if attribute.name.lower() in ELSEWHERE:
        return None
    value = value_for(attribute, tag)
    if attribute.multi_valued and attribute.sub("primary") and value:
        return [{**value[0], "primary": True}, *value[1:]]
    return value


PREPARATIONS = (
    Sequence(
        id=COMPANY,
        title="a user with every attribute, the manager, and a group",
        source="RFC 7643 section 4",
        steps=(
            create_user("create-boss", "boss", body=_person("boss")),
            Step(
                id="create-whole",
                request="rfc/user-create-whole.http",
                creates="whole",
                given=True,
                otherwise="rfc/user-create.http",  # where one of the attributes is refused
                blanks={"body": _person("whole")},
                checks=CREATED,
            ),
            Step(
                id="create-crowd",
                request="rfc/group-create-whole.http",
                creates="crowd",
                given=True,
                independent=True,
                needs=("type:Group",),
                checks=CREATED,
            ),
        ),
    ),
)

RULES = {"rfc-whole-user": whole_user, "rfc-whole-group": whole_group}
