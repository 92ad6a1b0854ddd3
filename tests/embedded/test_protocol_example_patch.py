"""PATCH at the honest target: each form of each operation, what is refused, and nothing done by half."""

from typing import Any

import pytest

from scimproof.embedded.app import build

from .client import CUSTOM, ENTERPRISE, GROUP, JSON, PATCH, USER, Client

W: JSON = {"type": "work", "value": "w@example.com", "primary": True}
W2: JSON = {"type": "work", "value": "w2@example.com"}
H: JSON = {"type": "home", "value": "h@example.com"}
NAME: JSON = {"givenName": "G", "familyName": "F"}
DEP: JSON = {"department": "Dep", "division": "Div"}
PHONE: JSON = {"type": "work", "value": "+1 555"}
WORK = 'emails[type eq "work"]'
HOME = 'emails[type eq "home"]'


def op(verb: str, path: str | None = None, value: Any = ...) -> JSON:
    """One operation."""
    found: JSON = {"op": verb}
    if path is not None:
        found["path"] = path
    if value is not ...:
        found["value"] = value
    return found


def work(**more: Any) -> JSON:
    """The primary work address with these changes."""
    return {key: value for key, value in {**W, **more}.items() if value is not None}


# before, operations, what is other afterwards (None: without value)
FORMS: tuple[tuple[JSON, list[JSON], JSON], ...] = (
    ({}, [op("add", None, {"title": "T1", "nickName": "N1"})], {"title": "T1", "nickName": "N1"}),
    ({}, [op("add", "nickName", "N1")], {"nickName": "N1"}),
    ({"displayName": "D"}, [op("add", "displayName", "D1")], {"displayName": "D1"}),
    ({}, [op("add", "name", {"middleName": "M"})], {"name": {**NAME, "middleName": "M"}}),
    ({}, [op("add", "name.middleName", "M")], {"name": {**NAME, "middleName": "M"}}),
    ({}, [op("add", "emails", [H])], {"emails": [W, H]}),
    ({}, [op("add", "emails", H)], {"emails": [W, H]}),
    ({}, [op("add", None, {"emails": [H]})], {"emails": [W, H]}),
    ({"emails": [W, H]}, [op("add", "emails", [H])], {}),
    ({"emails": [W, H]}, [op("add", f"{WORK}.display", "d")], {"emails": [work(display="d"), H]}),
    (
        {},
        [op("add", "emails", [{**H, "primary": True}])],
        {"emails": [work(primary=False), {**H, "primary": True}]},
    ),
    (
        {"emails": [W, H]},
        [op("replace", f"{HOME}.primary", value=True)],
        {"emails": [work(primary=False), {**H, "primary": True}]},
    ),
    ({}, [op("add", f"{USER}:displayName", "D0")], {"displayName": "D0"}),
    ({}, [op("add", f"{ENTERPRISE}:department", "Dep")], {ENTERPRISE: {"department": "Dep"}}),
    ({}, [op("add", ENTERPRISE, {"department": "Dep"})], {ENTERPRISE: {"department": "Dep"}}),
    ({}, [op("add", None, {ENTERPRISE: {"department": "Dep"}})], {ENTERPRISE: {"department": "Dep"}}),
    ({}, [op("replace", None, {"displayName": "D2"})], {"displayName": "D2"}),
    ({}, [op("replace", None, {"active": False})], {"active": False}),
    ({"displayName": "D"}, [op("replace", "displayName", "D3")], {"displayName": "D3"}),
    ({}, [op("replace", "nickName", "N9")], {"nickName": "N9"}),
    ({}, [op("replace", "name", {"familyName": "F9"})], {"name": {"givenName": "G", "familyName": "F9"}}),
    ({}, [op("replace", "name.familyName", "F8")], {"name": {"givenName": "G", "familyName": "F8"}}),
    ({}, [op("replace", "emails", [H])], {"emails": [H]}),
    (
        {"emails": [W, H]},
        [op("replace", WORK, {"type": "work", "value": "n@example.com"})],
        {"emails": [{"type": "work", "value": "n@example.com"}, H]},
    ),
    (
        {"emails": [W, H]},
        [op("replace", f"{WORK}.value", "n@example.com")],
        {"emails": [work(value="n@example.com"), H]},
    ),
    (
        {"emails": [W, W2]},
        [op("replace", f"{WORK}.display", "dd")],
        {"emails": [work(display="dd"), {**W2, "display": "dd"}]},
    ),
    (
        {"emails": [W, W2]},
        [op("replace", 'emails[type eq "work" and primary eq true].value', "n@example.com")],
        {"emails": [work(value="n@example.com"), W2]},
    ),
    ({"nickName": "nn"}, [op("replace", "nickName", None)], {"nickName": None}),
    ({"phoneNumbers": [PHONE]}, [op("replace", "phoneNumbers", [])], {"phoneNumbers": None}),
    (
        {ENTERPRISE: DEP},
        [op("replace", f"{ENTERPRISE}:department", "Dep2")],
        {ENTERPRISE: {**DEP, "department": "Dep2"}},
    ),
    (
        {ENTERPRISE: DEP},
        [op("replace", None, {ENTERPRISE: {"department": "Dep3"}})],
        {ENTERPRISE: {**DEP, "department": "Dep3"}},
    ),
    ({"nickName": "nn"}, [op("remove", "nickName")], {"nickName": None}),
    ({}, [op("remove", "nickName")], {}),
    ({"name": {**NAME, "middleName": "M"}}, [op("remove", "name.middleName")], {"name": NAME}),
    (
        {"phoneNumbers": [PHONE, {**PHONE, "type": "home"}]},
        [op("remove", "phoneNumbers")],
        {"phoneNumbers": None},
    ),
    ({"emails": [W, H]}, [op("remove", HOME)], {"emails": [W]}),
    ({"emails": [W, H]}, [op("remove", 'emails[type eq "home" and value sw "h@"]')], {"emails": [W]}),
    ({"emails": [W, H]}, [op("remove", 'emails[type eq "home" and value sw "x@"]')], {}),
    ({"emails": [W, H]}, [op("remove", 'emails[type eq "home" or type eq "work"]')], {"emails": None}),
    ({"emails": [work(display="d"), H]}, [op("remove", f"{WORK}.display")], {"emails": [W, H]}),
    (
        {ENTERPRISE: DEP},
        [op("remove", f"{ENTERPRISE}:department")],
        {ENTERPRISE: {"division": "Div"}},
    ),
    ({ENTERPRISE: DEP}, [op("remove", ENTERPRISE)], {ENTERPRISE: None}),
    ({}, [op("replace", "nickName", "a"), op("replace", "nickName", "b")], {"nickName": "b"}),
    (
        {},
        [op("add", "emails", [H]), op("replace", f"{HOME}.value", "z@example.com")],
        {"emails": [W, {**H, "value": "z@example.com"}]},
    ),
    ({"nickName": "nn"}, [op("remove", "nickName"), op("add", "nickName", "n")], {"nickName": "n"}),
    ({}, [op("replace", "NAME.FAMILYNAME", "F7")], {"name": {"givenName": "G", "familyName": "F7"}}),
    (
        {},
        [op("replace", 'Emails[Type EQ "work"].Value', "z@example.com")],
        {"emails": [work(value="z@example.com")]},
    ),
    (
        {},
        [op("replace", f"{USER}:name.familyName", "F7")],
        {"name": {"givenName": "G", "familyName": "F7"}},
    ),
    ({}, [op("replace", None, {"name.givenName": "G2"})], {"name": {"givenName": "G2", "familyName": "F"}}),
    ({}, [op("Replace", "nickName", "E")], {"nickName": "E"}),
)
REFUSED: tuple[tuple[Any, str], ...] = (
    (None, "invalidSyntax"),
    ([], "invalidSyntax"),
    ({}, "invalidSyntax"),
    (["x"], "invalidSyntax"),
    ([{"path": "nickName", "value": "x"}], "invalidSyntax"),
    ([op("move", "nickName", "x")], "invalidValue"),
    ([op("zq", "nickName", "x")], "invalidValue"),
    ([op("remove")], "noTarget"),
    ([op("add", "nickName")], "invalidValue"),
    ([op("add", None, "x")], "invalidValue"),
    ([op("replace", "nickName")], "invalidValue"),
    *(
        ([op("replace", path, "x")], "invalidPath")
        for path in (
            "emails[",
            'emails[type eq "work"',
            "name..givenName",
            "[]",
            'emails[type eq "work"].value.x',
            "/emails/0",
            "emails[0].value",
            "noSuchAttribute",
            "name.noSuch",
        )
    ),
    ([op("replace", 'emails[type regex "x"].value', "x")], "invalidFilter"),
    ([op("replace", "id", "x")], "mutability"),
    ([op("replace", "meta.created", "2020-01-01T00:00:00Z")], "mutability"),
    ([op("add", "groups", [{"value": "x"}])], "mutability"),
    ([op("replace", None, {"id": "other", "nickName": "x"})], "mutability"),
    ([op("replace", f"{ENTERPRISE}:manager.displayName", "x")], "mutability"),
    ([op("remove", "userName")], "mutability"),
    ([op("remove", "id")], "mutability"),
    ([op("remove", "meta")], "mutability"),
    ([op("replace", 'emails[type eq "zq"].value', "x")], "noTarget"),
    ([op("replace", "active", "maybe")], "invalidValue"),
    ([op("replace", None, {"active": 1})], "invalidValue"),
    ([op("replace", f"{CUSTOM}:floor", "3")], "invalidValue"),
    ([op("replace", "emails", "x")], "invalidValue"),
    ([op("replace", f"{WORK}.primary", "yes")], "invalidValue"),
    ([op("replace", "userName", {})], "invalidValue"),
    ([op("replace", "userName", "")], "invalidValue"),
    ([op("replace", "userName", "taken")], "uniqueness"),
    # nothing is done by half
    ([op("replace", "displayName", "x"), op("replace", 'emails[type eq "zq"].value', "x")], "noTarget"),
    ([op("add", "nickName", "x"), op("replace", "id", "x")], "mutability"),
    ([op("add", "title", "x"), op("zq", "title", "x")], "invalidValue"),
    ([op("replace", "userName", "free"), op("replace", "userName", "taken")], "uniqueness"),
)


@pytest.fixture
def client() -> Client:
    """A client of a fresh target, in which a userName is taken."""
    fresh = Client(build())
    fresh.send("POST", "/Users", {"schemas": [USER], "userName": "taken"})
    return fresh


def make(client: Client, before: JSON) -> JSON:
    """A user in a group, as a GET shows it."""
    body = {"schemas": [USER], "userName": "patched", "name": NAME, "emails": [W], "displayName": "D"}
    user = client.send("POST", "/Users", {**body, **before}).body["id"]
    group = {"schemas": [GROUP], "displayName": "G", "members": [{"value": user}]}
    assert client.send("POST", "/Groups", group).status == 201
    return client.send("GET", f"/Users/{user}").body


@pytest.mark.parametrize(("before", "operations", "after"), FORMS, ids=[str(row[1]) for row in FORMS])
def test_form(client: Client, before: JSON, operations: list[JSON], after: JSON) -> None:
    """What it names is other, everything else as it was; lastModified and version move with a change only."""
    was = make(client, before)
    answer = client.patch(f"/Users/{was['id']}", *operations)
    now = client.send("GET", f"/Users/{was['id']}").body
    assert (answer.status, answer.body) == (200, now)
    assert answer.headers["ETag"] == now["meta"]["version"]
    expected = {key: value for key, value in {**was, **after}.items() if value is not None}
    assert {**now, "meta": 0, "schemas": 0} == {**expected, "meta": 0, "schemas": 0}
    assert (ENTERPRISE in now["schemas"]) == (ENTERPRISE in expected)
    assert (now["meta"] == was["meta"]) == (not after)
    assert now["meta"]["created"] == was["meta"]["created"]


@pytest.mark.parametrize(("operations", "word"), REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_refused(client: Client, operations: Any, word: str) -> None:
    """400 with that word (409 for what is taken), and the user is as it was."""
    was = make(client, {})
    body = {"schemas": [PATCH]} if operations is None else {"schemas": [PATCH], "Operations": operations}
    answer = client.send("PATCH", f"/Users/{was['id']}", body)
    assert (answer.status, answer.body["scimType"]) == (409 if word == "uniqueness" else 400, word)
    assert answer.body["detail"]
    assert "pydantic" not in answer.body["detail"]
    assert client.send("GET", f"/Users/{was['id']}").body == was


def test_the_message_names_its_schema(client: Client) -> None:
    """Without it, or with another, 400 invalidSyntax."""
    path = f"/Users/{make(client, {})['id']}"
    for schemas in (None, [], ["urn:x:y"], PATCH):
        body = {"schemas": schemas, "Operations": [op("add", "nickName", "x")]}
        answer = client.send("PATCH", path, body)
        assert (answer.status, answer.body["scimType"]) == (400, "invalidSyntax")


def _members(client: Client, path: str) -> list[str]:
    return [entry["value"] for entry in client.send("GET", path).body.get("members", [])]


def test_members(client: Client) -> None:
    """Added, replaced and removed in every form; what is there already moves nothing."""
    one, two, three = (
        client.send("POST", "/Users", {"schemas": [USER], "userName": name}).body["id"] for name in "abc"
    )
    group = {"schemas": [GROUP], "displayName": "G", "members": [{"value": one}]}
    path = f"/Groups/{client.send('POST', '/Groups', group).body['id']}"

    def gone(user: str) -> JSON:
        return op("remove", f'members[value eq "{user}"]')

    for operations, expected in (
        ([op("add", "members", [{"value": two}])], [one, two]),
        ([op("add", "members", [{"value": two}])], [one, two]),
        ([op("replace", "members", [{"value": two}, {"value": three}])], [two, three]),
        ([gone(two)], [three]),
        ([gone(two)], [three]),
        ([gone(three)], []),
        ([op("add", "members", [{"value": one}])], [one]),
        ([gone(one), op("add", "members", [{"value": two}])], [two]),
        ([op("remove", "members")], []),
        ([op("replace", None, {"displayName": "G2"})], []),
    ):
        was = client.send("GET", path).body
        answer = client.patch(path, *operations)
        assert (answer.status, answer.raw) == (204, b"")
        now = client.send("GET", path).body
        assert [entry["value"] for entry in now.get("members", [])] == expected
        assert answer.headers["ETag"] == now["meta"]["version"]
        same = {**was, "meta": 0} == {**now, "meta": 0}
        assert (was["meta"] == now["meta"]) == same
    assert client.patch(path, op("replace", None, {"id": path[8:], "displayName": "G3"})).status == 204
    client.patch(path, op("add", "members", [{"value": one}]))
    answer = client.patch(path, op("replace", f'members[value eq "{one}"].value', two))
    assert (answer.status, answer.body["scimType"]) == (400, "mutability")
    assert client.patch(path, op("remove", "displayName")).body["scimType"] == "mutability"
    assert client.patch(path, op("replace", "displayName", "")).body["scimType"] == "invalidValue"
    assert _members(client, path) == [one]


def test_attributes_of_the_answer(client: Client) -> None:
    """200 with the resource if attributes are asked for, also for a group."""
    user = make(client, {})
    group = user["groups"][0]["value"]
    answer = client.send(
        "PATCH",
        f"/Groups/{group}?attributes=displayName",
        {"schemas": [PATCH], "Operations": [op("replace", "displayName", "H")]},
    )
    assert (answer.status, answer.body) == (200, {"schemas": [GROUP], "id": group, "displayName": "H"})
    answer = client.send(
        "PATCH",
        f"/Users/{user['id']}?excludedAttributes=emails,meta",
        {"schemas": [PATCH], "Operations": [op("replace", "title", "H")]},
    )
    assert (answer.status, answer.body["title"]) == (200, "H")
    assert not {"emails", "meta"} & answer.body.keys()
