"""`scimproof matrix`: makes one table of implementations and operations from many reports."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from scimproof.cli.console import SafeConsole
from scimproof.core.errors import UsageError
from scimproof.render.atomic_write import ready_file
from scimproof.render.formats import DocumentKind, formats, write_file
from scimproof.render.matrix import Source, tabulate
from scimproof.render.sender import sender
from scimproof.render.side_by_side import side_by_side
from scimproof.report.reader import REPORT, held_together, peek, read

SUFFIXES = (".md", ".html")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out",
    "files",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Output file, .md or .html; may be given twice.",
)
@click.option(
    "--side-by-side", "beside", is_flag=True,
    help="Reports of one server, under several profiles: a column for each kind of application.",
)  # fmt: skip
def command(*, paths: tuple[str, ...], files: tuple[Path, ...], beside: bool) -> None:
    """Make a table of many reports: what works on which implementation.

    PATH is a report.json, a folder that is searched for them, or a pattern such as reports/published/**.
    A row is named after the folder of its report; the reports of each sender have a table. Without --out the
    table is printed as Markdown.

    With --side-by-side the reports are of one server: what it does for an administrator is a line, and each
    kind of application that the profiles stand for a column.
    """
    kind = DocumentKind.SIDE_BY_SIDE if beside else DocumentKind.MATRIX
    by_suffix = {each.suffix: each for each in formats(kind)}
    for file in files:
        if file.suffix not in by_suffix:
            raise UsageError(f"--out {file}: the name should end with {' or '.join(SUFFIXES)}")
        ready_file(file)
    found = sorted(set(_reports(paths)), key=lambda path: path.parent.name)
    if not found:
        raise UsageError(f"there is no report of a run in {', '.join(paths)}")
    seen = [read(path, REPORT) for path in found]
    reports = list(zip(found, _names(found, seen), seen, strict=True))
    made = side_by_side if beside else tabulate
    for path, name, report in reports:
        with held_together(path):
            by_suffix[".md"].text(made([Source(name, report, "")]))
    for file in files:
        table = made(Source(name, report, _page(path, file.parent)) for path, name, report in reports)
        write_file(by_suffix[file.suffix], table, file)
    console = SafeConsole()
    if files:
        console.say(f"{len(found)} reports: {', '.join(map(str, files))}")
    else:
        table = made(Source(name, report, _page(path, Path())) for path, name, report in reports)
        click.echo(console.clean(by_suffix[".md"].text(table)))


def _reports(paths: Iterable[str]) -> Iterator[Path]:
    """The reports in these paths; pages and load reports that a pattern matches are skipped."""
    for text in paths:
        path = Path(text)
        if path.is_file() and path.suffix == ".json":
            if path.name == "report.json" or peek(path).get("format") == REPORT:
                yield path
        elif path.is_dir():
            yield from path.rglob("report.json")
        elif not path.exists():
            matches = glob.glob(text, recursive=True)  # noqa: PTH207 - a pattern may begin anywhere
            if not matches:
                raise UsageError(f"{text} does not exist")
            yield from (Path(match) for match in matches if Path(match).name == "report.json")


def _names(found: Sequence[Path], reports: Sequence[dict[str, Any]]) -> list[str]:
    """The name of each row: the folder of its report, with its parent where two rows of a table had it."""
    tables = ("" if report.get("rows") else sender(report)["name"] for report in reports)
    plain = list(zip((path.resolve().parent.name for path in found), tables, strict=True))
    often = Counter(plain)
    return [
        one[0] if often[one] == 1 else f"{path.resolve().parent.parent.name}/{one[0]}"
        for one, path in zip(plain, found, strict=True)
    ]


def _page(report: Path, folder: Path) -> str:
    """The link from that folder to the report's HTML page; "" when there is none."""
    page = report.with_name("report.html")
    return quote(Path(os.path.relpath(page, folder)).as_posix()) if page.exists() else ""
