"""What Okta would send to a new target, in both dialects and a little beyond, played from end to end."""

import re
from typing import Any

from .client import CUSTOM, ENTERPRISE, GROUP, JSON, USER, Answer, Client, member, person

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_VERSION = re.compile(r'W/\\*"\d+\\*"')


def play(client: Client, *, crowd: bool = False) -> None:
    """Play everything; the answers are kept by the client.

    With `crowd` there are two hundred people and a group of them: slow, and only some faults need it.
    """
    ids = _joiners(client)
    _lookups(client)
    _leavers(client, ids)
    _profiles(client, ids)
    _oin_groups(client, ids)
    _aiw_groups(client, ids)
    _namesakes(client)
    if crowd:
        _large_group(client)
    _lists(client)
    _beyond_okta(client, ids)
    _deletes(client, ids)
    _refusals(client)


def normal(answer: Answer) -> str:
    """An answer as text, without what differs from run to run."""
    kept = {name: value for name, value in answer.headers.items() if name not in {"ETag", "Content-Length"}}
    text = f"{answer.status} {sorted(kept.items())} {answer.raw!r}"
    return _VERSION.sub("", _TIME.sub("", _UUID.sub(lambda found: found[0][:8], text)))


def _create(client: Client, user_name: str, **more: Any) -> str:
    """Create a person; whatever comes back, the id is found by a lookup too, as a tester would."""
    body = client.send("POST", "/Users", person(user_name, **more))
    found = body.body.get("id") if body.status < 300 else None
    return str(found or "missing")


def _joiners(client: Client) -> list[str]:
    client.send("GET", "/Users?startIndex=1&count=2")
    client.find("Users", "userName", "a")
    names = [
        "Test.Joiner@example.com",
        "o'brien@example.com",
        "a_b@example.com",
        "acb@example.com",
        "plus+tag@example.com",
        "josé@example.com",
        "jose@example.com",
    ]
    ids = [_create(client, name) for name in names]
    ids.append(
        _create(
            client,
            "rich@example.com",
            schemas=[USER, ENTERPRISE, CUSTOM],
            name={"givenName": "Zoë \U0001f600 x", "familyName": "O'Neil, (Jr) <b> \u200b"},
            title="Boss",
            phoneNumbers=[{"primary": True, "value": "+1 555", "type": "work"}],
            **{
                ENTERPRISE: {"costCenter": "1", "department": "Sales", "manager": {"value": "26118915"}},
                CUSTOM: {"badge": "b", "floor": 3, "contractor": True, "skills": ["a", "b"]},
            },
        )
    )
    ids += [_create(client, f"u{number}@example.com") for number in range(4)]
    _create(
        client,
        "x" * 130,
        name={"givenName": "X", "familyName": "y" * 130},
        emails=[{"value": "x@example.com"}],
    )
    bare = {key: value for key, value in person("bare").items() if key not in {"displayName", "locale"}}
    client.send("POST", "/Users", bare)
    _create(client, names[0])
    _create(client, names[0].lower(), displayName="Other")
    ids.append(_create(client, "idle@example.com", active=False))
    for user_id in ids:
        client.send("GET", f"/Users/{user_id}")
    return ids


def _namesakes(client: Client) -> None:
    """Names that are taken, given up, and given again; people whose managers or ids are odd."""
    client.send("POST", "/Users", person("Name.Sake@example.com"))
    other = {"externalId": "00uother", "emails": [{"primary": True, "value": "other@example.com"}]}
    client.send("POST", "/Users", person("Name.Sake@example.com", **other))
    client.send("POST", "/Users", person("name.sake@example.com", **other))
    path = f"/Users/{_create(client, 'second@example.com')}"
    client.merge(path, userName="Name.Sake@example.com", name={"familyName": "Two"})
    client.merge(path, userName="NAME.SAKE@example.com")
    client.find("Users", "userName", "name.sake@example.com")
    client.merge(path, userName="third@example.com")
    client.send("POST", "/Users", person("second@example.com", **other))
    words = {"givenName": "Mary Ann", "familyName": "de la Cruz"}
    manager = {"manager": {"displayName": "Kim Boss"}}
    boss = person("words@example.com", name=words, schemas=[USER, ENTERPRISE], **{ENTERPRISE: manager})
    client.send("POST", "/Users", boss)
    path = f"/Users/{_create(client, 'managed@example.com', displayName=None)}"
    client.merge(path, **{ENTERPRISE: manager})
    client.patch(path, {"op": "replace", "value": {"active": False}})
    path = f"/Groups/{client.send('POST', '/Groups', _group('First', [])).body.get('id', 'missing')}"
    client.merge(path, displayName="Second")
    client.find("Groups", "displayName", "First")
    client.send("POST", "/Groups", _group("First", []))


def _lookups(client: Client) -> None:
    for name in ("TEST.joiner@example.com", "o'brien@example.com", "a_b@example.com", "plus+tag@example.com"):
        client.find("Users", "userName", name)
    for name in ("josé@example.com", "*", "nobody@example.com", "x' or '1'='1", "rich@example.com"):
        client.find("Users", "userName", name)
    client.send("GET", "/Users?filter=userName+eq+%22u1%40example.com%22&startIndex=1&count=100")
    client.find("Users", "externalId", "00uu1@example.com")
    for text in ("garbage", "userName%20Eq%20%22x%22", "nosuch%20eq%20%22x%22"):
        client.send("GET", f"/Users?filter={text}")


def _leavers(client: Client, ids: list[str]) -> None:
    group = client.send("POST", "/Groups", _group("Leavers", [ids[0], ids[1]])).body.get("id", "missing")
    off, on = ({"op": "replace", "value": {"active": value}} for value in (False, True))
    for step in (off, off, on, on, off, on):
        client.patch(f"/Users/{ids[0]}", step)
        client.send("GET", f"/Users/{ids[0]}")
        client.find("Users", "userName", "Test.Joiner@example.com")
    for active in (False, False, True, False, True):
        client.merge(f"/Users/{ids[1]}", active=active)
        client.send("GET", f"/Users/{ids[1]}")
    client.merge(f"/Users/{ids[2]}", active=False)
    client.patch(f"/Users/{ids[3]}", off)
    client.send("GET", f"/Users/{ids[3]}")
    client.send("POST", "/Users", person("again@example.com", externalId="00ua_b@example.com"))
    client.send("GET", "/Users?startIndex=1&count=100")
    client.send("GET", f"/Groups/{group}")
    client.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": [member(ids[2])]})


def _profiles(client: Client, ids: list[str]) -> None:
    path = f"/Users/{ids[4]}"
    client.merge(path, displayName="New Name", title="Boss", externalId="00unew", groups=[])
    now = client.send("GET", path).body
    name = now["name"] if isinstance(now.get("name"), dict) else {}
    client.send("PUT", path, {**now, "name": {**name, "familyName": "Married", "middleName": ""}})
    client.send("GET", path)
    client.merge(path, userName="renamed@example.com", emails=[{"primary": True, "value": "new@example.com"}])
    client.find("Users", "userName", "renamed@example.com")
    client.find("Users", "userName", "plus+tag@example.com")
    client.merge(path, userName="u1@example.com", title="Taken")
    client.send("GET", path)
    client.merge(path, title="")
    client.send("GET", path)
    client.merge(path, password="N3w-Passw0rd")
    client.patch(path, {"op": "replace", "value": {"password": "N3w-Passw0rd"}})
    client.send("PUT", path, {"schemas": [USER], "userName": "renamed@example.com", "active": True})
    client.send("GET", path)


def _group(name: str, users: list[str]) -> JSON:
    return {"schemas": [GROUP], "displayName": name, "members": [member(user) for user in users]}


def _oin_groups(client: Client, ids: list[str]) -> None:
    client.find("Groups", "displayName", "Push")
    group = client.send("POST", "/Groups", _group("Push", [])).body.get("id", "missing")
    path = f"/Groups/{group}"
    everybody = [member(user) for user in ids[4:10]]
    client.patch(path, {"op": "replace", "value": {"id": group, "displayName": "Push"}})
    for operations in (
        [{"op": "replace", "path": "members", "value": everybody}],
        [{"op": "replace", "path": "members", "value": everybody[:5]}],
        [{"op": "add", "path": "members", "value": [member(ids[10])]}],
        [{"op": "add", "path": "members", "value": [member(ids[10])]}],
        [_gone(ids[10])],
        [_gone(ids[10])],
        [_gone(ids[4]), _gone(ids[6]), {"op": "add", "path": "members", "value": [member(ids[11])]}],
        [{"op": "replace", "value": {"id": group, "displayName": "Pushed"}}],
        [{"op": "replace", "value": {"id": group, "displayName": "Pushed", "members": []}}],
        [{"op": "replace", "path": "members", "value": []}],
        [{"op": "replace", "path": "members", "value": [member(ids[4]), member(ids[4])]}],
        [{"op": "add", "path": "members", "value": [member("00000000-0000-4000-8000-00000000dead")]}],
    ):
        client.patch(path, *operations)
        client.send("GET", path)
    client.send("GET", f"/Users/{ids[4]}")
    client.merge(f"/Users/{ids[4]}", groups=[])
    client.send("GET", path)
    client.find("Groups", "displayName", "Pushed")


def _gone(user_id: str) -> JSON:
    return {"op": "remove", "path": f'members[value eq "{user_id}"]'}


def _aiw_groups(client: Client, ids: list[str]) -> None:
    group = client.send("POST", "/Groups", _group("Wizard", ids[4:6])).body.get("id", "missing")
    path = f"/Groups/{group}"
    client.send("GET", path)
    for users in (ids[4:6], ids[4:8], ids[4:5], []):
        client.send("PUT", path, {**_group("Wizard", users), "id": group})
        client.send("GET", path)
    null = [{"value": ids[4], "display": None}]
    client.send("PUT", path, {"schemas": [GROUP], "id": group, "displayName": "Renamed", "members": null})
    client.send("GET", path)
    client.send("PUT", path, _group("Renamed", ids[4:6]))
    client.send("GET", f"/Users/{ids[4]}")
    client.patch(f"/Users/{ids[6]}", {"op": "replace", "value": {"active": False}})
    client.patch(path, {"op": "add", "path": "members", "value": [member(ids[6]), member(ids[7])]})
    client.send("GET", path)
    client.patch(f"/Users/{ids[6]}", {"op": "replace", "value": {"active": True}})
    client.send("POST", "/Groups", _group("One", ids[4:5]))
    client.send("POST", "/Groups", _group("One", ids[4:5]))
    client.send("POST", "/Groups", _group("Ghosts", [ids[5], "00000000-0000-4000-8000-00000000dead"]))


def _large_group(client: Client) -> None:
    many = [_create(client, f"many{number}") for number in range(210)]
    batches = [[member(user) for user in many[start : start + 100]] for start in (0, 100, 200)]
    group = client.send("POST", "/Groups", _group("Large", [])).body.get("id", "missing")
    for batch in batches:
        client.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": batch})
    client.send("GET", f"/Groups/{group}")
    client.send("PUT", f"/Groups/{group}", {**_group("Large", many[:200]), "id": group})
    client.send("GET", f"/Groups/{group}")


def _lists(client: Client) -> None:
    for start in (1, 101, 201, 301):
        client.send("GET", f"/Users?startIndex={start}&count=100")
    client.send("GET", "/Groups?startIndex=1&count=100")
    for query in (
        "?startIndex=1&count=0",
        "?startIndex=0&count=1",
        "?count=-1",
        "",
        "?startIndex=1&count=2&foo=1",
    ):
        client.send("GET", f"/Users{query}")


def _beyond_okta(client: Client, ids: list[str]) -> None:
    path = f"/Users/{ids[5]}"
    for operations in (
        [{"op": "replac", "path": "title", "value": "x"}],
        [{"op": "replace", "path": "nosuch.attr", "value": "x"}],
        [{"op": "replace", "path": "title", "value": "A"}, {"op": "replace", "path": "title", "value": "B"}],
        [{"op": "replace", "path": "title", "value": "C"}, {"op": "replace", "path": "nosuch", "value": "x"}],
        [{"op": "replace", "path": "name.familyName", "value": "Dot"}],
        [{"op": "replace", "path": 'emails[type eq "work"].value', "value": "w@example.com"}],
        [{"op": "replace", "value": {"isAdmin": True}}],
        [],
    ):
        client.patch(path, *operations)
        client.send("GET", path)
    client.send("GET", f"{path}?attributes=userName")
    client.send("GET", "/Groups?excludedAttributes=members&startIndex=1&count=1")
    client.send("GET", f"/Groups/{ids[0]}?excludedAttributes=members")
    nobody = person("nopassword")
    del nobody["password"]
    client.send("POST", "/Users", nobody)
    client.send("POST", "/Users", {**person("chosen"), "id": ids[6]})
    twice = [{"primary": True, "value": "a@example.com"}, {"primary": True, "value": "b@example.com"}]
    client.send("POST", "/Users", person("twoprimaries", emails=twice))


def _deletes(client: Client, ids: list[str]) -> None:
    group = client.send("POST", "/Groups", _group("Doomed", ids[5:7])).body.get("id", "missing")
    for _ in range(2):
        client.send("DELETE", f"/Groups/{group}")
        client.send("GET", f"/Groups/{group}")
    client.send("GET", f"/Users/{ids[5]}")
    client.send("POST", "/Groups", _group("Doomed", []))


def _refusals(client: Client) -> None:
    for path in ("/Users/00000000-0000-4000-8000-00000000dead", "/Users/nosuch", "/Groups/nosuch"):
        client.send("GET", path)
        client.patch(path, {"op": "replace", "value": {"active": False}})
        client.send("PUT", path, person("zombie") if "Users" in path else {**_group("zombie", []), "id": "x"})
    client.send("DELETE", "/Groups/nosuch")
    client.send("POST", "/Users", b"{nope")
    client.send("POST", "/Users", {"schemas": [USER]})
    client.send("POST", "/Groups", {"schemas": [GROUP]})
    client.send("GET", "/Nope")
    client.send("GET", "/Users?startIndex=1&count=2", token=None)
    client.send("GET", "/Users?startIndex=1&count=2", token="wrong")
    for header in ("Bearer", "Basic d3Jvbmc6d3Jvbmc="):
        client.send("GET", "/Users?startIndex=1&count=2", token=None, HTTP_AUTHORIZATION=header)
    client.send("GET", "/Users?startIndex=1&count=2", token="Raw secret-token".removeprefix("Raw "))
    client.send("POST", "/Users", person("anonymous"), token=None)
