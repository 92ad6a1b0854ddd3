"""The six people and two groups that queries are asked about; made once, and changed by no sequence."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scimproof.checks import answers
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Attribute, Discovery
from scimproof.core.http_message import Json
from scimproof.core.scim import CORE_GROUP, CORE_USER, ENTERPRISE_USER

from .asks import finds
from .people import create_group, create_user
from .values import FORMS

POPULATION = "rfc.population"
OWN = 'userName sw "{{prefix}}.people"'  # what limits a query to the six
LIMITED = "own.total"  # what it found
SETTLES = 2.0  # seconds that an index may be late
# Made in an order that is sorted by no attribute in either direction, so that a target which ignores sortBy
# is never right by chance. Texts get the prefix of the run in front. Where the schema of a target lacks
# title, userType or nickName, other attributes stand for them.
TRAITS: dict[str, dict[str, Json]] = {
    "Dora": {"name": ("Dora", "Dent"), "userType": "Uw", "active": False},
    "anna": {"name": ("anna", "Adams"), "title": "Tx", "userType": "Uz", "integer": 9, "decimal": 9.5},
    "Finn": {"name": ("Finn", "frost"), "title": "Tz", "userType": "Uz"},
    "Bob": {
        "name": ("Bob", "Brown"),
        "title": "Ty",
        "userType": "Uz",
        "nickName": "nick",
        "integer": 10,
        "decimal": 10.25,
    },
    "eve": {"name": ("eve", "Evans"), "title": "Tz"},
    "carl": {
        "name": ("carl", "clark"),
        "title": "Ty",
        "userType": "Uw",
        "nickName": "Nick2",
        "integer": 100,
        "decimal": 100.5,
    },
}
MADE = tuple(TRAITS)
PEOPLE = ("anna", "Bob", "carl", "Dora", "eve", "Finn")
STOOD_FOR = ("title", "userType", "nickName")
NUMBERS = ("integer", "decimal")
ABSENT = "noSuch"  # begins the name of an attribute for which nothing can stand


def user_name(name: str) -> str:
    """The userName of one of the shared people, as a template."""
    return "{{prefix}}.people." + name + "@example.com"


def external_id(name: str) -> str:
    """The externalId of one of them: by letters it is in the order of PEOPLE, by their case in another."""
    return "{{prefix}}-" + f"{name[0]}Ext{PEOPLE.index(name)}"


def stand_ins(discovery: Discovery) -> list[Case]:
    """Which attributes the people have: the one case has their names, and what limits a query to them."""
    user = discovery.schema(discovery.user.schema)
    wanted = {one: discovery.attribute(discovery.user, one) for one in STOOD_FOR}
    names = {one: found.name for one, found in wanted.items() if found and _plain_text(found)}
    others = (one.name for one in user if _plain_text(one) and one.name not in names.values())
    for one in STOOD_FOR:
        names.setdefault(one, next(others, f"{ABSENT}{one}"))
    for kind in NUMBERS:
        names[kind] = next(_writable(discovery, kind), f"{ABSENT}{kind}")
    filters = discovery.flag("filter") is not False
    names["limited"] = "filter=userName%20sw%20%22{{%prefix}}.people%22&" if filters else ""
    return [Case(key="people", blanks=names)]


def _plain_text(one: Attribute) -> bool:
    """Whether any text may be written to it: a single-valued attribute of the client's without a form."""
    formed = one.name.lower() in ("username", "externalid", "displayname", "password", *FORMS)
    usual = (one.mutability, one.uniqueness, one.type) == ("readWrite", "none", "string")
    shown = one.returned in ("default", "always")
    return usual and shown and not (formed or one.multi_valued or one.required or one.canonical)


def _writable(discovery: Discovery, kind: str) -> Iterator[str]:
    """The paths of single-valued attributes of that type which a client writes and reads."""
    for one in discovery.attributes(discovery.user):
        usual = (one.mutability, one.uniqueness, one.type) == ("readWrite", "none", kind)
        if usual and one.returned in ("default", "always") and not one.multi_valued and not one.required:
            yield one.path


def _body(name: str) -> str:
    """The body of one of them, as a template."""
    place, traits = PEOPLE.index(name), {"active": True, **TRAITS[name]}
    given, family = traits.pop("name")
    body: dict[str, Json] = {"schemas": [CORE_USER], "userName": user_name(name)}
    body |= {"displayName": f"{{{{prefix}}}} {name}", "name": {"givenName": given, "familyName": family}}
    body |= {"externalId": external_id(name), "active": traits.pop("active")}
    for key, value in traits.items():
        body[f"{{{{{key}}}}}"] = "{{prefix}}" + value if isinstance(value, str) else value
    # By the first address they would be sorted the other way round.
    body["emails"] = [
        {"value": f"h{len(PEOPLE) - place}.{{{{prefix}}}}@example.net", "type": "home"},
        {"value": f"w{place}.{{{{prefix}}}}@example.com", "type": "work", "primary": True},
    ]
    if name == "Bob":
        body["schemas"].append(ENTERPRISE_USER)
        body[ENTERPRISE_USER] = {"department": "{{prefix}}dep"}
    return json.dumps(body)


BODIES = {name: _body(name) for name in MADE}


def _group(name: str, members: tuple[str, ...]) -> Step:
    """A group of the population; without it the questions about users are asked all the same."""
    listed = [{"value": f"{{{{{one}.id}}}}"} for one in members]
    body = {"schemas": [CORE_GROUP], "displayName": f"{{{{prefix}}}}.people {name}", "members": listed}
    step = create_group(f"create-{name}", body=json.dumps(body))
    return Step(
        id=step.id,
        request=step.request,
        creates=name,
        blanks=step.blanks,
        given=True,
        independent=True,
        checks=step.checks,
        needs=("type:Group",),
    )


def _read(name: str) -> Step:
    """What a read shows of one of them, for those who ask what was kept."""
    shown = Check("rfc7644-3.4.1-resource-itself", answers(200), gate=True)
    return Step(
        id=f"read-{name}",
        request="rfc/user-get.http",
        cast={"user": name},
        given=True,
        independent=True,
        save={f"{name}.shown": "json:"},
        checks=(shown,),
    )


def _found(id: str, request: str, filter: str, name: str, *needs: str) -> Step:
    """Look until the last that was made is found: an index may be late."""
    return Step(
        id=id,
        request=request,
        blanks={"filter": filter},
        pages="follow",
        given=True,
        independent=True,
        settles=SETTLES,
        needs=("filter", *needs),
        checks=(Check("rfc7644-3.4.2.2-only-matches", finds([name])),),
    )


def _limited() -> Step:
    """Whether the target understands what limits most queries to the six."""
    right = Check("rfc7644-3.4.2.2-operator", finds(PEOPLE, optional=True))
    return Step(
        id="limited",
        request="rfc/users-filter.http",
        blanks={"filter": OWN},
        given=True,
        independent=True,
        needs=("filter",),
        save={LIMITED: "json:totalResults"},
        checks=(right,),
    )


def limits(scene: ExecutionContext) -> bool:
    """Whether what limits a query to the six is understood: if not, nothing else is why that is refused."""
    return scene.blanks.get(LIMITED, "null") != "null"


PREPARATIONS = (
    Sequence(
        id=POPULATION,
        title="the people and groups that queries are asked about",
        source="RFC 7644 section 3.4.2",
        each="people",
        steps=(
            *(create_user(f"create-{name}", name, body=BODIES[name]) for name in MADE),
            _group("crew", ("anna", "Bob")),
            _group("staff", ("carl",)),
            *(_read(name) for name in MADE),
            _limited(),
            _found("found", "rfc/users-filter.http", f'userName eq "{user_name(MADE[-1])}"', MADE[-1]),
            _found(
                "found-group",
                "rfc/groups-filter.http",
                'displayName eq "{{prefix}}.people staff"',
                "staff",
                "type:Group",
            ),
        ),
    ),
)

EXPANSIONS = {
    "people": Expansion(cases=stand_ins, blanks=frozenset({*STOOD_FOR, *NUMBERS, "limited"})),
}
