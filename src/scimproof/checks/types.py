"""Holds the bodies of answers to the schemas in fixtures/schemas, and says which rule each place breaks."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import Watched, collection, is_query, is_scim_error, shown
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import resources
from scimproof.core.validation import Wrong, scim, wrongs

MOST_WRONG = 500  # places in one resource that are looked at: a group may have 100,000 members
MOST = 3  # places that one finding names; a group of 250 members may break a rule 250 times
COMMON = ("schemas", "externalid", "meta")
EXTENSION = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"
# Whether they are there, and what they say, is asked by questions of their own.
ASKED_ELSEWHERE: dict[str, set[tuple[str, ...]]] = {
    "User": {("schemas",), ("id",), ("username",), ("password",), ("meta", "resourcetype")},
    "Group": {("schemas",), ("id",), ("displayname",), ("meta", "resourcetype")},
    "ListResponse": {("schemas",), ("totalresults",), ("resources",)},
    "Error": {("schemas",), ("status",), ("scimtype",)},
}

Broken = Sequence[tuple[str, Wrong]]  # the rule that is broken, and where


class _Latest(threading.local):
    """What is wrong with the answer that this thread looked at last: eight questions ask the same.

    As in `every_answer`, the answer is not kept for it.
    """

    exchange: Callable[[], Exchange | None] = staticmethod(lambda: None)
    found: Broken = ()


_LATEST = _Latest()


def typed(rule: str, concerns: Callable[[Exchange], bool], expected: str) -> Watched:
    """Ask the answers that the rule concerns whether a place in their body breaks it."""

    def watch(exchange: Exchange) -> CheckResult | None:
        if not concerns(exchange):
            return None
        wrong = [wrong for broken_rule, wrong in places(exchange) if broken_rule == rule]
        return broken(expected, _told(wrong)) if wrong else held(expected)

    return watch


def shows(*kinds: str) -> Callable[[Exchange], bool]:
    """Whether the answer shows a resource of one of these collections."""
    return lambda exchange: collection(exchange) in kinds and bool(shown(exchange))


def _told(wrong: Sequence[Wrong]) -> str:
    places = [f"{one.pointer} is {show(one.value)}, not {one.expected}" for one in wrong[:MOST]]
    more = f"; and {len(wrong) - MOST} places more" if len(wrong) > MOST else ""
    return "; ".join(places) + more


def places(exchange: Exchange) -> Broken:
    """The places in an answer that do not fit its schema, each with the requirement that it breaks."""
    if _LATEST.exchange() is not exchange:
        _LATEST.found = tuple(_look(exchange))
        _LATEST.exchange = weakref.ref(exchange)
    return _LATEST.found


def _look(exchange: Exchange) -> Iterator[tuple[str, Wrong]]:
    body = exchange.json
    if is_query(exchange):
        yield from _rules("ListResponse", body, ())
    elif is_scim_error(exchange):
        yield from _rules("Error", body, ())
    kind = collection(exchange).removesuffix("s")
    rows = shown(exchange)
    key = next((key for key in body if key.lower() == "resources"), "") if rows else ""
    numbers = {id(row): number for number, row in enumerate(resources(body))} if key else {}
    for row in rows:
        yield from _rules(kind, row, (key, numbers[id(row)]) if id(row) in numbers else ())


def _rules(schema: str, body: object, beneath: tuple[str | int, ...]) -> Iterator[tuple[str, Wrong]]:
    for wrong in itertools.islice(wrongs(scim(schema), body), MOST_WRONG):
        names = tuple(str(step).lower() for step in wrong.place)
        if names not in ASKED_ELSEWHERE[schema] and wrong.rule != "minimum":  # so is which number it is
            yield _rule(schema, names, wrong), wrong._replace(place=(*beneath, *wrong.place))


def _rule(schema: str, names: tuple[str, ...], wrong: Wrong) -> str:
    """The requirement that says so: that of the attribute, else of its form, else of its schema."""
    if schema in ("ListResponse", "Error"):
        return {"ListResponse": "rfc7644-3.4.2-list-types", "Error": "rfc7644-3.12-error-types"}[schema]
    if names == ("active",):
        return "rfc7643-4.1.1-active-boolean"
    if wrong.rule == "type" and wrong.wanted in FORMS:
        return FORMS[wrong.wanted]
    if names[0] in COMMON:
        return "rfc7643-3.1-types"
    if names[0] == EXTENSION:
        return "rfc7643-4.3-types"
    return "rfc7643-4.1-types" if schema == "User" else "rfc7643-4.2-types"


FORMS: dict[Json, str] = {"array": "rfc7643-2.4-multi-valued", "object": "rfc7643-2.3-complex"}
