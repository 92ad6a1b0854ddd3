"""The honest target answers Okta's requests as Okta wants them answered."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest

from scimproof.embedded.app import build

from .client import CUSTOM, ENTERPRISE, GROUP, JSON, USER, Client, member, person

pytestmark = pytest.mark.fresh
OFF = {"op": "replace", "value": {"active": False}}
ON = {"op": "replace", "value": {"active": True}}
UNKNOWN = "00000000-0000-4000-8000-00000000dead"


@pytest.fixture
def client() -> Client:
    """A client of a fresh target."""
    return Client(build())


def _user(client: Client, name: str = "jane", **more: object) -> str:
    return str(client.send("POST", "/Users", person(name, **more)).body["id"])


def _group(client: Client, name: str, *users: str) -> str:
    body = {"schemas": [GROUP], "displayName": name, "members": [member(user) for user in users]}
    return str(client.send("POST", "/Groups", body).body["id"])


def _members(client: Client, group: str) -> list[str]:
    return [entry["value"] for entry in client.send("GET", f"/Groups/{group}").body.get("members", [])]


def test_create(client: Client) -> None:
    """201 with what was sent, an id, a Location that is meta.location, and no password."""
    answer = client.send("POST", "/Users", person("Jane.Doe@example.com"))
    body = answer.body
    assert answer.status == 201
    assert answer.headers["Location"] == body["meta"]["location"]
    assert answer.headers["Location"].endswith(f"/scim/v2/Users/{body['id']}")
    assert answer.headers["Content-Type"] == "application/scim+json"
    sent = person("Jane.Doe@example.com")
    kept = {key: value for key, value in sent.items() if key not in {"groups", "password"}}
    assert kept.items() <= body.items()
    assert "password" not in body
    assert client.send("GET", f"/Users/{body['id']}").body == body


def test_a_taken_name_is_a_conflict_in_any_case(client: Client) -> None:
    """409 with scimType uniqueness."""
    _user(client, "Jane")
    answer = client.send("POST", "/Users", person("JANE"))
    assert (answer.status, answer.body["status"], answer.body["scimType"]) == (409, "409", "uniqueness")


def test_extensions_keep_their_types(client: Client) -> None:
    """Enterprise and custom attributes come back as they were sent."""
    extra: JSON = {
        "schemas": [USER, ENTERPRISE, CUSTOM],
        ENTERPRISE: {"department": "Sales", "manager": {"value": "26118915"}},
        CUSTOM: {"badge": "b", "floor": 3, "contractor": True, "skills": ["a", "b"]},
    }
    body = client.send("POST", "/Users", person("jane", **extra)).body
    assert extra.items() <= body.items()


@pytest.mark.parametrize("name", ["o'brien", "a+b", "josé", 'quo"te', "back\\slash", "a_b", "*", "山田"])
def test_lookup_is_exact(client: Client, name: str) -> None:
    """One hit for the name, in any case; nobody else."""
    _user(client, "axb")
    user = _user(client, name)
    body = client.find("Users", "userName", name.upper()).body
    assert [found["id"] for found in body["Resources"]] == [user]
    assert (body["totalResults"], body["startIndex"], body["itemsPerPage"]) == (1, 1, 1)


def test_lookup_without_a_match(client: Client) -> None:
    """200 and an empty list; blanks may be plus signs."""
    miss = client.find("Users", "userName", "nobody")
    assert (miss.status, miss.body["totalResults"], miss.body["Resources"]) == (200, 0, [])
    user = _user(client)
    plus = client.send("GET", f"/Users?filter=userName+eq+{quote(chr(34))}jane{quote(chr(34))}")
    assert plus.body["Resources"][0]["id"] == user


def test_lists_are_in_order_of_creation(client: Client) -> None:
    """Also after an update; pages join without a gap."""
    users = [_user(client, f"u{number}") for number in range(7)]
    client.merge(f"/Users/{users[0]}", title="Boss")
    pages = [client.send("GET", f"/Users?startIndex={start}&count=3").body for start in (1, 4, 7, 10)]
    assert [user["id"] for page in pages for user in page["Resources"]] == users
    assert [page["totalResults"] for page in pages] == [7] * 4
    assert [page["itemsPerPage"] for page in pages] == [3, 3, 1, 0]


def test_put_of_what_get_returned(client: Client) -> None:
    """Read-only attributes are ignored, unknown ones refused, an unchanged user stays as it is."""
    user = _user(client)
    group = _group(client, "G", user)
    before = client.send("GET", f"/Users/{user}").body
    assert before["groups"][0]["value"] == group
    changed = client.merge(f"/Users/{user}", displayName="New", groups=[])
    assert (changed.status, changed.body["displayName"]) == (200, "New")
    assert _members(client, group) == [user]
    assert client.merge(f"/Users/{user}", favouriteColour="red").status == 400


@pytest.mark.parametrize("dialect", ["oin", "aiw"])
def test_deactivate_and_reactivate(client: Client, dialect: str) -> None:
    """Both dialects; the user stays readable, findable, and keeps profile, id and groups."""
    user = _user(client)
    group = _group(client, "G", user)
    before = client.send("GET", f"/Users/{user}").body
    for active in (False, False, True, False, True):
        step = ON if active else OFF
        path = f"/Users/{user}"
        answer = client.patch(path, step) if dialect == "oin" else client.merge(path, active=active)
        assert (answer.status, answer.body["active"]) == (200, active)
        assert client.find("Users", "userName", "jane").body["Resources"][0]["active"] is active
    after = client.send("GET", f"/Users/{user}").body
    assert {**after, "meta": None} == {**before, "meta": None}
    assert _members(client, group) == [user]


def test_leaving_active_out_changes_nothing(client: Client) -> None:
    """A create makes an active user, a PUT keeps the state."""
    user = client.send("POST", "/Users", {"schemas": [USER], "userName": "jane"}).body
    assert user["active"] is True
    client.patch(f"/Users/{user['id']}", OFF)
    put = client.send("PUT", f"/Users/{user['id']}", {"schemas": [USER], "userName": "jane"})
    assert put.body["active"] is False


def test_membership_by_patch(client: Client) -> None:
    """204 each; a set in which every member is known."""
    users = [_user(client, f"u{number}") for number in range(4)]
    group = _group(client, "G")
    path = f"/Groups/{group}"
    add = {"op": "add", "path": "members", "value": [member(users[0]), member(users[1])]}
    again = {"op": "add", "path": "members", "value": [{"value": users[0], "display": "another display"}]}
    gone = {"op": "remove", "path": f'members[value eq "{users[0]}"]'}
    everybody = {"op": "replace", "path": "members", "value": [member(user) for user in users]}
    for operation, expected in (
        (add, users[:2]),
        (again, users[:2]),
        (gone, users[1:2]),
        (gone, users[1:2]),
        (everybody, users),
        ({"op": "replace", "value": {"id": group, "displayName": "New"}}, users),
        ({"op": "replace", "path": "members", "value": []}, []),
    ):
        assert client.patch(path, operation).status == 204
        assert _members(client, group) == expected
    unknown = client.patch(path, {"op": "add", "path": "members", "value": [member(UNKNOWN)]})
    assert (unknown.status, unknown.body["scimType"]) == (400, "invalidValue")
    assert UNKNOWN in unknown.body["detail"]


def test_membership_by_put(client: Client) -> None:
    """200 with exactly the members sent; display may be null, id may be missing."""
    users = [_user(client, f"u{number}") for number in range(3)]
    group = _group(client, "G", *users)
    body: JSON = {"schemas": [GROUP], "displayName": "G", "members": [{"value": users[0], "display": None}]}
    assert client.send("PUT", f"/Groups/{group}", body).status == 200
    assert _members(client, group) == users[:1]
    assert client.send("PUT", f"/Groups/{group}", {**body, "id": group, "members": []}).status == 200
    assert _members(client, group) == []


def test_what_is_deleted_is_gone_everywhere(client: Client) -> None:
    """A deleted user leaves groups, a deleted group leaves users."""
    user, other = _user(client), _user(client, "other")
    group, second = _group(client, "G", user, other), _group(client, "H", other)
    assert client.send("DELETE", f"/Users/{user}").status == 204
    assert _members(client, group) == [other]
    assert client.send("DELETE", f"/Groups/{group}").status == 204
    assert client.send("DELETE", f"/Groups/{group}").status == 404
    groups = client.send("GET", f"/Users/{other}").body["groups"]
    assert [entry["value"] for entry in groups] == [second]
    assert client.send("POST", "/Users", person("jane")).status == 201


@pytest.mark.parametrize(
    "path", [f"/Users/{UNKNOWN}", "/Users/no%20such%40id", f"/Groups/{UNKNOWN}", "/Nothing/1"]
)
def test_unknown_ids(client: Client, path: str) -> None:
    """404 with a SCIM error, whatever the verb."""
    named = (
        {"schemas": [USER], "userName": "x"} if "Users" in path else {"schemas": [GROUP], "displayName": "x"}
    )
    for answer in (client.send("GET", path), client.patch(path, OFF), client.send("PUT", path, named)):
        assert (answer.status, answer.body["status"]) == (404, "404") or "Groups" in path


@pytest.mark.parametrize("token", [None, "wrong", "Basic c2VjcmV0LXRva2Vu", "Bearer"])
def test_without_the_token(client: Client, token: str | None) -> None:
    """401 with a challenge, and nothing is created."""
    for answer in (
        client.send("GET", "/Users", token=token),
        client.send("POST", "/Users", person("x"), token=token),
    ):
        assert (answer.status, answer.body["status"]) == (401, "401")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert client.send("GET", "/Users").body["totalResults"] == 0


def test_outside_the_base_path(client: Client) -> None:
    """404 that names the base path."""
    seen: list[str] = []

    def start(status: str, _headers: object, _error: object = None, /) -> Callable[[bytes], object]:
        seen.append(status)
        return bytes

    environ: dict[str, Any] = {"PATH_INFO": "/Users"}
    setup_testing_defaults(environ)
    body = b"".join(client.app(environ, start))
    assert seen == ["404 Not Found"]
    assert b"/scim/v2" in body


def test_each_target_has_a_store_of_its_own() -> None:
    """What one build keeps another does not see."""
    first, second = Client(build()), Client(build())
    _user(first)
    assert second.send("GET", "/Users").body["totalResults"] == 0
    with pytest.raises(KeyError):
        build(faults=["no-such-fault"])
