"""Lists: their counters, their elements, and queries across all types at the base."""

from __future__ import annotations

from scimproof.checks import is_list as names_list
from scimproof.checks.attributes import show
from scimproof.checks.lists import is_integer
from scimproof.checks.schema_equality import changed
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.paging import total_results
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import resources, value_at

from ..asks import at, ours, word
from ..population import OWN, PEOPLE, POPULATION
from .questions import Answered, found, hides_total, is_list, shown_of, told_of

SECTION = "rfc7644-3.4.2-"
ROOT = "rfc7644-3.4.2.1-"


HIDDEN = "pages go by cursor, where totalResults may be left out (RFC 9865)"


def _total(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    if hides_total(scene, exchange.json):
        return does_not_apply(HIDDEN)
    total = value_at(exchange.json, "totalResults")
    right = is_integer(total) and total >= 0
    return (held if right else broken)("totalResults, an integer", show(total))


def _resources(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    body = exchange.json if isinstance(exchange.json, dict) else {}
    right = isinstance(body.get("Resources"), list) and bool(body["Resources"])
    return (held if right else broken)(
        "Resources, a list with the results", f"keys {', '.join(sorted(body))}"
    )


def _whole(scene: ExecutionContext, exchange: Exchange) -> str:
    """Why an answer need not say which part of the results it is; empty where it has to."""
    if scene.discovery is not None and scene.discovery.state("pagination.index") is False:
        return "pages go by cursor"
    total = total_results(exchange.json)
    return "" if total is None or len(resources(exchange.json)) < total else "the answer has all results"


def _start_there(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    if whole := _whole(scene, exchange):
        return does_not_apply(whole)
    start = value_at(exchange.json, "startIndex")
    return (held if is_integer(start) else broken)("startIndex, an integer", show(start))


def _items_there(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    if whole := _whole(scene, exchange):
        return does_not_apply(whole)
    number, items = len(resources(exchange.json)), value_at(exchange.json, "itemsPerPage")
    right = is_integer(items) and items == number
    return (held if right else broken)(f"itemsPerPage {number}, the number of resources here", show(items))


def _all_counted(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """TotalResults counts our six at least, and is that of the list that was asked for before."""
    if hides_total(scene, exchange.json):
        return does_not_apply(HIDDEN)
    total, before = total_results(exchange.json), total_results(scene.answer("list"))
    expected = f"totalResults {len(PEOPLE)} or more, as in the list before"
    if total is not None and before is not None and min(total, before) >= len(PEOPLE) and total != before:
        return cannot_tell(expected, f"{before}, then {total}: others may have been at work")
    right = total is not None and total >= len(PEOPLE) and total == before
    return (held if right else grave)(expected, f"{before}, then {total}")


def _as_read(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Each of the six in the list is as a read showed it."""
    expected = "each of ours as a read shows it"
    if exchange.status in (400, 403, 501):
        return declined(expected, exchange.summary())
    if not exchange.ok:
        return grave(expected, exchange.summary())
    pairs = [(name, row) for name, row in zip(found(scene, exchange), ours(scene, exchange), strict=True)]
    seen = [(name, row, shown) for name, row in pairs if name in PEOPLE and (shown := shown_of(scene, name))]
    if not seen:
        return does_not_apply("none of ours is on the page, or none can be read")
    for name, row, shown in seen:
        known = scene.discovery
        paths = list(changed(shown, row, known, known.user if known else None, whole=True))
        if paths:
            told = "; ".join(
                f"{path}: {show(at(row, path))}, read as {show(at(shown, path))}" for path in paths[:3]
            )
            return broken(expected, f"{name}: {told}")
    return held(expected, told_of(name for name, _, _ in seen))


def _ignored(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    right = exchange.ok and is_list(exchange.json)
    return (held if right else broken)("a list, as without the parameter", exchange.summary())


def _one_itself(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    right = exchange.ok and value_at(exchange.json, "id") == scene.blanks["anna.id"]
    shown = sorted(exchange.json) if isinstance(exchange.json, dict) else []
    return (held if right else broken)("the one resource", f"{exchange.summary()}: {', '.join(shown)}")


def _users(id: str, query: str, *checks: tuple[str, Ask]) -> Step:
    made = tuple(Check(SECTION + name, ask) for name, ask in checks)
    return Step(id=id, request="rfc/users-query.http", blanks={"query": query}, independent=True, checks=made)


def _elements(id: str, query: str, needs: str) -> Step:
    return Step(
        id=id,
        request="rfc/users-query.http",
        blanks={"query": query},
        pages="follow" if needs == "filter" else False,
        independent=True,
        needs=(needs,),
        checks=(Check(f"{SECTION}element", _as_read),),
    )


# Queries at the base


def _at_base(names: tuple[str, ...]) -> Answered:
    return Answered(names=names, refusal="skipped")


def _base(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A list across all types; where the base is no place for queries nothing of it applies."""
    absent = exchange.status in (400, 403, 404, 405, 501) or 300 <= exchange.status < 400
    if not exchange.error and (absent or (exchange.ok and not is_list(exchange.json))):
        return does_not_apply(f"no queries at the base: {exchange.summary()}")
    return _at_base(("anna",))(scene, exchange)


def _one_page(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "a page of one resource, or 400"
    if exchange.status == 400:
        return held(expected, exchange.summary())
    right = exchange.ok and is_list(exchange.json) and len(resources(exchange.json)) == 1
    rows = len(resources(exchange.json))
    return (held if right else grave)(expected, f"{exchange.summary()}, {rows} resources")


_ANNA = "filter={{%one}}"
_ONE = 'meta.resourceType eq "User" and id eq "{{anna.id}}"'

SEQUENCES = (
    Sequence(
        id="rfc.list.shape",
        title="List users",
        source="RFC 7644 section 3.4.2",
        shares=POPULATION,
        alone=True,
        steps=(
            _users(
                "list",
                "count=5",
                ("list-schema", names_list()),
                ("total-results", _total),
                ("resources", _resources),
            ),
            _users(
                "one",
                "startIndex=1&count=1",
                ("start-index-there", _start_there),
                ("items-per-page-there", _items_there),
                ("total-is-all", _all_counted),
            ),
            _elements("element", "{{!limited}}", "filter"),
            _elements("element-of-page", "count=100", "no:filter"),
            _users("strange-parameter", "count=1&scimproofNothing=x", ("unknown-parameter", _ignored)),
            Step(
                id="own",
                request="rfc/user-get-query.http",
                cast={"user": "anna"},
                blanks={"query": "attributes=userName"},
                independent=True,
                checks=(Check(f"{SECTION}parameters-on-one", _one_itself),),
            ),
        ),
    ),
    Sequence(
        id="rfc.list.root",
        title="Query the root for resources of all types",
        source="RFC 7644 section 3.4.2.1",
        needs=("filter",),
        shares=POPULATION,
        steps=(
            Step(
                id="root",
                request="rfc/root-query.http",
                blanks={"query": _ANNA, "one": _ONE},
                checks=(Check(f"{ROOT}root", _base, gate=True),),
            ),
            Step(
                id="root-slash",
                request="rfc/root-query-slash.http",
                blanks={"query": _ANNA, "one": _ONE},
                independent=True,
                checks=(Check(f"{ROOT}root", _base),),
            ),
            Step(
                id="only-users",
                request="rfc/root-query.http",
                blanks={"query": "filter={{%own}}", "own": OWN},
                pages="follow",
                independent=True,
                checks=(Check(f"{ROOT}unknown-attribute", _at_base(PEOPLE)),),
            ),
            Step(
                id="all",
                request="rfc/root-query.http",
                blanks={"query": "count=1"},
                independent=True,
                checks=(
                    Check(f"{ROOT}too-many", _one_page),
                    Check(f"{ROOT}too-many-type", word("tooMany")),
                ),
            ),
        ),
    ),
)
