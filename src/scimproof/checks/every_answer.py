"""Checks of every answer of a run: selecting the answers and resources that a requirement is about."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlsplit

from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import ERROR, LIST_RESPONSE, PREFIX, has, resources, value_at

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
    """A GET of a collection with a 2xx answer."""
    return (
        exchange.request.method == "GET"
        and not asks_one(exchange)
        and exchange.ok
        and isinstance(exchange.json, dict)
    )


MOST_ROWS = 2000  # resources of a list that are checked at most; a run creates some hundreds


class _Latest(threading.local):
    """Cache of the resources of this thread's last answer, since about forty checks ask for the same.

    The answer is not kept for it: the next may be as large, and comes while this one would still be there.
    """

    exchange: Callable[[], Exchange | None] = staticmethod(lambda: None)
    rows: Sequence[Json] = ()


_LATEST = _Latest()


def shown(exchange: Exchange) -> Sequence[Json]:
    """The resources in a successful answer: the one, or those of a list that this run may have created."""
    if _LATEST.exchange() is not exchange:
        _LATEST.rows = _shown(exchange)
        _LATEST.exchange = weakref.ref(exchange)
    return _LATEST.rows


def _shown(exchange: Exchange) -> list[Json]:
    body = exchange.json
    if not exchange.ok or not isinstance(body, dict):
        return []
    schemas = value_at(body, "schemas")
    named = schemas if isinstance(schemas, list | str) else []
    if LIST_RESPONSE in named or value_at(body, "Resources") is not None:
        rows = (row for row in resources(body) if isinstance(row, dict) and may_be_ours(row))
        return list(itertools.islice(rows, MOST_ROWS))
    partial = exchange.request.method != "GET" and not has(body, "schemas") and not has(body, "meta")
    if exchange.request.method == "DELETE" or partial or ERROR in named:
        return []  # other bodies have rules of their own
    return [body] if collection(exchange) and may_be_ours(body) else []


def may_be_ours(resource: Json) -> bool:
    """Whether a run created the resource; those that were there before are not checked."""
    name = value_at(resource, "userName") or value_at(resource, "displayName")
    return not isinstance(name, str) or PREFIX.search(name.casefold()) is not None


def each(ask: Callable[[Exchange, Json], CheckResult]) -> Watched:
    """Check each resource of an answer; the result is that of the first that breaks the rule."""

    def watch(exchange: Exchange) -> CheckResult | None:
        judgements = [ask(exchange, resource) for resource in shown(exchange)]
        return next((j for j in judgements if j.held is False), judgements[0] if judgements else None)

    return watch


def when(concerns: Callable[[Exchange], bool], ask: Callable[[Exchange], tuple[bool, str, str]]) -> Watched:
    """Check those answers for which `concerns` is true: (holds, expected, observed)."""

    def watch(exchange: Exchange) -> CheckResult | None:
        if not concerns(exchange):
            return None
        right, expected, observed = ask(exchange)
        return held(expected, observed) if right else broken(expected, observed)

    return watch


def users(ask: Callable[[Exchange, Json], CheckResult]) -> Watched:
    """Check each user only."""
    asked = each(ask)
    return lambda exchange: asked(exchange) if collection(exchange) == "Users" else None


def groups(ask: Callable[[Exchange, Json], CheckResult]) -> Watched:
    """Check each group only."""
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
    """2xx answers to that method on a resource or a collection."""
    return lambda exchange: exchange.request.method == method and exchange.ok and bool(collection(exchange))


def is_create(exchange: Exchange) -> bool:
    """A create that was answered 201."""
    return exchange.request.method == "POST" and exchange.status == 201


def start_index(exchange: Exchange) -> int:
    """The startIndex of the query, 1 when it has none."""
    return int(parse_qs(urlsplit(exchange.request.target).query).get("startIndex", ["1"])[0])


def count(exchange: Exchange) -> int | None:
    """The count of the query, None when it has none."""
    found = parse_qs(urlsplit(exchange.request.target).query).get("count")
    return int(found[0]) if found else None


def anything(_: Exchange) -> bool:
    """Every complete answer."""
    return True
