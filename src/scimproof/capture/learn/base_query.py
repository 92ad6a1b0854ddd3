"""Query of the base URL, which some senders carry on every request: learnt from a capture."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from urllib.parse import unquote_plus

from scimproof.capture.exchange import CapturedExchange

LOOKED_AT = 500  # exchanges at the beginning of a capture
FEWEST = 3  # exchanges that have it; less says nothing
SHARE = 0.8  # of the exchanges; the harness's own reads and a second sender may be without


def base_query(exchanges: Iterable[CapturedExchange], parameters: Collection[str]) -> str:
    """The raw parameters with which nearly every request target ends; empty where there are none.

    `parameters` are the names, in lower case, of those that senders write themselves.
    """
    queries = [
        exchange.target.partition("?")[2].split("&") if "?" in exchange.target else []
        for exchange in islice(exchanges, LOOKED_AT)
    ]
    common: list[str] = []
    while True:
        ends: dict[str, int] = {}
        for query in queries:
            if len(query) > len(common) and query[len(query) - len(common) :] == common:
                end = query[-len(common) - 1]
                ends[end] = ends.get(end, 0) + 1
        best = max(ends, key=lambda end: ends[end], default="")
        if unquote_plus(best.partition("=")[0]).lower() in parameters:
            best = ""
        if not best or ends[best] < max(FEWEST, SHARE * len(queries)):
            return "&".join(common)
        common.insert(0, best)
