"""Pages by startIndex and count. Lists without a filter are looked at page by page, and never walked."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.paging import total_results
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, grave, held
from scimproof.core.scim import id_of, resources, value_at

from ..asks import refused
from ..population import OWN, PEOPLE, POPULATION
from .questions import concluded, found, is_list, told_of

SECTION = "rfc7644-3.4.2.4-"
BEYOND = 1000  # places behind the last


def counters(body: Json) -> str:
    """The counters of a list, and how many resources it has, for a report."""
    named = ", ".join(f"{name} {show(value_at(body, name))}" for name in ("totalResults", "startIndex"))
    return f"{named}, {len(resources(body))} resources"


def at_most(count: int) -> Ask:
    """A page that is not empty and has no more resources than count."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"1 to {count} resources"
        rows = len(resources(exchange.json))
        if not exchange.ok or not is_list(exchange.json):
            return grave(expected, exchange.summary())
        return (held if 1 <= rows <= count else grave)(expected, f"{rows} resources")

    return ask


def begins(start: int, same: str = "") -> Ask:
    """StartIndex of the answer is that place; where it says none, its first resource is that of `same`."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"the page that begins at {start}"
        if not exchange.ok or not is_list(exchange.json):
            return grave(expected, exchange.summary())
        told = value_at(exchange.json, "startIndex")
        if told is not None:
            return (held if str(told) == str(start) else broken)(expected, f"startIndex {show(told)}")
        first, other = (resources(body)[:1] for body in (exchange.json, scene.answer(same)))
        if same and first and other and id_of(first[0]) == id_of(other[0]):
            return held(expected, f"the first resource of {same}")
        return cannot_tell(expected, "the answer says no startIndex")

    return ask


def empty(least: int = 0) -> Ask:
    """200 with an empty page; totalResults is told all the same, so many at least."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "200 and no resource" + (f", totalResults {least} or more" if least else "")
        if exchange.status != 200 or not is_list(exchange.json):
            return grave(expected, exchange.summary())
        total, rows = total_results(exchange.json), resources(exchange.json)
        right = not rows and (not least or (total is not None and total >= least))
        return (held if right else grave)(expected, counters(exchange.json))

    return ask


def _beyond(scene: ExecutionContext) -> Generator[Mapping[str, str], Exchange, CheckResult]:
    """Ask for a page far behind the last resource."""
    total = next(
        (n for step in ("one", "none") if (n := total_results(scene.answer(step))) is not None), None
    )
    if total is None:
        return cannot_tell("an empty page", "no list said its totalResults")
    exchange = yield {"query": f"startIndex={total + BEYOND}&count=1"}
    return empty()(scene, exchange)


def everyone_once(expected: str = "each of the six once") -> Ask:
    """All pages together show each of the six once."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status == 400:
            return declined(expected, exchange.summary())
        if not exchange.ok:
            return grave(expected, exchange.summary())
        names = found(scene, exchange)
        return (held if sorted(names) == sorted(PEOPLE) else grave)(expected, told_of(names))

    return ask


def _tells_most(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "a page, or a refusal as too many"
    if exchange.ok and is_list(exchange.json):
        most = value_at(exchange.json, "itemsPerPage")
        return held(expected, counters(exchange.json) + f", itemsPerPage {show(most)}")
    return (held if exchange.status in (400, 413) else broken)(expected, exchange.summary())


def page(id: str, query: str, *checks: tuple[str, Ask]) -> Step:
    """A step that asks for one page."""
    return Step(
        id=id,
        request="rfc/users-query.http",
        blanks={"query": query},
        independent=True,
        checks=tuple(Check(SECTION + requirement, ask) for requirement, ask in checks),
    )


INDEX = Sequence(
    id="rfc.pages.index",
    title="Pages by startIndex and count",
    source="RFC 7644 section 3.4.2.4",
    needs=("pagination.index",),
    shares=POPULATION,
    alone=True,
    steps=(
        page("one", "startIndex=1&count=1", ("count", at_most(1)), ("start-index", begins(1))),
        page("two", "startIndex=2&count=2", ("count", at_most(2)), ("start-index", begins(2))),
        page("five", "startIndex=1&count=5", ("count", at_most(5)), ("start-index", begins(1))),
        page("zero", "startIndex=0&count=1", ("start-below-1", begins(1, "one"))),
        page("negative", "startIndex=-5&count=1", ("start-below-1", begins(1, "one"))),
        page("minus", "count=-1", ("negative-count", empty())),
        page("none", "count=0", ("count-0", empty(len(PEOPLE)))),
        Step(
            id="beyond",
            request="rfc/users-query.http",
            blanks={"query": ""},
            independent=True,
            dialogue=_beyond,
            checks=(Check(f"{SECTION}beyond", concluded("beyond")),),
        ),
        Step(
            id="walk",
            request="rfc/users-query.http",
            blanks={"query": "filter={{%own}}&count=4", "own": OWN},
            pages="follow",
            independent=True,
            needs=("filter",),
            checks=(Check(f"{SECTION}walk", everyone_once()),),
        ),
        page("no-count", "{{!limited}}", ("most", _tells_most)),
        page("most", "{{!limited}}count=100000", ("most", _tells_most)),
        page("count-word", "count=abc", ("no-number", refused(400, harmful=False))),
        page("start-fraction", "startIndex=1.5&count=1", ("no-number", refused(400, harmful=False))),
    ),
)

SEQUENCES = (INDEX,)
