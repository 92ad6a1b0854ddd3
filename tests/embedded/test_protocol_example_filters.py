"""Filters and sorting at the honest target: what every expression gives over six people and two groups."""

from datetime import datetime, timedelta, timezone
from functools import cache
from urllib.parse import quote

import pytest

from scimproof.embedded.app import build

from .client import ENTERPRISE, GROUP, JSON, USER, Answer, Client

P = "zq"
AT = "@example.com"
OWN = f'userName sw "{P}.pop"'
# userName, family name, title, userType, nickName, active; made in an order that no attribute sorts by
PEOPLE = (
    ("Dora", "Dent", None, "Uw", None, False),
    ("anna", "Adams", "Tx", "Uz", None, True),
    ("Finn", "frost", "Tz", "Uz", None, True),
    ("Bob", "Brown", "Ty", "Uz", "nick", True),
    ("eve", "Evans", "Tz", None, None, True),
    ("carl", "clark", "Ty", "Uw", "Nick2", True),
)
ALL = "Bob Dora Finn anna carl eve"
REFUSED = "refused"
NOBODY = ""


@cache
def population() -> tuple[Client, dict[str, str]]:
    """A target with the people and two groups, and their ids."""
    client = Client(build())
    ids: dict[str, str] = {}
    for number, (name, family, title, kind, nick, active) in enumerate(PEOPLE):
        person: JSON = {
            "schemas": [USER],
            "userName": f"{P}.pop.{name}{AT}",
            "name": {"givenName": name, "familyName": family},
            "displayName": f"{P} {name}",
            "title": title and P + title,
            "userType": kind and P + kind,
            "nickName": nick,
            "active": active,
            "externalId": {"Bob": f"{P}-Ext1", "eve": f"{P}-a", "carl": f"{P}-B"}.get(name),
            "emails": [
                {"type": "home", "value": f"h{9 - number}.{P}.{name}{AT}"},
                {"type": "work", "value": f"w{number}.{P}.{name}{AT}", "primary": True},
            ],
        }
        if name == "carl":
            person |= {ENTERPRISE: {"department": f"{P}dep", "manager": {"value": ids["anna"]}}}
        ids[name] = client.send("POST", "/Users", person).body["id"]
    for name, members in (("Tango", ["anna", "Bob"]), ("Uniform", [])):
        values = [{"value": ids[member]} for member in members]
        group = {"schemas": [GROUP], "displayName": f"{P}.pop.{name}", "members": values}
        ids[name] = client.send("POST", "/Groups", group).body["id"]
    for name, display in (("odd", f'{P} say "hi" \\ é'), ("plus+x", "Plus")):
        odd = {"schemas": [USER], "userName": f"{P}.{name}{AT}", "displayName": display}
        ids[name] = client.send("POST", "/Users", odd).body["id"]
    return client, ids


def search(expression: str, kind: str = "Users", more: str = "") -> Answer:
    """The answer to a filtered query."""
    return population()[0].send("GET", f"/{kind}?filter={quote(expression, safe='')}{more}")


def found(answer: Answer, *, ordered: bool = False) -> str:
    """The names in the answer, or that it was refused with invalidFilter."""
    if answer.status == 400:
        assert answer.body["scimType"] == "invalidFilter"
        return REFUSED
    assert answer.status == 200, answer
    named = {value: key for key, value in population()[1].items()}
    names = [named[resource["id"]] for resource in answer.body["Resources"]]
    assert answer.body["totalResults"] >= len(names)
    return " ".join(names if ordered else sorted(names))


def moment(seconds: int, hours: int = 0) -> str:
    """When anna was made, and some seconds; as a clock shows it that is hours ahead."""
    client, ids = population()
    made = datetime.fromisoformat(client.send("GET", f"/Users/{ids['anna']}").body["meta"]["lastModified"])
    return (made + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours))).isoformat()


ANNA = f'userName eq "{P}.pop.anna{AT}"'
EXPRESSIONS = (
    (ANNA, "anna"),
    (f'userName eq "{P}.nobody"', NOBODY),
    (f'userName eq "{P}.pop"', NOBODY),
    (OWN, ALL),
    (f'userName co "{P}.pop.c"', "carl"),
    (f'userName ew "bob{AT}" and {OWN}', "Bob"),
    (f'userName ne "{P}.pop.anna{AT}" and {OWN}', "Bob Dora Finn carl eve"),
    (f"title pr and {OWN}", "Bob Finn anna carl eve"),
    (f"emails pr and {OWN}", ALL),
    (f"emails.display pr and {OWN}", NOBODY),
    (f'title gt "{P}Tx" and {OWN}', "Bob Finn carl eve"),
    (f'title ge "{P}Ty" and {OWN}', "Bob Finn carl eve"),
    (f'title lt "{P}Ty" and {OWN}', "anna"),
    (f'title le "{P}Ty" and {OWN}', "Bob anna carl"),
    (f'title eq "{P}Ty" and userType eq "{P}Uz"', "Bob"),
    (f'title eq "{P}Tx" or title eq "{P}Ty"', "Bob anna carl"),
    (f'not (title eq "{P}Tx") and {OWN}', "Bob Dora Finn carl eve"),
    (f'not(title eq "{P}Tx") and {OWN}', "Bob Dora Finn carl eve"),
    (f'(title eq "{P}Tx" or title eq "{P}Ty") and userType eq "{P}Uw"', "carl"),
    (f'not (title eq "{P}Tx" or title eq "{P}Ty") and {OWN}', "Dora Finn eve"),
    (f'((title eq "{P}Tx"))', "anna"),
    (f'title eq "{P}Tx" or title eq "{P}Ty" and userType eq "{P}none"', "anna"),
    (f'userType eq "{P}none" and title eq "{P}Ty" or title eq "{P}Tx"', "anna"),
    (f'title eq "{P}Tx" or not (userType pr) and userName eq "{P}.pop.eve{AT}"', "anna eve"),
    (f'emails[type eq "work" and value sw "w1.{P}"]', "anna"),
    (f'emails[type eq "home" and value sw "w1.{P}"]', NOBODY),
    (f'emails.type eq "home" and emails.value sw "w1.{P}"', "anna"),
    (f'emails[type eq "work"] and {ANNA}', "anna"),
    (f'not (emails[type eq "work"]) and {OWN}', NOBODY),
    (f'emails[not (type eq "home")] and {OWN}', ALL),
    (f'emails[(type eq "work" or type eq "other") and primary eq true] and {OWN}', ALL),
    (f'emails co "w1.{P}"', "anna"),
    ('name eq "Adams"', NOBODY),
    ("emails[type]", REFUSED),
    ("emails[]", REFUSED),
    ('emails[type eq "work"', REFUSED),
    ('emails[nosuch eq "x"]', REFUSED),
    ('userName[value eq "x"]', REFUSED),
    (f"active eq true and {OWN}", "Bob Finn anna carl eve"),
    (f"active eq false and {OWN}", "Dora"),
    (f"active ne true and {OWN}", "Dora"),
    ("active gt true", REFUSED),
    ("active lt false", REFUSED),
    ('x509Certificates.value ge "AAAA"', REFUSED),
    (f"nickName eq null and {OWN}", "Dora Finn anna eve"),
    (f'USERNAME EQ "{P}.pop.anna{AT}"', "anna"),
    (f'Name.FamilyName eq "adams" And username Sw "{P}.pop"', "anna"),
    (f"{USER}:{ANNA}", "anna"),
    (f'{USER.upper()}:USERNAME eq "{P}.pop.anna{AT}"', "anna"),
    (f'noSuchAttribute eq "x" and {OWN}', REFUSED),
    ("noSuchAttribute pr", REFUSED),
    (f'userName eq "{P.upper()}.POP.ANNA{AT.upper()}"', "anna"),
    (f'userName sw "{P.upper()}.POP.A"', "anna"),
    (f'userName co "{P.upper()}.POP.A"', "anna"),
    (f'userName ew "ANNA{AT}" and {OWN}', "anna"),
    (f'name.familyName eq "FROST" and {OWN}', "Finn"),
    (f'externalId eq "{P}-Ext1"', "Bob"),
    (f'externalId eq "{P}-eXT1"', NOBODY),
    (f'schemas eq "{USER}" and {OWN}', ALL),
    (f'schemas eq "{ENTERPRISE}" and {OWN}', "carl"),
    (f'displayName eq "{P} say \\"hi\\" \\\\ é"', "odd"),
    (f'displayName eq "{P} say \\"hi\\" \\\\ \\u00e9"', "odd"),
    (f'displayName eq "{P} say \\"hi\\" \\\\ e\u0301"', "odd"),
    (f'userName eq "{P}.plus+x{AT}"', "plus+x"),
    ('userName eq "x\\" or userName pr or userName eq \\"x"', NOBODY),
    ('userName regex ".*"', REFUSED),
    (f'userName like "{P}%"', REFUSED),
    ("userName eq", REFUSED),
    ('eq "x"', REFUSED),
    ('userName "x"', REFUSED),
    ('(userName eq "x"', REFUSED),
    ('userName eq "x', REFUSED),
    ("and", REFUSED),
    ('userName eq "x" userName pr', REFUSED),
    ('userName eq "x")', REFUSED),
    ("userName pr and", REFUSED),
    ("or userName pr", REFUSED),
    ("not userName", REFUSED),
    ('userName eq "x" and', REFUSED),
    ("()", REFUSED),
    ('userName eq "x" eq "y"', REFUSED),
    ("", REFUSED),
    ("userName eq john", REFUSED),
    ("userName eq 'john'", REFUSED),
    ("(" * 200 + ANNA + ")" * 200, "anna"),
    (f'{ENTERPRISE}:department eq "{P}dep"', "carl"),
    (f'meta.resourceType eq "User" and {OWN}', ALL),
)


@pytest.mark.parametrize(("expression", "names"), EXPRESSIONS, ids=[row[0][:60] for row in EXPRESSIONS])
def test_expression(expression: str, names: str) -> None:
    """The people for whom it is true, or a refusal with invalidFilter."""
    assert found(search(expression)) == names


@pytest.mark.parametrize("hours", [0, 2, -5])
def test_dates_are_instants(hours: int) -> None:
    """Whatever the clock shows that they are written with."""
    for operator, seconds, names in (("ge", -1, "anna"), ("lt", -1, ""), ("le", 1, "anna"), ("gt", 1, "")):
        assert found(search(f'meta.lastModified {operator} "{moment(seconds, hours)}" and {ANNA}')) == names


def test_by_id_and_by_relation() -> None:
    """Ids, members, groups of a user and managers can be asked for."""
    _, ids = population()
    assert found(search(f'id eq "{ids["anna"]}"')) == "anna"
    assert found(search(f'groups.value eq "{ids["Tango"]}"')) == "Bob anna"
    assert found(search(f'{ENTERPRISE}:manager.value eq "{ids["anna"]}"')) == "carl"
    assert found(search(f'{ENTERPRISE}:manager.displayName eq "{P} anna"')) == "carl"


@pytest.mark.parametrize("text", ['password eq "x"', "password pr", f"{OWN} and not (password pr)"])
def test_what_is_secret_is_not_asked_for(text: str) -> None:
    """403 in a URL, which is logged; 400 in a body."""
    client, _ = population()
    refused = search(text)
    assert (refused.status, refused.body["scimType"]) == (403, "sensitive")
    schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
    assert client.send("POST", "/Users/.search", {"schemas": [schema], "filter": text}).status == 400


@pytest.mark.parametrize(
    "expression",
    ['displayName eq "zq.pop.tango"', 'displayName sw "zq.pop.T"', 'displayName co "pop.Tan"', "by-member"],
)
def test_groups(expression: str) -> None:
    """By displayName in any letter case, and by member in three notations."""
    anna = population()[1]["anna"]
    by_member = (f'members.value eq "{anna}"', f'members[value eq "{anna}"]', f'members eq "{anna}"')
    for text in by_member if expression == "by-member" else (expression,):
        assert found(search(text, "Groups")) == "Tango"


def test_pages_of_a_filtered_list() -> None:
    """totalResults, startIndex and count are those of what was found."""
    pages = [search(OWN, more=f"&startIndex={start}&count=4") for start in (1, 5, 9)]
    assert [page.body["totalResults"] for page in pages] == [6, 6, 6]
    assert [page.body["itemsPerPage"] for page in pages] == [4, 2, 0]
    assert sorted(" ".join(filter(None, map(found, pages))).split()) == sorted(ALL.split())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sortBy=userName", "anna Bob carl Dora eve Finn"),
        ("sortBy=userName&sortOrder=ascending", "anna Bob carl Dora eve Finn"),
        ("sortBy=userName&sortOrder=descending", "Finn eve Dora carl Bob anna"),
        ("sortBy=name.familyName", "anna Bob carl Dora eve Finn"),
        ("sortBy=emails", "Dora anna Finn Bob eve carl"),
        ("sortBy=meta.created&sortOrder=descending", "carl eve Bob Finn anna Dora"),
        ("sortBy=active", "Dora anna Finn Bob eve carl"),
    ],
)
def test_order(query: str, names: str) -> None:
    """Letter case aside where the schema says so; a list by its primary value; dates by time."""
    assert found(search(OWN, more=f"&{query}"), ordered=True) == names


def test_what_has_no_value_sorts_last_and_then_first() -> None:
    """As RFC 7644 section 3.4.2.3 has it; case counts in externalId."""
    up = found(search(OWN, more="&sortBy=nickName"), ordered=True).split()
    down = found(search(OWN, more="&sortBy=nickName&sortOrder=descending"), ordered=True).split()
    assert up[:2] == ["Bob", "carl"]
    assert down[-2:] == ["carl", "Bob"]
    exact = found(search(OWN, more="&sortBy=externalId"), ordered=True).split()
    assert exact[:3] == ["carl", "Bob", "eve"]
    pages = [search(OWN, more=f"&sortBy=userName&count=2&startIndex={start}") for start in (1, 3, 5)]
    assert " ".join(found(page, ordered=True) for page in pages) == "anna Bob carl Dora eve Finn"


def test_a_strange_order_is_refused() -> None:
    """SortOrder has two words; an unknown attribute sorts nothing."""
    assert search(OWN, more="&sortBy=userName&sortOrder=sideways").status == 400
    assert search(OWN, more="&sortBy=noSuchAttribute").status == 400


def test_across_types() -> None:
    """The root covers all types; where a type has no such attribute nothing of it is found."""
    client, ids = population()
    for path in ("", "/"):
        wanted = quote(f'meta.resourceType eq "Group" and id eq "{ids["Tango"]}"', safe="")
        assert found(client.send("GET", f"{path}?filter={wanted}")) == "Tango"
        assert found(client.send("GET", f"{path}?filter={quote(OWN, safe='')}")) == ALL
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": OWN, "count": 10}
    assert found(client.send("POST", "/.search", body)) == ALL
    assert client.send("GET", "?count=1").body["itemsPerPage"] == 1
