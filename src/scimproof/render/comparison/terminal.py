"""Writes a comparison of two reports as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scimproof.core.escaping import line
from scimproof.render.comparison.findings import changed
from scimproof.render.comparison.sentences import RESULTS, counted, obstacles, result, sides

Row = dict[str, Any]
MOST = 20  # of each kind
SPEEDS = {"new": "worse", "fixed": "better"}


def text(comparison: Row) -> str:
    """The comparison as lines for a terminal; the result is the last one."""
    parts = [*(f"Not comparable: {why}" for why in obstacles(comparison)), *head(comparison)]
    for title, rows, left in sections(comparison):
        parts += ["", title, *(f"  {line(row, 800)}" for row in rows)]
        if left:
            parts.append(f"  and {left:,} more")
    parts += ["", f"{RESULTS[comparison['result']].upper()}  {line(result(comparison))}"]
    return "\n".join(parts) + "\n"


def head(comparison: Row) -> Iterator[str]:
    """Both sides, what else differs, and how many findings changed."""
    yield from (f"{name}: {side}" for name, side in sides(comparison))
    yield from comparison["differs"]
    yield from filter(None, [counted(comparison)])


def sections(comparison: Row) -> Iterator[tuple[str, list[str], int]]:
    """Title, first rows, and the number of rows left out, of each section."""
    for title, rows in _load(comparison) if comparison["kind"] == "load" else _findings(comparison):
        if rows:
            yield title, rows[:MOST], max(0, len(rows) - MOST)


def _findings(comparison: Row) -> Iterator[tuple[str, list[str]]]:
    for title, rows in changed(comparison):
        yield title, [row.line for row in rows]


def _load(comparison: Row) -> Iterator[tuple[str, list[str]]]:
    yield "Worse", list(comparison["worse"])
    yield (
        "Beyond noise",
        [
            _figure(row["name"], figure)
            for row in comparison["operations"]
            for figure in row["figures"]
            if figure["change"] != "still"
        ],
    )
    yield (
        "Response then and now, in ms (times; ~ where the answers are too few to tell), and errors",
        [_operation(row) for row in comparison["operations"]],
    )
    limits = [row for row in comparison["thresholds"] if (row["old"], row["new"]) != ("held", "held")]
    yield "Limits that do not hold, or changed", [row["said"] for row in limits]
    yield "Audit", [row["said"] for row in comparison["audit"] if row["new"] or row["old"]]
    yield "No longer measured", comparison["gone"]
    yield "Newly measured", comparison["added"]
    yield "How noise was estimated", [comparison["noise"]]


def _operation(row: Row) -> str:
    parts = []
    for figure in row["figures"]:
        if figure["unit"] == "ms":
            certain = figure["old_between"] and figure["new_between"]
            times = f"{'' if certain else '~'}{figure['ratio']:.2f}"
            parts.append(f"{figure['measure']} {figure['old']:,.1f} -> {figure['new']:,.1f} ({times})")
        elif figure["old"] or figure["new"]:
            parts.append(f"errors {figure['said']}")
    name = row["name"]
    return ", ".join([name, *parts]) if parts else f"{name}, no answers"


def _figure(name: str, figure: Row) -> str:
    noise = ""
    if figure.get("old_between") and figure.get("new_between"):
        then, now = ("{:,.1f} to {:,.1f}".format(*figure[key]) for key in ("old_between", "new_between"))
        noise = f" (noise: {then} then, {now} ms now)"
    return f"{SPEEDS[figure['change']]}: {name} {figure['measure']}: {figure['said']}{noise}"
