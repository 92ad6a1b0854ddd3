"""Tables of a trend: one row for each release, the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scimproof.render.load.summary import percent
from scimproof.render.load.terminal import milliseconds
from scimproof.render.trend.sentences import capacity, change, noise, standing

Row = dict[str, Any]
LOAD = (
    "Release",
    "Started",
    "Result",
    "p50 ms",
    "p95 ms (noise)",
    "p99 ms",
    "Errors",
    "Requests",
    "p95 against the one before",
)
CAPACITY = ("Release", "Started", "Result", "Capacity", "Errors", "Against the one before")


def heads(line: Row) -> tuple[str, ...]:
    """The heads of the columns."""
    return CAPACITY if line["kind"] == "capacity" else LOAD


def rows(line: Row) -> Iterator[tuple[str, ...]]:
    """The cells of each release as texts, the latest release first."""
    make = _capacity if line["kind"] == "capacity" else _load
    yield from (make(point) for point in reversed(line["points"]))


def _begun(point: Row) -> str:
    return str(point["started"])[:16].replace("T", " ")


def _capacity(point: Row) -> tuple[str, ...]:
    wrong = percent(point["error_ratio"])
    return point["label"], _begun(point), standing(point), capacity(point), wrong, change(point)


def _load(point: Row) -> tuple[str, ...]:
    return (
        point["label"],
        _begun(point),
        standing(point),
        milliseconds(point["p50_ms"]),
        milliseconds(point["p95_ms"]) + noise(point),
        milliseconds(point["p99_ms"]),
        percent(point["error_ratio"]),
        f"{point['due']:,}",
        change(point),
    )
