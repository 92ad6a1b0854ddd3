"""Exploring, as `explore` and `run` share it: progress, the files of failures, and how they are told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scimproof.cli.console import SafeConsole
from scimproof.explore.explorer import Bounds
from scimproof.explore.history import Failure
from scimproof.explore.history_file import document
from scimproof.explore.narrative import lines
from scimproof.render.atomic_write import write_whole
from scimproof.render.phrases import count
from scimproof.session.session import Session

FOLDER = "histories"


def explore_histories(session: Session, console: SafeConsole, bounds: Bounds) -> None:
    """Explore, with progress on a terminal."""
    columns = (
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    silent = console.quiet or not console.err.is_terminal
    with Progress(*columns, console=console.err, transient=True, disable=silent) as bar:
        task = bar.add_task("actions", total=bounds.actions)
        for done in session.explore(bounds):
            failed = len(session.explorer.failures) if session.explorer else 0
            bar.update(
                task, completed=done, description=f"[red]{failed} failed[/red]" if failed else "actions"
            )


def save_histories(session: Session, out: Path) -> list[Path]:
    """Write each failure as a file that can be played again; gives the paths."""
    if session.explorer is None:
        return []
    redactor, paths = session.redactor(), []
    for number, failure in enumerate(session.explorer.failures, 1):
        path = out / FOLDER / f"{number}-{failure.action}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        saved = redactor.walk(document(failure, session.explorer.repertoire, session.options.seed))
        write_whole(path, [json.dumps(saved, indent=1, ensure_ascii=False), "\n"])
        paths.append(path)
    return paths


def told(session: Session, paths: Iterable[Path]) -> Iterator[str]:
    """Every failure as a conversation, with the file that plays it again."""
    explorer = session.explorer
    for failure, path in zip(explorer.failures if explorer else (), paths, strict=True):
        assert explorer is not None
        yield f"{explorer.repertoire.finding(failure.action, failure.requirement)} ({_size(failure)})"
        yield from lines(failure, explorer.repertoire)
        yield f"   again     scimproof explore --replay {path}"
        yield ""


def _size(failure: Failure) -> str:
    if not failure.certain:
        return f"{count(failure.length, 'action')}; it showed once, and not again with other people"
    return f"{count(failure.length, 'action')}, of {failure.whole} in the history that showed it first"
