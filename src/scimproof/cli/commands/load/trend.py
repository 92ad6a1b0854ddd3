"""`scimproof trend`: load runs and capacity searches of a folder, over releases."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scimproof.cli.console import SafeConsole
from scimproof.core.errors import UsageError
from scimproof.core.paths import shown
from scimproof.render.formats import DocumentKind, ready_for, write_all
from scimproof.render.trend.terminal import text
from scimproof.report.reader import CAPACITY, LOAD, held_together, read
from scimproof.report.trend import StoredRun, kept, trend

NAMES = ("load.json", "capacity.json")


@click.command("trend")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Output folder of trend.html and trend.md; DIR by default.",
)
@click.option(
    "--operation",
    "operations",
    multiple=True,
    metavar="ID",
    help="Operation to draw beside all requests, * for any text; by default the slowest of the last run.",
)
@click.option(
    "--label",
    metavar="REGEX",
    help="What names a release in the path below DIR: the first group, or all that matches; by default the "
    "version of the target, or the nearest folder that differs from run to run.",
)
def command(*, folder: Path, out: Path | None, operations: tuple[str, ...], label: str | None) -> None:
    """Show p95, errors and capacity of many load runs over releases.

    Every load.json and capacity.json (of `load --find-max`) below DIR is read. Runs of one plan, target and
    load are a line, ordered by when they were started; what differs in any of these is a line of its own. The
    last run is compared with the one before as `scimproof compare` does it. What cannot be read is named.
    """
    rule = _rule(label)
    out = out or folder
    found = sorted(path for name in NAMES for path in folder.rglob(name) if path.is_file())
    if not found:
        raise UsageError(f"there is no {' and no '.join(NAMES)} in {folder} or the folders below it")
    ready_for(out, DocumentKind.TREND)
    console = SafeConsole()
    left_out: list[str] = []
    with _progress(console, len(found)) as bar:
        runs = [run for path in found if (run := _stored(path, folder, out, left_out, bar)) is not None]
    if not runs:
        raise UsageError(f"none of {len(found):,} files in {folder} can be used; the first: {left_out[0]}")
    with held_together(folder):
        made = trend(runs, folder=shown(folder), operations=operations, label=rule, left_out=left_out)
        files = write_all(DocumentKind.TREND, made, out)
        console.show(text(made, files))


def _rule(label: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(label) if label else None
    except re.error as problem:
        raise UsageError(f"--label {label}: it is no regular expression: {problem}") from None


def _stored(path: Path, folder: Path, out: Path, left_out: list[str], bar: Any) -> StoredRun | None:
    """The part of a document that a trend needs; None, and a sentence in `left_out`, where it has none."""
    try:
        document = kept(read(path, LOAD, CAPACITY))
    except UsageError as problem:
        left_out.append(f"Left out: {problem}.")
        return None
    finally:
        bar()
    return StoredRun(shown(path), path.relative_to(folder).parent.parts, document, _page(path, out))


def _page(document: Path, out: Path) -> str:
    """The link from the trend to the page beside that document; "" where there is none."""
    page = document.with_suffix(".html")
    return quote(Path(os.path.relpath(page, out)).as_posix()) if page.exists() else ""


@contextmanager
def _progress(console: SafeConsole, number: int) -> Iterator[Any]:
    """How many files are read, on a terminal."""
    columns = (TextColumn("reading"), MofNCompleteColumn(), TextColumn("files"), TimeElapsedColumn())
    silent = not console.err.is_terminal
    with Progress(*columns, console=console.err, transient=True, disable=silent) as bar:
        task = bar.add_task("reading", total=number)
        yield lambda: bar.advance(task)
