"""Questions to a target in what Entra sends; a right one does all of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.embedded.client import CUSTOM, ENTERPRISE, GROUP, JSON, PATCH, Client
from tests.embedded.test_protocol_entra import (
    ADSCIM,
    BOSS,
    HEX,
    MANAGER,
    PARTS,
    ROLE_TEXT,
    ROLE_TYPE,
    group,
    joy,
    op,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ABSENT = {"HTTP_ACCEPT", "HTTP_ACCEPT_CHARSET"}


class Entra(Client):
    """A client with no headers but those that Entra sends, and with words for what it does."""

    def __init__(self, app: "WSGIApplication", token: str = "secret-token") -> None:
        def bare(environ: "WSGIEnvironment", start: "StartResponse") -> Any:
            return app({key: environ[key] for key in environ.keys() - _ABSENT}, start)

        super().__init__(bare, token)

    def user(self, **more: Any) -> str:
        """Create a user (attributes that are None are left out), and give the path."""
        body = {key: value for key, value in joy(**more).items() if value is not None}
        return f"/Users/{self.send('POST', '/Users', body).body.get('id')}"

    def group(self, *members: str, **more: Any) -> str:
        """Create a group, put these users into it, and give the path."""
        path = f"/Groups/{self.send('POST', '/Groups', group(**more)).body.get('id')}"
        if members:
            self.patch(path, self.some("Add", *members))
        return path

    @staticmethod
    def some(verb: str, *paths: str, **more: Any) -> JSON:
        """The operation on members who are at these paths."""
        return op(verb, "members", [{**more, "value": one.rpartition("/")[2]} for one in paths])

    def done(self, path: str, *operations: JSON) -> bool:
        """Whether a PATCH is accepted."""
        return self.patch(path, *operations).status in {200, 204}

    def shown(self, path: str) -> JSON:
        """What a read shows."""
        return self.send("GET", path).body

    def members(self, path: str) -> list[str]:
        """The paths of the members of a group."""
        return sorted(f"/Users/{one['value']}" for one in self.shown(path).get("members", []))

    def found(self, clause: str, kind: str = "Users", more: str = "") -> list[str] | int:
        """The paths that a filter finds, or the status."""
        answer = self.send("GET", f"/{kind}?{more}filter={clause}")
        listed = answer.body.get("Resources")
        return [f"/{kind}/{one['id']}" for one in listed] if isinstance(listed, list) else answer.status


Question = Callable[[Entra], bool]
QUESTIONS: dict[str, Question] = {}


def asked(question: Question) -> Question:
    """File a question under its name."""
    QUESTIONS[question.__name__.replace("_", " ")] = question
    return question


def becomes(before: JSON, operations: list[JSON], after: JSON) -> Question:
    """Whether operations are accepted, make that difference and no other."""

    def question(entra: Entra) -> bool:
        path = entra.user(**before)
        was = entra.shown(path)
        accepted = entra.done(path, *operations)
        now = {**entra.shown(path), "meta": 0, "schemas": 0}
        wanted = {
            key: one for key, one in {**was, **after, "meta": 0, "schemas": 0}.items() if one is not None
        }
        return accepted and now == wanted

    return question


WORK = {"type": "work", "value": "jyoung@contoso.com", "primary": True}
PHONES = [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}]
NAME = joy()["name"]
EXTENSION = joy()[ENTERPRISE]
BOSSED = {ENTERPRISE: {**EXTENSION, "manager": {"value": "m1"}}}
BOSSED_BY_REFERENCE = {ENTERPRISE: {**EXTENSION, "manager": BOSS}}
ROLES = [{"type": ROLE_TYPE, "value": "A"}, {"type": ROLE_TYPE, "value": "B"}]

QUESTIONS |= {
    "disabled by text": becomes({}, [op("Replace", "active", "False")], {"active": False}),
    "enabled by text": becomes({"active": False}, [op("Replace", "active", "True")], {"active": True}),
    "disabled by flag": becomes({}, [op("replace", "active", value=False)], {"active": False}),
    "title added": becomes({"title": None}, [op("Add", "title", "T")], {"title": "T"}),
    "address changed": becomes(
        {},
        [op("Add", 'emails[type eq "work"].value', "n@contoso.com")],
        {"emails": [{"value": "n@contoso.com", "type": "work", "primary": True}]},
    ),
    "phone added": becomes(
        {}, [op("Add", 'phoneNumbers[type eq "mobile"].value', "2")], {"phoneNumbers": PHONES[1:]}
    ),
    "phone changed": becomes(
        {"phoneNumbers": PHONES},
        [op("Replace", 'phoneNumbers[type eq "mobile"].value', "3")],
        {"phoneNumbers": [PHONES[0], {**PHONES[1], "value": "3"}]},
    ),
    "whole address added": becomes(
        {},
        [op("Add", f'addresses[type eq "work"].{name}', value) for name, value in PARTS.items()],
        {"addresses": [{"type": "work", **PARTS}]},
    ),
    "capital Value": becomes(
        {"emails": None},
        [op("Add", 'emails[type eq "other"].Value', "o@contoso.com")],
        {"emails": [{"type": "other", "value": "o@contoso.com"}]},
    ),
    "primary role": becomes(
        {}, [op("add", 'roles[primary eq "True"].value', "R")], {"roles": [{"primary": True, "value": "R"}]}
    ),
    "role as text": becomes(
        {},
        [op("Add", "roles", [{"value": ROLE_TEXT}])],
        {"roles": [{"value": "25", "display": "Role1234"}]},
    ),
    "roles replaced": becomes({"roles": ROLES}, [op("replace", "roles", ROLES[:1])], {"roles": ROLES[:1]}),
    "in order": becomes(
        {}, [op("remove", "title"), op("add", "title", "a"), op("replace", "title", "b")], {"title": "b"}
    ),
    "several at once": becomes(
        {},
        [op("Replace", "displayName", "J"), op("Replace", "name.givenName", "J")],
        {"displayName": "J", "name": {**NAME, "givenName": "J"}},
    ),
    "dotted keys": becomes(
        {},
        [op("replace", None, {"name.givenName": "J", "title": "T"})],
        {"title": "T", "name": {**NAME, "givenName": "J"}},
    ),
    "URN as key": becomes(
        {},
        [op("replace", None, {f"{ENTERPRISE}:department": "D"})],
        {ENTERPRISE: {**EXTENSION, "department": "D"}},
    ),
    "URN as path": becomes(
        {}, [op("Replace", f"{ENTERPRISE}:department", "D")], {ENTERPRISE: {**EXTENSION, "department": "D"}}
    ),
    "custom URN": becomes({}, [op("Add", f"{CUSTOM}:badge", "B")], {CUSTOM: {"badge": "B"}}),
    "without path": becomes({}, [op("replace", None, {"displayName": "J"})], {"displayName": "J"}),
    "manager set": becomes({}, [op("Add", MANAGER, "m1")], BOSSED),
    "manager by a list": becomes(
        {}, [op("Add", "manager", [{"$ref": "https://h/Users/m1", "value": "m1"}])], BOSSED_BY_REFERENCE
    ),
    "manager changed": becomes(
        BOSSED, [op("Replace", MANAGER, "m2")], {ENTERPRISE: {**EXTENSION, "manager": {"value": "m2"}}}
    ),
    "manager cleared": becomes(BOSSED, [op("Replace", MANAGER, "")], {ENTERPRISE: EXTENSION}),
    "renamed": becomes({}, [op("Replace", "userName", "n@contoso.com")], {"userName": "n@contoso.com"}),
    "tombstone": becomes(
        {},
        [op("Replace", "userName", f"{HEX}jyoung@contoso.com"), op("Replace", "active", "False")],
        {"userName": f"{HEX}jyoung@contoso.com", "active": False},
    ),
}


@asked
def operations_first(entra: Entra) -> bool:
    path = entra.user()
    body = {"Operations": [op("replace", "title", "T")], "schemas": [PATCH]}
    return entra.send("PATCH", path, body).status == 200


@asked
def no_operations(entra: Entra) -> bool:
    return entra.send("PATCH", entra.user(), {"schemas": [PATCH], "Operations": []}).status == 400


@asked
def created_with_everything(entra: Entra) -> bool:
    body = joy(
        roles=[{"primary": True, "type": ROLE_TYPE, "value": "A"}],
        addresses=[{"type": "work", "primary": True, **PARTS}],
        phoneNumbers=PHONES,
    )
    answer = entra.send("POST", "/Users", body)
    shown = entra.shown(f"/Users/{answer.body.get('id')}")
    return answer.status == 201 and all(
        shown.get(key) == body[key] for key in body.keys() - {"meta", "schemas"}
    )


@asked
def manager_is_somebody(entra: Entra) -> bool:
    boss = entra.user(userName="boss@contoso.com")
    path = entra.user()
    entra.done(path, op("Add", MANAGER, boss.rpartition("/")[2]))
    manager = entra.shown(path).get(ENTERPRISE, {}).get("manager")
    return isinstance(manager, dict) and f"/Users/{manager['value']}" == boss


@asked
def asked_for_a_reference(entra: Entra) -> bool:
    path = entra.user(**{ENTERPRISE: {"manager": {"value": "m1"}}})
    clause = f"id+eq+%22{path.rpartition('/')[2]}%22+and+manager+eq+%22{{}}%22"
    return (entra.found(clause.format("m1")), entra.found(clause.format("m2"))) == ([path], [])


@asked
def found_by_name(entra: Entra) -> bool:
    path = entra.user()
    entra.user(userName="other@contoso.com", externalId="other")
    return entra.found("userName+eq+%22JYoung%40contoso.com%22") == [path]


@asked
def found_by_external_id(entra: Entra) -> bool:
    path = entra.user()
    entra.user(userName="other@contoso.com", externalId="other")
    return entra.found("externalId+eq+%22jyoung%22") == [path]


@asked
def found_by_email(entra: Entra) -> bool:
    path = entra.user()
    return entra.found("emails%5btype+eq+%22work%22%5d.value+eq+%22jyoung%40contoso.com%22") == [path]


@asked
def nobody_found(entra: Entra) -> bool:
    return entra.found("userName+eq+%22nobody%22") == []


@asked
def found_among_many(entra: Entra) -> bool:
    for number in range(1001):
        entra.user(userName=f"u{number}@contoso.com", externalId=f"u{number}")
    return entra.found("userName+eq+%22u1000%40contoso.com%22") not in ([], 400)


@asked
def group_found_by_name(entra: Entra) -> bool:
    path = entra.group()
    entra.group(displayName="Sales East", externalId="e2")
    return entra.found("displayName+eq+%22Sales%22", "Groups", "excludedAttributes=members&") == [path]


@asked
def group_found_by_external_id(entra: Entra) -> bool:
    path = entra.group(externalId="e1")
    return entra.found("externalId+eq+%22e1%22", "Groups", "excludedAttributes=members&") == [path]


@asked
def members_left_out(entra: Entra) -> bool:
    path = entra.group(entra.user())
    query = "excludedAttributes=members"
    listed = entra.send("GET", f"/Groups?{query}&filter=displayName+eq+%22Sales%22").body.get(
        "Resources", [{"members": 1}]
    )
    read = entra.send("GET", f"{path}?{query}")
    return read.status == 200 and not any("members" in one for one in (read.body, *listed))


@asked
def inactive_found(entra: Entra) -> bool:
    path = entra.user(active=False)
    return (
        entra.found("userName+eq+%22jyoung%40contoso.com%22") == [path]
        and entra.shown(path).get("id") is not None
    )


@asked
def disabled_stays_in_groups(entra: Entra) -> bool:
    path = entra.user()
    team = entra.group(path)
    entra.patch(path, op("Replace", "active", "False"))
    return entra.members(team) == [path]


@asked
def tombstone_frees_the_name(entra: Entra) -> bool:
    path = entra.user()
    entra.patch(path, op("Replace", "userName", f"{HEX}jyoung@contoso.com"))
    return entra.send("POST", "/Users", joy()).status == 201


@asked
def deleted_twice(entra: Entra) -> bool:
    path = entra.user()
    answers = [entra.send(method, path).status for method in ("DELETE", "DELETE", "GET")]
    return answers == [204, 404, 404]


@asked
def created_anew(entra: Entra) -> bool:
    path = entra.user()
    entra.send("DELETE", path)
    return entra.send("POST", "/Users", joy()).status == 201


@asked
def unknown_patched(entra: Entra) -> bool:
    return entra.patch("/Users/4f3b", op("Replace", "active", "False")).status == 404


@asked
def group_created(entra: Entra) -> bool:
    answer = entra.send("POST", "/Groups", group(externalId="e1"))
    shown = entra.shown(f"/Groups/{answer.body.get('id')}")
    return answer.status == 201 and (shown.get("displayName"), shown.get("externalId")) == ("Sales", "e1")


@asked
def group_of_two_schemas(entra: Entra) -> bool:
    return entra.send("POST", "/Groups", group(schemas=[GROUP, ADSCIM], members=None)).status == 201


@asked
def group_of_an_odd_name(entra: Entra) -> bool:
    path = entra.group(displayName="Team. Süd, DE")
    return entra.shown(path).get("displayName") == "Team. Süd, DE"


@asked
def two_groups(entra: Entra) -> bool:
    one, two = entra.group(externalId="e1"), entra.group(displayName="East", externalId="e2")
    return [entra.shown(path).get("externalId") for path in (one, two)] == ["e1", "e2"]


@asked
def group_changed(entra: Entra) -> bool:
    user = entra.user()
    path = entra.group(user)
    done = entra.done(path, op("Replace", "displayName", "N")) and entra.done(
        path, op("Replace", "externalId", "e9")
    )
    shown = entra.shown(path)
    return done and (shown.get("displayName"), shown.get("externalId"), entra.members(path)) == (
        "N",
        "e9",
        [user],
    )


@asked
def group_changed_without_path(entra: Entra) -> bool:
    user = entra.user()
    path = entra.group(user)
    return entra.done(path, op("replace", None, {"displayName": "N"})) and entra.members(path) == [user]


@asked
def group_deleted(entra: Entra) -> bool:
    path = entra.group(entra.user())
    return (entra.send("DELETE", path).status, entra.send("GET", path).status) == (204, 404)


def _three(entra: Entra) -> tuple[str, str, str, str]:
    a, b, c = (entra.user(userName=f"{name}@contoso.com", externalId=name) for name in "abc")
    return entra.group(a, b, c), a, b, c


@asked
def member_added(entra: Entra) -> bool:
    a, b = (entra.user(userName=f"{name}@contoso.com", externalId=name) for name in "ab")
    path = entra.group(a)
    return entra.done(path, entra.some("Add", b)) and entra.members(path) == [a, b]


@asked
def member_removed(entra: Entra) -> bool:
    path, a, b, c = _three(entra)
    return entra.done(path, entra.some("Remove", b)) and entra.members(path) == [a, c]


@asked
def members_removed(entra: Entra) -> bool:
    path, a, b, c = _three(entra)
    return entra.done(path, entra.some("Remove", a, b)) and entra.members(path) == [c]


@asked
def members_with_null_reference(entra: Entra) -> bool:
    path, a, b, c = _three(entra)
    removed = entra.done(path, entra.some("Remove", b, **{"$ref": None}))
    left = entra.members(path)
    added = entra.done(path, entra.some("Add", b, **{"$ref": None}))
    return removed and added and (left, entra.members(path)) == ([a, c], [a, b, c])


@asked
def added_again(entra: Entra) -> bool:
    path, a, b, c = _three(entra)
    return entra.done(path, entra.some("Add", a)) and entra.members(path) == [a, b, c]


@asked
def stranger_removed(entra: Entra) -> bool:
    path, a, b, c = _three(entra)
    entra.done(path, entra.some("Remove", a))
    return entra.done(path, entra.some("Remove", a)) and entra.members(path) == [b, c]


@asked
def nested_group(entra: Entra) -> bool:
    inner = entra.group(displayName="Inner", externalId="i")
    user = entra.user()
    path = entra.group()
    return entra.done(path, entra.some("Add", user, inner)) and user in entra.members(path)


@asked
def many_members(entra: Entra) -> bool:
    ids = [entra.user(userName=f"u{n}@contoso.com", externalId=f"u{n}") for n in range(151)]
    path = entra.group(*ids[:150])
    return entra.done(path, entra.some("Add", ids[150])) and len(entra.members(path)) == 151


@asked
def connection_tested(entra: Entra) -> bool:
    answer = entra.send("GET", "/Users?filter=userName+eq+%227d420df3-9995-4831-a406-ecf8166f5f6a%22")
    return answer.status == 200 and answer.headers["Content-Type"].startswith("application/scim+json")


@asked
def wrong_token(entra: Entra) -> bool:
    return entra.send("GET", "/Users?filter=userName+eq+%22x%22", token="wrong").status == 401


@asked
def flag_in_the_query(entra: Entra) -> bool:
    path = entra.user()
    return entra.found("userName+eq+%22jyoung%40contoso.com%22", more="aadOptscim062020&") == [path]


@asked
def schemas(entra: Entra) -> bool:
    listed = entra.send("GET", "/Schemas").body.get("Resources", [])
    return GROUP in {one["id"] for one in listed}


@asked
def pages(entra: Entra) -> bool:
    for name in "abc":
        entra.user(userName=f"{name}@contoso.com", externalId=name)
    body = entra.send("GET", "/Users?startIndex=3&count=2").body
    return (body.get("startIndex"), len(body.get("Resources", []))) == (3, 1)


@asked
def created_bare(entra: Entra) -> bool:
    path = entra.user(**{ENTERPRISE: None, "emails": None, "title": None, "roles": []})
    return entra.shown(path).get("userName") == "jyoung@contoso.com"


@asked
def manager_in_create(entra: Entra) -> bool:
    answer = entra.send("POST", "/Users", joy(**{ENTERPRISE: {"manager": "m1"}}))
    return answer.status == 201 or 400 <= answer.status < 500


@asked
def custom_extension(entra: Entra) -> bool:
    urn = "urn:ietf:params:scim:schemas:extension:custom:2.0:User"
    answer = entra.send("POST", "/Users", joy(**{urn: {"worksiteId": "180"}}))
    return answer.status == 201 and urn in entra.shown(f"/Users/{answer.body.get('id')}")


@asked
def members_replaced_by_one(entra: Entra) -> bool:
    path, a, _, _ = _three(entra)
    return entra.done(path, entra.some("replace", a)) and a in entra.members(path)


@asked
def no_body_of_a_group(entra: Entra) -> bool:
    return entra.patch(entra.group(), op("Replace", "displayName", "N")).status == 204


@asked
def one_is_disabled(entra: Entra) -> bool:
    other = entra.user(userName="other@contoso.com")
    return entra.done(entra.user(), op("Replace", "active", "False")) and entra.shown(other)["active"] is True
