"""A load run while it goes on: a screen for a terminal, a line for a log, of one row of live figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from scimproof.core.escaping import line
from scimproof.render.load.terminal import MARKS, milliseconds
from scimproof.render.phrases import count

Row = dict[str, Any]
BAR = 40  # characters
WORKERS, SILENT = 8, 3.0  # lines of workers; seconds after which one that reports each second is late
LONG = 60  # characters of an id that are shown


def screen(row: Row) -> RenderableType:
    """The figures as a screen: progress, rates, response times, what goes wrong, limits as they stand."""
    parts: list[RenderableType] = [_head(row), Text(), _times(row)]
    if row["worst"]:
        parts += [Text(), _worst(row)]
    if len(row.get("each", ())) > 1:
        parts += [Text(), _workers(row["each"])]
    if row["kinds"]:
        parts += [Text(), Text(f"Errors: {_kinds(row)}", style="red")]
    if row["thresholds"]:
        parts += [Text(), *_limits(row)]
    return Group(*parts)


def plain(row: Row) -> str:
    """The figures as one line, for where there is no terminal."""
    left = max(row["seconds"] - row["at"], 0)
    wrong = f"{count(row['errors'], 'error')} ({_kinds(row)})" if row["errors"] else "no errors"
    broken = sum(one["verdict"] == "broken" for one in row["thresholds"])
    limits = f", {count(broken, 'threshold')} broken" if broken else ""
    late = [one["name"] for one in row.get("each", ()) if one["silent"] > SILENT]
    silent = f", not heard of: {line(', '.join(late))}" if late else ""
    times = f"p95 {milliseconds(row['recent_ms']['p95'])} ms"
    return (
        f"{row['at']:.0f} s ({left:.0f} s left, {line(row['phase'])}): {_rates(row)}, "
        f"{row['in_flight']:,} in flight, {times}, {wrong}{limits}{silent}"
    )


def _rates(row: Row) -> str:
    return f"{row['achieved']:,.1f} of {row['asked']:,.1f} requests/s"


def _kinds(row: Row) -> str:
    return ", ".join(f"{number:,} {line(kind)}" for kind, number in row["kinds"])


def _head(row: Row) -> RenderableType:
    done, whole = min(row["at"], row["seconds"]), row["seconds"]
    workers = f", {count(row['workers'], 'worker')}" if row["workers"] > 1 else ""
    lag = milliseconds(row["lag_ms"])
    table = Table.grid(padding=(0, 2))
    left = f"{max(whole - done, 0):.0f} s left"
    table.add_row(
        ProgressBar(total=whole, completed=done, width=BAR), f"{row['at']:.0f} of {whole:.0f} s, {left}"
    )
    table.add_row(Text(line(row["phase"]), style="bold"), f"{row['in_flight']:,} in flight{workers}")
    table.add_row(_rates(row), f"{row['sequences']:,.1f} sequences/s, generator lag p99 {lag} ms")
    return table


def _times(row: Row) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("response, ms from due")
    for name in ("p50", "p95", "p99"):
        table.add_column(name, justify="right")
    for words, key in (("last 10 s", "recent_ms"), ("since the warm-up", "run_ms")):
        table.add_row(words, *(milliseconds(row[key][name]) for name in ("p50", "p95", "p99")))
    return table


def _worst(row: Row) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("worst of the last 10 s")
    for name in ("due", "errors", "p50", "p95", "p99"):
        table.add_column(name, justify="right")
    for one in row["worst"]:
        errors = Text(f"{one['errors']:,}", style="red" if one["errors"] else "")
        figures = (milliseconds(one[name]) for name in ("p50", "p95", "p99"))
        table.add_row(Text(line(one["id"], LONG)), Text(f"{one['due']:,}"), errors, *figures)
    return table


def _workers(each: list[Row]) -> Table:
    """One line a worker, the one with the most lag or silence first."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("workers, last 10 s")
    for name in ("due/s", "answered/s", "in flight", "lag p99, ms", "heard"):
        table.add_column(name, justify="right")
    behind = sorted(each, key=lambda one: (one["silent"] > SILENT, one["lag_ms"] or 0.0), reverse=True)
    for one in behind[:WORKERS]:
        silent = one["silent"] > SILENT
        heard = Text(f"{one['silent']:.0f} s ago", style="red" if silent else "")
        rates = (f"{one['asked']:,.1f}", f"{one['achieved']:,.1f}", f"{one['in_flight']:,}")
        table.add_row(Text(line(one["name"])), *rates, milliseconds(one["lag_ms"]), heard)
    return table


def _limits(row: Row) -> Iterator[Text]:
    """The thresholds that are broken, and how many of the others hold so far."""
    broken = [one for one in row["thresholds"] if one["verdict"] == "broken"]
    mark, colour = MARKS["broken"]
    for one in broken:
        of, _, measure = one["id"].rpartition("#")
        value = "" if one["value"] is None else f": {one['value']:,.4g}"
        words = f" {line(of)} {measure}{value}, limit {one['limit']:,.4g}"
        yield Text.assemble((mark, f"bold {colour}"), words)
    holds = sum(one["verdict"] == "held" for one in row["thresholds"])
    yield Text(f"{holds:,} of {count(len(row['thresholds']), 'threshold')} hold so far", style="dim")
