"""Searches by POST to .search, at /Users, at /Groups, and at the base."""

from __future__ import annotations

import json

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import id_of

from ..asks import is_error, ours, refused
from ..population import OWN, PEOPLE, POPULATION, user_name
from .projections import each_lacks, each_shows_only
from .questions import CLEAN, Answered, found, is_list, page_of, told_of

MESSAGE = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
SECTION = "rfc7644-3.4.3-"
NOWHERE = (404, 405, 501)
ANNA = f'userName eq "{user_name("anna")}"'
CREW = 'displayName eq "{{prefix}}.people crew"'


def body(filter: str = "", schemas: tuple[str, ...] = (MESSAGE,), **more: Json) -> dict[str, str]:
    """The body of a search as a template: the filter is JSON-escaped when it is filled in."""
    made: dict[str, Json] = {"schemas": list(schemas)} if schemas else {}
    made |= {"filter": "{{wanted}}"} if filter else {}
    return {"search": json.dumps(made | more), **({"wanted": filter} if filter else {})}


def _there(names: tuple[str, ...] | None) -> Ask:
    """A list, with these of ours and nobody else; where there is no such search nothing of it applies."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "200 with a list, and nobody made"
        if exchange.status in NOWHERE:
            return does_not_apply(f"no search by POST: {exchange.summary()}")
        made = id_of(exchange.json) if exchange.ok else ""
        if exchange.status == 201 or made:
            return grave(expected, f"it made a resource: {exchange.summary()}")
        if names is None and exchange.status == 400 and is_error(exchange.json):
            return declined(expected, exchange.summary())
        if not exchange.ok or not is_list(exchange.json):
            return grave(expected, exchange.summary())
        return held(expected) if names is None else Answered(names=names)(scene, exchange)

    return ask


def _paged(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    if exchange.status in CLEAN:
        return declined("a page of the six", exchange.summary())
    return page_of(start=3, count=2, total=len(PEOPLE))(scene, exchange)


def _sorted(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The six in descending order, as many as the target gives at once."""
    expected = ", ".join(reversed(PEOPLE))
    if not exchange.ok or not is_list(exchange.json):
        return broken(expected, exchange.summary())
    names = found(scene, exchange)
    orders = (list(PEOPLE[::-1]), sorted(PEOPLE, reverse=True))
    right = bool(names) and any(names == one[: len(names)] for one in orders)
    return (held if right else grave)(expected, ", ".join(names) or "nobody")


def _in_projection(projected: Ask) -> Ask:
    """The list is projected; the whole resources are a warning, and so is a refusal."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.ok and not ours(scene, exchange):
            return broken("ours, projected", told_of(found(scene, exchange)))
        return projected(scene, exchange)

    return ask


def _of_all_types(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "ours from every type, or no search at the base"
    if exchange.status in (*NOWHERE, *CLEAN):
        return held(expected, exchange.summary())
    if not exchange.ok or not is_list(exchange.json):
        return broken(expected, exchange.summary())
    return Answered(names=("anna",))(scene, exchange)


def search(id: str, check: tuple[str, Ask], blanks: dict[str, str], on: str = "users", *needs: str) -> Step:
    """A step that searches by POST."""
    return Step(
        id=id,
        request=f"rfc/{on}-search.http",
        blanks=blanks,
        independent=True,
        needs=needs,
        checks=(Check(SECTION + check[0], check[1]),),
    )


def first(id: str, need: str, blanks: dict[str, str], names: tuple[str, ...] | None) -> Step:
    """The search that shows whether there is any."""
    return Step(
        id=id,
        request="rfc/users-search.http",
        blanks=blanks,
        needs=(need,),
        checks=(Check(f"{SECTION}search", _there(names), gate=True),),
    )


_LENIENT = refused(400, harmful=False)

SEQUENCES = (
    Sequence(
        id="rfc.search.users",
        title="Search by POST",
        source="RFC 7644 section 3.4.3",
        shares=POPULATION,
        steps=(
            first("plain", "filter", body(ANNA, startIndex=1, count=10), ("anna",)),
            first("unfiltered", "no:filter", body(startIndex=1, count=1), None),
            search(
                "pages",
                ("pages", _paged),
                body(OWN, startIndex=3, count=2),
                "users",
                "filter",
                "pagination.index",
            ),
            search(
                "sorted",
                ("sorted", _sorted),
                body(OWN, sortBy="userName", sortOrder="descending", count=10),
                "users",
                "filter",
                "sort",
            ),
            search(
                "attributes",
                ("projection", _in_projection(each_shows_only("userName"))),
                body(ANNA, attributes=["userName"]),
                "users",
                "filter",
            ),
            search(
                "excluded",
                ("projection", _in_projection(each_lacks("emails", "name"))),
                body(ANNA, excludedAttributes=["emails", "name"]),
                "users",
                "filter",
            ),
            search("refused", ("filter", refused(400)), body("userName eq"), "users", "filter"),
            search("no-schemas", ("schema", _LENIENT), body(schemas=(), count=1)),
            search("other-schema", ("schema", _LENIENT), body(schemas=(f"{MESSAGE}s",), count=1)),
            search(
                "groups",
                ("search", _there(("crew",))),
                body(CREW, count=10),
                "groups",
                "type:Group",
                "filter",
            ),
            Step(
                id="root",
                request="rfc/root-search.http",
                blanks=body(ANNA, count=10),
                regardless=True,
                independent=True,
                needs=("filter",),
                checks=(Check(f"{SECTION}root", _of_all_types),),
            ),
        ),
    ),
)
