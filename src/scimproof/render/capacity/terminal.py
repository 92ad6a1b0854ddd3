"""Writes a search for the highest rate for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scimproof.core.escaping import line
from scimproof.render.load.summary import audit, percent, sentence
from scimproof.render.load.terminal import COLOURS, milliseconds, violation
from scimproof.render.phrases import remains

Row = dict[str, Any]
FARED = {"holds": ("holds", "green"), "breaks": ("does not hold", "red"), "invalid": ("invalid", "yellow")}
COLUMNS = ("p50", "p95", "p99")
MOST = 5  # violations that are shown


def text(document: Row, files: Iterable[Path] = ()) -> RenderableType:
    """The rich text: the curve as a table, the knee, the audit and, last, the answer."""
    parts: list[RenderableType] = []
    if document["steps"]:
        parts += [_steps(document), Text()]
    parts += [Text(one) for one in notes(document)]
    parts += [
        Text.assemble((f"{sort.upper()}  ", "bold red"), violation(row))
        for sort in document["audit"]["counts"]
        for row in document["audit"][sort][:MOST]
    ]
    return Group(*parts, *_end(document, files))


def brief(document: Row, files: Iterable[Path] = ()) -> RenderableType:
    """The answer, resources that are left, and the paths of the reports: two lines, or three."""
    return Group(*_end(document, files))


def step_line(row: Row) -> str:
    """One step that is over, as a line."""
    why = f": {line(row['why'])}" if row["why"] else ""
    return (
        f"step {row['number']}: {row['rate']:g} sequences/s {FARED[row['result']][0]}"
        f" (p95 {milliseconds(row['p95_ms'])} ms, {percent(row['error_ratio'])} errors){why}"
    )


def notes(document: Row) -> Iterator[str]:
    """What is said below the table: the knee, what was created, the audit."""
    found, plan, ledger = document["capacity"], document["plan"], document["ledger"]
    if knee := found["knee"]:
        yield (
            f"Knee: from {knee['rate']:g} sequences/s on, p95 is more than twice the "
            f"{milliseconds(knee['flat_ms'])} ms of low rates ({milliseconds(knee['p95_ms'])} ms there)."
        )
    if found["rate"] and not found["confirmed"]:
        yield "Not every rate that decides was played twice: one hiccup may have decided."
    yield (
        f"Steps of {plan['step_seconds']:g} s after {plan['warm_up']:g} s of warm-up, from {plan['start']:g} "
        f"to at most {plan['most']:g} sequences/s; {ledger['created']:,} resources created, "
        f"{ledger['removed']:,} removed."
    )
    if plan["guess"]:
        yield f"The mix is a guess: {line(plan['guess'])}"
    yield sentence(f"audit: {audit(document)[1]}")


def _steps(document: Row) -> Table:
    """Table of the steps by rate."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("sequences/s", justify="right")
    for name in ("achieved", "requests", "errors", *(f"{name} ms" for name in COLUMNS), "lag p99 ms"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in sorted(document["steps"], key=lambda row: float(row["rate"])):
        words, style = FARED[row["result"]]
        mark = _marked(document, row)
        times = (milliseconds(row[f"{name}_ms"]) for name in COLUMNS)
        table.add_row(
            f"{row['rate']:g}",
            f"{row['achieved']:,.4g}",
            f"{row['requests']:,}",
            Text(percent(row["error_ratio"]), style="red" if row["errors"] else ""),
            *times,
            milliseconds(row["lag_p99_ms"]),
            Text.assemble((words, style), (f"  {mark}" if mark else "", "bold")),
        )
    return table


def _marked(document: Row, row: Row) -> str:
    found = document["capacity"]
    names = []
    if found["knee"] and found["knee"]["rate"] == row["rate"]:
        names.append("knee")
    if found["rate"] == row["rate"] and row["result"] == "holds":
        names.append("capacity")
    return ", ".join(names)


def _end(document: Row, files: Iterable[Path]) -> Iterator[Text]:
    style = f"bold {COLOURS[document['result']]}"
    yield Text.assemble((document["result"].upper(), style), "  ", line(document["why"], 700))
    names = [str(path) for path in files]
    if names:
        yield Text("Reports: " + ", ".join(names), style="dim")
    if left := remains(document):
        yield Text(line(left, 700), style="yellow")
