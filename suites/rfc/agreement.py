"""What is advertised is what is done: one request of each feature, whether it is declared or not."""

from __future__ import annotations

import json
from collections.abc import Callable

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import FEATURES, Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import ERROR, LIST_RESPONSE, resources, value_at

from .asks import attribute_at, ours
from .people import USER, create_user
from .population import POPULATION

ADVERTISED = "rfc7644-4-advertised"
SILENT = "rfc7644-4-silent"
NOT_IMPLEMENTED = "rfc7644-3.12-not-implemented"
ABSENT = (501, 404, 405)
ANNA = 'userName eq "{{prefix}}.people.anna@example.com"'
PEOPLE = 'userName sw "{{prefix}}.people."'
CHANGEABLE = ("name.familyName", "displayName", "nickName", "title", "userType")
SECRET = "{{prefix}}-Aa1!-{{user.familyName}}"

# What an answer shows of a feature: "" that it works, or what is wrong.
Works = Callable[[ExecutionContext, Exchange], str]


def advertised(feature: str, expected: str, works: Works, understood: tuple[int, ...] = ()) -> Ask:
    """The declared feature works; of a status that is understood nothing can be told.

    One of which nothing is said is held to it as well, unless it is not there.
    """

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if says_nothing(scene, feature) and exchange.status in ABSENT:
            return does_not_apply(f"{feature} is not advertised, and not there: {exchange.status}")
        if exchange.status in understood:
            return does_not_apply(f"it cannot be told from {exchange.summary()}")
        wrong = works(scene, exchange)
        return broken(expected, wrong) if wrong else held(expected, str(exchange.status))

    return ask


def says_nothing(scene: ExecutionContext, feature: str) -> bool:
    """Whether the configuration does not say of a feature that it is supported, nor that it is not."""
    if scene.discovery is None or scene.discovery.state(feature) is None:
        return True
    return all(value_at(scene.discovery.config, one) is None for one in FEATURES)


def silent(feature: str, works: Works) -> Ask:
    """What is declared as unsupported does not work either; where it does it could be said."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if says_nothing(scene, feature):
            return does_not_apply(f"nothing is said of {feature}")
        expected = f"{feature} declared if it works"
        if works(scene, exchange):
            return does_not_apply(f"it does not work: {exchange.summary()}")
        return broken(expected, f"it works: {exchange.summary()}")

    return ask


def not_implemented(feature: str, works: Works) -> Ask:
    """What is not supported is answered 501, 404 or 405, with an Error; what works is another matter."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "501 with an Error; 404 and 405 are understood"
        if says_nothing(scene, feature):
            return does_not_apply(f"nothing is said of {feature}")
        if not works(scene, exchange):
            return does_not_apply("it works")
        schemas = value_at(exchange.json, "schemas")
        right = exchange.status in ABSENT and isinstance(schemas, list) and ERROR in schemas
        return held(expected, str(exchange.status)) if right else broken(expected, exchange.summary())

    return ask


def _unless_list(exchange: Exchange) -> str:
    schemas = value_at(exchange.json, "schemas")
    right = exchange.status == 200 and isinstance(schemas, list) and LIST_RESPONSE in schemas
    return "" if right else exchange.summary()


def patches(scene: ExecutionContext, exchange: Exchange) -> str:
    """200 with the new value, or 204."""
    if exchange.status == 204:
        return ""
    if exchange.status != 200:
        return exchange.summary()
    operation = value_at(exchange.request.json, "Operations.0")
    path, wanted = str(value_at(operation, "path")), value_at(operation, "value")
    found = value_at(exchange.json, path)
    right = equal(wanted, found, attribute_at(scene, exchange, path))
    return "" if right else f"{path} is {show(found)} after it was answered 200"


def does_jobs(_: ExecutionContext, exchange: Exchange) -> str:
    """200, with a result of 201 for the one operation."""
    status = value_at(exchange.json, "Operations.0.status")
    code = value_at(status, "code") if isinstance(status, dict) else status
    return "" if exchange.status == 200 and str(code) == "201" else exchange.summary()


def filters(scene: ExecutionContext, exchange: Exchange) -> str:
    """A list with anna, and nobody beside."""
    if not (wrong := no_others(scene, exchange)) and not resources(exchange.json):
        return "an empty list"
    return wrong


def no_others(scene: ExecutionContext, exchange: Exchange) -> str:
    """A list with anna alone; or, where an index is behind, with nobody."""
    if wrong := _unless_list(exchange):
        return wrong
    others = _others(scene, exchange)
    return f"{len(others)} others beside: {show(others[:3])}" if others else ""


def _others(scene: ExecutionContext, exchange: Exchange) -> list[str]:
    """The names in a list that are not anna's."""
    anna = f"{scene.blanks['prefix']}.people.anna@example.com".casefold()
    names = [str(value_at(row, "userName")) for row in resources(exchange.json)]
    return [name for name in names if name.casefold() != anna]


def sorts(scene: ExecutionContext, exchange: Exchange) -> str:
    """A list with ours in the order of userName, in any letter case; they were made in another one."""
    if wrong := _unless_list(exchange):
        return wrong
    names = [str(value_at(row, "userName")) for row in ours(scene, exchange)]
    if len(names) < 3:
        return f"{len(names)} of ours in the answer"
    right = names == sorted(names, key=str.casefold) or names == sorted(names)
    return "" if right else f"in this order: {', '.join(names)}"


def lists(_: ExecutionContext, exchange: Exchange) -> str:
    """A list, in whatever order: whether it is the right one is asked elsewhere."""
    return _unless_list(exchange)


def has_versions(_: ExecutionContext, exchange: Exchange) -> str:
    """200 with an ETag."""
    if exchange.status != 200:
        return exchange.summary()
    return "" if exchange.header("ETag") else "no ETag header"


def knows_versions(_: ExecutionContext, exchange: Exchange) -> str:
    """304 with an ETag to a read of whatever version is not there yet."""
    return "" if exchange.status == 304 and exchange.header("ETag") else exchange.summary()


def has_some_version(_: ExecutionContext, exchange: Exchange) -> str:
    """200 with an ETag or at least meta.version."""
    if exchange.status != 200:
        return exchange.summary()
    shown = exchange.header("ETag") or value_at(exchange.json, "meta.version")
    return "" if shown else "no ETag header, no meta.version"


def takes_password(_: ExecutionContext, exchange: Exchange) -> str:
    return "" if exchange.status in (200, 204) else exchange.summary()


def has_cursors(_: ExecutionContext, exchange: Exchange) -> str:
    """A list with nextCursor, or all there is on this page."""
    if wrong := _unless_list(exchange):
        return wrong
    total, number = value_at(exchange.json, "totalResults"), len(resources(exchange.json))
    last = isinstance(total, int) and total <= number
    return "" if _next(exchange) or last else "no nextCursor, and there is more"


def gives_cursor(_: ExecutionContext, exchange: Exchange) -> str:
    return _unless_list(exchange) or ("" if _next(exchange) else "no nextCursor")


def _next(exchange: Exchange) -> bool:
    found = value_at(exchange.json, "nextCursor")
    return isinstance(found, str) and bool(found)


def etag_advertised(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """An ETag header; meta.version alone is a warning."""
    result = advertised("etag", "200 with an ETag", has_versions)(scene, exchange)
    if result.held is False and not has_some_version(scene, exchange):
        return declined(result.expected, f"meta.version without an ETag header: {exchange.status}")
    return result


def not_everyone(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A filter that is not understood is not answered as if everybody matched."""
    expected = "a refusal, or anna alone"
    if not exchange.ok:
        return held(expected, str(exchange.status))
    others = _others(scene, exchange)
    return grave(expected, f"{len(others)} others beside") if others else held(expected, exchange.summary())


def sorted_or_refused(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A list in any order, or a refusal with an Error."""
    schemas = value_at(exchange.json, "schemas")
    named = schemas if isinstance(schemas, list) else []
    right = exchange.ok or (400 <= exchange.status <= 501 and ERROR in named)
    told = exchange.summary()
    return (held if right else broken)("a list in any order, or a refusal with an Error", told)


def one_change(discovery: Discovery) -> list[Case]:
    """A PATCH of the first attribute that the schema of users has of some that everybody may change."""
    found = (
        name
        for name in CHANGEABLE
        if (one := discovery.attribute(discovery.user, name)) and one.mutability == "readWrite"
    )
    name = next(found, "userName")
    value = "{{prefix}} agreed" if name != "userName" else "{{prefix}}.agreed.{{user.userName}}"
    operations = [{"op": "replace", "path": name, "value": value}]
    return [Case(key=name, blanks={"operations": json.dumps(operations)})]


EXPANSIONS = {"one-change": Expansion(cases=one_change, blanks=frozenset({"operations"}))}


def _with_password() -> str:
    body: dict[str, Json] = json.loads(USER)
    return json.dumps({**body, "password": SECRET})


Build = Callable[[str, tuple[str, ...], tuple[Check, ...]], Step]


def declared(feature: str, build: Build, ask: Ask, need: str = "") -> Step:
    """One request of a feature that is declared."""
    return build(feature, (need or feature,), (Check(ADVERTISED, ask),))


def undeclared(feature: str, build: Build, works: Works, *more: Check, need: str = "") -> Step:
    """One request of a feature that is declared as unsupported."""
    checks = (*more, Check(SILENT, silent(feature, works)))
    return build(f"{feature}-absent", (f"no:{need or feature}",), checks)


def refused(feature: str, works: Works) -> Check:
    """The refusal of what is not there."""
    return Check(NOT_IMPLEMENTED, not_implemented(feature, works))


def _patch(id: str, needs: tuple[str, ...], checks: tuple[Check, ...]) -> Step:
    return Step(
        id=id,
        request="rfc/user-patch.http",
        each="one-change",
        needs=needs,
        independent=True,
        checks=checks,
    )


def _job(id: str, needs: tuple[str, ...], checks: tuple[Check, ...]) -> Step:
    return Step(
        id=id,
        request="rfc/bulk-one-create.http",
        cast={"user": "other"},
        blanks={"body": USER},
        needs=needs,
        independent=True,
        checks=checks,
    )


def _query(query: str, **blanks: str) -> Build:
    def build(id: str, needs: tuple[str, ...], checks: tuple[Check, ...]) -> Step:
        return Step(
            id=id,
            request="rfc/users-query.http",
            blanks={"query": query, **blanks},
            needs=needs,
            independent=True,
            checks=checks,
        )

    return build


def _read(file: str) -> Build:
    def build(id: str, needs: tuple[str, ...], checks: tuple[Check, ...]) -> Step:
        return Step(id=id, request=file, needs=needs, independent=True, checks=checks)

    return build


ONE = _query("filter={{%anna}}", anna=ANNA)
CURSOR = _query("cursor=&count=1")

SEQUENCES = (
    Sequence(
        id="rfc.discovery.agreement",
        title="Features work as the configuration says, and only those",
        source="RFC 7644 section 4",
        people={"user": "plain", "other": "plain"},
        shares=POPULATION,
        last=True,
        steps=(
            create_user(),
            declared("patch", _patch, advertised("patch", "200 with the new value, or 204", patches)),
            undeclared("patch", _patch, patches, refused("patch", patches)),
            declared("bulk", _job, advertised("bulk", "200, and 201 for the one operation", does_jobs)),
            undeclared("bulk", _job, does_jobs, refused("bulk", does_jobs)),
            declared("filter", ONE, advertised("filter", "a list of anna alone", no_others)),
            undeclared(
                "filter",
                ONE,
                filters,
                refused("filter", filters),
                Check("rfc7644-3.4.2.2-unsupported", not_everyone),
            ),
            declared("sort", _query("sortBy=userName&count=2"), advertised("sort", "200 with a list", lists)),
            undeclared(
                "sort",
                _query("filter={{%people}}&sortBy=userName", people=PEOPLE),
                sorts,
                Check("rfc7644-3.4.2.3-unsupported", sorted_or_refused),
            ),
            Step(
                id="changePassword",
                request="rfc/user-put.http",
                blanks={"body": _with_password()},
                needs=("changePassword", "attr:password"),
                independent=True,
                checks=(
                    Check(ADVERTISED, advertised("changePassword", "200 or 204", takes_password, (400,))),
                ),
            ),
            declared("etag", _read("rfc/user-get.http"), etag_advertised),
            undeclared("etag", _read("rfc/user-get-unless-known.http"), knows_versions),
            declared(
                "cursor",
                CURSOR,
                advertised("pagination.cursor", "200 with a list and nextCursor", has_cursors),
                "pagination.cursor",
            ),
            undeclared("cursor", CURSOR, gives_cursor, need="pagination.cursor"),
        ),
    ),
)
