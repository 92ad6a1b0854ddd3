"""Growth with the store: which operations took longer, or answered more, while users were added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.growth import growth_row

OF = "users in the store"
LEAST = 10  # samples of each quarter: a run has dozens of operations, and chance looks at all of them
GREW = 100  # users, at least
USER = 1.0  # bytes that one user more is in an answer, at least


def store_growth(
    rows: Sequence[Metrics], catalog: Catalog, mix: Mapping[str, float], before: int, page_size: int
) -> list[dict[str, Any]]:
    """What grew with the users of this run, as load.json has it; `before` were there when the first came.

    One sample an operation and bucket of the time series: the median time, the mean size. Buckets with fewer
    users than a page has are left out, since a list grows until one is full; lists of groups are, too.
    """
    made, gone = (set(_writes(catalog, mix, method)) for method in ("POST", "DELETE"))
    users, there = [], float(before)
    for row in rows:
        known = row.operations
        added = sum(_done(one) for id, one in known.items() if id in made)
        added -= sum(_done(one) for id, one in known.items() if id in gone)
        users.append(there + added / 2)
        there += added
    if there - before < GREW:
        return []
    kept = [(amount, row) for amount, row in zip(users, rows, strict=True) if amount >= page_size]
    found = (_row(id, kept) for id in _operations(catalog, mix))
    return [row for row in found if row]


def _row(id: str, kept: Sequence[tuple[float, Metrics]]) -> dict[str, Any] | None:
    some = [(amount, row.operations[id]) for amount, row in kept if id in row.operations]
    times = [(amount, one.response.percentile(50)) for amount, one in some]
    sizes = [(amount, one.sizes.mean) for amount, one in some]
    return growth_row(
        id,
        OF,
        [(amount, ms / 1000) for amount, ms in times if ms is not None],
        [(amount, size) for amount, size in sizes if size is not None],
        each=USER,
        least=LEAST,
    )


def _done(operation: StepCounters) -> int:
    return max(0, operation.answered - sum(operation.errors.values()))


def _writes(catalog: Catalog, mix: Mapping[str, float], method: str) -> Iterator[str]:
    """The operations that make users (POST), or delete some."""
    for id in mix:
        for step in catalog.sequences[id].unattended:
            template = catalog.templates[step.request]
            if template.method == method and "/Users" in template.target:
                yield f"{id}/{step.id}"


def _operations(catalog: Catalog, mix: Mapping[str, float]) -> Iterator[str]:
    for id in mix:
        for step in catalog.sequences[id].unattended:
            template = catalog.templates[step.request]
            path = template.target.removeprefix("{{base}}").partition("?")[0]
            if template.method != "GET" or path != "/Groups":
                yield f"{id}/{step.id}"
