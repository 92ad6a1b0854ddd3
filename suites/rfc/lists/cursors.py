"""Pages by cursor (RFC 9865)."""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Mapping

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Dialogue, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.paging import total_results
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import ERROR, id_of, resources, value_at

from ..asks import word
from ..people import create_user
from ..population import OWN, PEOPLE, POPULATION, limits
from .questions import CLEAN, concluded, found, is_list, told_of

SECTION = "rfc9865-"
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")
UNLIMITED = "sw is declined, by which the list is limited to the six"
MOST_SECONDS = 2  # that a cursor is waited for until it is too old
WORDS = ("invalidCursor", "expiredCursor", "invalidCount")
MESSAGE = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


def cursor_in(body: Json, name: str = "nextCursor") -> str:
    """The cursor that a page gives; empty for none."""
    found = value_at(body, name)
    return found if isinstance(found, str) else ""


def _page(body: Json) -> str:
    return f"{len(resources(body))} resources, nextCursor {show(value_at(body, 'nextCursor'))}"


def _starts(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """An empty cursor begins: of six, two at a time, there is more."""
    expected = "200, a list, and a nextCursor"
    if not exchange.ok or not is_list(exchange.json):
        return grave(expected, exchange.summary())
    return (held if cursor_in(exchange.json) else grave)(expected, _page(exchange.json))


def _unreserved(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    cursor = cursor_in(exchange.json)
    if not cursor:
        return cannot_tell("a cursor", "the page gives none")
    right = UNRESERVED.fullmatch(cursor)
    return (held if right else broken)("letters, digits, - . _ ~", show(cursor))


def _within(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    rows = len(resources(exchange.json))
    return (held if rows <= 2 else grave)("2 resources at most", f"{rows}")


def _no_previous(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    previous = value_at(exchange.json, "previousCursor")
    return (held if previous is None else broken)("no previousCursor", show(previous))


def _last(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The last page has no nextCursor, not even null; all pages together show each of the six once."""
    if exchange.status in CLEAN and not limits(scene):
        return does_not_apply(UNLIMITED)
    expected = "each of the six once, and no nextCursor on the last page"
    if not exchange.ok:
        return grave(expected, exchange.summary())
    names, body = [name for name in found(scene, exchange) if name in PEOPLE], exchange.json
    if sorted(names) != sorted(PEOPLE):
        return grave(expected, told_of(names))
    if isinstance(body, Mapping) and "nextCursor" in body:
        return broken(expected, f"nextCursor {show(body['nextCursor'])} on the last page")
    pages = scene.pages["walk"]
    if len(pages) > 1 and not pages[-1].ids:
        return declined(expected, "a nextCursor that leads to an empty page")
    return held(expected, f"{len(pages)} pages")


def _same_query(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Every page has those of the filter only, with no attributes but those that were asked for."""
    if exchange.status in CLEAN and not limits(scene):
        return does_not_apply(UNLIMITED)
    expected = "on every page the six only, with userName only"
    strangers = [name for name in found(scene, exchange) if name not in PEOPLE]
    if strangers:
        return grave(expected, f"others too: {told_of(strangers)}")
    for page in scene.pages["walk"]:
        for row in page.ours:
            if more := [
                name for name in ("emails", "name", "displayName") if value_at(row, name) is not None
            ]:
                return broken(expected, f"{', '.join(more)} on page {scene.pages['walk'].index(page) + 1}")
    return held(expected)


def _total(scene: ExecutionContext, _: Exchange) -> CheckResult:
    expected = f"totalResults {len(PEOPLE)}, or none"
    totals = [page.total for page in scene.pages["walk"]]
    right = all(total in (None, len(PEOPLE)) for total in totals)
    return (held if right else broken)(
        expected, ", ".join("none" if one is None else str(one) for one in totals)
    )


def _back(scene: ExecutionContext) -> Generator[Mapping[str, str], Exchange, CheckResult]:
    """Ask for the second page, and from there for the one before."""
    expected = "previousCursor leads back to the first page, or there is none"
    first = scene.answer("first")
    if not cursor_in(first):
        return cannot_tell(expected, "the first page gives no cursor")
    second = yield {"query": "count=2", "cursor": cursor_in(first)}
    previous = cursor_in(second.json, "previousCursor")
    if not second.ok or not previous:
        return held(expected, "none") if second.ok else broken(expected, second.summary())
    before = yield {"query": "count=2", "cursor": previous}
    ids, wanted = ([id_of(row) for row in resources(body)] for body in (before.json, first))
    return (held if ids == wanted else broken)(expected, f"{before.summary()}, {len(ids)} resources")


def _none(*, refusal: bool = False) -> Ask:
    """No resources; or, for a count below 0, a refusal with 400."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "200 without resources" + (", or 400" if refusal else "")
        if refusal and exchange.status == 400:
            return held(expected, exchange.summary())
        if not exchange.ok or not is_list(exchange.json):
            return grave(expected, exchange.summary())
        return (grave if resources(exchange.json) else held)(expected, _page(exchange.json))

    return ask


def _error(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """4xx with an Error that has a scimType for it."""
    expected = f"4xx with an Error, scimType {' or '.join(WORDS)}"
    schemas, type = value_at(exchange.json, "schemas"), value_at(exchange.json, "scimType")
    right = 400 <= exchange.status < 500 and isinstance(schemas, list) and ERROR in schemas and type in WORDS
    return (held if right else broken)(expected, exchange.summary())


def _foreign(scene: ExecutionContext) -> Generator[Mapping[str, str], Exchange, CheckResult]:
    """Use a cursor of one query for another."""
    cursor, mangled = cursor_in(scene.answer("first")), scene.exchange("mangled")
    if not cursor or mangled is None:
        return cannot_tell("as a made-up cursor", "there is no cursor of another query")
    exchange = yield {
        "query": "filter={{%other}}&count=2",
        "cursor": cursor,
        "other": 'userName eq "{{prefix}}.nobody"',
    }
    expected = f"as a made-up cursor: {mangled.summary()}"
    if exchange.ok:
        return does_not_apply(f"a cursor is taken for another query as well: {exchange.summary()}")
    alike = exchange.status == mangled.status and _word(exchange) == _word(mangled)
    return (held if alike else broken)(expected, exchange.summary())


def _word(exchange: Exchange) -> Json:
    return value_at(exchange.json, "scimType")


def _expired(scene: ExecutionContext) -> Generator[Mapping[str, str], Exchange, CheckResult]:
    """Wait until a cursor is too old, where that is soon."""
    expected = "400"
    known = scene.discovery
    seconds = value_at(known.config, "pagination.cursorTimeout") if known else None
    if not isinstance(seconds, int) or seconds > MOST_SECONDS:
        return does_not_apply(f"not waited for: cursorTimeout is {show(seconds)}")
    first = yield {"query": "count=2", "cursor": ""}
    if not (cursor := cursor_in(first.json)):
        return cannot_tell(expected, f"no cursor: {first.summary()}")
    time.sleep(seconds + 1)
    late = yield {"query": "count=2", "cursor": cursor}
    return (held if late.status == 400 else broken)(expected, late.summary())


def _sorted(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = f"in the order {', '.join(PEOPLE)}"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    names = [name for name in found(scene, exchange) if name in PEOPLE]
    return (held if names in (list(PEOPLE), sorted(PEOPLE)) else broken)(expected, ", ".join(names))


def _default(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Without startIndex and cursor the method is the one that the configuration names."""
    known = scene.discovery
    method = value_at(known.config, "pagination.defaultPaginationMethod") if known else None
    if known and known.state("pagination.index") is False:
        method = "cursor"
    expected = f"a page by {method or 'one of the methods'}"
    if not exchange.ok or not is_list(exchange.json):
        return grave(expected, exchange.summary())
    cursor, total = cursor_in(exchange.json), total_results(exchange.json)
    told = f"{_page(exchange.json)}, totalResults {total}"
    if method == "cursor":
        right = bool(cursor) or total == len(resources(exchange.json))
    else:
        right = not cursor or method is None
    return (held if right else broken)(expected, told)


def _in_body(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "a page of 2 at most, and a nextCursor"
    if exchange.status in (404, 405, 501):
        return does_not_apply(f"no search by POST: {exchange.summary()}")
    if not exchange.ok or not is_list(exchange.json):
        return broken(expected, exchange.summary())
    right = cursor_in(exchange.json) and len(resources(exchange.json)) <= 2
    return (held if right else broken)(expected, _page(exchange.json))


def _walk(id: str, query: str, *checks: tuple[str, Ask], needs: tuple[str, ...]) -> Step:
    """A step that walks the pages of the six by their cursors."""
    made = tuple(Check(SECTION + name, ask) for name, ask in checks)
    return Step(
        id=id,
        request="rfc/users-cursor.http",
        blanks={"query": "filter={{%own}}&" + query, "own": OWN},
        pages="cursor",
        independent=True,
        needs=needs,
        checks=made,
    )


def _one(id: str, query: str, *checks: tuple[str, Ask], cursor: str = "") -> Step:
    """A step that asks for one page."""
    made = tuple(Check(SECTION + name, ask) for name, ask in checks)
    blanks = {"query": query, "cursor": cursor}
    return Step(id=id, request="rfc/users-cursor.http", blanks=blanks, independent=True, checks=made)


def _talk(id: str, requirement: str, dialogue: Dialogue, *more: Check, needs: tuple[str, ...] = ()) -> Step:
    """A step whose requests depend on the cursors that it gets."""
    return Step(
        id=id,
        request="rfc/users-cursor.http",
        blanks={"query": "", "cursor": ""},
        independent=True,
        needs=needs,
        dialogue=dialogue,
        checks=(Check(SECTION + requirement, concluded(id)), *more),
    )


SEQUENCES = (
    Sequence(
        id="rfc.pages.cursor",
        title="Cursors",
        source="RFC 9865 section 2",
        needs=("pagination.cursor",),
        shares=POPULATION,
        people={"user": "plain"},
        steps=(
            # Somebody of ours whom the filter leaves out, so that a page that forgets it shows them.
            create_user(),
            Step(
                id="first",
                request="rfc/users-query.http",
                blanks={"query": "cursor&count=2"},
                checks=(
                    Check(f"{SECTION}2-starts", _starts, gate=True),
                    Check(f"{SECTION}2-unreserved", _unreserved),
                    Check(f"{SECTION}2-count", _within),
                    Check(f"{SECTION}2-no-previous", _no_previous),
                ),
            ),
            _walk(
                "walk",
                "attributes=userName&count=2",
                ("2-last", _last),
                ("2-same-query", _same_query),
                ("2-total", _total),
                needs=("filter",),
            ),
            _talk("back", "2-previous", _back),
            _one("none", "count=0", ("2-count-0", _none())),
            _one(
                "minus",
                "count=-1",
                ("2-count-0", _none(refusal=True)),
                ("2-count-0-type", word("invalidCount")),
            ),
            _one("mangled", "count=2", ("2.1-error", _error), cursor="scimproof-nothing"),
            _talk("foreign", "5-same-error", _foreign, needs=("filter",)),
            _talk(
                "expired", "2.1-expired", _expired, Check(f"{SECTION}2.1-expired-type", word("expiredCursor"))
            ),
            _walk("sorted", "sortBy=userName&count=2", ("2.2-sorted", _sorted), needs=("sort", "filter")),
            Step(
                id="plain",
                request="rfc/users-query.http",
                blanks={"query": "count=2"},
                independent=True,
                checks=(Check(f"{SECTION}2.4-default", _default),),
            ),
            Step(
                id="search",
                request="rfc/users-search.http",
                blanks={"search": f'{{"schemas":["{MESSAGE}"],"cursor":"","count":2}}'},
                independent=True,
                checks=(Check(f"{SECTION}3-search", _in_body),),
            ),
        ),
    ),
)
