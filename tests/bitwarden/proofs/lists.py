"""Pages and filters."""

from __future__ import annotations

from tests.bitwarden.client import Client

TOO_LARGE = str(2**31)


def _many(at: Client, number: int) -> None:
    for each in range(number):
        at.user(f"user{each:03}@example.com")


def _page(at: Client, **query: str) -> tuple[int, int, int, int]:
    body = at.get("/Users", **query).json
    return len(body["resources"]), body["totalResults"], body["startIndex"], body["itemsPerPage"]


def count() -> None:
    at = Client()
    _many(at, 119)
    assert _page(at) == (50, 120, 1, 50)
    assert _page(at, count="1000") == (120, 120, 1, 1000)
    assert _page(at, count="0") == (0, 120, 1, 0)
    assert _page(at, count="-3") == (0, 120, 1, -3)
    for nonsense in ("many", "", "1.5", TOO_LARGE):
        assert _page(at, count=nonsense) == (50, 120, 1, 50)
    assert at.get("/Groups", count="0").json["itemsPerPage"] == 0


def start_index() -> None:
    at = Client()
    _many(at, 4)
    first = at.listed("Users")[0]
    for start in ("0", "-5", "1"):
        assert at.listed("Users", startIndex=start, count="1") == [first]
        assert _page(at, startIndex=start, count="1") == (1, 5, int(start), 1)
    assert _page(at, startIndex="5", count="2") == (1, 5, 5, 2)
    assert _page(at, startIndex="9") == (0, 5, 9, 50)
    assert _page(at, startIndex="first") == (5, 5, 1, 50)


def user_filter() -> None:
    at = Client()
    at.user("ada@example.com", externalId="00u1")
    for wanted in (
        'userName eq "ada@example.com"',
        "USERNAME EQ ada@example.com",
        'username Eq "ada@example.com"',
    ):
        assert at.found(wanted) == 1, wanted
    for wanted in ('externalId eq "00u1"', "EXTERNALID EQ 00u1"):
        assert at.found(wanted) == 1, wanted


def filter_username_is_email() -> None:
    at = Client()
    emails = [{"primary": True, "value": "ada@example.com"}]
    at.user("somebody", emails=emails)
    assert at.found('userName eq "ADA@Example.COM"') == 1
    assert at.found('userName eq "somebody"') == 0
    assert at.found('userName eq "ada"') == 0


def filter_external_id_exact() -> None:
    at = Client()
    at.user(externalId="Ab1")
    assert [at.found(f'externalId eq "{id}"') for id in ("Ab1", "ab1", "AB1")] == [1, 0, 0]


def group_filter_exact() -> None:
    at = Client()
    at.post("/Groups", {"displayName": "Staff", "externalId": "Ab1"})
    assert at.found('displayName eq "Staff"', "Groups") == 1
    assert at.found("externalId eq Ab1", "Groups") == 1
    for wanted in (
        'displayName eq "staff"',
        'displayname eq "Staff"',
        'displayName EQ "Staff"',
        'externalId eq "ab1"',
        'externalid eq "Ab1"',
    ):
        assert at.found(wanted, "Groups") == 0, wanted


def unknown_filter() -> None:
    at = Client()
    id = at.user()
    for wanted in (
        'emails eq "ada@example.com"',
        'emails.value eq "ada@example.com"',
        f'id eq "{id}"',
        'userName sw "ada"',
        'userName co "ada@example.com"',
        'userName eq "ada@example.com" and active eq true',
        'userName  eq "ada@example.com"',
        'userName eq  "ada@example.com"',
        "active eq true",
        "(",
        "nonsense",
    ):
        assert at.found(wanted) == 0, wanted
    at.group("Staff")
    for wanted in (
        'displayName sw "St"',
        'displayName eq "Staff" or displayName eq "x"',
        "DISPLAYNAME EQ Staff",
    ):
        assert at.found(wanted, "Groups") == 0, wanted


def filter_finds_one() -> None:
    at = Client()
    first = at.group("Staff")
    at.group("Staff")
    for query in ({}, {"startIndex": "2"}, {"count": "0"}):
        found = at.listed("Groups", filter='displayName eq "Staff"', **query)
        assert [group["id"] for group in found] == [first]
    at.user()
    assert len(at.listed("Users", filter="userName eq ada@example.com", startIndex="5", count="0")) == 1


def parameters_ignored() -> None:
    at = Client()
    _many(at, 2)
    plain = at.get("/Users").json
    for name, value in (
        ("attributes", "userName"),
        ("excludedAttributes", "emails"),
        ("sortBy", "id"),
        ("sortOrder", "descending"),
    ):
        assert at.get("/Users", **{name: value}).json == plain
    one = plain["resources"][0]
    assert at.get(f"/Users/{one['id']}", attributes="userName").json == one


def list_order() -> None:
    at = Client()
    # A dictionary has signs before digits before letters, and capitals beside small ones.
    for name in ("b@example.com", "a.b@example.com", "a@example.com", "a1@example.com", "A-c@example.com"):
        at.user(name)
    shown = [user["userName"] for user in at.listed("Users") if not user["userName"].startswith("owner")]
    assert shown == ["a-c@example.com", "a.b@example.com", "a@example.com", "a1@example.com", "b@example.com"]
    for name in ("Zoo", "apple", "Banana", "Äpfel"):
        at.group(name)
    assert [group["displayName"] for group in at.listed("Groups")] == ["Äpfel", "apple", "Banana", "Zoo"]
    assert at.listed("Users") == at.listed("Users")
