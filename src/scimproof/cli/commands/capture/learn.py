"""`scimproof learn`: compares a capture of real traffic with the requests that are sent here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.learning import Heard, learn
from scimproof.capture.reader import Capture
from scimproof.catalog.loader import load_catalog
from scimproof.cli.console import SafeConsole
from scimproof.cli.learnt_files import PRINTED, LearntFiles, compared_with, learnt_file_options
from scimproof.cli.shared_capture import held_to_share, share_capture, share_options
from scimproof.core.errors import Exit, UsageError
from scimproof.core.redaction import remembered
from scimproof.render.formats import DocumentKind, ready_for, write_all
from scimproof.render.learn.terminal import text

EACH = 500  # exchanges after which the progress is shown anew


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="CAPTURE", required=False)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Output folder for learn.html and learn.json; without it they are not written.",
)
@click.option(
    "--sender",
    default="",
    metavar="NAME",
    help="Compare with this sender or dialect alone, instead of recognising whose traffic it is.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit code 1 when a request differs from ours or is unknown to us.",
)
@click.option(
    "--base",
    default="",
    metavar="URL",
    help="Of a HAR, read requests below this URL alone, instead of all that look like SCIM.",
)
@learnt_file_options
@share_options
def command(
    *,
    source: Path | None,
    out: Path | None,
    sender: str,
    strict: bool,
    write_out: Path | None,
    app_out: str | None,
    plan_out: Path | None,
    config: Path | None,
    **given: Any,  # --base, and the options of sharing
) -> Exit:
    """Compare CAPTURE with the requests that scimproof sends, operation by operation.

    CAPTURE is a file or folder of `scimproof record`, a HAR file, or a report.json. Recognises whose traffic
    it is, and says of each operation how often it was seen and whether it is as scimproof sends it, differs
    (where, and how), or is unknown. scimproof's own reads and clean-up are counted apart. With [app] in
    scimproof.toml it is compared with what that app sends.

    With --share it is written anew besides, so that nobody in it can be recognised.
    """
    if source is None and app_out not in (None, PRINTED):  # `--app` took what is the capture
        source, app_out = Path(str(app_out)), PRINTED
    if source is None:
        raise UsageError("which capture? Name a file or folder of `scimproof record`, a HAR or a report.json")
    capture, wanted = (
        Capture(source, base=given.pop("base")),
        LearntFiles(write_out, app_out, plan_out, sender),
    )
    wanted.check()
    held_to_share(**given)
    if out:
        ready_for(out, DocumentKind.LEARN)
    console, knowledge = SafeConsole(remembered), load_catalog()
    catalog = compared_with(knowledge, config, sender)
    with _progress(console) as heard:
        document = learn(catalog, capture, sender=sender, heard=heard)
    files = write_all(DocumentKind.LEARN, document, out) if out else []
    if not wanted.prints_app:
        console.show(text(document, files))
    with _progress(console) as heard:
        wanted.make(catalog, capture, document, console, heard)
    share_capture(capture, knowledge, console, **given)
    return Exit.DOES_NOT_HOLD if strict and document["result"] != "as-sent" else Exit.HOLDS


@contextmanager
def _progress(console: SafeConsole) -> Iterator[Heard]:
    """How many exchanges were read so far, on a terminal."""
    columns = (TextColumn("{task.completed:,} exchanges"), TimeElapsedColumn())
    silent = not console.err.is_terminal
    with Progress(*columns, console=console.err, transient=True, disable=silent) as bar:
        task = bar.add_task("", total=None)
        seen = 0

        def heard(_exchange: CapturedExchange) -> None:
            nonlocal seen
            seen += 1
            if seen % EACH == 0:
                bar.update(task, completed=seen)

        yield heard
