"""The honest target at what Entra sends, in both dialects: every form is read as what it means."""

from typing import Any

import pytest

from scimproof.embedded.app import build

from .client import CUSTOM, ENTERPRISE, GROUP, JSON, PATCH, USER, Client

MANAGER = f"{ENTERPRISE}:manager"
ROLE_TYPE = "WindowsAzureActiveDirectoryRole"
ADSCIM = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
UNKNOWN = "urn:ietf:params:scim:schemas:extension:unheard:2.0:User"
HEX = "0123456789abcdef0123456789abcdef"
ROLE_TEXT = '{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"25","displayName":"Role1234"}'
MOBILE = 'phoneNumbers[type eq "mobile"]'
ADDRESS = 'addresses[type eq "work"]'
OTHER = 'emails[type eq "other"]'
ROLE = 'roles[primary eq "True"]'
BOSS = {"$ref": "https://h/Users/m1", "value": "m1"}
PARTS = {"streetAddress": "1 A St", "locality": "B", "region": "C", "postalCode": "9", "country": "DE"}
WORK: JSON = {"type": "work", "value": "jyoung@contoso.com", "primary": True}


def op(verb: str, path: str | None, value: Any = ...) -> JSON:
    """One operation."""
    found: JSON = {"op": verb}
    if path is not None:
        found["path"] = path
    if value is not ...:
        found["value"] = value
    return found


def joy(**more: Any) -> JSON:
    """What Entra posts for a person (ENTRA-07)."""
    body: JSON = {
        "schemas": [USER, ENTERPRISE],
        "externalId": "jyoung",
        "userName": "jyoung@contoso.com",
        "active": True,
        "displayName": "Joy Young",
        "emails": [{"primary": True, "type": "work", "value": "jyoung@contoso.com"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Joy Young", "familyName": "Young", "givenName": "Joy"},
        "title": "Engineer",
        ENTERPRISE: {"department": "Sales", "employeeNumber": "701984"},
    }
    return {**body, **more}


EXTENSION = joy()[ENTERPRISE]
NAME = joy()["name"]


def also(**more: Any) -> JSON:
    """The enterprise extension with these attributes too."""
    return {ENTERPRISE: {**EXTENSION, **more}}


# what the user has beside the plain profile, the operations, what is other afterwards (None: absent)
PATCHES: tuple[tuple[JSON, list[JSON], JSON], ...] = (
    # ENTRA-09, ENTRA-11: one operation for each attribute, Add and Replace alike
    (
        {},
        [op("Add", f"{MOBILE}.value", "55555555555")],
        {"phoneNumbers": [{"type": "mobile", "value": "55555555555"}]},
    ),
    (
        {"phoneNumbers": [{"type": "work", "value": "1"}]},
        [op("Add", f"{MOBILE}.value", "2")],
        {"phoneNumbers": [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}]},
    ),
    (
        {"phoneNumbers": [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}]},
        [op("Replace", 'phoneNumbers[type eq "work"].value', "3")],
        {"phoneNumbers": [{"type": "work", "value": "3"}, {"type": "mobile", "value": "2"}]},
    ),
    (
        {},
        [op("Add", f"{ADDRESS}.{name}", value) for name, value in PARTS.items()],
        {"addresses": [{"type": "work", **PARTS}]},
    ),
    (
        {},
        [op("Add", f"{ADDRESS}.formatted", "18/2111")],
        {"addresses": [{"type": "work", "formatted": "18/2111"}]},
    ),
    (
        {"addresses": [{"type": "work", "locality": "A"}]},
        [op("Replace", f"{ADDRESS}.locality", "B"), op("Add", f"{ADDRESS}.country", "DE")],
        {"addresses": [{"type": "work", "locality": "B", "country": "DE"}]},
    ),
    (
        {"emails": None},
        [op("Add", 'emails[type eq "work"].value', "new@contoso.com")],
        {"emails": [{"type": "work", "value": "new@contoso.com"}]},
    ),
    (
        {},
        [op("Add", 'emails[type eq "work"].value', "new@contoso.com")],
        {"emails": [{**WORK, "value": "new@contoso.com"}]},
    ),
    (
        {},
        [op("Add", f"{OTHER}.Value", "o@contoso.com")],
        {"emails": [WORK, {"type": "other", "value": "o@contoso.com"}]},
    ),
    (
        {"emails": [WORK, {"type": "other", "value": "o@contoso.com"}]},
        [op("Replace", f"{OTHER}.Value", "p@contoso.com")],
        {"emails": [WORK, {"type": "other", "value": "p@contoso.com"}]},
    ),
    (
        {},
        [
            op("Replace", 'emails[type eq "work"].value', "new@contoso.com"),
            op("Replace", "displayName", "J"),
            op("Replace", "name.givenName", "J"),
            op("Replace", "name.familyName", "Y"),
            op("Replace", f"{ENTERPRISE}:department", "Retail"),
        ],
        {
            "emails": [{**WORK, "value": "new@contoso.com"}],
            "displayName": "J",
            "name": {**NAME, "givenName": "J", "familyName": "Y"},
            **also(department="Retail"),
        },
    ),
    ({}, [op("Add", "nickName", "Babs")], {"nickName": "Babs"}),
    ({}, [op("Add", "title", "CEO")], {"title": "CEO"}),
    ({}, [op("add", "title", "CEO")], {"title": "CEO"}),
    # ENTRA-10: one value without path, whose keys are paths
    (
        {},
        [
            op("replace", 'emails[type eq "work"].value', "new@contoso.com"),
            op(
                "replace",
                None,
                {
                    "displayName": "Bjfe",
                    "name.givenName": "Kkom",
                    "name.familyName": "Unua",
                    f"{ENTERPRISE}:employeeNumber": "Aklq",
                },
            ),
        ],
        {
            "emails": [{**WORK, "value": "new@contoso.com"}],
            "displayName": "Bjfe",
            "name": {**NAME, "givenName": "Kkom", "familyName": "Unua"},
            **also(employeeNumber="Aklq"),
        },
    ),
    (
        {},
        [op("add", None, {"displayName": "B", "title": "T", "name.formatted": "F"})],
        {"displayName": "B", "title": "T", "name": {**NAME, "formatted": "F"}},
    ),
    # ENTRA-13, ENTRA-14: the manager
    ({}, [op("Add", MANAGER, "m1")], also(manager={"value": "m1"})),
    ({}, [op("add", MANAGER, "m1")], also(manager={"value": "m1"})),
    ({}, [op("Add", MANAGER, {"value": "m1"})], also(manager={"value": "m1"})),
    ({}, [op("add", None, {MANAGER: "m1"})], also(manager={"value": "m1"})),
    ({}, [op("Add", "manager", [{"$ref": "https://h/Users/m1", "value": "m1"}])], also(manager=BOSS)),
    (also(manager={"value": "m1"}), [op("Replace", MANAGER, "m2")], also(manager={"value": "m2"})),
    (also(manager={"value": "m1"}), [op("Add", MANAGER, "m2")], also(manager={"value": "m2"})),
    *(
        (also(manager={"value": "m1"}), [op(verb, path, value)], also())
        for verb in ("Replace", "replace", "Add")
        for path, value in (
            (MANAGER, ""),
            (MANAGER, {"value": ""}),
            (None, {MANAGER: ""}),
            (None, {ENTERPRISE: {"manager": {"value": ""}}}),
        )
    ),
    ({}, [op("Replace", MANAGER, "")], {}),
    # ENTRA-16: roles
    (
        {},
        [op("Add", "roles", [{"value": ROLE_TEXT}])],
        {"roles": [{"value": "25", "display": "Role1234"}]},
    ),
    (
        {},
        [op("add", "roles", [{"primary": True, "type": ROLE_TYPE, "value": "Admin"}])],
        {"roles": [{"primary": True, "type": ROLE_TYPE, "value": "Admin"}]},
    ),
    (
        {"roles": [{"value": "Admin"}, {"value": "User"}]},
        [op("replace", "roles", [{"primary": False, "type": ROLE_TYPE, "display": "User", "value": "User"}])],
        {"roles": [{"primary": False, "type": ROLE_TYPE, "display": "User", "value": "User"}]},
    ),
    (
        {},
        [op("add", f"{ROLE}.value", "v"), op("add", f"{ROLE}.display", "d"), op("add", f"{ROLE}.type", "t")],
        {"roles": [{"primary": True, "value": "v", "display": "d", "type": "t"}]},
    ),
    ({}, [op("Add", "roles", [{"value": "{not json"}])], {"roles": [{"value": "{not json"}]}),
    # ENTRA-17: an extension of the administrator's
    ({}, [op("Add", f"{CUSTOM}:badge", "B 1")], {CUSTOM: {"badge": "B 1"}}),
    ({}, [op("add", None, {f"{CUSTOM}:badge": "B 1"})], {CUSTOM: {"badge": "B 1"}}),
    # ENTRA-18 to ENTRA-20
    *(
        ({}, [op("Replace", "active", value)], {"active": False})
        for value in ("False", "false", "FALSE", False)
    ),
    *(
        ({"active": False}, [op("Replace", "active", value)], {"active": True})
        for value in ("True", "true", True)
    ),
    ({}, [op("Add", "active", "False")], {"active": False}),
    ({}, [op("Replace", None, {"active": "False"})], {"active": False}),
    ({}, [op("replace", None, {"active": False})], {"active": False}),
    (
        {},
        [op("Replace", "userName", f"{HEX}jyoung@contoso.com"), op("Replace", "active", "False")],
        {"userName": f"{HEX}jyoung@contoso.com", "active": False},
    ),
    # in one PATCH, in their order
    ({}, [op("remove", "title"), op("add", "title", "a"), op("replace", "title", "b")], {"title": "b"}),
    (
        {"phoneNumbers": [{"type": "mobile", "value": "1"}]},
        [op("remove", MOBILE), op("add", f"{MOBILE}.value", "2"), op("replace", f"{MOBILE}.value", "3")],
        {"phoneNumbers": [{"type": "mobile", "value": "3"}]},
    ),
)
# what is posted beside the plain profile, what of it is stored otherwise (None: not at all)
CREATES: tuple[tuple[JSON, JSON], ...] = (
    ({}, {}),
    ({"roles": [{"primary": True, "type": ROLE_TYPE, "value": "Admin"}]}, {}),
    ({"roles": [{"primary": "True", "value": "x"}]}, {"roles": [{"primary": True, "value": "x"}]}),
    (
        {"roles": [{"primary": False, "type": ROLE_TYPE, "displayName": "A", "value": "A"}]},
        {"roles": [{"primary": False, "type": ROLE_TYPE, "value": "A"}]},
    ),
    ({"roles": []}, {"roles": None}),
    ({"addresses": [{"type": "work", "primary": True, **PARTS}]}, {}),
    ({CUSTOM: {"badge": "1"}}, {}),
    (also(manager=""), also()),
    (also(manager={"value": ""}), also()),
    ({"schemas": [USER]}, {}),
)


@pytest.fixture
def client() -> Client:
    """A client of a fresh target, with no headers but those that Entra sends."""
    return Client(build())


def same(found: JSON, expected: JSON) -> bool:
    """Whether they are alike, but for what a server decides and the order of lists."""

    def plain(resource: JSON) -> JSON:
        kept = {key: value for key, value in resource.items() if key not in {"id", "meta", "schemas"}}
        return {
            key: sorted(value, key=lambda one: str(sorted(one.items()))) if isinstance(value, list) else value
            for key, value in kept.items()
        }

    return plain(found) == plain({key: value for key, value in expected.items() if value is not None})


@pytest.mark.parametrize(("before", "operations", "after"), PATCHES, ids=[str(row[1]) for row in PATCHES])
def test_patch(client: Client, before: JSON, operations: list[JSON], after: JSON) -> None:
    """What it names is other and readable, everything else as it was; sent again it changes nothing."""
    body = {key: value for key, value in joy(**before).items() if value is not None}
    path = f"/Users/{client.send('POST', '/Users', body).body['id']}"
    for _ in range(2):
        answer = client.patch(path, *operations)
        now = client.send("GET", path)
        assert (answer.status, now.status) == (200, 200), answer.body
        assert same(now.body, {**body, **after}), now.body
        assert answer.body == now.body


@pytest.mark.parametrize(("more", "stored"), CREATES, ids=[str(row[0]) for row in CREATES])
def test_create(client: Client, more: JSON, stored: JSON) -> None:
    """201, and read back as it was sent."""
    answer = client.send("POST", "/Users", joy(**more))
    assert answer.status == 201, answer.body
    assert same(client.send("GET", f"/Users/{answer.body['id']}").body, {**joy(**more), **stored})


@pytest.mark.parametrize(
    ("operations", "word"),
    [
        ([], "invalidSyntax"),
        ([op("Replace", 'emails[type eq "home"].value', "x@contoso.com")], "noTarget"),
        ([op("Replace", f"{MOBILE}.value", "1")], "noTarget"),
        ([op("Add", 'emails[type ne "work"].value', "x@contoso.com")], "noTarget"),
        ([op("Add", f"{UNKNOWN}:employeeNumber", "1")], "invalidPath"),
        ([op("Add", "department", "Sales")], "invalidPath"),
        ([op("Remove", "title", "Engineer")], "invalidValue"),
        (
            [op("Add", "title", "T"), op("Add", f"{ADDRESS}.country", "DE"), op("Replace", "id", "x")],
            "mutability",
        ),
        ([op("Add", f"{ADDRESS}.country", "DE"), op("Replace", "userName", "taken")], "uniqueness"),
    ],
    ids=str,
)
def test_refused(client: Client, operations: list[JSON], word: str) -> None:
    """What the RFCs say of wrong requests still holds, and nothing is done by half."""
    client.send("POST", "/Users", {"schemas": [USER], "userName": "taken"})
    was = client.send("POST", "/Users", joy()).body
    answer = client.patch(f"/Users/{was['id']}", *operations)
    assert (answer.status, answer.body["scimType"]) == (409 if word == "uniqueness" else 400, word)
    assert client.send("GET", f"/Users/{was['id']}").body == was


def test_the_order_of_keys_is_free(client: Client) -> None:
    """Operations before schemas, the value before the path."""
    path = f"/Users/{client.send('POST', '/Users', joy()).body['id']}"
    body = {"Operations": [{"value": "False", "path": "active", "op": "Replace"}], "schemas": [PATCH]}
    answer = client.send("PATCH", path, body)
    assert (answer.status, answer.body["active"]) == (200, False)


def group(**more: Any) -> JSON:
    """What Entra posts for a group (ENTRA-23)."""
    body: JSON = {
        "schemas": [GROUP],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        "displayName": "Sales",
        "members": [],
        "meta": {"resourceType": "Group"},
    }
    return {key: value for key, value in {**body, **more}.items() if value is not None}


@pytest.mark.parametrize(
    "more",
    [{}, {"members": None}, {"schemas": [GROUP, ADSCIM], "members": None}, {"displayName": "Team. Süd, DE"}],
    ids=str,
)
def test_create_group(client: Client, more: JSON) -> None:
    """201 in each form."""
    answer = client.send("POST", "/Groups", group(**more))
    assert answer.status == 201, answer.body
    found = client.send("GET", f"/Groups/{answer.body['id']}?excludedAttributes=members").body
    assert same(found, {**group(**more), "members": None})
    assert found["schemas"] == [GROUP]


def members(client: Client, path: str) -> list[str]:
    """The ids of its members."""
    return [entry["value"] for entry in client.send("GET", path).body.get("members", [])]


def test_members(client: Client) -> None:
    """Added and removed in every form of both dialects; strangers and those who are members are no error."""
    a, b, c = (
        client.send("POST", "/Users", {"schemas": [USER], "userName": name}).body["id"] for name in "abc"
    )
    nested = client.send("POST", "/Groups", group(displayName="Nested", externalId="n")).body["id"]
    path = f"/Groups/{client.send('POST', '/Groups', group()).body['id']}"

    def some(verb: str, *ids: str, **more: Any) -> JSON:
        return op(verb, "members", [{**more, "value": one} for one in ids])

    for operations, expected in (
        ([some("Add", a, b)], [a, b]),
        ([some("Add", c, **{"$ref": None})], [a, b, c]),
        ([some("Add", c)], [a, b, c]),
        ([some("Remove", b)], [a, c]),
        ([some("Remove", b)], [a, c]),
        ([some("Remove", "nobody")], [a, c]),
        ([some("Remove", "nobody", a, **{"$ref": None})], [c]),
        ([some("Add", a, b, nested)], [c, a, b, nested]),
        ([some("Remove", c, b, display="x")], [a, nested]),
        ([op("Remove", "members", [])], [a, nested]),
        ([op("remove", f'members[value eq "{nested}"]')], [a]),
        ([op("remove", 'members[value eq "nobody"]')], [a]),
        ([some("Add", b), some("Remove", b)], [a]),
        ([op("Replace", "displayName", "Team")], [a]),
        ([op("replace", None, {"displayName": "Team 2"})], [a]),
        ([op("Replace", "externalId", "new")], [a]),
        ([op("Remove", "members", {"value": a})], []),
        ([some("Remove", a)], []),
    ):
        answer = client.patch(path, *operations)
        assert answer.status == 204, answer.body
        assert members(client, path) == expected
    found = client.send("GET", path).body
    assert (found["displayName"], found["externalId"]) == ("Team 2", "new")


def test_many_members(client: Client) -> None:
    """Five hundred are added and removed at once."""
    ids = [
        client.send("POST", "/Users", {"schemas": [USER], "userName": f"u{n}"}).body["id"] for n in range(500)
    ]
    path = f"/Groups/{client.send('POST', '/Groups', group()).body['id']}"
    listed = [{"value": one} for one in ids]
    assert client.patch(path, op("Add", "members", listed)).status == 204
    assert client.patch(path, op("Remove", "members", listed[:499])).status == 204
    assert members(client, path) == ids[499:]


def test_lookups(client: Client) -> None:
    """By every attribute, form-encoded, with a flag before and behind; nobody found is an empty list."""
    boss = client.send("POST", "/Users", joy(userName="boss@contoso.com", externalId="boss")).body["id"]
    user = client.send("POST", "/Users", joy(**also(manager={"value": boss}))).body["id"]
    path = f"/Groups/{client.send('POST', '/Groups', group()).body['id']}"
    client.patch(path, op("Add", "members", [{"value": user}]))
    client.patch(f"/Users/{user}", op("Replace", "active", "False"))
    urn = f"{ENTERPRISE}:manager"
    for clause, expected in (
        ("userName+eq+%22jyoung%40contoso.com%22", [user]),
        ("userName+eq+%22JYoung%40Contoso.com%22", [user]),
        ("userName+eq+%227d420df3-9995-4831-a406-ecf8166f5f6a%22", []),
        ("externalId+eq+%22jyoung%22", [user]),
        ("externalId+eq+%22JYOUNG%22", []),
        ("emails%5btype+eq+%22work%22%5d.value+eq+%22jyoung%40contoso.com%22", [boss, user]),
        ("emails%5Btype+eq+%22work%22%5D.value+eq+%22nobody%40contoso.com%22", []),
        (f"id+eq+%22{user}%22+and+manager+eq+%22{boss}%22", [user]),
        (f"manager+eq+%22{boss}%22+and+id+eq+%22{user}%22", [user]),
        (f"id+eq+%22{user}%22+and+manager+eq+%22{user}%22", []),
        (f"id+eq+%22{boss}%22+and+manager+eq+%22{boss}%22", []),
        (f"id+eq+%22{user}%22+and+{urn}+eq+%22{boss}%22", [user]),
        ("displayName+eq+%22manager+eq+1%22", []),
    ):
        for query in (
            f"filter={clause}",
            f"aadOptscim062020&filter={clause}",
            f"filter={clause}&aadOptscim062020",
        ):
            answer = client.send("GET", f"/Users?{query}", HTTP_ACCEPT="", CONTENT_TYPE="")
            assert answer.status == 200, answer.body
            assert answer.headers["Content-Type"].startswith("application/scim+json")
            assert [one["id"] for one in answer.body["Resources"]] == expected, query
    for clause, found in (
        ("displayName+eq+%22Sales%22", 1),
        ("displayName+eq+%22Sal%22", 0),
        ("externalId+eq+%228aa1a0c0-c4c3-4bc0-b4a5-2ef676900159%22", 1),
        (f"id+eq+%22{path[8:]}%22+and+members+eq+%22{user}%22", 1),
        (f"members+eq+%22{boss}%22+and+id+eq+%22{path[8:]}%22", 0),
    ):
        answer = client.send("GET", f"/Groups?excludedAttributes=members&filter={clause}")
        assert (answer.status, answer.body["totalResults"]) == (200, found), clause
        assert not [one for one in answer.body["Resources"] if "members" in one]


def test_without_accept_and_user_agent() -> None:
    """Nothing is demanded that Entra does not send."""
    app, absent = build(), {"HTTP_ACCEPT", "HTTP_ACCEPT_CHARSET"}
    client = Client(lambda sent, start: app({key: sent[key] for key in sent.keys() - absent}, start))
    user = client.send("POST", "/Users", joy())
    assert user.status == 201
    assert client.send("GET", f"/Users/{user.body['id']}").status == 200
    assert client.send("GET", "/Users?filter=userName+eq+%22x%22").body["totalResults"] == 0
    assert client.patch(f"/Users/{user.body['id']}", op("Replace", "active", "False")).status == 200
    assert client.send("DELETE", f"/Users/{user.body['id']}").status == 204
    assert client.send("DELETE", f"/Users/{user.body['id']}").status == 404
    assert client.patch(f"/Users/{user.body['id']}", op("Replace", "active", "False")).status == 404


def test_a_name_that_a_tombstone_freed(client: Client) -> None:
    """Somebody new can have it, with the address."""
    path = f"/Users/{client.send('POST', '/Users', joy()).body['id']}"
    tombstone = (op("Replace", "userName", f"{HEX}jyoung@contoso.com"), op("Replace", "active", "False"))
    assert client.patch(path, *tombstone).status == 200
    assert (
        client.send("GET", "/Users?filter=userName+eq+%22jyoung%40contoso.com%22").body["totalResults"] == 0
    )
    assert client.send("POST", "/Users", joy()).status == 201
    assert client.send("GET", path).body["emails"] == [WORK]
