"""Writes the page of implementations x operations: what works on which server, from many reports."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from urllib.parse import quote

from scimproof.core.escaping import prose
from scimproof.core.paths import knowledge_root
from scimproof.core.results import Verdict
from scimproof.render.conformance.html import anchor
from scimproof.render.coverage import findings_by_operation
from scimproof.render.diagnosis.grouping import severity_of
from scimproof.render.page import FOLDER, inlined, page_environment
from scimproof.render.phrases import count, result
from scimproof.report.extent import is_part

Row = dict[str, Any]
REST = "Other"
ABOUT = (
    "Each cell is one thing that an administrator does. What fails is counted in deciding checks, and "
    "leads to the first of them in the server's own report."
)
# State, its mark and its words: from worst to best, and the last where there is no finding.
STATES = {
    "fails": ("\N{BALLOT X}", "fails"),
    "open": ("?", "open"),
    "waived": ("w", "waived"),
    "part": ("~", "holds as far as asked"),
    "remarks": ("!", "works, with remarks"),
    "works": ("\N{CHECK MARK}", "works"),
    "not played": ("\N{EN DASH}", "not played"),
}
COUNTED = ("fails", "open", "waived")
LEGEND = {
    "fails": "so many deciding checks do not hold",
    "open": "none fails, and some could not be decided",
    "waived": "what fails there is known, and excused with a reason",
    "part": "the run asked a part of its profile only, and what it asked holds",
    "remarks": "all that decides holds; a SHOULD or a rule of the RFC does not",
    "works": "all that was asked holds",
    "not played": "the run did not include it",
}


@dataclass(frozen=True)
class Column:
    """One thing an administrator does, and the operations that belong to it; a pattern ends with *."""

    title: str
    operations: tuple[str, ...]

    def has(self, operation: str) -> bool:
        """Whether the operation belongs here."""
        return any(fnmatchcase(operation, pattern) for pattern in self.operations)


@dataclass(frozen=True)
class Source:
    """A report, what its row is called, and where its page is, as a link from the matrix ("" for no page)."""

    name: str
    report: Row
    page: str = ""


@dataclass
class MatrixCell:
    """How one thing went: findings by state, and the first finding of each state."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, finding: Row, *, part: bool = False) -> None:
        """Count a finding; of a part of a profile nothing is said to work."""
        state = _state(finding)
        state = "part" if part and state in ("works", "remarks") else state
        self.counts[state] = self.counts.get(state, 0) + 1
        self.first.setdefault(state, finding["id"])

    @property
    def state(self) -> str:
        """The worst that there is."""
        return next((state for state in STATES if self.counts.get(state)), "not played")

    @property
    def mark(self) -> str:
        """One character, so that colour is not all that tells."""
        return STATES[self.state][0]

    @property
    def number(self) -> int:
        """How many findings make it so; 0 where that is nothing to count."""
        return self.counts.get(self.state, 0) if self.state in COUNTED else 0

    @property
    def symbol(self) -> str:
        """The mark and how many: `✗ 3`, `✓`."""
        return f"{self.mark} {self.number}" if self.number else self.mark

    @property
    def words(self) -> str:
        """`works`, `fails 3`; how many, wherever it is not simply well."""
        return STATES[self.state][1] + (f" {self.number}" if self.number else "")

    def link(self, page: str) -> str:
        """To the first finding that makes it so; "" where nothing is amiss or there is no page."""
        if not page or self.state in ("works", "part", "not played"):
            return ""
        return f"{page}#{quote(anchor(self.first[self.state]), safe='/:')}"


@dataclass(frozen=True)
class MatrixRow:
    """An implementation: its report's facts and a cell for each column of the table."""

    source: Source
    cells: tuple[MatrixCell, ...]

    @property
    def result(self) -> str:
        """The result's word."""
        return result(self.source.report)


@dataclass(frozen=True)
class Table:
    """The matrix: only columns that somebody was asked about, one line a report."""

    columns: tuple[str, ...]
    lines: tuple[MatrixRow, ...]

    def by_state(self, line: MatrixRow) -> list[tuple[str, list[tuple[str, MatrixCell]]]]:
        """The line as a list: each state that is in it, the worst first, with its columns and cells."""
        cells = list(zip(self.columns, line.cells, strict=True))
        found = [(state, [(title, cell) for title, cell in cells if cell.state == state]) for state in STATES]
        return [(state, some) for state, some in found if some]

    @property
    def legend(self) -> dict[str, str]:
        """What the words mean; that of a part only where there is one."""
        part = any(cell.state == "part" for line in self.lines for cell in line.cells)
        return {state: text for state, text in LEGEND.items() if part or state != "part"}


@cache
def known_columns() -> tuple[Column, ...]:
    """Those of reports/templates/matrix.toml, in its order."""
    path = knowledge_root() / FOLDER / "matrix.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["column"]
    return tuple(Column(row["title"], tuple(row["operations"])) for row in rows)


def tabulate(sources: Iterable[Source], columns: Sequence[Column] = ()) -> Table:
    """The table of these reports; operations that are in no column are one more, "Other"."""
    known = columns or known_columns()
    found = [(source, _cells(source.report, known)) for source in sources]
    titles = [column.title for column in known] + [REST]
    asked = [title for title in titles if any(title in cells for _, cells in found)]
    lines = (
        MatrixRow(source, tuple(cells.get(title, MatrixCell()) for title in asked)) for source, cells in found
    )
    return Table(tuple(asked), tuple(lines))


def _cells(report: Row, columns: Sequence[Column]) -> dict[str, MatrixCell]:
    cells: dict[str, MatrixCell] = {}
    for operation, finding in findings_by_operation(report):
        title = next((column.title for column in columns if column.has(operation)), REST)
        cells.setdefault(title, MatrixCell()).add(finding, part=is_part(report))
    return cells


def _state(finding: Row) -> str:
    if finding["verdict"] == Verdict.WAIVED:
        return "waived"
    severity = severity_of(finding)
    if severity in ("trouble", "undecided"):
        return "open" if finding["gates"] else "remarks"
    return {"fails": "fails", "reported": "remarks", "warning": "remarks"}.get(severity, "works")


def markdown(table: Table) -> str:
    """A table with a symbol in every cell, and what the symbols mean."""
    head = ["Implementation", "Result", *table.columns]
    rows = [head, ["---"] * len(head)]
    rows += [
        [_named(line.source), line.result, *(_linked(cell, line.source.page) for cell in line.cells)]
        for line in table.lines
    ]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    legend = [f"- {STATES[state][0]} {STATES[state][1]}: {text}" for state, text in table.legend.items()]
    return "\n".join(["# What works where", "", ABOUT, "", *lines, "", *legend, ""])


def _named(source: Source) -> str:
    name = prose(source.name)
    return f"[{name}]({source.page})" if source.page else name


def _linked(cell: MatrixCell, page: str) -> str:
    link = cell.link(page)
    return f"[{cell.symbol}]({link})" if link else cell.symbol


def html(table: Table) -> str:
    """The page, in one file without scripts."""
    environment = page_environment()
    environment.globals |= inlined("matrix.css")
    return environment.get_template("matrix.html.j2").render(
        table=table, about=ABOUT, states=STATES, legend=table.legend, count=count
    )
