"""Which answers a rule for all answers concerns, and how it is asked of them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlsplit

from scimproof.catalog.identities import PREFIX
from scimproof.checks.lists import LIST
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import has, resources, value_at

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

Watched = Callable[[Exchange], CheckResult | None]


def collection(exchange: Exchange) -> str:
    """`Users` or `Groups`, whichever the request went to; empty for anything else."""
    path = urlsplit(exchange.request.target).path
    return next(
        (name for name in ("Users", "Groups") if f"/{name}/" in path or path.endswith(f"/{name}")), ""
    )


def asks_one(exchange: Exchange) -> bool:
    """Whether the request addressed one resource by id."""
    return f"/{collection(exchange)}/" in urlsplit(exchange.request.target).path


def is_query(exchange: Exchange) -> bool:
    """A GET of a collection that was answered with success."""
    return (
        exchange.request.method == "GET"
        and not asks_one(exchange)
        and exchange.ok
        and isinstance(exchange.json, dict)
    )


MOST_ROWS = 2000  # of a list, so many of those that may be this run's are looked at: it makes some hundreds


class _Latest(threading.local):
    """The answer that this thread asked about last, and what is in it: some forty questions ask the same."""

    exchange: Exchange | None = None
    rows: Sequence[Json] = ()


_LATEST = _Latest()


def shown(exchange: Exchange) -> Sequence[Json]:
    """The resources in a successful answer: the one, or those of a list that a run may have created."""
    if _LATEST.exchange is not exchange:
        _LATEST.rows = _shown(exchange)
        _LATEST.exchange = exchange
    return _LATEST.rows


def _shown(exchange: Exchange) -> list[Json]:
    body = exchange.json
    if not exchange.ok or not isinstance(body, dict):
        return []
    schemas = value_at(body, "schemas")
    named = schemas if isinstance(schemas, list | str) else []
    if LIST in named or value_at(body, "Resources") is not None:
        rows = (row for row in resources(body) if isinstance(row, dict) and may_be_ours(row))
        return list(itertools.islice(rows, MOST_ROWS))
    partial = exchange.request.method != "GET" and not has(body, "schemas") and not has(body, "meta")
    if exchange.request.method == "DELETE" or partial or ERROR in named:
        return []  # what is no representation of a resource has rules of its own
    return [body] if collection(exchange) and may_be_ours(body) else []


def may_be_ours(resource: Json) -> bool:
    """Whether a run created it; what was there before is nobody's finding."""
    name = value_at(resource, "userName") or value_at(resource, "displayName")
    return not isinstance(name, str) or PREFIX.search(name.casefold()) is not None


def each(ask: Callable[[Exchange, Json], CheckResult]) -> Watched:
    """Ask about each resource of an answer; the first that breaks the rule speaks for it."""

    def watch(exchange: Exchange) -> CheckResult | None:
        judgements = [ask(exchange, resource) for resource in shown(exchange)]
        return next((j for j in judgements if j.held is False), judgements[0] if judgements else None)

    return watch


def when(concerns: Callable[[Exchange], bool], ask: Callable[[Exchange], tuple[bool, str, str]]) -> Watched:
    """Ask those answers that the rule concerns: (holds, expected, observed)."""

    def watch(exchange: Exchange) -> CheckResult | None:
        if not concerns(exchange):
            return None
        right, expected, observed = ask(exchange)
        return held(expected, observed) if right else broken(expected, observed)

    return watch


def users(ask: Callable[[Exchange, Json], CheckResult]) -> Watched:
    """Ask about each user only."""
    asked = each(ask)
    return lambda exchange: asked(exchange) if collection(exchange) == "Users" else None


def groups(ask: Callable[[Exchange, Json], CheckResult]) -> Watched:
    """Ask about each group only."""
    asked = each(ask)
    return lambda exchange: asked(exchange) if collection(exchange) == "Groups" else None


def has_body(exchange: Exchange) -> bool:
    """Any answer with a body."""
    return bool(exchange.body)


def is_error(exchange: Exchange) -> bool:
    """Any answer with a 4xx or 5xx status."""
    return exchange.status >= 400


def is_scim_error(exchange: Exchange) -> bool:
    """An error whose body is a JSON object."""
    return is_error(exchange) and isinstance(exchange.json, dict)


def written(method: str) -> Callable[[Exchange], bool]:
    """Answers of success to that method on a resource or a collection."""
    return lambda exchange: exchange.request.method == method and exchange.ok and bool(collection(exchange))


def is_create(exchange: Exchange) -> bool:
    """A create that was answered 201."""
    return exchange.request.method == "POST" and exchange.status == 201


def start_index(exchange: Exchange) -> int:
    """The startIndex that was asked for."""
    return int(parse_qs(urlsplit(exchange.request.target).query).get("startIndex", ["1"])[0])


def count(exchange: Exchange) -> int | None:
    """The count that was asked for, None when none was."""
    found = parse_qs(urlsplit(exchange.request.target).query).get("count")
    return int(found[0]) if found else None


def anything(_: Exchange) -> bool:
    """Every complete answer."""
    return True
