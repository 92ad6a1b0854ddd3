"""`scimproof learn --share`: its options, its progress, and what it prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from scimproof.capture.reader import Capture
from scimproof.capture.share.sharing import share
from scimproof.catalog.loader import Catalog
from scimproof.cli.console import SafeConsole
from scimproof.core.errors import UsageError
from scimproof.render.shared_capture import text

EACH = 100  # exchanges after which the progress is shown anew
OPTIONS = (
    click.option(
        "--share",
        "share_out",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="Write the capture anew, with people, addresses, ids, hosts and tokens replaced, to share it.",
    ),
    click.option(
        "--keep-header",
        "keep_headers",
        multiple=True,
        metavar="NAME",
        help="With --share: let the name of this header stay, which nobody knows; its values are replaced.",
    ),
    click.option(
        "--leave-out",
        is_flag=True,
        help="With --share: leave out exchanges in which something cannot be placed, instead of refusing.",
    ),
)


def share_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of sharing for a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def held_to_share(share_out: Path | None, keep_headers: Sequence[str], *, leave_out: bool) -> None:
    """Refuse options that are about sharing where nothing is shared."""
    if share_out is None and (keep_headers or leave_out):
        raise UsageError(f"{'--keep-header' if keep_headers else '--leave-out'} is for --share FOLDER")


def share_capture(
    capture: Capture,
    catalog: Catalog,
    console: SafeConsole,
    *,
    share_out: Path | None,
    keep_headers: Sequence[str],
    leave_out: bool,
) -> None:
    """Share a capture where a folder is named, and print the summary."""
    if share_out is None:
        return
    with _progress(console) as step:
        shared = share(
            capture, share_out, catalog, keep_headers=keep_headers, leave_out=leave_out, progress=step
        )
    console.show(text(shared.document, (shared.capture, shared.summary)))


@contextmanager
def _progress(console: SafeConsole) -> Iterator[Callable[[str, int], None]]:
    """What is done, and how many exchanges so far, on a terminal."""
    columns = (TextColumn("{task.description} {task.completed:,} exchanges"), TimeElapsedColumn())
    silent = not console.err.is_terminal
    with Progress(*columns, console=console.err, transient=True, disable=silent) as bar:
        task = bar.add_task("reading", total=None)

        def step(what: str, seen: int) -> None:
            if seen % EACH == 0:
                bar.update(task, description=what, completed=seen)

        yield step
