"""Paths of attributes: one spelling for a create, a merge and each form of PATCH."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.capture.learn.attribute_paths import attribute_path, leaves

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def paths(body: Any) -> list[str]:
    return [attribute_path(body, path) for path, _ in leaves(body)]


def patch(**operation: Any) -> dict[str, Any]:
    return {"Operations": [{"op": "replace", **operation}]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": {"givenName": "Ada"}}, "name.givenName"),
        (patch(path="name.givenName", value="Ada"), "name.givenName"),
        (patch(value={"name.givenName": "Ada"}), "name.givenName"),
        (patch(value={"name": {"givenName": "Ada"}}), "name.givenName"),
        (patch(path="name", value={"givenName": "Ada"}), "name.givenName"),
        ({"emails": [{"value": "a@example.com", "type": "work"}]}, 'emails[type eq "work"].value'),
        (patch(path='emails[type eq "work"].value', value="a@example.com"), 'emails[type eq "work"].value'),
        ({"emails": [{"value": "a@example.com", "primary": True}]}, "emails[primary eq true].value"),
        ({ENTERPRISE: {"department": "Sales"}}, f"{ENTERPRISE}:department"),
        (patch(path=ENTERPRISE, value={"department": "Sales"}), f"{ENTERPRISE}:department"),
        (patch(value={f"{ENTERPRISE}:department": "Sales"}), f"{ENTERPRISE}:department"),
        ({ENTERPRISE: {"manager": {"value": "7"}}}, f"{ENTERPRISE}:manager.value"),
        (patch(path=f"{ENTERPRISE}:manager", value={"value": "7"}), f"{ENTERPRISE}:manager.value"),
        ({"urn:acme:User": {"badge": 3}}, "urn:acme:User:badge"),
        ({"members": [{"value": "7"}]}, "members.value"),
        ({"Operations": "none"}, "Operations"),
    ],
)
def test_an_attribute_has_one_path(body: Any, expected: str) -> None:
    assert expected in paths(body)
