"""`scimproof clean`: remove what earlier runs left."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from typing import Any

import click

from scimproof.catalog.loader import load_catalog
from scimproof.cleanup.ledger_reader import StaleLedger, Unreadable, earlier
from scimproof.cleanup.leftovers import SECONDS, SECONDS_EACH, YOUNG, LeftoverCleaner
from scimproof.cli.console import SafeConsole
from scimproof.cli.options import cleanup_progress
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import Exit, UsageError
from scimproof.core.redaction import Redactor
from scimproof.core.scim import PREFIX
from scimproof.settings.resolve import target_options
from scimproof.target.options import TargetOptions
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target, parse_url
from scimproof.target.transport import HttpTransport

SHOWN = 5  # of those that stay for one reason


@click.command("clean", cls=ConfiguredCommand)
@settings("clean")
@click.option(
    "--prefix",
    default="",
    metavar="PREFIX",
    help="Prefix of the run to clean up (scimproof- and 8 characters).",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(*, target: str | None, prefix: str, yes: bool, **given: Any) -> Exit:
    """Delete resources that earlier runs left on a target.

    Reads the ledgers that interrupted runs left on this machine. Where there is none, --target searches the
    target's lists for names of runs; a run that created something within the last hour may
    still be under way elsewhere, and is only touched when --prefix names it. Nothing is deleted before a
    look at it has shown the run's own prefix in its name.
    """
    if prefix and not re.fullmatch(PREFIX, prefix):
        raise UsageError(f"--prefix {prefix!r} should look like scimproof-1a2b3c4d")
    where = target_options(target or "http://localhost", given, os.environ)
    assert where is not None
    console = SafeConsole()
    wanted = parse_url(target, query=True) if target else ""
    if wanted and not yes and not Target(wanted).is_loopback:
        _confirm_target(wanted)
    found = list(earlier())
    unread = [book for book in found if isinstance(book, Unreadable)]
    for bad in unread:
        console.warn(f"scimproof: the ledger {bad.path} cannot be used, and is kept: {bad.why}")
    read = [book for book in found if isinstance(book, StaleLedger)]
    books = [b for b in read if b.target == (wanted or b.target) and b.prefix == (prefix or b.prefix)]
    busy = {book.prefix for book in books if book.running}
    for name in sorted(busy):
        console.say(f"{name}: that run is still going on; it removes what it made itself")
    done = [book for book in books if not book.running and (book.embedded or not book.open)]
    for book in done:
        book.path.unlink(missing_ok=True)
    todo = [book for book in books if not book.running and book not in done]
    if todo or wanted:
        url = wanted or _only_target(todo, yes=yes)
        code = _finish(replace(where, url=url), todo, busy, prefix, console, yes=yes)
    else:
        code = Exit.HOLDS
        if not unread:
            console.say("nothing is left of earlier runs (add --target URL to look at a target by name)")
    return Exit.CANNOT_TELL if unread else code


def _only_target(books: list[StaleLedger], *, yes: bool) -> str:
    """The one target of all these ledgers; its credentials must not reach another server."""
    urls = sorted({book.target for book in books})
    if len(urls) > 1:
        each = " ".join(f"--target {url}" for url in urls)
        raise UsageError(f"earlier runs left something on several targets; clean each: {each}")
    if not Target(urls[0]).is_loopback and not yes:
        runs = f"{len(books)} run{'s' if len(books) > 1 else ''}"
        _agree(f"Sign in at {urls[0]} with the credentials given, and remove what {runs} left there?")
    return urls[0]


def _confirm_target(url: str) -> None:
    """Ask before authenticating at a server that only a file or a variable names."""
    where = click.get_current_context().obj.where["target"]
    if where != "--target":
        _agree(f"Sign in at {url} ({where}), and remove what earlier runs left there?")


def _agree(question: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Add --yes to agree (nothing was deleted)")
    if not click.confirm(question, err=True):
        raise UsageError("nothing was deleted")


def _finish(
    where: TargetOptions,
    todo: list[StaleLedger],
    busy: set[str],
    prefix: str,
    console: SafeConsole,
    *,
    yes: bool,
) -> Exit:
    target = where.target(os.environ)
    console = SafeConsole(
        lambda: Redactor([*target.credentials.secrets(), *(value for _, value in target.headers)])
    )
    line = RetryingClient(HttpTransport(target), target.credentials, limit="the time for cleaning up")
    line.begin(SECONDS + SECONDS_EACH * sum(len(book.entries) for book in todo))
    sweep = LeftoverCleaner(target, line, load_catalog().templates)
    if not todo:
        todo = [book for book in sweep.by_name(prefix) if book.prefix not in busy]
        todo = todo if prefix else _finished(todo, console)
        _show(todo, console)
        if todo and not yes:
            _agree("Delete all of these?")
    return _remove(sweep, todo, console)


def _finished(books: list[StaleLedger], console: SafeConsole) -> list[StaleLedger]:
    """The runs that are certainly over; the others are listed and left alone."""
    over = [book for book in books if book.youngest is not None and book.youngest > YOUNG]
    for book in books:
        if book not in over:
            when = "the target does not say when" if book.youngest is None else _ago(book.youngest)
            console.say(
                f"{book.prefix}: {len(book.entries)} there, the latest created {when}: that run may still be "
                f"going on. When it is not: --prefix {book.prefix}"
            )
    return over


def _ago(seconds: float) -> str:
    return f"{max(seconds, 0) / 60:.0f} min ago"


def _show(books: list[StaleLedger], console: SafeConsole) -> None:
    if not books:
        console.say("nothing on the target carries the name of a run")
    for book in books:
        for entry in book.entries.values():
            console.say(f"  {entry.kind.ljust(5)}  {entry.name}")


def _remove(sweep: LeftoverCleaner, books: list[StaleLedger], console: SafeConsole) -> Exit:
    stays = False
    for book in books:
        before = book.counts()["removed"]
        stuck = sweep.remove(book, cleanup_progress(quiet=console.quiet))
        counts = book.counts()
        unknown = f", not known {len(counts['unknown'])}" if counts["unknown"] else ""
        console.say(
            f"{book.prefix}: removed or already gone {counts['removed'] - before}, "
            f"left {len(counts['left'])}{unknown}"
        )
        for why in dict.fromkeys(entry.left or entry.unknown for entry in stuck):
            some = [entry for entry in stuck if (entry.left or entry.unknown) == why]
            for entry in some[:SHOWN]:
                what = "left" if entry.left else "not known"
                console.say(f"  {what}: {entry.kind} {entry.name}: {why}")
            if len(some) > SHOWN:
                console.say(f"  and {len(some) - SHOWN:,} more for the same reason")
        if not stuck and book.path.name:
            book.path.unlink(missing_ok=True)
        stays = stays or bool(stuck)
    return Exit.CANNOT_TELL if stays else Exit.HOLDS
