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
from scimproof.render.matrix import Source, markdown, tabulate
from scimproof.report.reader import REPORT, held_together, peek, read

BY_SUFFIX = {each.suffix: each for each in formats(DocumentKind.MATRIX)}


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
def command(*, paths: tuple[str, ...], files: tuple[Path, ...]) -> None:
    """Make a table of many reports: what works on which implementation.

    PATH is a report.json, a folder that is searched for them, or a pattern such as reports/published/**.
    A row is named after the folder of its report. Without --out the table is printed as Markdown.
    """
    for file in files:
        if file.suffix not in BY_SUFFIX:
            raise UsageError(f"--out {file}: the name should end with {' or '.join(BY_SUFFIX)}")
        ready_file(file)
    found = sorted(set(_reports(paths)), key=lambda path: path.parent.name)
    if not found:
        raise UsageError(f"there is no report of a run in {', '.join(paths)}")
    seen = [read(path, REPORT) for path in found]
    reports = list(zip(found, _names(found, seen), seen, strict=True))
    for path, name, report in reports:
        with held_together(path):
            markdown(tabulate([Source(name, report, "")]))
    for file in files:
        table = tabulate(Source(name, report, _page(path, file.parent)) for path, name, report in reports)
        write_file(BY_SUFFIX[file.suffix], table, file)
    console = SafeConsole()
    if files:
        console.say(f"{len(found)} reports: {', '.join(map(str, files))}")
    else:
        click.echo(console.clean(markdown(tabulate(Source(n, r, _page(p, Path())) for p, n, r in reports))))


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
    by_rfc = (bool(report.get("rows")) for report in reports)
    plain = list(zip((path.resolve().parent.name for path in found), by_rfc, strict=True))
    often = Counter(plain)
    return [
        one[0] if often[one] == 1 else f"{path.resolve().parent.parent.name}/{one[0]}"
        for one, path in zip(plain, found, strict=True)
    ]


def _page(report: Path, folder: Path) -> str:
    """The link from that folder to the report's HTML page; "" when there is none."""
    page = report.with_name("report.html")
    return quote(Path(os.path.relpath(page, folder)).as_posix()) if page.exists() else ""
