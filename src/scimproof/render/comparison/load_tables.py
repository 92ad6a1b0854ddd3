"""Tables of two load runs side by side: each operation's figures, limits and the audit, as texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from scimproof.render.comparison.sentences import percent_change
from scimproof.render.load.sizes import size
from scimproof.render.load.summary import PERCENTILES, called, percent
from scimproof.render.load.terminal import milliseconds

Row = dict[str, Any]
STYLES = {"new": "worse", "fixed": "better"}  # of a change; all others have none
DASH = "\N{EN DASH}"
OVERALL = "*"  # the id of all requests together
MAIN = "p95"  # the figure of an operation in the table of all
STANDS = {"held": "held", "broken": "broken", "undecided": "could not be told", "": "not set"}
MOVED = {"new": "broken now", "fixed": "held again"}


@dataclass(frozen=True)
class FigureRow:
    """One figure then and now, its change, the noise it was judged by, and the verdict in words."""

    name: str
    then: str
    now: str
    change: str = ""
    noise_then: str = ""
    noise_now: str = ""
    verdict: str = ""
    style: str = ""


@dataclass(frozen=True)
class OperationTable:
    """The figures of one operation; `style` is worse where any figure is, else better where any is."""

    name: str
    rows: tuple[FigureRow, ...]
    style: str

    @property
    def main(self) -> FigureRow:
        """The figure that stands for the operation."""
        return next(row for row in self.rows if row.name == MAIN)


@dataclass(frozen=True)
class ThresholdRow:
    """A threshold in both runs: its limit, what was measured, and whether each held."""

    of: str
    measure: str
    limit: str
    then: str
    now: str
    verdict: str
    style: str


def operation_tables(comparison: Row) -> list[OperationTable]:
    """A table for each operation: all requests first, then what got worse, what got better, and the rest."""
    order = ("worse", "better", "")
    decides = not comparison["incomparable"]
    tables = [(row["id"] != OVERALL, _operation(row, decides=decides)) for row in comparison["operations"]]
    return [table for _, table in sorted(tables, key=lambda one: (one[0], order.index(one[1].style)))]


def _operation(row: Row, *, decides: bool) -> OperationTable:
    """Its table; where the two are incomparable, no figure of it stands out as worse or better."""
    known = {figure["measure"]: figure for figure in row["figures"]}
    rows = [_latency(known[name]) if name in known else _unanswered(name) for name in PERCENTILES]
    if "errors" in known:
        rows.append(_errors(known["errors"]))
    old, new = row["counts"]["old"], row["counts"]["new"]
    change = f"{new - old:+,} ({percent_change(new / old)})" if old and new != old else ""
    rows.append(FigureRow("answers", f"{old:,}", f"{new:,}", change))
    if not decides:
        rows = [replace(row, style="") for row in rows]
    styles = {row.style for row in rows}
    style = next((style for style in ("worse", "better") if style in styles), "")
    return OperationTable(row["name"], tuple(rows), style)


def _latency(figure: Row) -> FigureRow:
    return FigureRow(
        name=figure["measure"],
        then=f"{milliseconds(figure['old'])} ms",
        now=f"{milliseconds(figure['new'])} ms",
        change=f"{_signed(figure['difference'])} ms ({percent_change(figure['ratio'])})",
        noise_then=_between(figure["old_between"]),
        noise_now=_between(figure["new_between"]),
        verdict=figure["verdict"],
        style=STYLES.get(figure["change"], ""),
    )


def _unanswered(name: str) -> FigureRow:
    return FigureRow(name, DASH, DASH, verdict="no answers in one of the runs")


def _errors(figure: Row) -> FigureRow:
    points = (figure["new"] - figure["old"]) * 100
    return FigureRow(
        name="errors",
        then=percent(figure["old"]),
        now=percent(figure["new"]),
        change=f"{points:+.2g} percentage points" if points else "",
        verdict=figure["verdict"],
        style=STYLES.get(figure["change"], ""),
    )


def _signed(value: float) -> str:
    """A difference with its sign, in as many digits as `milliseconds` has."""
    if not value:
        return "0"
    return ("+" if value > 0 else "-") + milliseconds(abs(value))


def _between(interval: list[float] | None) -> str:
    """The noise interval: `398 to 431 ms`; a dash where there are too few answers for one."""
    return f"{milliseconds(interval[0])} to {milliseconds(interval[1])} ms" if interval else DASH


def alone(comparison: Row) -> list[FigureRow]:
    """The operations that only one run measured, with their p95."""
    rows = []
    for row in comparison["alone"]:
        value = f"{milliseconds(row[MAIN])} ms" if row[MAIN] is not None else DASH
        later = row["verdict"] == "only in this run"
        then, now = (DASH, value) if later else (value, DASH)
        rows.append(FigureRow(row["name"], then, now, verdict=row["verdict"]))
    return rows


def thresholds(comparison: Row) -> list[ThresholdRow]:
    """Every threshold of the later run, those that changed or do not hold first."""
    rows = [_threshold(row) for row in comparison["thresholds"]]
    return sorted(rows, key=lambda row: ("worse", "better", "").index(row.style))


def _threshold(row: Row) -> ThresholdRow:
    measure, moved = row["measure"], row["old_limit"] not in (None, row["new_limit"])
    limit = _value(measure, row["new_limit"])
    return ThresholdRow(
        of=row["of"],
        measure=called(measure),
        limit=f"{limit} (was {_value(measure, row['old_limit'])})" if moved else limit,
        then=_stood(measure, row["old_value"], row["old"]),
        now=_stood(measure, row["new_value"], row["new"]),
        verdict=MOVED.get(row["change"]) or _standing(row, moved=moved),
        style=STYLES.get(row["change"], ""),
    )


def _standing(row: Row, *, moved: bool) -> str:
    """The verdict on a threshold that did not change from held to broken, or back."""
    if not row["old"]:
        return f"only in this run: {STANDS[row['new']]}"
    if row["old"] == row["new"]:
        return {"held": "held in both", "broken": "broken in both"}.get(row["new"], STANDS[row["new"]])
    return f"{STANDS[row['new']]}; the limit is another" if moved else f"{STANDS[row['new']]} now"


def _stood(measure: str, value: float | None, verdict: str) -> str:
    return ", ".join(filter(None, [_value(measure, value) if value is not None else "", STANDS[verdict]]))


def _value(measure: str, value: float | None) -> str:
    """A threshold's limit or value with its unit."""
    if value is None:
        return DASH
    if measure.endswith("_ms"):
        return f"{milliseconds(value)} ms"
    if measure.endswith("_bytes"):
        return size(value)
    return f"{value:.3g}" if measure == "drift" else percent(value)


def audited(comparison: Row) -> Iterator[str]:
    """A sentence for each kind of violation that either audit found, or that all is well."""
    rows = comparison["audit"]
    found = [row for row in rows if row["new"] or row["old"]]
    yield from (f"{row['said'][:1].upper()}{row['said'][1:]}." for row in found)
    if not rows:
        yield "The later run has no audit."
    elif not found:
        undone = rows[0]["old"] is None
        yield (
            "The later audit found nothing; the earlier run has none."
            if undone
            else "Neither audit found anything."
        )
