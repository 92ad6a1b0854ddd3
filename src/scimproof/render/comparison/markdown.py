"""Writes a comparison of two reports as Markdown that fits a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scimproof.core.escaping import code, prose
from scimproof.render.comparison import load_tables
from scimproof.render.comparison.load_tables import FigureRow, OperationTable
from scimproof.render.comparison.sentences import RESULTS, answer, obstacles
from scimproof.render.comparison.terminal import head, sections
from scimproof.render.phrases import count

Row = dict[str, Any]
MOST = 20  # rows of a table, and tables
FIGURES = ("Figure", "Then", "Now", "Change", "Noise then", "Noise now", "Verdict")
LIMITS = ("Limit of", "Measure", "Limit", "Then", "Now", "Verdict")
MARKS = {"worse": "\N{BALLOT X} ", "better": "\N{CHECK MARK} ", "": ""}


def markdown(comparison: Row) -> str:
    """The comparison as Markdown, the result first."""
    parts = [f"## scimproof compare: {RESULTS[comparison['result']].lower()}", ""]
    parts += [f"{prose(sentence)}\n" for sentence in answer(comparison)]
    parts += [f"- **{prose(why)}**" for why in obstacles(comparison)]
    parts += [f"- {prose(row)}" for row in head(comparison)]
    parts += _load(comparison) if comparison["kind"] == "load" else _findings(comparison)
    return "\n".join(parts) + "\n"


def _findings(comparison: Row) -> Iterator[str]:
    for title, rows, left in sections(comparison):
        yield from ["", f"### {title}", "", *(f"- {code(row, 800)}" for row in rows)]
        if left:
            yield f"- and {left:,} more"


def _load(comparison: Row) -> Iterator[str]:
    tables = load_tables.operation_tables(comparison)
    if comparison["worse"]:
        yield from ["", "### Worse", "", *(f"- {code(row, 400)}" for row in comparison["worse"][:MOST])]
        yield from _left(len(comparison["worse"]))
    yield from ["", "### Operations", ""]
    rows = [_summary(table) for table in tables] + [_cells(row) for row in load_tables.alone(comparison)]
    yield from _table(("Operation (p95)", *FIGURES[1:]), rows[:MOST])
    yield from _left(len(rows))
    yield from _details(tables)
    limits = load_tables.thresholds(comparison)
    if limits:
        yield from ["", "### Limits", ""]
        told = [
            (code(row.of), row.measure, row.limit, row.then, row.now, MARKS[row.style] + row.verdict)
            for row in limits
        ]
        yield from _table(LIMITS, told[:MOST])
        yield from _left(len(told))
    yield from ["", "### Audit", "", *(f"- {prose(told)}" for told in load_tables.audited(comparison))]
    yield from ["", prose(comparison["noise"])]


def _left(all_of_them: int) -> Iterator[str]:
    if all_of_them > MOST:
        yield f"\nand {all_of_them - MOST:,} more: `--format html` has all of them"


def _summary(table: OperationTable) -> tuple[str, ...]:
    cells = _cells(table.main)
    words = table.main.verdict
    if table.style != table.main.style:  # another figure than the one that is shown
        words += "; " + ", ".join(
            f"{row.name} {row.verdict}" for row in table.rows if row.style == table.style
        )
    return (code(table.name), *cells[1:-1], MARKS[table.style] + words)


def _cells(row: FigureRow) -> tuple[str, ...]:
    name = row.name if row.name in ("p50", "p95", "p99", "errors", "answers") else code(row.name)
    verdict = MARKS[row.style] + row.verdict
    return name, row.then, row.now, row.change, row.noise_then, row.noise_now, verdict


def _details(tables: list[OperationTable]) -> Iterator[str]:
    """A table for each operation, folded away: a comment is read for what stands above."""
    if not tables:
        return
    yield from ["", f"<details><summary>Every figure of {count(len(tables), 'operation')}</summary>"]
    for table in tables[:MOST]:
        yield from ["", f"#### {code(table.name)}", ""]
        yield from _table(FIGURES, [_cells(row) for row in table.rows])
    yield from _left(len(tables))
    yield from ["", "</details>"]


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = tuple(heads)
    yield f"| {' | '.join(names)} |"
    yield f"| --- |{' ---: |' * (len(names) - 2)} --- |"
    yield from (f"| {' | '.join(row)} |" for row in rows)
