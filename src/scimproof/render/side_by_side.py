"""Writes several reports of one server side by side: a column for each kind of application."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from scimproof.core.escaping import prose
from scimproof.render.conformance.html import anchor
from scimproof.render.coverage import findings_by_operation
from scimproof.render.diagnosis.grouping import Cause, causes, severity_of
from scimproof.render.matrix import LEGEND, REST, STATES, MatrixCell, Source, column_of, known_columns
from scimproof.render.page import inlined, page_environment
from scimproof.render.phrases import (
    count,
    counted,
    dialect_words,
    look,
    remains,
    result,
    works,
)
from scimproof.render.sender import sender
from scimproof.report.extent import is_part

Row = dict[str, Any]
FIRST = 3  # reasons in the sentence of a column
WRONG, OPEN = ("fails",), ("trouble", "undecided")
STANDING = {"fails": "wrong", "open": "open"}  # of a cell, beside "right"
ABOUT = (
    "Each row is one thing that an administrator does, each column a kind of application that does it. What "
    "fails is counted in deciding checks, and leads to the first of them in the column's own report."
)


@dataclass(frozen=True)
class Reason:
    """One reason why something does not work in a column, or is open: its title and its checks."""

    title: str
    findings: tuple[str, ...]
    page: str = ""
    open: bool = False

    @property
    def link(self) -> str:
        """The link to the first of its findings; "" where there is no page."""
        return f"{self.page}#{quote(anchor(self.findings[0]), safe='/:')}" if self.page else ""

    @property
    def checks(self) -> str:
        """How many checks fail for it, or are open: `3 checks fail`."""
        number = len(self.findings)
        return f"{count(number, 'check')} {'open' if self.open else 'fails' if number == 1 else 'fail'}"


@dataclass(frozen=True, kw_only=True)
class ComparedColumn:
    """One kind of application of one report: its findings by row, and the reasons for those that do not hold.

    `short` is its name below that of its `sender`; `state` sets the colour of its verdict, which is `words`.
    A `suite` has a verdict, and no column in the table.
    """

    source: Source
    sender: str
    short: str
    about: str
    state: str
    words: str
    reasons: tuple[Reason, ...]
    suite: bool
    findings: Mapping[str, list[Row]] = field(repr=False)
    causes: Sequence[Cause] = field(repr=False)

    @property
    def name(self) -> str:
        """The name where the sender does not stand above it."""
        return f"{self.sender} {self.short}"

    @property
    def sentence(self) -> str:
        """The verdict with its first reasons, as one sentence."""
        told = [text for text, _ in self.first]
        more = [f"and {self.more}"] if self.more else []
        return f"{self.words}: {'; '.join([*told, *more])}." if told else f"{self.words}."

    @property
    def first(self) -> list[tuple[str, str]]:
        """The first reasons, as they go on after the verdict, each with its link."""
        return [(lowered(one.title.rstrip("."), self.sender), one.link) for one in self.reasons[:FIRST]]

    @property
    def more(self) -> str:
        """How many reasons the sentence leaves out: `2 more reasons`; "" for none."""
        left = len(self.reasons) - FIRST
        return count(left, "more reason") if left > 0 else ""

    def cell(self, title: str) -> MatrixCell:
        """What its findings of that row say."""
        cell = MatrixCell()
        for finding in self.findings.get(title, ()):
            cell.add(finding, part=is_part(self.source.report))
        return cell

    def why(self, title: str) -> Iterator[Reason]:
        """The reasons for what fails in that row or, where nothing does, for what is open."""
        rows = self.findings.get(title, ())
        wanted = WRONG if any(severity_of(row) in WRONG for row in rows) else OPEN
        ids = {row["id"] for row in rows if row["gates"] and severity_of(row) in wanted}
        yield from _reasons(self.causes, ids, self.source.page, wanted)


@dataclass(frozen=True)
class ComparedRow:
    """One thing that an administrator does: a cell for each column, and the reasons by their titles."""

    title: str
    cells: tuple[MatrixCell, ...]
    reasons: Mapping[str, list[tuple[ComparedColumn, Reason]]] = field(default_factory=dict)

    @property
    def standings(self) -> set[str]:
        """How it stands in the columns that play it: `right`, `wrong`, `open`."""
        played = (cell.state for cell in self.cells if cell.state != "not played")
        return {STANDING.get(state, "right") for state in played}

    @property
    def differs(self) -> bool:
        """Whether it is right in some columns and not in others."""
        return "right" in self.standings and len(self.standings) > 1


@dataclass(frozen=True)
class SideBySide:
    """Several reports of one server: a column for each kind of application, a row for each thing it does.

    `verdicts` are the columns and the suites beside them.
    """

    sources: tuple[Source, ...]
    verdicts: tuple[ComparedColumn, ...]
    rows: tuple[ComparedRow, ...]
    notes: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The server, as the first report names it."""
        target = self.sources[0].report["target"]
        return f"{target['url']} (the embedded target)" if target["embedded"] else str(target["url"])

    @property
    def columns(self) -> tuple[ComparedColumn, ...]:
        """The columns of the table."""
        return tuple(column for column in self.verdicts if not column.suite)

    @cached_property
    def heads(self) -> list[tuple[str, list[ComparedColumn]]]:
        """The columns below the name of their sender, for the two lines of the table's head."""
        found: list[tuple[str, list[ComparedColumn]]] = []
        for column in self.columns:
            if found and found[-1][0] == column.sender:
                found[-1][1].append(column)
            else:
                found.append((column.sender, [column]))
        return found

    @property
    def parts(self) -> list[tuple[str, list[ComparedRow]]]:
        """The rows with reasons: first those in which the columns differ."""
        told = [row for row in self.rows if row.reasons]
        differing = [row for row in told if row.differs]
        same = [row for row in told if not row.differs]
        return [
            (title, rows)
            for title, rows in (("Where they differ", differing), ("Where no column works", same))
            if rows
        ]

    def standing(self, row: ComparedRow, standing: str) -> list[str]:
        """The names of the columns in which a row stands so."""
        return [
            column.name
            for column, cell in zip(self.columns, row.cells, strict=True)
            if cell.state != "not played" and STANDING.get(cell.state, "right") == standing
        ]

    @property
    def legend(self) -> dict[str, str]:
        """The meaning of each state; that of a part only where there is one."""
        part = any(cell.state == "part" for row in self.rows for cell in row.cells)
        return {state: text for state, text in LEGEND.items() if part or state != "part"}


def side_by_side(sources: Iterable[Source], notes: Sequence[str] = ()) -> SideBySide:
    """The reports beside one another, in their order; `notes` are sentences for the reader."""
    some = tuple(sources)
    every = _distinct([column for source in some for column in _columns(source)])
    columns = [column for column in every if not column.suite]
    titles = [*(column.title for column in known_columns()), REST]
    rows = tuple(
        ComparedRow(title, tuple(column.cell(title) for column in columns), _by_title(title, columns))
        for title in titles
        if any(title in column.findings for column in columns)
    )
    return SideBySide(some, tuple(every), rows, (*notes, *_notes(some)))


def _columns(source: Source) -> Iterator[ComparedColumn]:
    """A column for each dialect of the report; one for all of one that has none, or that the RFCs decide."""
    report = source.report
    names = [] if report.get("rows") else list(report["summary"]["dialects"])
    found = causes(report)
    by_operation = list(findings_by_operation(report))
    for name in names or [""]:
        dialects = counted(report, name)
        others = {row["id"] for row in report["sequences"] if row["dialect"] not in ("", *dialects)}
        mine = [pair for pair in by_operation if not name or pair[1]["sequence"] not in others]
        by_row: dict[str, list[Row]] = {}
        for operation, finding in mine:
            by_row.setdefault(column_of(operation, known_columns()), []).append(finding)
        own = {row["id"] for row in report["sequences"] if not name or row["dialect"] in dialects}
        yield _column(source, name, found, by_row, [row for _, row in mine if row["sequence"] in own])


def _column(
    source: Source, name: str, found: Sequence[Cause], by_row: Mapping[str, list[Row]], findings: list[Row]
) -> ComparedColumn:
    report, known = source.report, sender(source.report)
    words = known["dialects"].get(name, {"short": name, "about": ""})
    if name:
        state = report["summary"]["dialects"][name]["result"]
        verdict = _verdict(report, name)
    else:
        words = {"short": report["profile"]["id"], "about": report["profile"]["title"]}
        state, verdict = look(report), result(report)
    severities = {"nonconformant": WRONG, "inconclusive": OPEN}.get(state, ())
    ids = {row["id"] for row in findings if row["gates"] and severity_of(row) in severities}
    return ComparedColumn(
        source=source,
        sender=known["name"][:1].upper() + known["name"][1:],
        short=words["short"],
        about=words["about"],
        state=state,
        words=verdict,
        reasons=tuple(
            reason
            for reason in _reasons(found, ids, source.page, severities)
            if not report["stop"] or _plain(reason.title) != _plain(report["stop"])  # which is said once
        ),
        suite=bool(words.get("suite")) and not _only_suites(report),
        findings=by_row,
        causes=found,
    )


def _only_suites(report: Row) -> bool:
    """Whether the report is of suites alone, which have a column each then."""
    known = sender(report)["dialects"]
    return all(known.get(name, {}).get("suite") for name in report["summary"]["dialects"])


def _verdict(report: Row, name: str) -> str:
    """The verdict on a dialect: `Works as ...`, `Does not work as ...`, `Not decided`."""
    state = report["summary"]["dialects"][name]["result"]
    good, bad = dialect_words(report, name)
    if state == "nonconformant":
        said = bad
    elif state == "inconclusive" or is_part(report):
        said = works(report, name)
    else:
        said = f"{good}, with waivers" if state == "conformant-with-waivers" else good
    return said[:1].upper() + said[1:]


def _reasons(found: Iterable[Cause], ids: set[str], page: str, severities: Sequence[str]) -> Iterator[Reason]:
    """The reasons of these findings, the weightiest first."""
    for cause in found:
        mine = [row["id"] for row in cause.findings if row["id"] in ids]
        mine = mine or [row["id"] for row in cause.blocked_findings if row["id"] in ids]
        if mine:
            yield Reason(cause.title, tuple(mine), page, open=severities == OPEN)


def _by_title(
    title: str, columns: Iterable[ComparedColumn]
) -> dict[str, list[tuple[ComparedColumn, Reason]]]:
    """The reasons for what is not right in a row, by their titles, each with the columns that have it."""
    found: dict[str, list[tuple[ComparedColumn, Reason]]] = {}
    for column in columns:
        for reason in column.why(title):
            found.setdefault(reason.title, []).append((column, reason))
    return found


def _distinct(columns: list[ComparedColumn]) -> list[ComparedColumn]:
    """The columns, with the name of their report where two would have the same name."""
    names = [column.name for column in columns]
    return [
        replace(column, short=f"{column.short}, {column.source.name}")
        if names.count(column.name) > 1
        else column
        for column in columns
    ]


def _notes(sources: Sequence[Source]) -> Iterator[str]:
    """What a reader should know of the reports: other servers, early ends, resources that are left."""
    urls = dict.fromkeys(_server(source.report) for source in sources)
    if len(urls) > 1:
        yield f"These reports are of different servers: {', '.join(urls)}."
    for source in sources:
        report = source.report
        if report["stop"] or report["interrupted"]:
            why = report["stop"] or "interrupted"
            end = "" if why.endswith((".", "?", "!")) else "."
            yield f"The run of {report['profile']['id']} ended early: {why}{end}"
        if left := remains(report):
            yield left


def _server(report: Row) -> str:
    """The server that a report is about; every run has an embedded target of its own."""
    url = str(report["target"]["url"]).partition("?")[0]
    return "the embedded target" if report["target"]["embedded"] else url


def _plain(sentence: str) -> str:
    return sentence.rstrip(".")


def lowered(text: str, names: str) -> str:
    """The sentence as it goes on after a colon: its first letter small, unless it begins with a name."""
    word = text.partition(" ")[0]
    plain = word[1:] == word[1:].lower() and (len(word) > 1 or word == "A")
    return text if not plain or word.removesuffix("'s") in names.split() else text[:1].lower() + text[1:]


def lines(table: SideBySide) -> Iterator[tuple[str, str, str]]:
    """The name, the sentence and the state of each column, for a terminal."""
    for column in table.verdicts:
        yield column.name, column.sentence, column.state


def markdown(table: SideBySide) -> str:
    """The page as Markdown."""
    text = ["# Side by side", "", prose(table.target), ""]
    text += [f"- **{prose(column.name)}**: {_sentence(column)}" for column in table.verdicts]
    text += ["", *(f"{prose(note)}\n" for note in table.notes), ABOUT, ""]
    head = ["", *(prose(column.name) for column in table.columns)]
    rows = [head, ["---"] * len(head)]
    rows += [[row.title, *map(_linked, table.columns, row.cells)] for row in table.rows]
    text += [f"| {' | '.join(row)} |" for row in rows]
    for title, differing in table.parts:
        text += ["", f"## {title}", ""]
        for row in differing:
            text += [f"- **{row.title}**{_right(table, row)}"]
            text += [f"  - {prose(why)} {_columns_of(found)}" for why, found in row.reasons.items()]
    text += [
        "",
        *(f"- {STATES[state][0]} {STATES[state][1]}: {said}" for state, said in table.legend.items()),
    ]
    text += ["", *(f"- {_report(source)}" for source in table.sources)]
    return "\n".join([*text, ""])


def _report(source: Source) -> str:
    profile = source.report["profile"]
    title = _link(prose(profile["title"]), source.page)
    return f"{title}, profile {prose(profile['id'])}, {prose(source.report['started'])}"


def _sentence(column: ComparedColumn) -> str:
    told = [_link(prose(text), link) for text, link in column.first]
    more = [f"and {column.more}"] if column.more else []
    return f"{prose(column.words)}{': ' if told else ''}{'; '.join([*told, *more])}."


def _link(text: str, link: str) -> str:
    return f"[{text}]({link})" if link else text


def _linked(column: ComparedColumn, cell: MatrixCell) -> str:
    return _link(cell.symbol, cell.link(column.source.page))


def _right(table: SideBySide, row: ComparedRow) -> str:
    right = table.standing(row, "right")
    return f" works: {', '.join(map(prose, right))}" if right else ""


def _columns_of(found: Iterable[tuple[ComparedColumn, Reason]]) -> str:
    return ", ".join(
        f"{_link(prose(column.name), reason.link)} ({reason.checks})" for column, reason in found
    )


def html(table: SideBySide) -> str:
    """The page as one HTML file without scripts."""
    environment = page_environment()
    environment.globals |= inlined("matrix.css", "side_by_side.css")
    return environment.get_template("side_by_side.html.j2").render(
        table=table, about=ABOUT, states=STATES, count=count
    )
