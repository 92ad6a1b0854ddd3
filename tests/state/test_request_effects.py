"""Effects of requests where every attribute is followed: create, merge, every form of PATCH."""

from __future__ import annotations

import json
from typing import Any

from scimproof.core.scim import ENTERPRISE_USER
from scimproof.state.register import ANY
from scimproof.state.request_effects import RequestEffect, effect, leaves


def of(method: str, target: str, body: dict[str, Any]) -> RequestEffect:
    found = effect(method, f"/scim/v2/{target}", json.dumps(body).encode(), followed=None)
    assert found is not None
    return found


def patch(*operations: dict[str, Any], target: str = "Users/7") -> RequestEffect:
    return of("PATCH", target, {"Operations": operations})


def test_a_create_promises_every_attribute_that_it_sends() -> None:
    body = {
        "userName": "jdoe",
        "name": {"givenName": "J", "familyName": ""},
        "emails": [{"value": "j@example.com"}],
        ENTERPRISE_USER: {"department": "Sales", "manager": {"value": "9"}},
        "nickName": None,
    }
    found = of("POST", "Users", body)
    assert found.values == {
        "username": "jdoe",
        "name.givenname": "J",
        "emails": [{"value": "j@example.com"}],
        f"{ENTERPRISE_USER}:department".lower(): "Sales",
        f"{ENTERPRISE_USER}:manager.value".lower(): "9",
    }
    assert (found.name, found.rest) == ("jdoe", False)
    assert found.spelled["name.givenname"] == "name.givenName"


def test_a_put_leaves_open_what_it_does_not_name_or_empties() -> None:
    found = of("PUT", "Users/7", {"userName": "jdoe", "title": "", "active": "False"})
    assert found.values == {"username": "jdoe", "title": ANY, "active": False}
    assert found.rest


def test_a_patch_with_and_without_path() -> None:
    assert patch({"op": "replace", "value": {"active": False}}).values == {"active": False}
    dotted = patch({"op": "Replace", "path": "name.familyName", "value": "Doe"})
    assert dotted.values == {"name.familyname": "Doe"}
    whole = patch(
        {"op": "replace", "value": {"name": {"givenName": "A"}, ENTERPRISE_USER: {"division": "B"}}}
    )
    assert whole.values == {"name.givenname": "A", f"{ENTERPRISE_USER}:division".lower(): "B"}
    deep = patch({"op": "add", "path": f"{ENTERPRISE_USER}:manager", "value": {"value": "9"}})
    assert deep.values == {f"{ENTERPRISE_USER}:manager.value".lower(): "9"}
    urn = patch({"op": "add", "path": f"{ENTERPRISE_USER}:department", "value": "Sales"})
    assert urn.values == {f"{ENTERPRISE_USER}:department".lower(): "Sales"}
    assert patch({"op": "remove", "path": "title"}).values == {"title": ANY}


def test_members_are_no_attribute_of_their_own() -> None:
    body = {"displayName": "G", "members": [{"value": "a"}], "externalId": "x"}
    found = of("PUT", "Groups/7", body)
    assert found.values == {"displayname": "G", "externalid": "x"}
    assert (found.members, found.everyone) == ({"a": True}, True)


def test_paths_of_nested_objects_and_extensions() -> None:
    body = {"name": {"givenName": "A"}, ENTERPRISE_USER: {"manager": {"value": "9"}}, "emails": []}
    assert dict(leaves(body)) == {
        "name.givenName": "A",
        f"{ENTERPRISE_USER}:manager.value": "9",
        "emails": [],
    }
