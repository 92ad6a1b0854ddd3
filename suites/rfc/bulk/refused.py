"""Bulk jobs that are wrong, too long or too large, and bulk where it is not supported."""

from __future__ import annotations

from collections.abc import Iterator

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import LIST_RESPONSE, value_at

from ..asks import is_error, refused
from .results import NOBODY, REQUEST, delete, job, post, results, send, user
from .simple import only_these, search

MOST_OPERATIONS = 5_000
MOST_BYTES = 4 * 1024 * 1024


def _refused(*, harmful: bool = True) -> Ask:
    """The whole job is refused with 400, or the one operation that is in it with a 4xx."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "the operation refused, or the job with 400"
        if not exchange.ok:
            return refused(400)(_, exchange)
        rows = value_at(exchange.json, "Operations")
        found = [result.status for _, result in results(exchange)]
        told = f"status {found[0] if found and found[0] else 'none'}"
        if found and 400 <= found[0] < 500:
            return held(expected, told)
        if found and found[0] == 501:
            return declined(expected, told)
        if rows in ([], None):
            return broken(expected, "200 without a result")
        return (grave if harmful or found[0] >= 500 else broken)(expected, told)

    return ask


# An operation that is wrong, by its step: the requirement, and whether it is harmful to do it all the same.
WRONG: dict[str, tuple[str, Json, bool]] = {
    "no-method": (
        "rfc7644-3.7-method",
        {"path": "/Users", "bulkId": "x1", "data": user("no-method")},
        True,
    ),
    "get": ("rfc7644-3.7-method", {"method": "GET", "path": NOBODY}, True),
    "no-bulk-id": (
        "rfc7644-3.7-bulk-id-needed",
        {"method": "POST", "path": "/Users", "data": user("no-bulk-id")},
        False,
    ),
    "no-path": ("rfc7644-3.7-path", {"method": "POST", "bulkId": "x2", "data": user("no-path")}, True),
    "path-of-one": ("rfc7644-3.7-path", post("path-of-one", user("path-of-one"), NOBODY), True),
    "path-of-all": (
        "rfc7644-3.7-path",
        {"method": "PUT", "path": "/{{prefix}}", "data": user("path-of-all")},
        True,
    ),
    "no-data": ("rfc7644-3.7-data", {"method": "POST", "path": "/Users", "bulkId": "x3"}, True),
}
NAMED = ("no-method", "no-path", "path-of-one", "path-of-all")


def _steps() -> Iterator[Step]:
    for id, (requirement, operation, harmful) in WRONG.items():
        yield send(
            id,
            job(operation),
            checks=(Check(requirement, _refused(harmful=harmful)),),
            save={f"{id}.id": f"bulk:{value_at(operation, 'bulkId') or ''}"},
            independent=True,
        )


def _too_much(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A refusal with 413; a server may end the connection while too large a body is still on its way."""
    if exchange.error:
        return declined("a refusal with 413", exchange.summary())
    return refused(413)(scene, exchange)


def _says_which(limit: str) -> Ask:
    """The 413 names the limit or its value; one that is no Error comes from elsewhere, and is a warning."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"a text that names {limit}"
        if exchange.status != 413:
            return does_not_apply(f"it was not answered 413: {exchange.summary()}")
        if not is_error(exchange.json):
            return declined(expected, exchange.summary())
        value = _limit(scene.discovery, limit)
        text = str(value_at(exchange.json, "detail")).lower().replace(",", "").replace("_", "")
        right = limit.lower() in text or (value is not None and str(value) in text)
        return held(expected) if right else broken(expected, exchange.summary())

    return ask


def _limit(discovery: Discovery | None, name: str) -> int | None:
    found = value_at(discovery.config if discovery else None, f"bulk.{name}")
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else None


def _within(name: str, most: int, *, padded: bool = False) -> Expansion:
    """One case, where the limit is one that a run may pass; with so many blanks that they alone pass it."""

    def cases(discovery: Discovery) -> list[Case] | str:
        value = _limit(discovery, name)
        if value is None:
            return f"ServiceProviderConfig: no usable bulk.{name}"
        if value > most:
            return f"ServiceProviderConfig: bulk.{name} {value:,} is more than a run sends ({most:,})"
        return [Case(key=name, blanks={"padding": " " * (value + 1)} if padded else {})]

    return Expansion(cases=cases, blanks=frozenset({"padding"} if padded else ()))


def too_many(scene: ExecutionContext) -> Json:
    """A job of one operation more than the target allows, each a removal of nobody."""
    one = delete(f"/Users/{scene.blanks['prefix']}-nobody")
    return job(*[one] * ((_limit(scene.discovery, "maxOperations") or 0) + 1))


def _beyond(id: str, limit: str) -> Step:
    return Step(
        id=id,
        request=f"rfc/bulk-{id}.http",
        each=f"bulk-{limit}",
        independent=True,
        checks=(
            Check("rfc7644-3.7.4-too-much", _too_much),
            Check("rfc7644-3.7.4-says-which", _says_which(limit)),
        ),
    )


def _not_supported(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    if scene.discovery is None or scene.discovery.flag("bulk") is not False:
        return does_not_apply("ServiceProviderConfig does not say that bulk.supported is false")
    return refused(501, understood=(404, 405))(scene, exchange)


EXPANSIONS = {
    "bulk-maxOperations": _within("maxOperations", MOST_OPERATIONS),
    "bulk-maxPayloadSize": _within("maxPayloadSize", MOST_BYTES, padded=True),
}
RULES = {"rfc-bulk-too-many": too_many}

SEQUENCES = (
    Sequence(
        id="rfc.bulk.refused",
        title="Bulk jobs that are wrong",
        source="RFC 7644 section 3.7",
        needs=("bulk",),
        people=dict.fromkeys((*NAMED, "no-bulk-id"), "plain"),
        steps=(
            send(
                "no-operations",
                {"schemas": [REQUEST], "failOnErrors": 1},
                checks=(Check("rfc7644-3.7-operations", refused(400)),),
                independent=True,
            ),
            send(
                "strange-schema",
                {"schemas": [LIST_RESPONSE], "Operations": [delete(NOBODY)]},
                checks=(Check("rfc7644-3.7-operations", refused(400)),),
                independent=True,
            ),
            *_steps(),
            search(
                "search",
                NAMED,
                Check("rfc7644-3.7-method", only_these(among=("no-method",))),
                Check("rfc7644-3.7-path", only_these(among=NAMED[1:])),
            ),
            _beyond("too-many", "maxOperations"),
            _beyond("too-large", "maxPayloadSize"),
        ),
    ),
    Sequence(
        id="rfc.bulk.refused[not-there]",
        title="A bulk job where bulk is not supported",
        source="RFC 7644 section 3.7",
        needs=("no:bulk",),
        steps=(
            send(
                "not-there",
                job(delete(NOBODY)),
                checks=(Check("rfc7644-3.7-not-supported", _not_supported),),
                independent=True,
            ),
        ),
    ),
)
