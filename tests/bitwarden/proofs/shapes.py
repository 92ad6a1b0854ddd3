"""What a user, a group, a list and an error look like."""

from __future__ import annotations

import re

from scimproof.embedded.bitwarden.people import written
from tests.bitwarden.client import Client, person

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z")


def user_shape() -> None:
    at = Client()
    created = at.post("/Users", person("ada@example.com", externalId="00u1")).json
    assert created == {
        "id": created["id"],
        "meta": {"resourceType": "User", "created": None, "lastModified": None},
        "userName": "ada@example.com",
        "name": {"formatted": None, "givenName": None, "middleName": None, "familyName": None},
        "emails": [{"primary": True, "value": "ada@example.com", "type": "work"}],
        "primaryEmail": "ada@example.com",
        "workEmail": "ada@example.com",
        "displayName": None,
        "active": True,
        "groups": [],
        "externalId": "00u1",
        "schemas": [USER],
    }
    assert at.get(f"/Users/{created['id']}").json == created
    assert at.listed("Users")[0] == created


def id_is_membership() -> None:
    at = Client()
    first = at.user()
    at.delete(f"/Users/{first}")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first)
    assert at.user() != first


def username_is_email() -> None:
    at = Client()
    emails = [
        {"primary": True, "value": "Ada@Example.com", "type": "home"},
        {"primary": False, "value": "other@example.com", "type": "work"},
    ]
    found = at.post("/Users", person("Somebody-Else", emails=emails)).json
    assert {found["userName"], found["primaryEmail"], found["workEmail"]} == {"ada@example.com"}
    assert found["emails"] == [{"primary": True, "value": "ada@example.com", "type": "work"}]


def names_never_stored() -> None:
    at = Client()
    id = at.user()
    at.join(id, name="Ada of Bitwarden")
    at.put(f"/Users/{id}", person("ada@example.com"))
    at.patch(f"/Users/{id}", {"op": "replace", "value": {"name": {"givenName": "Eve"}, "displayName": "Eve"}})
    name = at.get(f"/Users/{id}").json["name"]
    assert [name["givenName"], name["familyName"], name["middleName"]] == [None, None, None]


def display_name_after_accept() -> None:
    at = Client()
    id = at.user()
    assert at.get(f"/Users/{id}").json["displayName"] is None
    at.hook(f"/members/{id}/accept", {"name": "Ada of Bitwarden"})
    found = at.get(f"/Users/{id}").json
    assert (found["displayName"], found["name"]["formatted"]) == ("Ada of Bitwarden",) * 2
    at.set_active(id, active=False)
    assert at.get(f"/Users/{id}").json["displayName"] == "Ada of Bitwarden"


def user_groups_empty() -> None:
    at = Client()
    id = at.user()
    at.group("Staff", id)
    assert at.get(f"/Users/{id}").json["groups"] == []


def meta_bare() -> None:
    at = Client()
    user, group = at.get(f"/Users/{at.user()}").json, at.get(f"/Groups/{at.group()}").json
    assert user["meta"] == {"resourceType": "User", "created": None, "lastModified": None}
    assert set(group["meta"]) == {"resourceType", "created", "lastModified"}


def group_shape() -> None:
    at = Client()
    created = at.post("/Groups", {"displayName": "Staff", "externalId": "x1", "members": []}).json
    assert TIME.fullmatch(created["meta"]["created"])
    assert TIME.fullmatch(created["meta"]["lastModified"])
    assert created == {
        "id": created["id"],
        "meta": created["meta"],
        "displayName": "Staff",
        "externalId": "x1",
        "schemas": [GROUP],
    }
    assert at.get(f"/Groups/{created['id']}").json == created
    assert at.listed("Groups") == [created]


def times() -> None:
    for ticks, shown in (
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.0000001Z"),
        (12 * 10**7 + 5_000_000, "1970-01-01T00:00:12.5Z"),
        (59 * 10**7 + 1_234_560, "1970-01-01T00:00:59.123456Z"),
        (17_000_000_000_000_000 + 100, "2023-11-14T22:13:20.00001Z"),
    ):
        assert written(ticks) == shown
        assert TIME.fullmatch(shown)
    at = Client()
    at.user()
    for shown in (
        at.public("/events").json["data"][0]["date"],
        at.raw("GET", "/now", b"", {}).json,
        at.get(f"/Groups/{at.group()}").json["meta"]["created"],
    ):
        assert TIME.fullmatch(shown), shown


def group_members_never() -> None:
    at = Client()
    member = at.user()
    id = at.group("Staff", member)
    shown = [
        at.get(f"/Groups/{id}").json,
        at.get(f"/Groups/{id}", attributes="members").json,
        at.put(f"/Groups/{id}", {"displayName": "Staff", "members": [{"value": member}]}).json,
        *at.listed("Groups"),
    ]
    assert all("members" not in group for group in shown)
    assert at.in_group(id) == {member}


def list_key() -> None:
    at = Client()
    for kind in ("Users", "Groups"):
        body = at.get(f"/{kind}").json
        assert set(body) == {"totalResults", "startIndex", "itemsPerPage", "resources", "schemas"}
        assert body["schemas"] == [LIST]


def list_echo() -> None:
    at = Client()

    def echo(**query: str) -> tuple[int, int]:
        body = at.get("/Users", **query).json
        return body["startIndex"], body["itemsPerPage"]

    assert echo() == (1, 50)
    assert echo(startIndex="7", count="3") == (7, 3)
    assert echo(startIndex="7", count="3", filter='userName eq "owner@example.com"') == (7, 3)
    assert echo(startIndex="2", count="100", filter='userName eq "nobody@example.com"') == (2, 100)


def error_shape() -> None:
    at = Client()
    at.user()
    for answer, status, detail in (
        (at.get("/Users/nobody"), 404, "User not found."),
        (at.get("/Groups/nobody"), 404, "Group not found."),
        (at.post("/Users", person("ada@example.com")), 409, "Conflict."),
    ):
        assert answer.status == status
        assert answer.json == {"detail": detail, "status": status, "schemas": [ERROR]}
