"""What a target says of itself, as sequences ask for it: features, types, attributes, extensions."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.core.discovery import Discovery, discovery_of
from scimproof.core.scim import CORE_GROUP, CORE_USER, ENTERPRISE_USER

CONFIG = {
    "patch": {"supported": True},
    "bulk": {"supported": False},
    "sort": {},
    "filter": {"supported": "true"},
}
NAME = {"name": "name", "type": "complex", "subAttributes": [{"name": "familyName", "type": "string"}]}
USER = {"id": CORE_USER, "attributes": [{"name": "userName", "required": True}, NAME]}
MORE = {"id": ENTERPRISE_USER, "attributes": [{"name": "department"}]}
ROOM = {"id": "urn:x:Room", "attributes": [{"name": "name"}]}
SCHEMAS = {
    "Resources": [USER, MORE, ROOM, {"id": "urn:ietf:params:scim:schemas:core:2.0:Schema", "attributes": []}]
}
TYPES = {
    "Resources": [
        {
            "name": "User",
            "endpoint": "Users",
            "schema": CORE_USER,
            "schemaExtensions": [{"schema": ENTERPRISE_USER.upper(), "required": False}],
        },
        {"name": "Room", "endpoint": "/Rooms", "schema": "urn:x:Room"},
    ]
}


def told(config: Any = CONFIG, schemas: Any = SCHEMAS, types: Any = TYPES) -> Discovery:
    return discovery_of(config, schemas, types, {CORE_USER: ()}, frozenset({"auth:bearer"}))


@pytest.mark.parametrize(
    ("need", "held"),
    [
        ("patch", True),
        ("bulk", False),
        ("no:bulk", True),
        ("no:patch", False),
        ("sort", None),  # nothing is said
        ("filter", None),  # text is no flag
        ("no:sort", None),
        ("etag", None),
        ("pagination.cursor", False),  # only where it is declared
        ("pagination.index", True),  # unless it is declared otherwise
        ("type:User", True),
        ("type:Group", False),
        ("type:other", True),
        ("extension:enterprise", True),  # URNs in any letter case
        ("extension:any", True),
        ("extension:required", False),
        ("attr:userName", True),
        ("attr:NAME.familyname", True),
        ("attr:department", True),
        (f"attr:{ENTERPRISE_USER}:department", True),
        ("attr:title", False),
        ("auth:bearer", True),
        ("config:me", False),
    ],
)
def test_a_need_holds_as_the_target_says(need: str, held: bool | None) -> None:
    assert told().state(need) is held
    assert told().why_not(need)


def test_what_cannot_be_read_is_as_the_rfc_has_it_and_said_so() -> None:
    found = told(schemas=None, types={"detail": "not found"})
    assert (
        found.assumed == "the target has no usable /Schemas and no usable /ResourceTypes: as RFC 7643 has it"
    )
    assert [one.endpoint for one in found.types] == ["/Users", "/Groups"]
    assert not told().assumed


@pytest.mark.parametrize("document", [[], "text", {"Resources": "x"}, {"Resources": [3, {"name": 1}]}])
def test_documents_of_another_shape_are_none(document: Any) -> None:
    assert told(document, document, document).assumed


def test_types_are_found_by_schema_and_by_path() -> None:
    found = told()
    assert found.user.endpoint == "/Users"
    assert found.type_at("/Rooms/17") == found.others[0]
    assert found.type_at("/Roomservice") is None
    assert found.type_of(CORE_GROUP) is None


def test_an_attribute_has_the_defaults_of_the_rfc_and_the_path_of_patch() -> None:
    found = told()
    family = found.attribute(found.user, "name.familyName")
    assert family is not None
    assert (family.dotted, family.type, family.mutability, family.case_exact) == (
        "name.familyName", "string", "readWrite", False,
    )  # fmt: skip
    department = found.attribute(found.user, "department")
    assert department is not None
    assert department.path == f"{ENTERPRISE_USER}:department"
