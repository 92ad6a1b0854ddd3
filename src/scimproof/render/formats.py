"""The registry of output formats: which files each kind of document is written as, and by which writer.

A new format is a writer module and a line in FORMATS; the commands and the pytest plugin take them from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from scimproof.catalog.submission import Submission
from scimproof.core.errors import UsageError
from scimproof.render import json_documents, matrix, side_by_side
from scimproof.render.atomic_write import ready, why_not, write_whole
from scimproof.render.capacity import html as capacity_html
from scimproof.render.capacity import junit as capacity_junit
from scimproof.render.comparison import html as comparison_html
from scimproof.render.comparison import markdown as comparison_markdown
from scimproof.render.comparison import terminal as comparison_terminal
from scimproof.render.conformance import html, junit, markdown
from scimproof.render.learn import html as learn_html
from scimproof.render.load import html as load_html
from scimproof.render.load import junit as load_junit
from scimproof.render.submission import html as submission_html
from scimproof.render.submission import markdown as submission_markdown
from scimproof.render.submission.evidence import Pack
from scimproof.render.submission.sections import brief
from scimproof.render.trend import html as trend_html
from scimproof.render.trend import markdown as trend_markdown


class DocumentKind(StrEnum):
    """What a writer is given, and in brackets its type."""

    RUN = "report of a run"  # [dict] scimproof.report/1
    LOAD = "report of a load run"  # [dict] scimproof.load/1
    CAPACITY = "search for the highest rate"  # [dict] scimproof.capacity/1
    LEARN = "capture compared with our requests"  # [dict] scimproof.learn/1
    COMPARISON = "comparison"  # [dict] of two reports of one kind
    TREND = "trend"  # [dict] scimproof.trend/1, of many load runs
    MATRIX = "matrix"  # [render.matrix.Table] of many reports of runs
    SIDE_BY_SIDE = "side by side"  # [render.side_by_side.SideBySide] of several reports of one server
    PACK = "pack for a submission"  # [render.submission.evidence.Pack] of one report of a run


@dataclass(frozen=True)
class OutputFormat:
    """One form in which a document can be written.

    `name` is what `--format` calls it. `file` is its name in an output folder, with {id} for that of a
    submission; "" where the user names the file. `writer` gets the document, and `link=URL` where the format
    `takes_link`: where others find the full report. It gives the text, whole or in pieces.
    """

    document: DocumentKind
    name: str
    file: str
    writer: Callable[..., str | Iterable[str]]
    takes_link: bool = False

    def named(self, id: str = "") -> str:
        """The name of the file, for the submission of that id where the document is a pack."""
        return self.file.format(id=id)

    @property
    def suffix(self) -> str:
        """The end of the file's name, with its dot."""
        return Path(self.file).suffix

    def pieces(self, document: Any, link: str = "") -> Iterable[str]:
        """The text in pieces, to be written one after another."""
        text = self.writer(document, link=link) if self.takes_link else self.writer(document)
        return [text] if isinstance(text, str) else text

    def text(self, document: Any, link: str = "") -> str:
        """The whole text."""
        return "".join(self.pieces(document, link))


FORMATS = (
    OutputFormat(DocumentKind.RUN, "json", "report.json", json_documents.report_json),
    OutputFormat(DocumentKind.RUN, "junit", "junit.xml", junit.junit),
    OutputFormat(DocumentKind.RUN, "html", "report.html", html.html_pieces),
    OutputFormat(DocumentKind.RUN, "markdown", "report.md", markdown.markdown, takes_link=True),
    OutputFormat(DocumentKind.LOAD, "json", "load.json", json_documents.load_json),
    OutputFormat(DocumentKind.LOAD, "junit", "load-junit.xml", load_junit.junit),
    OutputFormat(DocumentKind.LOAD, "html", "load.html", load_html.html),
    OutputFormat(DocumentKind.CAPACITY, "json", "capacity.json", json_documents.load_json),
    OutputFormat(DocumentKind.CAPACITY, "junit", "capacity-junit.xml", capacity_junit.junit),
    OutputFormat(DocumentKind.CAPACITY, "html", "capacity.html", capacity_html.html),
    OutputFormat(DocumentKind.LEARN, "json", "learn.json", json_documents.learn_json),
    OutputFormat(DocumentKind.LEARN, "html", "learn.html", learn_html.html),
    OutputFormat(DocumentKind.COMPARISON, "text", "", comparison_terminal.text),
    OutputFormat(DocumentKind.COMPARISON, "markdown", "", comparison_markdown.markdown),
    OutputFormat(DocumentKind.COMPARISON, "html", "", comparison_html.html),
    OutputFormat(DocumentKind.COMPARISON, "json", "", json_documents.comparison_json),
    OutputFormat(DocumentKind.TREND, "html", "trend.html", trend_html.html),
    OutputFormat(DocumentKind.TREND, "markdown", "trend.md", trend_markdown.markdown),
    OutputFormat(DocumentKind.MATRIX, "markdown", "matrix.md", matrix.markdown),
    OutputFormat(DocumentKind.MATRIX, "html", "matrix.html", matrix.html),
    OutputFormat(DocumentKind.SIDE_BY_SIDE, "html", "side-by-side.html", side_by_side.html),
    OutputFormat(DocumentKind.SIDE_BY_SIDE, "markdown", "side-by-side.md", side_by_side.markdown),
    OutputFormat(DocumentKind.PACK, "html", "{id}.html", submission_html.html),
    OutputFormat(DocumentKind.PACK, "markdown", "{id}.md", submission_markdown.markdown),
)


def formats(*documents: DocumentKind) -> tuple[OutputFormat, ...]:
    """The formats of these kinds of document, in the order of the registry."""
    return tuple(each for each in FORMATS if each.document in documents)


def format_named(document: DocumentKind, name: str) -> OutputFormat:
    """The format of that name; KeyError when the kind of document has none."""
    return {each.name: each for each in formats(document)}[name]


def ready_for(folder: Path, *documents: DocumentKind, packs: Iterable[Submission] = ()) -> None:
    """Make sure that the files of these documents and packs can be written into the folder, or UsageError."""
    names = [each.file for each in formats(*documents)]
    ready(folder, names + [each.named(pack.id) for pack in packs for each in formats(DocumentKind.PACK)])


def write_all(kind: DocumentKind, document: Any, folder: Path, link: str = "") -> list[Path]:
    """Write a document in all its formats into a folder, each file whole or not at all; gives the paths.

    `link` is where others find the full report. UsageError when the folder cannot be used.
    """
    ready_for(folder, kind)
    return _write(kind, document, folder, "the reports", link)


def _write(
    kind: DocumentKind, document: Any, folder: Path, what: str, link: str = "", id: str = ""
) -> list[Path]:
    try:
        return [write_whole(folder / each.named(id), each.pieces(document, link)) for each in formats(kind)]
    except OSError as problem:
        raise UsageError(f"{what} cannot be written to {folder}: {why_not(folder, problem)}") from None


def write_file(form: OutputFormat, document: Any, path: Path) -> None:
    """Write a document in one format to a path of the user's choice; UsageError when that cannot be done."""
    try:
        write_whole(path, form.pieces(document))
    except OSError as problem:
        raise UsageError(f"{path} cannot be written: {why_not(path, problem)}") from None


def write_pack(report: dict[str, Any], submission: Submission, folder: Path) -> str:
    """Write the pack beside the reports; gives one line that names the files and sums the pack up."""
    pack, name = Pack(report, submission), submission.words.pack
    ready_for(folder, packs=[submission])
    files = _write(DocumentKind.PACK, pack, folder, f"the {name}", id=submission.id)
    return f"{name}: {', '.join(map(str, files))} ({brief(pack)})"


def write_failed_load(kind: DocumentKind, plan: str, url: str, why: str, started: str, folder: Path) -> None:
    """Write the JUnit file alone, for a load run or search that did not start: no file is read as no failure.

    A folder that cannot be used is no second error: the run has failed already.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / format_named(kind, "junit").file
        write_whole(path, [load_junit.failed_load(plan, url, why, started)])
    except OSError:
        pass
