"""Checks of every answer of a run: selecting the answers and resources that a requirement is about."""

from __future__ import annotations

import itertools
import re
import threading
import weakref
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, urlsplit

from scimproof.checks.attributes import show
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import ERROR, LIST_RESPONSE, PREFIX, has, resources, value_at

SCHEMES = ("Bearer", "Basic")  # sent alone they are no token, and a challenge names them
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


def searches(exchange: Exchange) -> bool:
    """A search by POST (RFC 7644 section 3.4.3)."""
    return exchange.request.method == "POST" and urlsplit(exchange.request.target).path.endswith("/.search")


def is_query(exchange: Exchange) -> bool:
    """A query of a collection, by GET or POST, with a 2xx answer; of any other path one that is a list."""
    body = exchange.json
    if not exchange.ok or not isinstance(body, dict):
        return False
    if searches(exchange):
        return True
    if exchange.request.method != "GET" or asks_one(exchange):
        return False
    schemas = value_at(body, "schemas")
    is_list = value_at(body, "Resources") is not None or (
        isinstance(schemas, list) and LIST_RESPONSE in schemas
    )
    return bool(collection(exchange)) or is_list


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
    if not exchange.ok or not isinstance(body, dict) or not collection(exchange):
        return []
    schemas = value_at(body, "schemas")
    named = schemas if isinstance(schemas, list | str) else []
    if LIST_RESPONSE in named or value_at(body, "Resources") is not None:
        rows = (row for row in resources(body) if isinstance(row, dict) and may_be_ours(row))
        return list(itertools.islice(rows, MOST_ROWS))
    partial = exchange.request.method != "GET" and not has(body, "schemas") and not has(body, "meta")
    if exchange.request.method == "DELETE" or partial or ERROR in named:
        return []  # other bodies have rules of their own
    return [body] if may_be_ours(body) else []


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
    """Any answer with a 4xx or 5xx status; to a HEAD none has a body."""
    return exchange.status >= 400 and exchange.request.method != "HEAD"


def is_scim_error(exchange: Exchange) -> bool:
    """An error whose body is a JSON object."""
    return is_error(exchange) and isinstance(exchange.json, dict)


def written(method: str) -> Callable[[Exchange], bool]:
    """2xx answers to that method on a resource or a collection; a search by POST writes nothing."""
    return lambda exchange: (
        exchange.request.method == method
        and exchange.ok
        and bool(collection(exchange))
        and not searches(exchange)
    )


def is_create(exchange: Exchange) -> bool:
    """A create that was answered 201."""
    return exchange.request.method == "POST" and exchange.status == 201


def parameters(exchange: Exchange) -> dict[str, str]:
    """The parameters of a query or of a search by POST as texts, by their names in small letters.

    Of one that comes twice it is the first; lists are joined by commas.
    """
    found: dict[str, str] = {}
    if searches(exchange):
        body = exchange.request.json
        for name, value in body.items() if isinstance(body, dict) else ():
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            found.setdefault(name.casefold(), text)
    for name, value in parse_qsl(urlsplit(exchange.request.target).query, keep_blank_values=True):
        found.setdefault(name.casefold(), value)
    return found


def start_index(exchange: Exchange) -> int | None:
    """The startIndex of the query, 1 when it has none or one below; None for what is no number."""
    found = _number(parameters(exchange).get("startindex", "1"))
    return None if found is None else max(found, 1)


def count(exchange: Exchange) -> int | None:
    """The count of the query, 0 for one below; None when it has none, or what is no number."""
    found = _number(parameters(exchange).get("count", ""))
    return None if found is None else max(found, 0)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()) else None


def by_cursor(exchange: Exchange) -> bool:
    """Whether a page was asked for, or is answered, by cursor (RFC 9865)."""
    shown = (value_at(exchange.json, name) for name in ("nextCursor", "previousCursor"))
    return "cursor" in parameters(exchange) or any(isinstance(one, str) for one in shown)


def projected(exchange: Exchange, name: str) -> bool:
    """Whether a projection of the request may have taken that attribute out of the answer."""
    known, wanted = parameters(exchange), name.casefold()
    asked, without = (
        [one.strip().casefold() for one in known.get(parameter, "").split(",") if one.strip()]
        for parameter in ("attributes", "excludedattributes")
    )
    if asked and not any(_is_about(one, wanted) for one in asked):
        return True
    return any(_is_about(one, wanted) for one in without)


def _is_about(path: str, name: str) -> bool:
    """Whether a path of a projection is of that attribute, or of something in it."""
    last = path.rpartition(":")[2]
    return name in (path, last) or last.startswith(f"{name}.") or path.startswith(f"{name}:")


def anything(_: Exchange) -> bool:
    """Every complete answer."""
    return True


def no_server_error(exchange: Exchange) -> tuple[bool, str, str]:
    """An answer, and none that says that the server failed; 501 says that it cannot do that."""
    right = not exchange.error and (exchange.status < 500 or exchange.status == 501)
    return right, "an answer, and no 5xx", exchange.summary()


def retry_after(exchange: Exchange) -> tuple[bool, str, str]:
    """A Retry-After header in whole seconds."""
    found = exchange.header("Retry-After")
    right = found is not None and found.strip().isascii() and found.strip().isdigit()
    return right, "Retry-After in whole seconds", show(found)


def token_not_echoed(exchange: Exchange) -> tuple[bool, str, str]:
    """The credentials of the request are in no header and no body of the answer."""
    value = next((v for k, v in exchange.request.headers if k == "Authorization"), "")
    token = value.partition(" ")[2] or ("" if value in SCHEMES else value)
    head = "\n".join(v for _, v in exchange.headers)
    echoed = len(token) >= 6 and (token.encode() in exchange.body or token in head)
    return not echoed, "no Authorization value in the answer", "it is there" if echoed else "it is not"
