"""Resources are held to the schemas that a target publishes, and legal variety is not wrong."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.checks.schema_conformity import Conformity, values
from scimproof.core.discovery import Discovery, ResourceType, read_schemas

CAR, PLATE = "urn:example:2.0:Car", "urn:example:2.0:Plate"


def one(name: str, type: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, **more}


WHEELS = [one("value", "string"), one("size", "integer")]
CARS = [
    one("name", "string"),
    one("doors", "integer"),
    one("weight", "decimal"),
    one("electric", "boolean"),
    one("colours", "string", multiValued=True, canonicalValues=["red"]),
    one("wheels", "complex", multiValued=True, subAttributes=WHEELS),
    one("engine", "complex", subAttributes=[one("power", "integer")]),
]
SCHEMAS = [{"id": CAR, "attributes": CARS}, {"id": PLATE, "attributes": [one("number", "string")]}]
DISCOVERY = Discovery(schemas=read_schemas(SCHEMAS))
TYPE = ResourceType("Car", "/Cars", CAR, (PLATE,))


def wrong(**more: Any) -> list[str]:
    resource = {"schemas": [CAR], "id": "1", "meta": {"resourceType": "Car", "vendor": 1}, **more}
    return [one.pointer for one in Conformity(DISCOVERY).wrongs(TYPE, resource)]


@pytest.mark.parametrize(
    "right",
    [
        {},
        {"NAME": "x", "Doors": 4, "weight": 1, "electric": False},
        {"name": None, "colours": [], "wheels": None, "engine": None},
        {"colours": ["green"]},
        {"wheels": [{"value": "a", "display": "A", "$ref": "../Wheels/a", "primary": True, "type": "x"}]},
        {PLATE: {"number": "17"}, "externalId": "x"},
    ],
)
def test_what_is_legal(right: dict[str, Any]) -> None:
    assert wrong(**right) == []


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"colour": "red"}, "/colour"),
        ({"doors": "4"}, "/doors"),
        ({"doors": 1.5}, "/doors"),
        ({"electric": "true"}, "/electric"),
        ({"colours": "red"}, "/colours"),
        ({"name": ["x"]}, "/name"),
        ({"wheels": {"value": "a"}}, "/wheels"),
        ({"wheels": [{"value": "a", "tyre": "b"}]}, "/wheels/0/tyre"),
        ({"engine": {"display": "x"}}, "/engine/display"),
        ({PLATE: {"letters": "x"}}, f"/{PLATE}/letters"),
        ({"urn:example:2.0:Other": {"x": 1}}, "/urn:example:2.0:Other"),
    ],
)
def test_what_is_not(more: dict[str, Any], place: str) -> None:
    assert wrong(**more) == [place]


def test_every_value_is_found_with_its_attribute() -> None:
    car = {"Name": "x", "wheels": [{"value": "a", "size": 17}, {"value": "b"}], PLATE: {"number": "17"}}
    found = [(one.dotted, value) for one, value in values(TYPE, DISCOVERY, car)]
    assert ("name", "x") in found
    assert ("number", "17") in found
    assert [value for name, value in found if name == "wheels.value"] == ["a", "b"]
    assert list(values(TYPE, DISCOVERY, ["no", "resource"])) == []
