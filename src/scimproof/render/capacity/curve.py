"""Curve of a search: response times and errors over the rate, with limits, the capacity and the knee."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Any

from scimproof.render.load.plots import LEFT, RIGHT, Chart, PlotLevel, Series, latencies, over_time, ticks_to
from scimproof.render.load.terminal import milliseconds

Row = dict[str, Any]
LINES = {"p50": "low", "p95": "middle", "p99": "high"}  # percentile: class of its line
LEVELS = 3  # limits that are drawn, the lowest ones
WORDS = {"holds": "holds", "breaks": "does not hold", "invalid": "invalid: the generator was the limit"}


@dataclass(frozen=True)
class Mark:
    """Mark: a vertical line at a rate, `x` user units from the left; `anchor` is which end of its name."""

    x: float
    name: str
    style: str
    anchor: str


@dataclass(frozen=True)
class Curve:
    """Curve with its marks; the last lines of `chart` are the steps, each one point."""

    chart: Chart
    marks: tuple[Mark, ...]
    steps: int

    @property
    def key(self) -> list[Any]:
        """The lines that the key explains."""
        return list(self.chart.lines[: len(self.chart.lines) - self.steps])


def times(document: Row, width: int = 760, height: int = 300) -> Curve | None:
    """Milliseconds over sequences per second; None without answers."""
    steps = [row for row in document["steps"] if row["p95_ms"] is not None]
    if not steps:
        return None
    at = sorted({row["rate"] for row in document["steps"]})
    series: Series = [
        (f"{name} of all requests", style, _medians(steps, at, f"{name}_ms")) for name, style in LINES.items()
    ]
    dots = [
        (
            f"{row['rate']:g}/s: p95 {milliseconds(row['p95_ms'])} ms, {WORDS[row['result']]}",
            f"point {row['result']}",
            [row["p95_ms"] if rate == row["rate"] else None for rate in at],
        )
        for row in steps
    ]
    title = "Response times over the rate: milliseconds from when each request was due, on a logarithmic axis"
    chart = latencies(title, at, [*series, *dots], list(_levels(document)), width, height)
    return Curve(_by_rate(chart, at), tuple(_marks(document, at, width)), len(dots))


def errors(document: Row, width: int = 760, height: int = 130) -> Curve:
    """Share of requests with an error, in percent, over sequences per second."""
    at = sorted({row["rate"] for row in document["steps"]})
    percent = [
        None if value is None else value * 100 for value in _medians(document["steps"], at, "error_ratio")
    ]
    chart = over_time("Errors, in percent of the requests", at, [("errors", "wrong", percent)], width, height)
    return Curve(_by_rate(chart, at), tuple(_marks(document, at, width)), 0)


def _medians(steps: Sequence[Row], at: Sequence[float], name: str) -> list[float | None]:
    """The middle value of the valid steps of each rate; None where there is none."""
    found = {
        rate: [
            row[name]
            for row in steps
            if row["rate"] == rate and row["result"] != "invalid" and row[name] is not None
        ]
        for rate in at
    }
    return [median_low(found[rate]) if found[rate] else None for rate in at]


def _by_rate(chart: Chart, at: Sequence[float]) -> Chart:
    """The chart with rates on its axis, and no gap in a line where a rate has no valid step."""
    last = max(at, default=0.0) or 1.0
    ticks = tuple((_x(rate, last, chart.width), f"{rate:,g}/s") for rate in ticks_to(last, 6))
    return replace(chart, x_ticks=ticks)


def _levels(document: Row) -> Iterator[PlotLevel]:
    timed = [limit for limit in document["limits"] if limit["measure"].endswith("_ms")]
    known: dict[tuple[float, str], list[str]] = {}
    for limit in sorted(timed, key=lambda limit: float(limit["limit"])):
        known.setdefault((limit["limit"], limit["measure"].removesuffix("_ms")), []).append(limit["of"])
    for (value, name), of in list(known.items())[:LEVELS]:
        whose = of[0] if len(of) == 1 else f"{len(of)} operations"
        yield PlotLevel(value, f"{name} of {whose} \N{LESS-THAN OR EQUAL TO} {value:,g} ms", "rest held")


def _marks(document: Row, at: Sequence[float], width: int) -> Iterator[Mark]:
    found, last = document["capacity"], max(at, default=0.0) or 1.0
    if knee := found["knee"]:
        yield _mark(f"knee {knee['rate']:g}/s", "knee", knee["rate"], last, width)
    if found["rate"]:
        least = "at least " if found["at_least"] else ""
        yield _mark(f"capacity {least}{found['rate']:g}/s", "capacity", found["rate"], last, width)


def _mark(name: str, style: str, rate: float, last: float, width: int) -> Mark:
    return Mark(_x(rate, last, width), name, style, "end" if rate > last / 2 else "start")


def _x(rate: float, last: float, width: int) -> float:
    return round(LEFT + rate / last * (width - RIGHT - LEFT), 1)
