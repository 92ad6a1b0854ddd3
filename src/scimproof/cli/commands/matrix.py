"""`scimproof matrix`: many reports as one page of implementations x operations."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import click

from scimproof.cli.console import SafeConsole
from scimproof.core.errors import UsageError
from scimproof.render.atomic_write import ready_file, why_not, write_whole
from scimproof.render.matrix import Source, Table, html, markdown, tabulate
from scimproof.report.reader import REPORT, held_together, peek, read

WRITERS: dict[str, Callable[[Table], str]] = {".md": markdown, ".html": html}


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
        if file.suffix not in WRITERS:
            raise UsageError(f"--out {file}: the name should end with .md or .html")
        ready_file(file)
    found = sorted(set(_reports(paths)), key=lambda path: path.parent.name)
    if not found:
        raise UsageError(f"there is no report of a run in {', '.join(paths)}")
    reports = [(path, name, read(path, REPORT)) for path, name in zip(found, _names(found), strict=True)]
    for path, name, report in reports:
        with held_together(path):
            markdown(tabulate([Source(name, report, "")]))
    for file in files:
        table = tabulate(Source(name, report, _page(path, file.parent)) for path, name, report in reports)
        try:
            write_whole(file, [WRITERS[file.suffix](table)])
        except OSError as problem:
            raise UsageError(f"{file} cannot be written: {why_not(file, problem)}") from None
    voice = SafeConsole()
    if files:
        voice.say(f"{len(found)} reports: {', '.join(map(str, files))}")
    else:
        click.echo(voice.clean(markdown(tabulate(Source(n, r, _page(p, Path())) for p, n, r in reports))))


def _reports(paths: Iterable[str]) -> Iterator[Path]:
    """The reports that were meant; beside them a pattern may match pages and reports of load runs."""
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


def _names(found: Sequence[Path]) -> list[str]:
    """What each row is called: the folder, with the one above it where two are called alike."""
    plain = [path.resolve().parent.name for path in found]
    often = Counter(plain)
    return [
        name if often[name] == 1 else f"{path.resolve().parent.parent.name}/{name}"
        for name, path in zip(plain, found, strict=True)
    ]


def _page(report: Path, folder: Path) -> str:
    """Where the report's own page is, as a link from that folder; "" when there is none."""
    page = report.with_name("report.html")
    return quote(Path(os.path.relpath(page, folder)).as_posix()) if page.exists() else ""
