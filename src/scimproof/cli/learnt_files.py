"""`scimproof learn --write`, `--app`, `--plan`: their options, what they write, and what they print."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from scimproof.capture.learn.app.app_reading import learn_app
from scimproof.capture.learn.document import Row
from scimproof.capture.learn.learning import Heard
from scimproof.capture.learn.request_files.template_writer import (
    MOST_KEPT,
    TemplateWriter,
    difference,
    write,
)
from scimproof.capture.learn.second_reading import read_again, traffic_of
from scimproof.capture.reader import Capture
from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.own_app import with_app
from scimproof.catalog.senders import default_sender
from scimproof.cli.console import SafeConsole
from scimproof.core.errors import UsageError
from scimproof.core.paths import shown
from scimproof.load.plan.capture_plan import plan_text, read_recorded
from scimproof.render.atomic_write import ready, ready_file, write_whole
from scimproof.render.request_files import text
from scimproof.settings.resolve import app_settings, effective_settings

PRINTED = "-"  # stands for the standard output
OPTIONS = (
    click.option(
        "--write",
        "write_out",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="Write request files (.http) of what differs or is unknown, without data of anybody.",
    ),
    click.option(
        "--app",
        "app_out",
        is_flag=False,
        flag_value=PRINTED,
        metavar="[FILE]",
        help="Write the [app] part of scimproof.toml that sends what was seen, without FILE to the standard "
        "output; nothing is overwritten.",
    ),
    click.option(
        "--plan",
        "plan_out",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE.TOML",
        help="Write a load plan whose arrivals are those of CAPTURE, for `scimproof load`.",
    ),
    click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Compare with the [app] of this scimproof.toml, not of the nearest one.",
    ),
)


def learnt_file_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of what is learnt, for a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class LearntFiles:
    """What is to be made of a capture beside the comparison: request files, the [app] part, a load plan.

    `app` is a path, PRINTED for the standard output, or None; `sender` whom the user named, if anybody.
    """

    write: Path | None
    app: str | None
    plan: Path | None = None
    sender: str = ""

    @property
    def prints_app(self) -> bool:
        """Whether the [app] part is all that goes to the standard output."""
        return self.app == PRINTED

    def check(self) -> None:
        """Refuse, before a long reading, what cannot be written."""
        if self.write:
            ready(self.write, ())
        if self.app and not self.prints_app:
            path = Path(self.app)
            if path.exists():
                raise UsageError(
                    f"{shown(path)} is there already, and is not overwritten; `--app` without a file prints "
                    "the [app] part"
                )
            ready_file(path)
        if self.plan:
            if self.plan.exists():
                raise UsageError(f"{shown(self.plan)} is there already, and is not overwritten")
            ready_file(self.plan)

    def make(
        self, catalog: Catalog, capture: Capture, document: Row, console: SafeConsole, heard: Heard
    ) -> None:
        """Write them, and print what was written."""
        traffic = traffic_of(document, catalog)
        if self.write:
            writer = TemplateWriter(catalog, capture.path.name)
            read_again(catalog, capture, traffic, [writer], heard=heard)
            _write(writer, self.write, catalog, console)
        if self.app:
            plain = load_catalog()  # what is in force has no say in what was seen
            found = learn_app(plain, capture, traffic, self.sender, heard)
            self._write_app(found.text(capture.path.name))
        if self.plan:
            _write_plan(self.plan, capture.path, console)

    def _write_app(self, part: str) -> None:
        if self.prints_app:
            click.echo(part, nl=False)
            return
        path = Path(str(self.app))
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(part)
        except FileExistsError:
            raise UsageError(f"{shown(path)} is there already, and is not overwritten") from None
        except OSError as problem:
            raise UsageError(f"{shown(path)} cannot be written: {problem.strerror}") from None
        click.echo(
            f"Wrote {shown(path)}: read it once; `scimproof learn --config` with it shows what is left."
        )


def compared_with(catalog: Catalog, config: Path | None, sender: str) -> Catalog:
    """The catalogue to compare with: with the [app] in force, if that is about the sender's apps."""
    forced = effective_settings("learn", {}, os.environ, config=config)
    settings = app_settings(dict(forced.values))
    owner = catalog.senders.get(sender.partition(".")[0]) or default_sender(catalog.senders)
    return with_app(catalog, owner, settings) if settings and owner.id in catalog.apps else catalog


def _write_plan(path: Path, source: Path, console: SafeConsole) -> None:
    """Write a load plan that names the capture as a path from the plan's folder."""
    named = os.path.relpath(source.resolve(), path.resolve().parent)
    write_whole(path, [plan_text(read_recorded(source, load_catalog()), named)])
    console.say(f"Wrote {shown(path)}: `scimproof load {shown(path)}` plays it.")


def _write(writer: TemplateWriter, folder: Path, catalog: Catalog, console: SafeConsole) -> None:
    files = write(writer.files(), folder)
    rows = [
        {
            "path": file.written or file.path,
            "count": file.count,
            "diff": "" if file.known_already else difference(file, catalog.root / "fixtures"),
            "to_review": file.to_review,
            "not_expressed": file.not_expressed,
            "known_already": file.known_already,
            "leaks": file.leaks,
        }
        for file in files
    ]
    left_out = dict(writer.left_out)
    if writer.beyond:
        left_out[f"Beyond {MOST_KEPT:,} forms"] = writer.beyond
    console.show(text(rows, left_out, writer.withheld, writer.unwritable))
