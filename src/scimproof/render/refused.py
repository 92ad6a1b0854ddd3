"""Finds what a target never does: a kind of request at which nothing succeeds, one reason for much."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Row = dict[str, Any]
FEWEST = 2  # requirements; what breaks one only is told by that one
NOT_DONE = {405, 501}  # says of itself that it is about the kind of request, whatever else succeeds
MOST_WIDE = 0


@dataclass
class Refusal:
    """A kind of request, how it is answered, how often of how many times, and what fails for it."""

    what: str
    status: int
    answer: str
    seen: int
    asked: int
    never: bool
    findings: list[Row] = field(default_factory=list)

    @property
    def id(self) -> str:
        """`PUT /Users/{id}: 501`, the same in every run."""
        return f"{self.what}: {self.status or 'no answer'}"

    @property
    def text(self) -> str:
        """The reason in a sentence."""
        times = f"{self.seen:,} of {self.asked:,} times"
        if self.never:
            return f"No {self.what} succeeds: {self.answer}, {times}."
        return f"{self.what} is answered {self.answer}, {times}."


def refusals(report: Row) -> list[Refusal]:
    """Every kind of request that never succeeds, or is said not to be implemented, and breaks several rules.

    The widest kind that holds is taken: all of a resource before one method, one method before PATCH with
    certain operations. Findings about every answer (the watches) stay what they are: they have many reasons.
    """
    base = urlsplit(report["target"]["url"]).path.rstrip("/")
    exchanges = {exchange["number"]: exchange for exchange in report["exchanges"]}
    kinds = {number: kinds_of(exchange["request"], base) for number, exchange in exchanges.items()}
    scopes: dict[str, list[Row]] = {}
    for number, exchange in exchanges.items():
        for scope in kinds[number]:
            scopes.setdefault(scope, []).append(exchange)
    never = {scope for scope, some in scopes.items() if not any(map(_succeeded, some))}
    failing: dict[tuple[int, str, int], list[Row]] = {}
    for finding in _failing(report):
        exchange = exchanges.get(finding["exchange"])
        if exchange is None or _succeeded(exchange):
            continue
        for width, scope in enumerate(kinds[exchange["number"]]):
            if scope in never or (width > MOST_WIDE and exchange["status"] in NOT_DONE):
                failing.setdefault((width, scope, exchange["status"]), []).append(finding)
    taken: set[str] = set()
    found = []
    for (width, scope, status), findings in sorted(failing.items()):
        left = [finding for finding in findings if finding["id"] not in taken]
        methods = {kinds[finding["exchange"]][1] for finding in left}
        rules = {finding["requirement"] for finding in left}
        if len(rules) >= FEWEST and (width > MOST_WIDE or len(methods) > 1):
            taken |= {finding["id"] for finding in left}
            found.append(_refusal(scope, status, scopes[scope], left, never=scope in never))
    return found


def kinds_of(request: Row, base: str) -> tuple[str, ...]:
    """`request to /Groups`, `PATCH /Groups/{id}`, `PATCH /Groups/{id} with replace`: from wide to narrow."""
    path, _, query = request["target"].partition("?")
    first, _, more = path.removeprefix(base).strip("/").partition("/")
    asks = "?filter" if re.search(r"(?:^|&)filter=", query) else ""
    method = f"{request['method']} /{first}" + ("/{id}" if more else "") + asks
    words = sorted(_operations(request["body"])) if request["method"] == "PATCH" else []
    return (f"request to /{first}", method, *([f"{method} with {' and '.join(words)}"] if words else []))


def _operations(body: str) -> set[str]:
    try:
        operations = json.loads(body)["Operations"]
        return {str(operation["op"]) for operation in operations}
    except (ValueError, LookupError, TypeError, RecursionError):
        return set()


def _succeeded(exchange: Row) -> bool:
    return bool(200 <= exchange["status"] < 300)


def _failing(report: Row) -> Iterator[Row]:
    watches = {sequence["id"] for sequence in report["sequences"] if sequence["watch"]}
    for finding in report["findings"]:
        if finding["verdict"] == "fail" and finding["sequence"] not in watches:
            yield finding


def _refusal(scope: str, status: int, asked: Iterable[Row], findings: list[Row], *, never: bool) -> Refusal:
    every = list(asked)
    alike = [exchange for exchange in every if exchange["status"] == status]
    words = Counter(exchange["error"] or f"{status} {exchange['reason']}".strip() for exchange in alike)
    return Refusal(scope, status, words.most_common(1)[0][0], len(alike), len(every), never, findings)
