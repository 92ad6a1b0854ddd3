"""What RFC 7644 asks of every list: its message, its counters, its page, a search without a match."""

from __future__ import annotations

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import (
    asks_one,
    by_cursor,
    collection,
    count,
    is_query,
    parameters,
    start_index,
    when,
)
from scimproof.checks.lists import is_integer
from scimproof.core.definitions import RunKnowledge
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import LIST_RESPONSE, has, resources, value_at


def list_schema(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "schemas")
    return isinstance(found, list) and LIST_RESPONSE in found, f"schemas has {LIST_RESPONSE}", show(found)


def total_results(exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
    """An integer; a list by cursor need not have it (RFC 9865 section 2)."""
    if not is_query(exchange):
        return None
    found, discovery = value_at(exchange.json, "totalResults"), run.discovery()
    usual = value_at(discovery.config, "pagination.defaultPaginationMethod") if discovery else None
    only = discovery is not None and value_at(discovery.config, "pagination.index") is False
    if found is None and (by_cursor(exchange) or usual == "cursor" or only):
        return None
    right = is_integer(found) and found >= 0
    return (held if right else broken)("totalResults, an integer", show(found))


def capital_resources(exchange: Exchange) -> tuple[bool, str, str]:
    body = exchange.json
    none = value_at(body, "totalResults") in (0, "0", None) and "Resources" not in body
    right = isinstance(body.get("Resources"), list) or none
    wrong = [key for key in body if key.lower() == "resources" and key != "Resources"]
    total = value_at(body, "totalResults")
    first = start_index(exchange)
    beyond = first is None or (is_integer(total) and first > total) or count(exchange) == 0
    beyond = beyond and body.get("Resources", []) is not None
    return (right or beyond) and not wrong, "a Resources list", f"keys {', '.join(sorted(body))}"


def items_per_page(exchange: Exchange) -> tuple[bool, str, str]:
    number, found = len(resources(exchange.json)), value_at(exchange.json, "itemsPerPage")
    return str(found) == str(number), f"itemsPerPage {number}, the number of resources here", show(found)


def is_indexed(exchange: Exchange) -> bool:
    """A page that was asked for by a startIndex that is a number, or by none, and that tells its own."""
    number = start_index(exchange) is not None and not by_cursor(exchange)
    return number and is_query(exchange) and has(exchange.json, "startIndex")


def right_start(exchange: Exchange) -> tuple[bool, str, str]:
    wanted, found = start_index(exchange), value_at(exchange.json, "startIndex")
    return str(found) == str(wanted), f"startIndex {wanted}", show(found)


def within_count(exchange: Exchange) -> tuple[bool, str, str]:
    limit, number = count(exchange) or 0, len(resources(exchange.json))
    return number <= limit, f"at most {limit} resources", str(number)


def no_match(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.status == 200, "200 with totalResults 0", exchange.summary()


def is_search(exchange: Exchange) -> bool:
    """A search of a collection by filter that was answered at all with 200 or 404."""
    asked = "filter" in parameters(exchange) and not asks_one(exchange) and bool(collection(exchange))
    return asked and exchange.status in (200, 404)


def no_match_200(exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
    """200; where filters are declared as unsupported, 404 says that."""
    found = run.discovery()
    if found is not None and found.flag("filter") is False:
        return None
    return when(is_search, no_match)(exchange)
