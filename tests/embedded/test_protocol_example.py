"""The honest target is an example of what the RFCs ask, also of what Okta never sends."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from scimproof.embedded.app import build
from scimproof.embedded.example_schemas import EXAMPLE, EXAMPLE_URN, ROOM_URN

from .client import ENTERPRISE, GROUP, JSON, PATCH, USER, Answer, Client, person

MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
SEARCH = f"{MESSAGES}SearchRequest"
BULK = f"{MESSAGES}BulkRequest"
NOBODY = "00000000-0000-4000-8000-00000000dead"
BASE = "http://127.0.0.1:8080/scim/v2"


@pytest.fixture
def client() -> Client:
    """A client of a fresh target."""
    return Client(build())


def make(client: Client, user_name: str = "jane", /, **more: Any) -> JSON:
    """A user with nothing but a name and what is given."""
    answer = client.send("POST", "/Users", {"schemas": [USER], "userName": user_name, **more})
    assert answer.status == 201, answer.body
    return answer.body


def refused(answer: Answer, status: int, word: str | None = None) -> None:
    """The answer is an Error with this status, and this word if it has one."""
    assert (answer.status, answer.body["status"], answer.body.get("scimType")) == (status, str(status), word)
    assert answer.body["schemas"] == [f"{MESSAGES}Error"]
    assert answer.body["detail"].strip()


def total(client: Client, kind: str = "Users") -> int:
    """How many there are."""
    return int(client.send("GET", f"/{kind}?count=0").body["totalResults"])


# Bodies

BROKEN: tuple[tuple[Any, str], ...] = (
    (b"{", "invalidSyntax"),
    (b"[]", "invalidSyntax"),
    (b"null", "invalidSyntax"),
    (b"", "invalidSyntax"),
    (b"hello", "invalidSyntax"),
    (b'{"schemas": NaN}', "invalidSyntax"),
    ({"userName": "x"}, "invalidSyntax"),
    ({"schemas": [], "userName": "x"}, "invalidSyntax"),
    ({"schemas": None, "userName": "x"}, "invalidSyntax"),
    ({"schemas": USER, "userName": "x"}, "invalidSyntax"),
    ({"schemas": [USER, "urn:x:y"], "userName": "x"}, "invalidSyntax"),
    ({"schemas": ["urn:x:y"], "userName": "x"}, "invalidSyntax"),
    ({"schemas": [GROUP], "userName": "x"}, "invalidSyntax"),
    ({"schemas": [USER], "userName": "x", "department": "x"}, "invalidSyntax"),
    *(
        ({"schemas": [USER], "userName": "x", **wrong}, "invalidValue")
        for wrong in (
            {"userName": ""},
            {"userName": " "},
            {"userName": None},
            {"userName": 5},
            {"name": "x"},
            {"emails": "x"},
            {"emails": {"value": "x"}},
            {"emails": [{"value": "x", "primary": "yes"}]},
            {"emails": [{"value": "a", "primary": True}, {"value": "b", "primary": True}]},
            {"active": "maybe"},
            {"active": 1},
            {"x509Certificates": [{"value": "???"}]},
            {"profileUrl": "no url"},
            {ENTERPRISE: {"manager": "x"}},
            {EXAMPLE_URN: {"deskNumber": "3"}},
            {EXAMPLE_URN: {"deskNumber": 3.5}},
            {EXAMPLE_URN: {"deskNumber": True}},
            {EXAMPLE_URN: {"workload": "0.5"}},
            {EXAMPLE_URN: {"hiredAt": 1700000000}},
            {EXAMPLE_URN: {"hiredAt": "2026-01-31"}},
            {EXAMPLE_URN: {"parking": {"level": "1"}}},
        )
    ),
)


@pytest.mark.parametrize(("body", "word"), BROKEN, ids=[str(row[0])[:90] for row in BROKEN])
def test_a_wrong_body_is_refused(client: Client, body: Any, word: str) -> None:
    """400 to POST and PUT, and neither makes or changes anybody."""
    user = make(client, "there")
    refused(client.send("POST", "/Users", body), 400, word)
    refused(client.send("PUT", f"/Users/{user['id']}", body), 400, word)
    assert total(client) == 1
    assert client.send("GET", f"/Users/{user['id']}").body == user


def test_a_group_has_a_name(client: Client) -> None:
    """Missing, empty or null is refused; another media type too."""
    for wrong in ({}, {"displayName": ""}, {"displayName": None}):
        refused(client.send("POST", "/Groups", {"schemas": [GROUP], **wrong}), 400, "invalidValue")
    answer = client.send(
        "POST", "/Groups", {"schemas": [GROUP], "displayName": "G"}, CONTENT_TYPE="text/plain"
    )
    refused(answer, 415)
    assert total(client, "Groups") == 0


def test_what_the_client_may_not_set_is_ignored(client: Client) -> None:
    """Whatever it sends as id, meta and groups."""
    meta = {"created": "1999-01-01T00:00:00Z", "resourceType": "Group", "location": "http://example.com/x"}
    mine: JSON = {"id": "mine", "meta": meta, "groups": [{"value": "x"}]}
    body = make(client, "a", **mine)
    path = f"/Users/{body['id']}"
    for shown in (body, client.send("PUT", path, {"schemas": [USER], "userName": "a", **mine}).body):
        assert shown == body
        assert shown["meta"]["resourceType"] == "User"
        assert shown["meta"]["created"] == shown["meta"]["lastModified"] > "2020"
        assert shown["meta"]["location"] == f"{BASE}{path}"
        assert "groups" not in shown
    assert "externalId" not in body


def test_booleans_as_text_are_understood(client: Client) -> None:
    """Several clients write them so; they come back as JSON has them."""
    user = make(client, "a", active="False", emails=[{"value": "a@b.c", "primary": "true"}])
    assert (user["active"], user["emails"]) == (False, [{"value": "a@b.c", "primary": True}])
    on = {"op": "Replace", "path": "active", "value": "True"}
    assert client.patch(f"/Users/{user['id']}", on).body["active"] is True


def test_no_value_has_three_forms(client: Client) -> None:
    """Null and [] are as good as nothing, and clear in a PUT."""
    body = make(client, "a", title=None, nickName=None, phoneNumbers=[])
    assert not {"title", "nickName", "phoneNumbers"} & body.keys()
    full = {**body, "title": "T", "phoneNumbers": [{"value": "1"}]}
    path = f"/Users/{body['id']}"
    assert client.send("PUT", path, full).body["title"] == "T"
    cleared = client.send("PUT", path, {**full, "title": None, "phoneNumbers": []})
    assert not {"title", "phoneNumbers"} & cleared.body.keys()


def test_names_and_order_of_members_do_not_matter(client: Client) -> None:
    """Letter case of names, order of schemas, one of them twice."""
    body = {"UserName": "a", "NAME": {"givenname": "G"}, "Emails": [{"VALUE": "a@b.c"}], "Schemas": [USER]}
    answer = client.send("POST", "/Users", body)
    assert answer.status == 201
    assert answer.body["name"] == {"givenName": "G"}
    assert answer.body["emails"] == [{"value": "a@b.c"}]
    more = {"schemas": [ENTERPRISE, USER, USER], "userName": "b", ENTERPRISE: {"department": "D"}}
    assert client.send("POST", "/Users", more).body["schemas"] == [USER, ENTERPRISE]


def test_a_pair_of_type_and_value_stands_once(client: Client) -> None:
    """The primary one stays."""
    entry = {"type": "work", "value": "a@b.c"}
    body = make(client, "a", emails=[entry, {**entry, "primary": True}, {**entry, "type": "home"}])
    assert body["emails"] == [{**entry, "primary": True}, {**entry, "type": "home"}]


@pytest.mark.parametrize("name", ["TAKEN-É", "taken-e\u0301", "\uff34aken-é", "Taken-é"])
def test_a_taken_name_in_other_letters(client: Client, name: str) -> None:
    """409 uniqueness, prepared as RFC 7644 section 5 says; the first one stays as it was."""
    user = make(client, "Taken-é")
    other = make(client, "other", externalId="E")
    refused(client.send("POST", "/Users", {"schemas": [USER], "userName": name}), 409, "uniqueness")
    refused(client.merge(f"/Users/{other['id']}", userName=name), 409, "uniqueness")
    assert client.send("GET", f"/Users/{user['id']}").body == user
    assert client.send("GET", f"/Users/{other['id']}").body == other
    make(client, "third", externalId="E")


def test_head(client: Client) -> None:
    """As GET, without a body, also for what is not there and for discovery."""
    user = make(client)
    for path in (f"/Users/{user['id']}", "/Users?count=1", f"/Users/{NOBODY}", "/Schemas", "/Nothing"):
        get, head = client.send("GET", path), client.send("HEAD", path)
        assert (head.status, head.headers, head.raw) == (get.status, get.headers, b"")


# Replace


def test_put_replaces_and_the_same_again_changes_nothing(client: Client) -> None:
    """Lists as a whole; lastModified and version move with a change, and only then."""
    first, second = {"type": "work", "value": "a@b.c"}, {"type": "home", "value": "d@e.f"}
    user = make(client, "a", emails=[first, second], nickName="N", **{ENTERPRISE: {"department": "D"}})
    path = f"/Users/{user['id']}"
    body = {"schemas": [USER], "userName": "a", "emails": [first], "title": "T"}
    once = client.send("PUT", path, body)
    assert once.status == 200
    assert once.body["emails"] == [first]
    assert not {"nickName", ENTERPRISE} & once.body.keys()
    assert once.body["schemas"] == [USER]
    assert once.body["meta"]["lastModified"] > user["meta"]["lastModified"]
    assert once.body["meta"]["version"] != user["meta"]["version"]
    assert client.send("PUT", path, body).body == once.body
    refused(client.send("PUT", f"/Users/{NOBODY}", body), 404)
    refused(client.patch(f"/Users/{NOBODY}", {"op": "add", "path": "title", "value": "x"}), 404)
    refused(client.send("DELETE", f"/Users/{NOBODY}"), 404)
    assert total(client) == 1


# Groups and managers


def test_members_and_groups_lead_to_each_other(client: Client) -> None:
    """value, $ref, type and display, in both directions; what is deleted is gone from both."""
    user, other = make(client, "a"), make(client, "b")
    inner = client.send("POST", "/Groups", {"schemas": [GROUP], "displayName": "Inner"}).body
    members = [{"value": user["id"], "display": "A"}, {"value": inner["id"]}, {"value": user["id"]}]
    answer = client.send("POST", "/Groups", {"schemas": [GROUP], "displayName": "G", "members": members})
    path = f"/Groups/{answer.body['id']}"
    shown = {"value": user["id"], "$ref": f"{BASE}/Users/{user['id']}", "type": "User", "display": "A"}
    nested = {"value": inner["id"], "$ref": f"{BASE}/Groups/{inner['id']}", "type": "Group"}
    assert answer.body["members"] == [shown, nested]
    listed = client.send("GET", "/Groups").body["Resources"]
    assert [group for group in listed if group["id"] == answer.body["id"]] == [answer.body]
    group = {"value": answer.body["id"], "$ref": f"{BASE}{path}", "type": "direct", "display": "G"}
    assert client.send("GET", f"/Users/{user['id']}").body["groups"] == [group]
    assert client.send("GET", "/Users").body["Resources"][0]["groups"] == [group]
    assert client.send("PUT", path, answer.body).body == answer.body
    room = client.send("POST", "/Rooms", {"schemas": [ROOM_URN], "name": "R"}).body["id"]
    for nobody in (NOBODY, room):
        add = {"op": "add", "path": "members", "value": [{"value": other["id"]}, {"value": nobody}]}
        refused(client.patch(path, add), 400, "invalidValue")
    assert client.send("DELETE", f"/Users/{user['id']}").status == 204
    left = client.send("GET", path)
    assert left.body["members"] == [nested]
    assert left.headers["ETag"] != answer.headers["ETag"]


def test_manager(client: Client) -> None:
    """$ref and displayName are those of whoever it is; somebody unknown is kept as sent."""
    boss = make(client, "boss", displayName="The Boss")
    manager = {"value": boss["id"], "displayName": "Somebody"}
    user = make(client, "a", **{ENTERPRISE: {"manager": manager}})
    shown = {"value": boss["id"], "$ref": f"{BASE}/Users/{boss['id']}", "displayName": "The Boss"}
    assert user[ENTERPRISE] == {"manager": shown}
    path = f"/Users/{user['id']}"
    assert client.send("PUT", path, user).body == user
    unknown = {"op": "replace", "path": f"{ENTERPRISE}:manager.value", "value": "26118915"}
    assert client.patch(path, unknown).body[ENTERPRISE] == {"manager": {"value": "26118915"}}


# What the schemas say


def test_one_attribute_of_each_kind(client: Client) -> None:
    """What was sent comes back equal; what is secret does not."""
    values: JSON = {
        "deskNumber": 17,
        "workload": 0.75,
        "remote": False,
        "hiredAt": "2024-02-29T08:30:00Z",
        "fingerprint": "aGVsbG8=",
        "homepage": "https://example.com/jane",
        "policy": "urn:example:policy",
        "parking": {"lot": "North", "level": 2},
        "languages": [{"value": "French", "type": "fluent", "primary": True}, {"value": "Basque"}],
        "shirtSize": "M",
        "costKey": "KeY",
        "loginAlias": "JaNe",
        "deskPhone": "1701",
    }
    hidden = {"biography": "Long.", "staffCode": "S", "pin": "1234", "serial": "mine"}
    user = make(client, "a", **{EXAMPLE_URN: {**values, **hidden}})
    held = user[EXAMPLE_URN]
    serial = held.pop("serial")
    assert serial != "mine"
    assert held == {**values, "staffCode": "S"}
    path = f"/Users/{user['id']}"
    example: JSON = EXAMPLE
    assert {attribute["name"] for attribute in example["attributes"]} == {*values, *hidden}
    url = make(client, "b", **{EXAMPLE_URN: {"fingerprint": "-_-_"}})
    assert url[EXAMPLE_URN]["fingerprint"] == "+/+/"
    taken = {"schemas": [USER], "userName": "c", EXAMPLE_URN: {"deskPhone": "1701"}}
    refused(client.send("POST", "/Users", taken), 409, "uniqueness")
    other = {**user, EXAMPLE_URN: {**values, "costKey": "other"}}
    refused(client.send("PUT", path, other), 400, "mutability")
    again = {"op": "replace", "path": f"{EXAMPLE_URN}:costKey", "value": "other"}
    refused(client.patch(path, again), 400, "mutability")
    refused(client.patch(path, {**again, "path": f"{EXAMPLE_URN}:serial"}), 400, "mutability")
    assert client.patch(path, {**again, "value": "KeY"}).status == 200
    same = client.send("PUT", path, {**user, EXAMPLE_URN: {**values, "staffCode": "S", "serial": "x"}})
    assert same.body[EXAMPLE_URN] == {**values, "staffCode": "S", "serial": serial}
    first = {"op": "add", "path": f"{EXAMPLE_URN}:costKey", "value": "first"}
    assert client.patch(f"/Users/{url['id']}", first).body[EXAMPLE_URN]["costKey"] == "first"


SHOWN = (
    (
        "",
        {"schemas", "id", "meta", "userName", "name", "emails", "active", EXAMPLE_URN},
        {"staffCode", "serial"},
    ),
    ("attributes=userName", {"schemas", "id", "userName", EXAMPLE_URN}, {"staffCode"}),
    ("attributes=USERNAME", {"schemas", "id", "userName", EXAMPLE_URN}, {"staffCode"}),
    (f"attributes={USER}:userName", {"schemas", "id", "userName", EXAMPLE_URN}, {"staffCode"}),
    ("attributes=displayName,userName", {"schemas", "id", "userName", EXAMPLE_URN}, {"staffCode"}),
    ("attributes=noSuchAttribute", {"schemas", "id", EXAMPLE_URN}, {"staffCode"}),
    ("attributes=password", {"schemas", "id", EXAMPLE_URN}, {"staffCode"}),
    ("attributes=meta.version", {"schemas", "id", "meta", EXAMPLE_URN}, {"staffCode"}),
    (
        f"attributes={EXAMPLE_URN}:biography,{EXAMPLE_URN}:pin",
        {"schemas", "id", EXAMPLE_URN},
        {"staffCode", "biography"},
    ),
    (f"attributes={EXAMPLE_URN}:serial", {"schemas", "id", EXAMPLE_URN}, {"staffCode", "serial"}),
    (
        "excludedAttributes=name,emails",
        {"schemas", "id", "meta", "userName", "active", EXAMPLE_URN},
        {"staffCode", "serial"},
    ),
    (
        f"excludedAttributes=id,schemas,userName,{EXAMPLE_URN}:staffCode,{EXAMPLE_URN}:serial",
        {"schemas", "id", "meta", "name", "emails", "active", EXAMPLE_URN},
        {"staffCode"},
    ),
)


@pytest.mark.parametrize(("query", "names", "within"), SHOWN, ids=[row[0] for row in SHOWN])
def test_which_attributes_are_shown(client: Client, query: str, names: set[str], within: set[str]) -> None:
    """By what the schema says and the request asks for: in reads, lists, searches and answers to writes."""
    body: JSON = {
        "schemas": [USER],
        "userName": "a",
        "name": {"givenName": "G", "familyName": "F"},
        "emails": [{"value": "a@b.c"}],
        "password": "t0pSecret",
        EXAMPLE_URN: {"staffCode": "S", "biography": "Long.", "pin": "1234"},
    }
    created = client.send("POST", f"/Users?{query}", body)
    path = f"/Users/{created.body['id']}"
    operation = {"op": "replace", "path": "active", "value": True}
    name, _, value = query.partition("=")
    search: JSON = {"schemas": [SEARCH], "count": 1, **({name: value.split(",")} if name else {})}
    answers = [
        created.body,
        client.send("GET", f"{path}?{query}").body,
        client.send("GET", f"/Users?count=1&{query}").body["Resources"][0],
        client.send("GET", f"/Users?cursor&count=1&{query}").body["Resources"][0],
        client.send("GET", f"?count=1&{query}").body["Resources"][0],
        client.send("POST", "/Users/.search", search).body["Resources"][0],
        client.send("PUT", f"{path}?{query}", body).body,
        client.send("PATCH", f"{path}?{query}", {"schemas": [PATCH], "Operations": [operation]}).body,
    ]
    for shown in answers:
        assert (shown.keys(), shown[EXAMPLE_URN].keys()) == (names, within)
        assert shown["schemas"] == [USER, EXAMPLE_URN]


def test_sub_attributes_are_shown_alone(client: Client) -> None:
    """And left out alone."""
    user = make(client, "a", name={"givenName": "G", "familyName": "F"}, **{ENTERPRISE: {"department": "D"}})
    path = f"/Users/{user['id']}"
    only = client.send("GET", f"{path}?attributes=name.familyName").body
    assert only == {"schemas": [USER], "id": user["id"], "name": {"familyName": "F"}}
    assert client.send("GET", f"{path}?excludedAttributes=name.familyName").body["name"] == {"givenName": "G"}
    extension = client.send("GET", f"{path}?attributes={ENTERPRISE}:department").body
    assert extension == {"schemas": [USER, ENTERPRISE], "id": user["id"], ENTERPRISE: {"department": "D"}}
    whole = client.send("GET", f"{path}?attributes={ENTERPRISE}").body
    assert whole == extension
    without = client.send("GET", f"{path}?excludedAttributes={ENTERPRISE}").body
    assert ENTERPRISE not in [*without, *without["schemas"]]
    both = client.send("GET", f"{path}?attributes=userName&excludedAttributes=name")
    refused(both, 400, "invalidValue")


def test_rooms(client: Client) -> None:
    """A type of the target's own: made, read, listed, found, replaced, changed, deleted."""
    body = {"schemas": [ROOM_URN], "name": "Blue", "building": "B", "floor": 9, "capacity": 10}
    answer = client.send("POST", "/Rooms", {**body, "equipment": ["screen", "board"]})
    room, path = answer.body, f"/Rooms/{answer.body['id']}"
    assert answer.status == 201
    assert room["meta"]["resourceType"] == "Room"
    assert answer.headers["Location"] == room["meta"]["location"] == f"{BASE}{path}"
    assert client.send("GET", path).body == room
    client.send("POST", "/Rooms", {**body, "name": "Red", "floor": 10})
    for expression, names in (
        ('name eq "blue"', ["Blue"]),
        ("floor lt 10", ["Blue"]),
        ("capacity ge 10", ["Blue", "Red"]),
        ('equipment eq "board"', ["Blue"]),
        ('building sw "B" and not (floor eq 9)', ["Red"]),
    ):
        found = client.send("GET", f"/Rooms?filter={quote(expression)}").body["Resources"]
        assert [each["name"] for each in found] == names
    assert client.send("PUT", path, body).body.get("equipment") is None
    assert client.patch(path, {"op": "replace", "path": "floor", "value": 3}).status == 204
    assert client.send("GET", path).body["floor"] == 3
    refused(client.send("POST", "/Rooms", {"schemas": [ROOM_URN]}), 400, "invalidValue")
    refused(client.send("POST", "/Rooms", {**body, "floor": "3"}), 400, "invalidValue")
    assert client.send("DELETE", path).status == 204
    refused(client.send("GET", path), 404)


# Lists


@pytest.mark.parametrize(
    ("query", "start", "shown"),
    [
        ("startIndex=0&count=1", 1, 1),
        ("startIndex=-5&count=1", 1, 1),
        ("startIndex=2&count=2", 2, 2),
        ("count=0", 1, 0),
        ("count=-1", 1, 0),
        ("startIndex=1000", 1000, 0),
        ("count=100000", 1, 3),
        ("", 1, 3),
        ("count=1&scimproofNothing=x", 1, 1),
    ],
)
def test_pages(client: Client, query: str, start: int, shown: int) -> None:
    """StartIndex below 1 is 1, a negative count is 0, beyond the end is an empty page."""
    for name in "abc":
        make(client, name)
    for kind in ("/Users", ""):
        body = client.send("GET", f"{kind}?{query}").body
        assert (body["totalResults"], body["startIndex"], body["itemsPerPage"]) == (3, start, shown)
        assert len(body["Resources"]) == shown


@pytest.mark.parametrize("query", ["count=abc", "startIndex=1.5", "startIndex=", "cursor&startIndex=1"])
def test_pages_that_are_no_numbers(client: Client, query: str) -> None:
    """400."""
    refused(client.send("GET", f"/Users?{query}"), 400, "invalidValue")


def test_a_listed_resource_is_what_a_read_shows(client: Client) -> None:
    """With all that is returned by default."""
    users = [make(client, name, nickName="N", **{ENTERPRISE: {"department": "D"}}) for name in "ab"]
    assert client.send("GET", "/Users").body["Resources"] == users
    assert [client.send("GET", f"/Users/{user['id']}").body for user in users] == users


def walk(client: Client, query: str) -> list[JSON]:
    """All pages by cursor."""
    pages = [client.send("GET", f"/Users?cursor&{query}").body]
    while "nextCursor" in pages[-1]:
        assert re.fullmatch(r"[A-Za-z0-9._~-]+", pages[-1]["nextCursor"])
        pages.append(client.send("GET", f"/Users?cursor={pages[-1]['nextCursor']}&{query}").body)
    return pages


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("count=2", "bcade"),
        ("count=5", "bcade"),
        ("count=2&sortBy=userName", "abcde"),
        ("count=2&sortBy=userName&sortOrder=descending&attributes=userName", "edcba"),
        ("count=1&filter=userName%20gt%20%22b%22", "cde"),
    ],
)
def test_cursors(client: Client, query: str, names: str) -> None:
    """Everything once, in order; no next on the last page, no previous on the first, and back it goes."""
    for name in "bcade":
        make(client, name)
    pages = walk(client, query)
    assert "".join(user["userName"] for page in pages for user in page["Resources"]) == names
    assert {page["totalResults"] for page in pages} == {len(names)}
    assert ["previousCursor" in page for page in pages] == [False] + [True] * (len(pages) - 1)
    assert "startIndex" not in pages[0]
    for page, before in zip(pages[1:], pages, strict=False):
        back = client.send("GET", f"/Users?cursor={page['previousCursor']}&{query}").body
        assert back["Resources"] == before["Resources"]


def test_wrong_cursors(client: Client) -> None:
    """A made-up one and one of another query are refused alike; a search body takes them too."""
    for name in "abc":
        make(client, name)
    cursor = client.send("GET", "/Users?cursor&count=1&sortBy=userName").body["nextCursor"]
    answers = [
        client.send("GET", f"/Users?count=1&{query}")
        for query in (
            "cursor=scimproof-nothing",
            "cursor=a%2Bb",
            f"cursor={cursor}",
            f"cursor={cursor}&sortBy=title",
            f"cursor={cursor}&sortBy=userName&attributes=userName",
            f"cursor={cursor}&sortBy=userName&filter=userName%20pr",
        )
    ]
    for answer in [*answers, client.send("GET", f"/Groups?cursor={cursor}&count=1")]:
        refused(answer, 400, "invalidCursor")
    assert len({answer.body["detail"] for answer in answers}) == 1
    refused(client.send("GET", f"/Users?cursor={cursor}&count=2&sortBy=userName"), 400, "invalidCount")
    assert (
        client.send("GET", f"/Users?cursor={cursor}&sortBy=userName").body["Resources"][0]["userName"] == "b"
    )
    for count in (0, -1):
        nothing = client.send("GET", f"/Users?cursor&count={count}").body
        assert (nothing["totalResults"], nothing["Resources"], "nextCursor" in nothing) == (3, [], False)
    body = {"schemas": [SEARCH], "count": 2}
    page = client.send("POST", "/Users/.search", {**body, "cursor": ""}).body
    page = client.send("POST", "/Users/.search", {**body, "cursor": page["nextCursor"]}).body
    assert [user["userName"] for user in page["Resources"]] == ["c"]
    assert client.send("GET", "/Users?count=1").body["startIndex"] == 1


def test_search_bodies(client: Client) -> None:
    """They name their schema, follow the grammar and make nobody."""
    make(client, "a")
    make(client, "b")
    plain = {"schemas": [SEARCH], "filter": 'userName eq "b"', "startIndex": 1, "count": 10}
    for kind in ("/Users", ""):
        body = client.send("POST", f"{kind}/.search", plain).body
        assert [user["userName"] for user in body["Resources"]] == ["b"]
    ordered = {
        "schemas": [SEARCH],
        "sortBy": "userName",
        "sortOrder": "descending",
        "attributes": ["userName"],
    }
    body = client.send("POST", "/Users/.search", ordered).body
    assert [user["userName"] for user in body["Resources"]] == ["b", "a"]
    refused(client.send("POST", "/Users/.search", {**plain, "filter": "userName eq"}), 400, "invalidFilter")
    for wrong in (None, ["urn:x:y"], []):
        refused(client.send("POST", "/Users/.search", {**plain, "schemas": wrong}), 400, "invalidSyntax")
    refused(client.send("POST", "/Users/.search", b"[]"), 400, "invalidSyntax")
    assert client.send("POST", "/Groups/.search", {"schemas": [SEARCH]}).body["totalResults"] == 0
    assert total(client) == 2


# Versions


def test_etags(client: Client) -> None:
    """Shown by every answer with the resource; 304 for a current one, weakly compared."""
    created = client.send("POST", "/Users", {"schemas": [USER], "userName": "a"})
    path = f"/Users/{created.body['id']}"
    tag = created.headers["ETag"]
    assert re.fullmatch(r'W/"[^"]+"', tag)
    assert tag == created.body["meta"]["version"] == client.send("GET", path).headers["ETag"]
    for current in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        answer = client.send("GET", path, HTTP_IF_NONE_MATCH=current)
        assert (answer.status, answer.raw, answer.headers["ETag"]) == (304, b"", tag)
    assert client.send("GET", path, HTTP_IF_NONE_MATCH='"x"').status == 200
    for answer in (
        client.send("PUT", path, {"schemas": [USER], "userName": "a", "title": "T"}),
        client.patch(path, {"op": "replace", "path": "title", "value": "U"}),
    ):
        assert answer.headers["ETag"] == answer.body["meta"]["version"] != tag
        assert client.send("GET", path, HTTP_IF_NONE_MATCH=tag).status == 200
        tag = answer.headers["ETag"]
    assert client.patch(path, {"op": "replace", "path": "title", "value": "U"}).headers["ETag"] == tag


@pytest.mark.parametrize("body", [{"schemas": [USER], "userName": "a", "title": "New"}, {"userName": 5}, {}])
def test_a_stale_write_is_not_done(client: Client, body: JSON) -> None:
    """412, also where the body is wrong or would change nothing: the condition comes first."""
    user = make(client, "a")
    path = f"/Users/{user['id']}"
    patch = {"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": "New"}]}
    for header in ({"HTTP_IF_MATCH": '"stale"'}, {"HTTP_IF_MATCH": "nonsense"}, {"HTTP_IF_NONE_MATCH": "*"}):
        for answer in (
            client.send("PUT", path, body, token="", **header),
            client.send("PATCH", path, patch if body else {}, token="", **header),
            client.send("DELETE", path, None, token="", **header),
        ):
            refused(answer, 412)
    assert client.send("GET", path).body == user


def test_a_current_write_is_done(client: Client) -> None:
    """With the tag as it was shown, in a list, or *."""
    user = make(client, "a")
    path, tag = f"/Users/{user['id']}", user["meta"]["version"]
    for number, form in enumerate(("{}", '"x", {}', "*")):
        value = {"op": "replace", "path": "title", "value": str(number)}
        patch = {"schemas": [PATCH], "Operations": [value]}
        answer = client.send("PATCH", path, patch, HTTP_IF_MATCH=form.format(tag))
        assert (answer.status, answer.body["title"]) == (200, str(number))
        body = {**answer.body, "nickName": str(number)}
        answer = client.send("PUT", path, body, HTTP_IF_MATCH=form.format(answer.headers["ETag"]))
        assert (answer.status, answer.body["nickName"]) == (200, str(number))
        tag = answer.headers["ETag"]
    assert client.send("DELETE", path, HTTP_IF_MATCH=tag).status == 204


# Bulk


def bulk(client: Client, *operations: JSON, **more: Any) -> list[JSON]:
    """The results of a job that was worked off."""
    body = {"schemas": [BULK], "Operations": list(operations), **more}
    answer = client.send("POST", "/Bulk", body)
    assert (answer.status, answer.body["schemas"]) == (200, [f"{MESSAGES}BulkResponse"])
    assert set(answer.body) == {"schemas", "Operations"}
    for result in answer.body["Operations"]:
        failed = int(result["status"]) >= 400
        assert failed == ("response" in result)
        assert "location" in result or (failed and result.get("method") == "POST")
        if failed:
            assert result["response"]["detail"]
    return list(answer.body["Operations"])


def post(bulk_id: str, name: str, kind: str = "Users", /, **more: Any) -> JSON:
    """A POST of a user or a group."""
    key, schema = ("userName", USER) if kind == "Users" else ("displayName", GROUP)
    data = {"schemas": [schema], key: name, **more}
    return {"method": "POST", "path": f"/{kind}", "bulkId": bulk_id, "data": data}


def statuses(results: list[JSON]) -> list[str]:
    """The status of each result, which is text."""
    return [result["status"] for result in results]


def names(client: Client, kind: str = "Users") -> set[str]:
    """Who is there."""
    key = "userName" if kind == "Users" else "displayName"
    return {each[key] for each in client.send("GET", f"/{kind}").body["Resources"]}


def test_bulk_jobs(client: Client) -> None:
    """Every operation is tried, and answered as the single request would be."""
    one, two, three = (make(client, name) for name in ("taken", "two", "three"))
    results = bulk(
        client,
        post("a", "a"),
        post("b", "taken"),
        post("c", "c"),
        {"method": "DELETE", "path": f"/Users/{NOBODY}"},
    )
    assert statuses(results) == ["201", "409", "201", "404"]
    assert [result.get("bulkId") for result in results] == ["a", "b", "c", None]
    assert "location" not in results[1]
    assert results[1]["response"]["scimType"] == "uniqueness"
    path = results[0]["location"].removeprefix(BASE)
    assert client.send("GET", path).headers["ETag"] == results[0]["version"]
    patch = {"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": "T"}]}
    results = bulk(
        client,
        {"method": "PUT", "path": f"/Users/{one['id']}", "data": {"schemas": [USER], "userName": "one"}},
        {"method": "PATCH", "path": f"/Users/{two['id']}", "data": patch},
        {"method": "DELETE", "path": f"/Users/{three['id']}"},
        {"method": "PUT", "path": f"/Users/{two['id']}", "version": '"stale"', "data": {**two, "title": "U"}},
    )
    assert statuses(results) == ["200", "200", "204", "412"]
    assert client.send("GET", f"/Users/{two['id']}").body["title"] == "T"
    assert names(client) == {"a", "c", "one", "two"}


def test_bulk_stops_after_so_many_errors(client: Client) -> None:
    """FailOnErrors is obeyed, and not in the answer."""
    make(client, "taken")
    assert statuses(bulk(client, post("a", "taken"), post("b", "b"), failOnErrors=1)) == ["409"]
    jobs = (post("a", "taken"), post("b", "b"), post("c", "taken"), post("d", "d"))
    assert statuses(bulk(client, *jobs, failOnErrors=2)) == ["409", "201", "409"]
    assert names(client) == {"taken", "b"}


def test_bulk_references(client: Client) -> None:
    """In members, before and after what they refer to, in a manager, in a path, and in a circle."""
    member = {"members": [{"value": "bulkId:q"}]}
    for jobs in (
        (post("q", "q1"), post("g", "G1", "Groups", **member)),
        (post("g", "G2", "Groups", **member), post("q", "q2")),
    ):
        results = bulk(client, *jobs)
        assert statuses(results) == ["201", "201"]
        ids = {result["bulkId"]: result["location"].rpartition("/")[2] for result in results}
        group = client.send("GET", f"/Groups/{ids['g']}").body
        assert [entry["value"] for entry in group["members"]] == [ids["q"]]
    manager = {ENTERPRISE: {"manager": {"value": "bulkId:q"}}}
    results = bulk(client, post("r", "r3", **manager), post("q", "q3"))
    shown = client.send("GET", results[0]["location"].removeprefix(BASE)).body[ENTERPRISE]["manager"]
    assert shown["$ref"] == results[1]["location"]
    rename = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "G5"}]}
    path = {"method": "PATCH", "path": "/Groups/bulkId:g", "data": rename}
    assert statuses(bulk(client, post("g", "G4", "Groups"), path)) == ["201", "200"]
    assert "G5" in names(client, "Groups")


def test_bulk_circles(client: Client) -> None:
    """Both are made and hold each other; where one cannot be made the other is not either."""
    both = [post(a, a.upper(), "Groups", members=[{"value": f"bulkId:{b}"}]) for a, b in ("ab", "ba")]
    results = bulk(client, *both)
    assert statuses(results) == ["201", "201"]
    first, second = (client.send("GET", result["location"].removeprefix(BASE)) for result in results)
    assert [entry["$ref"] for entry in first.body["members"]] == [second.body["meta"]["location"]]
    assert [entry["$ref"] for entry in second.body["members"]] == [first.body["meta"]["location"]]
    assert [result["version"] for result in results] == [first.headers["ETag"], second.headers["ETag"]]
    bosses = [
        post(a, f"boss-{a}", **{ENTERPRISE: {"manager": {"value": f"bulkId:{b}"}}}) for a, b in ("ab", "ba")
    ]
    assert statuses(bulk(client, *bosses)) == ["201", "201"]
    make(client, "taken")
    circle = [
        post(a, n, **{ENTERPRISE: {"manager": {"value": f"bulkId:{b}"}}})
        for a, b, n in (("a", "b", "free"), ("b", "a", "taken"))
    ]
    assert statuses(bulk(client, *circle)) == ["409", "409"]
    assert "free" not in names(client)
    alone = post("g", "Alone", "Groups", members=[{"value": "bulkId:nobody"}])
    assert statuses(bulk(client, alone, post("q", "taken"))) == ["409", "409"]
    assert names(client, "Groups") == {"A", "B"}


WRONG: tuple[JSON, ...] = (
    {"method": "GET", "path": "/Users"},
    {"path": "/Users"},
    {"method": "POST", "path": "/Users", "data": {"schemas": [USER], "userName": "x"}},
    {"method": "PUT", "path": "/Users", "data": {"schemas": [USER], "userName": "x"}},
    {"method": "POST", "bulkId": "a", "data": {"schemas": [USER], "userName": "x"}},
    {"method": "POST", "bulkId": "a", "path": "/Users"},
    {"method": "POST", "bulkId": "a", "path": "/Users", "data": {"userName": "x"}},
    {"method": "POST", "bulkId": "a", "path": "/Users", "data": {"schemas": [USER], "userName": ""}},
    post("a", "x", active="yes"),
    {**post("a", "x"), "path": "/Users/x"},
    {**post("a", "x"), "path": "/Nothing"},
    {**post("a", "x"), "path": "/Me"},
)


@pytest.mark.parametrize("operation", WRONG, ids=[str(each)[:80] for each in WRONG])
def test_bulk_operations_that_are_wrong_fail_alone(client: Client, operation: JSON) -> None:
    """4xx for them, and nothing is made; what stands beside them is done."""
    first, second = bulk(client, operation, post("z", "z"))
    assert first["status"].startswith("4")
    assert second["status"] == "201"
    assert names(client) == {"z"}


def test_bulk_jobs_that_are_wrong(client: Client) -> None:
    """400 without operations or schema; 413 beyond a limit, which is named, and nothing is done."""
    right: JSON = {"schemas": [BULK], "Operations": [post("a", "a")]}
    wrong: JSON = {"Operations": [None, [], {}, [5]], "schemas": [None, [], ["urn:x:y"]]}
    for key, values in wrong.items():
        for value in values:
            refused(client.send("POST", "/Bulk", {**right, key: value}), 400, "invalidSyntax")
    config = client.send("GET", "/ServiceProviderConfig").body["bulk"]
    many = [{"method": "DELETE", "path": f"/Users/{NOBODY}"}] * config["maxOperations"]
    body: JSON = {"schemas": [BULK], "Operations": [post("a", "a"), *many]}
    for name, answer in (
        ("maxOperations", client.send("POST", "/Bulk", body)),
        ("maxPayloadSize", client.send("POST", "/Bulk", b" " * (config["maxPayloadSize"] + 1))),
    ):
        refused(answer, 413)
        assert name in answer.body["detail"]
        assert str(config[name]) in answer.body["detail"]
    assert total(client) == 0


# Discovery, the subject, credentials, HTTP


def test_configuration(client: Client) -> None:
    """One object, with what is there."""
    answer = client.send("GET", "/ServiceProviderConfig", token=None)
    body = answer.body
    assert answer.status == 200
    for feature in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert body[feature]["supported"] is True
    assert body["pagination"] == {
        "cursor": True,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": 1000,
        "maxPageSize": 1000,
        "cursorTimeout": 3600,
    }
    for scheme in body["authenticationSchemes"]:
        assert all(scheme[name] for name in ("type", "name", "description"))


@pytest.mark.parametrize("endpoint", ["/Schemas", "/ResourceTypes"])
def test_discovery_lists(client: Client, endpoint: str) -> None:
    """Whole, whatever page or order is asked for; each by its id; filters and writes are refused."""
    whole = client.send("GET", endpoint).body
    assert whole["totalResults"] == len(whole["Resources"])
    assert client.send("GET", f"{endpoint}?startIndex=2&count=1&sortBy=id&sortOrder=descending").body == whole
    for each in whole["Resources"]:
        assert client.send("GET", f"{endpoint}/{each['id']}").body == each
        assert each["meta"]["location"] == f"{BASE}{endpoint}/{each['id']}"
    refused(client.send("GET", f"{endpoint}?filter=id%20pr"), 403)
    refused(client.send("GET", f"{endpoint}/{MESSAGES}ListResponse"), 404)
    for method, path in (("POST", endpoint), ("PUT", f"{endpoint}/{whole['Resources'][0]['id']}")):
        answer = client.send(method, path, {})
        refused(answer, 405)
        assert answer.headers["Allow"] == "GET"


def attributes_of(schema: JSON) -> list[JSON]:
    """Its attributes and their sub-attributes."""
    top = schema["attributes"]
    return [*top, *(sub for each in top for sub in each.get("subAttributes", []))]


def test_schemas_say_what_rfc_7643_section_7_asks(client: Client) -> None:
    """Types, words, references, sub-attributes; every type, extension and endpoint leads somewhere."""
    schemas = {each["id"]: each for each in client.send("GET", "/Schemas").body["Resources"]}
    allowed = {
        "mutability": {"readOnly", "readWrite", "immutable", "writeOnly"},
        "returned": {"always", "never", "default", "request"},
        "uniqueness": {"none", "server", "global"},
        "type": {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"},
    }
    for schema in schemas.values():
        assert schema["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:Schema"]
        for attribute in attributes_of(schema):
            assert re.fullmatch(r"\$ref|[A-Za-z][\w$-]*", attribute["name"])
            assert all(attribute.get(key, next(iter(words))) in words for key, words in allowed.items())
            assert (attribute["type"] == "reference") == ("referenceTypes" in attribute)
            assert (attribute["type"] == "complex") == ("subAttributes" in attribute)
            assert isinstance(attribute["multiValued"], bool)
    seen = {
        (attribute["type"], attribute["mutability"], attribute["returned"])
        for attribute in attributes_of(schemas[EXAMPLE_URN])
    }
    assert {kind for kind, _, _ in seen} == allowed["type"]
    assert {word for _, word, _ in seen} == allowed["mutability"]
    assert {word for _, _, word in seen} == allowed["returned"]
    types = client.send("GET", "/ResourceTypes").body["Resources"]
    assert [(each["name"], each["endpoint"]) for each in types] == [
        ("User", "/Users"),
        ("Group", "/Groups"),
        ("Room", "/Rooms"),
    ]
    for each in types:
        assert each["description"]
        assert {
            each["schema"],
            *(more["schema"] for more in each.get("schemaExtensions", [])),
        } <= schemas.keys()
        assert client.send("GET", f"{each['endpoint']}?count=1").status == 200


def test_what_is_not_there(client: Client) -> None:
    """501 for /Me, 404 for what nobody knows, 405 with what is allowed."""
    for method in ("GET", "PUT", "PATCH", "POST", "DELETE"):
        refused(client.send(method, "/Me", {} if method[0] == "P" else None), 501)
    for path in ("/zqThings", "/Users/%20", "/Users/0", f"/Users/{'a' * 300}", "/Users/x/y"):
        refused(client.send("GET", path), 404)
    answer = client.send("DELETE", "/Bulk")
    refused(answer, 405)
    assert answer.headers["Allow"] == "POST"
    for path in ("/scim/v9/Users", "/scim/v9", "/scim", "/Users"):
        refused(_at(client, path), 404)
    newest = _at(client, "/scim/ResourceTypes/User")
    assert newest.body["meta"]["location"] == f"{BASE}/ResourceTypes/User"


def _at(client: Client, path: str) -> Answer:
    """The answer at a path that is not below the base."""
    seen: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None, /) -> Any:
        seen.append((status, headers))

    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_HOST": "127.0.0.1:8080",
        "wsgi.url_scheme": "http",
        "HTTP_AUTHORIZATION": f"Bearer {client.token}",
    }
    raw = b"".join(client.app(environ, start))
    return Answer(int(seen[-1][0].split()[0]), dict(seen[-1][1]), raw)


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (None, False),
        ("Basic c2VjcmV0LXRva2Vu", False),
        ("Raw secret-token", False),
        ("Bearer wrong", True),
        ("Bearer secret-toke", True),
        ("bearer wrong", True),
    ],
)
def test_the_challenge(client: Client, token: str | None, *, error: bool) -> None:
    """A scheme with a realm; an error only after a wrong token, and never the token itself."""
    user = make(client)
    for answer in (
        client.send("GET", "/Users", token=token),
        client.send("GET", f"/Users/{user['id']}", token=token),
        client.send("POST", "/Users", person("x"), token=token),
    ):
        refused(answer, 401)
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge == 'Bearer realm="scimproof"' + (', error="invalid_token"' if error else "")
        assert token is None or token.split()[1].encode() not in answer.raw
    assert total(client) == 1


def test_credentials_in_two_places(client: Client) -> None:
    """400 invalid_request; in the query alone they are none."""
    answer = client.send("GET", "/Users?access_token=wrong")
    refused(answer, 400)
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]
    answer = client.send("GET", "/Users?access_token=secret-token", token=None)
    refused(answer, 401)
    assert client.send("GET", "/Users", token="bearer secret-token").status == 200
