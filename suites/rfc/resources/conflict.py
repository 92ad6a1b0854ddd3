"""Creates with a value that has to be unique and belongs to somebody already."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Attribute, Discovery, ResourceType
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, grave, held
from scimproof.core.scim import id_of

from ..asks import created, ours, refused, word
from ..people import USER, create_user
from ..values import value_for
from .answers import as_before, of_search
from .bodies import PREFIX, body_for, case_for, kind_of, name_of, playable

STEPS = ("first", "second", "other-case", "unchanged", "once")
UNIQUE = ("server", "global")
USERS = "User:userName"
NUMBERED = USER.replace("{", '{"externalId":"{{prefix}}-Taken",', 1)
GROUP_NAME = f"{PREFIX}.onename twice"


def unique_attributes(discovery: Discovery) -> Iterator[tuple[ResourceType, Attribute]]:
    """Each attribute of each type that is unique, userName whatever its schema says."""
    for type in playable(discovery):
        for one in discovery.attributes(type):
            user_name = kind_of(type) == "User" and one.name.lower() == "username"
            if (one.uniqueness in UNIQUE or user_name) and one.mutability in ("readWrite", "immutable"):
                yield type, one


def each_unique(discovery: Discovery) -> list[Case] | str:
    """A case for each unique attribute: two bodies that share its value and nothing else."""
    found = [
        _case(discovery, type, one, place) for place, (type, one) in enumerate(unique_attributes(discovery))
    ]
    return found or "no attribute has to be unique"


def _case(discovery: Discovery, type: ResourceType, one: Attribute, place: int) -> Case:
    key, tag = f"{kind_of(type)}:{one.path}", f"unique{place}"
    value = value_for(one, f"{PREFIX}.{tag}a")
    without = {}
    if key != USERS or one.case_exact:
        without["other-case"] = f"letter case is asked of {USERS}, where it does not count"
    if value is None:
        why = f"no value can be made up for {one.path}"
        return case_for(type, discovery, STEPS, why, key=key)
    other = _in_capitals(value) if isinstance(value, str) else value
    bodies: dict[str, Json] = {}
    for blank, letter, shared in (("first", "a", value), ("second", "b", value), ("upper", "c", other)):
        made = body_for(type, discovery, f"{tag}{letter}", _placed(one, shared, type))
        if isinstance(made, str):
            return case_for(type, discovery, STEPS, made, key=key)
        bodies[blank] = made
    sought = f'"{value}"' if isinstance(value, str) else str(value).lower()
    filter = {"filter": f"{one.path} eq {sought}"}
    return case_for(type, discovery, STEPS, bodies, key=key, texts=filter, without=without)


def _placed(one: Attribute, value: Json, type: ResourceType) -> dict[str, Json]:
    """The value where the attribute stands: at the top, or in the container of its extension."""
    return {one.name: value} if one.schema.lower() == type.schema.lower() else {one.schema: {one.name: value}}


def _in_capitals(text: str) -> str:
    return text.upper().replace(PREFIX.upper(), PREFIX)


def uniqueness(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A 409 names the scimType uniqueness."""
    if exchange.status != 409:
        return does_not_apply(f"it was not answered 409: {exchange.status}")
    return word("uniqueness")(scene, exchange)


def only_first(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A search for the value finds the first resource and none that was refused."""
    expected = f"only {scene.blanks['resource.id']}, which was first"
    taken = [step for step in ("second", "other-case") if (seen := scene.exchange(step)) and seen.ok]
    if taken:
        return does_not_apply(f"{' and '.join(taken)} was not refused, which has been told")
    found = [id_of(row) for row in ours(scene, exchange)]
    told = ", ".join(found) or "nobody"
    return held(expected) if found == [scene.blanks["resource.id"]] else grave(expected, told)


def free(path: str, first: str) -> Ask:
    """The value that `first` got may be given again; where the schema says it is unique, it may not."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before = scene.exchange(first)
        if before is None or not before.ok:
            return cannot_tell(f"201 to a {path} that somebody has", f"nobody has it: {first} was refused")
        if _is_unique(scene, exchange, path):
            return refused(409)(scene, exchange)
        expected = f"201 to a {path} that somebody has"
        if exchange.error or exchange.status >= 500:
            return grave(expected, exchange.summary())
        return held(expected) if exchange.status == 201 else broken(expected, exchange.summary())

    return ask


def _is_unique(scene: ExecutionContext, exchange: Exchange, path: str) -> bool:
    if scene.discovery is None:
        return False
    type = scene.discovery.group if "/Groups" in exchange.request.target else scene.discovery.user
    schema = scene.discovery.schema(type.schema) if type else ()
    return any(one.uniqueness in UNIQUE for one in schema if one.name.lower() == path.lower())


def named_twice(discovery: Discovery) -> list[Case] | str:
    """The body of a group with the name that two groups are given."""
    name = discovery.group and name_of(discovery.group, discovery)
    if not discovery.group or not name:
        return "no resource type Group"
    body = body_for(discovery.group, discovery, "onename", {name.name: GROUP_NAME})
    return body if isinstance(body, str) else [Case(key="group", blanks={"body": json.dumps(body)})]


def _group(id: str, check: Check, *, given: bool = False) -> Step:
    return Step(
        id=id,
        request="rfc/group-create-as-is.http",
        creates=id,
        each="group-named-twice",
        independent=True,
        given=given,
        checks=(check,),
    )


SEQUENCES = (
    Sequence(
        id="rfc.create.conflict",
        title="Create with a value that somebody has already",
        source="RFC 7644 section 3.3",
        each="unique-attributes",
        steps=(
            Step(
                id="first",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                blanks={"body": "{{!first}}"},
                given=True,
                checks=(Check("rfc7644-3.3-create-201", created(), gate=True),),
            ),
            Step(
                id="second",
                request="rfc/resource-create-as-is.http",
                creates="second",
                blanks={"body": "{{!second}}"},
                independent=True,
                checks=(
                    Check("rfc7644-3.3-conflict", refused(409)),
                    Check("rfc7644-3.3-conflict-uniqueness", uniqueness),
                ),
            ),
            Step(
                id="other-case",
                request="rfc/resource-create-as-is.http",
                creates="upper",
                blanks={"body": "{{!upper}}"},
                independent=True,
                checks=(Check("rfc7643-4.1.1-username-unique", refused(409)),),
            ),
            Step(
                id="unchanged",
                request="rfc/resource-get.http",
                independent=True,
                checks=(Check("rfc7644-3.3-conflict-changes-nothing", as_before("first")),),
            ),
            Step(
                id="once",
                request="rfc/resources-filter.http",
                needs=("filter",),
                independent=True,
                settles=2.0,
                checks=(Check("rfc7644-3.3-conflict-changes-nothing", of_search(only_first)),),
            ),
        ),
    ),
    Sequence(
        id="rfc.create.conflict[free]",
        title="Values that need not be unique",
        source="RFC 7643 sections 3.1 and 4.2",
        needs=("type:User",),
        people={"user": "plain", "other": "plain"},
        steps=(
            create_user("first", body=NUMBERED),
            create_user(
                "external-id",
                "other",
                body=NUMBERED,
                checks=(Check("rfc7643-3.1-external-id-free", free("externalId", "first")),),
            ),
            _group("group-first", Check("rfc7644-3.3-create-201", created()), given=True),
            _group("group-name", Check("rfc7643-4.2-name-free", free("displayName", "group-first"))),
        ),
    ),
)

EXPANSIONS = {
    "group-named-twice": Expansion(cases=named_twice, blanks=frozenset({"body"})),
    "unique-attributes": Expansion(
        cases=each_unique, blanks=frozenset({"endpoint", "first", "second", "upper", "filter"})
    ),
}
