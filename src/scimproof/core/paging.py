"""Paging: whether a list has another page, and a walk of all pages that finds a run's resources by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

from scimproof.core.http_message import Exchange, Json
from scimproof.core.scim import Kind, id_of, name_in, resources, value_at

MAX_PAGES = 1000
# After so many pages in a row without a new resource the server ignores startIndex, and the walk ends.
REPEATS = 2
ABSENT = (404, 405, 501)


@dataclass
class LoopDetector:
    """Detects a list whose pages repeat: a walk of it would never end."""

    seen: set[str] = field(default_factory=set)
    repeats: int = 0

    def turn(self, ids: Iterable[str]) -> bool:
        """Record the ids of the next page; False when the walk shows nothing new any more."""
        before = len(self.seen)
        self.seen.update(ids)
        self.repeats = self.repeats + 1 if len(self.seen) == before else 0
        return self.repeats < REPEATS


@dataclass
class WalkResult:
    """Result of a walk: (id, name) of each resource whose name begins with the prefix.

    `trouble` says why the list could not be read to its end, `absent` that there is no such list (an
    application without groups). `ages` has the age of each resource in seconds by the target's own clock
    (meta.created and the Date header), where the target shows both.
    """

    ours: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""
    absent: bool = False
    ages: dict[str, float] = field(default_factory=dict)


Place = int | str  # a startIndex, or a cursor (RFC 9865); "" for the beginning


def walk(
    page: Callable[[Place], Exchange], kind: Kind, prefix: str, most: int | None = None, first: Place = 1
) -> WalkResult:
    """Walk a list for names that begin with the prefix; `page(place)` requests the page that begins there.

    A list with more than `most` resources is not walked. Only what is searched for is kept of a page. Raises
    what `page` raises.
    """
    found, progress, place = WalkResult(), LoopDetector(), first
    names: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        exchange = page(place)
        if not exchange.ok:
            found.trouble = f"the list cannot be read: {exchange.summary()}"
            found.absent = place == first and exchange.status in ABSENT
            break
        body = exchange.json
        rows = resources(body)
        following, total = _following(body, place), total_results(body)
        for row in rows:
            id, name = id_of(row), name_in(kind, row)
            if id and name is not None and name.casefold().startswith(prefix):
                names[id] = name
                if (age := _age(exchange, value_at(row, "meta.created"))) is not None:
                    found.ages[id] = age
        onward = following is not None and (most is None or (total or 0) <= most)
        if not progress.turn(id_of(row) for row in rows) and onward:
            found.trouble = f"the list shows the same again and again: {len(progress.seen)} resources"
            break
        if following is None or not onward:
            break
        place = following
    found.ours = list(names.items())
    return found


def _following(body: Json, place: Place) -> Place | None:
    """Where the next page begins; None behind the last one."""
    if isinstance(place, int):
        return next_start(body, place)
    cursor = value_at(body, "nextCursor")
    return cursor if isinstance(cursor, str) and cursor else None


def _age(exchange: Exchange, created: Json) -> float | None:
    try:
        now = parsedate_to_datetime(exchange.header("Date") or "")
        return (now - datetime.fromisoformat(created)).total_seconds()
    except (TypeError, ValueError):  # not said, not a time, or a time without its zone
        return None


def next_start(body: Json, start: int) -> int | None:
    """Where the page behind this one begins, which begins at `start`; None when this is the last.

    It is when totalResults are reached; of a list that does not say it, when a page is empty.
    """
    rows, total = len(resources(body)), total_results(body)
    return start + rows if rows and (total is None or start + rows <= total) else None


def total_results(body: Json) -> int | None:
    """The totalResults, also as text; None where the list does not say it."""
    total = str(value_at(body, "totalResults"))
    return int(total) if total.isdigit() and len(total) < 10 else None
