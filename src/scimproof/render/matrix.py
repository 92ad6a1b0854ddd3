"""Writes the matrix: which operations work on which implementation, from many reports."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
from scimproof.render.sender import sender
from scimproof.report.extent import is_part

Row = dict[str, Any]
REST = "Other"
ABOUT = (
    "Each cell is one thing that an administrator does. What fails is counted in deciding checks, and "
    "leads to the first of them in the server's own report."
)
BY_SECTION = "What the RFCs require"
ABOUT_SECTIONS = (
    "Each cell is what some sections of the RFCs require of a server. What fails is counted in deciding "
    "checks, and leads to the first of them in the server's own report."
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
    """One action of an administrator, and the operations that belong to it; a pattern ends with *.

    Of reports that the RFCs decide it is some sections, and the requirements that belong to them.
    """

    title: str
    operations: tuple[str, ...]

    def has(self, operation: str) -> bool:
        """Whether the operation, or the requirement, belongs here."""
        return any(fnmatchcase(operation, pattern) for pattern in self.operations)


@dataclass(frozen=True)
class Source:
    """One report, the name of its row, and the link to its page ("" for no page)."""

    name: str
    report: Row
    page: str = ""


@dataclass
class MatrixCell:
    """The findings of one implementation and column, by state, with the first finding of each."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, finding: Row, *, part: bool = False) -> None:
        """Count a finding; a report of a part of the profile never makes a cell `works`."""
        state = _state(finding)
        state = "part" if part and state in ("works", "remarks") else state
        self.counts[state] = self.counts.get(state, 0) + 1
        self.first.setdefault(state, finding["id"])

    @property
    def state(self) -> str:
        """The worst state in the cell."""
        return next((state for state in STATES if self.counts.get(state)), "not played")

    @property
    def mark(self) -> str:
        """The state as one character, so that it can be seen without colour."""
        return STATES[self.state][0]

    @property
    def number(self) -> int:
        """How many findings have that state; 0 where that is not worth a number."""
        return self.counts.get(self.state, 0) if self.state in COUNTED else 0

    @property
    def symbol(self) -> str:
        """The mark and the number: `✗ 3`, `✓`."""
        return f"{self.mark} {self.number}" if self.number else self.mark

    @property
    def words(self) -> str:
        """The state in words: `works`, `fails 3`."""
        return STATES[self.state][1] + (f" {self.number}" if self.number else "")

    def link(self, page: str) -> str:
        """The link to the first finding of that state; "" where all is well or there is no page."""
        if not page or self.state in ("works", "part", "not played"):
            return ""
        return f"{page}#{quote(anchor(self.first[self.state]), safe='/:')}"


@dataclass(frozen=True)
class MatrixRow:
    """One implementation: the facts of its report, and a cell for each column."""

    source: Source
    cells: tuple[MatrixCell, ...]

    @property
    def result(self) -> str:
        """The result of the run, in a word."""
        return result(self.source.report)


@dataclass(frozen=True)
class Table:
    """The matrix: a row for each report, and the columns that any of them checked.

    Where reports are of several senders, `title` is the sender of these, and `others` are the tables of the
    rest: what is not played by one is no gap then. `by_section` is one more table, of the reports that the
    RFCs decide; None where there is none of them.
    """

    columns: tuple[str, ...]
    lines: tuple[MatrixRow, ...]
    by_section: Table | None = None
    title: str = ""
    others: tuple[Table, ...] = ()

    def by_state(self, line: MatrixRow) -> list[tuple[str, list[tuple[str, MatrixCell]]]]:
        """The cells of the row by state, the worst first, each with its column."""
        cells = list(zip(self.columns, line.cells, strict=True))
        found = [(state, [(title, cell) for title, cell in cells if cell.state == state]) for state in STATES]
        return [(state, some) for state, some in found if some]

    @property
    def legend(self) -> dict[str, str]:
        """The meaning of each state; that of a part only where there is one."""
        tables = (self, *self.others, *((self.by_section,) if self.by_section else ()))
        part = any(cell.state == "part" for table in tables for line in table.lines for cell in line.cells)
        return {state: text for state, text in LEGEND.items() if part or state != "part"}


@cache
def known_columns(kind: str = "column") -> tuple[Column, ...]:
    """The columns in reports/templates/matrix.toml, in its order; `section` for those of the RFCs."""
    path = knowledge_root() / FOLDER / "matrix.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))[kind]
    named = {"column": "operations", "section": "requirements"}[kind]
    return tuple(Column(row["title"], tuple(row[named])) for row in rows)


def tabulate(sources: Iterable[Source], columns: Sequence[Column] = ()) -> Table:
    """The matrix of these reports, a table for each sender; operations in no column are in one more, "Other".

    The sender of most of the reports comes first.
    """
    some = list(sources)
    by_rfc = [source for source in some if source.report.get("rows")]
    by_sender: dict[str, list[Source]] = {}
    for source in some:
        if not source.report.get("rows"):
            by_sender.setdefault(sender(source.report)["name"], []).append(source)
    known = columns or known_columns()
    tables = [
        replace(_table(of_one, known), title=name if len(by_sender) > 1 else "")
        for name, of_one in sorted(by_sender.items(), key=lambda one: (-len(one[1]), one[0]))
    ]
    first, others = (tables[0], tuple(tables[1:])) if tables else (_table([], known), ())
    by_section = _table(by_rfc, known_columns("section")) if by_rfc else None
    return replace(first, others=others, by_section=by_section)


def _table(sources: Sequence[Source], known: Sequence[Column]) -> Table:
    found = [(source, _cells(source.report, known)) for source in sources]
    titles = [column.title for column in known] + [REST]
    asked = [title for title in titles if any(title in cells for _, cells in found)]
    lines = (
        MatrixRow(source, tuple(cells.get(title, MatrixCell()) for title in asked)) for source, cells in found
    )
    return Table(tuple(asked), tuple(lines))


def _cells(report: Row, columns: Sequence[Column]) -> dict[str, MatrixCell]:
    cells: dict[str, MatrixCell] = {}
    by_rule = ((finding["requirement"], finding) for finding in report["findings"])
    for operation, finding in by_rule if report.get("rows") else findings_by_operation(report):
        cells.setdefault(column_of(operation, columns), MatrixCell()).add(finding, part=is_part(report))
    return cells


def column_of(operation: str, columns: Sequence[Column]) -> str:
    """The title of the column that the operation, or the requirement, belongs to."""
    return next((column.title for column in columns if column.has(operation)), REST)


def _state(finding: Row) -> str:
    if finding["verdict"] == Verdict.WAIVED:
        return "waived"
    severity = severity_of(finding)
    if severity in ("trouble", "undecided"):
        return "open" if finding["gates"] else "remarks"
    return {"fails": "fails", "reported": "remarks", "warning": "remarks"}.get(severity, "works")


def markdown(table: Table) -> str:
    """The matrix as Markdown, with a legend."""
    lines = ["# What works where", ""]
    if table.lines or not table.by_section:
        lines += [ABOUT, ""]
        for one in (table, *table.others):
            lines += [*([f"## {prose(one.title)}", ""] if one.title else []), *_lines(one), ""]
    if table.by_section:
        lines += [f"## {BY_SECTION}", "", ABOUT_SECTIONS, "", *_lines(table.by_section), ""]
    legend = [f"- {STATES[state][0]} {STATES[state][1]}: {text}" for state, text in table.legend.items()]
    return "\n".join([*lines, *legend, ""])


def _lines(table: Table) -> list[str]:
    head = ["Implementation", "Result", *table.columns]
    rows = [head, ["---"] * len(head)]
    rows += [
        [_named(line.source), line.result, *(_linked(cell, line.source.page) for cell in line.cells)]
        for line in table.lines
    ]
    return [f"| {' | '.join(row)} |" for row in rows]


def _named(source: Source) -> str:
    name = prose(source.name)
    return f"[{name}]({source.page})" if source.page else name


def _linked(cell: MatrixCell, page: str) -> str:
    link = cell.link(page)
    return f"[{cell.symbol}]({link})" if link else cell.symbol


def _parts(table: Table) -> Iterator[Row]:
    """The tables of the page: each with its title and what its cells are."""
    if table.lines or not table.by_section:
        for one in (table, *table.others):
            about = "" if one is not table else ABOUT
            caption = "what an administrator does with each"
            yield {"table": one, "title": one.title, "about": about, "caption": caption}
    if table.by_section:
        caption = "what the sections of the RFCs require of each"
        yield {"table": table.by_section, "title": BY_SECTION, "about": ABOUT_SECTIONS, "caption": caption}


def html(table: Table) -> str:
    """The matrix as one HTML file without scripts."""
    environment = page_environment()
    environment.globals |= inlined("matrix.css")
    return environment.get_template("matrix.html.j2").render(
        tables=list(_parts(table)), states=STATES, legend=table.legend, count=count
    )
