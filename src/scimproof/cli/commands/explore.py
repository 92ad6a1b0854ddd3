"""`scimproof explore`: searches for a history of actions after which the server is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from scimproof.catalog.actions import repertoire_named
from scimproof.catalog.loader import load_catalog
from scimproof.cli.announcement import announce, consent
from scimproof.cli.console import SafeConsole
from scimproof.cli.exploring import explore_histories, save_histories, told
from scimproof.cli.options import cleanup_progress
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import CannotTell, Exit, ScimproofError, UsageError
from scimproof.explore.explorer import Bounds
from scimproof.explore.history import Discrepancy
from scimproof.explore.history_file import SavedHistory, read_history
from scimproof.explore.literal import literal
from scimproof.render.conformance.terminal import brief, text
from scimproof.render.formats import DocumentKind, ready_for, write_all
from scimproof.render.phrases import count, judged, remains
from scimproof.report.document import exit_code
from scimproof.session.session import Options, Session
from scimproof.session.signals import stopping
from scimproof.settings.resolve import target_options

EXAMPLES = """\b
Examples:
  scimproof explore                                  the embedded server
  scimproof explore --target https://host/scim/v2    yours
  scimproof explore --seed 7 --actions 2000 --budget 900
  scimproof explore --replay report/histories/1-rename.json

Each failure is shrunk to the shortest history that shows it, told as a
conversation and saved below --out; --replay plays such a file again.
"""
SHRINKING = 3600.0  # seconds that a run may take beyond its budget, for shrinking what was found


@click.command("explore", cls=ConfiguredCommand, epilog=EXAMPLES)
@settings("explore")
@click.option(
    "--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Play a saved history again: exit code 1 if it still shows the failure, 0 if not.",
)  # fmt: skip
@click.option(
    "--as-sequence", is_flag=True,
    help="With --replay: print the history as a sequence to paste into suites/, and send nothing.",
)  # fmt: skip
@click.option(
    "--yes", is_flag=True,
    help="Agree to writing to a target that is not this machine, and to what scimproof.toml does.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print only the result and the paths of the reports.")
def command(
    *,
    target: str | None,
    out: Path,
    replay: Path | None,
    as_sequence: bool,
    yes: bool,
    quiet: bool,
    **given: Any,
) -> Exit:
    """Search for a history of administrators' actions after which the server is wrong.

    Actions of administrators are played at random with a few people and groups; after each, everybody
    concerned is compared with all that was written, and all others every few actions. What fails is played
    again with fewer actions and other people, until nothing can be left out.
    """
    budget = given.pop("budget")
    numbers = {name: given.pop(name) for name in ("actions", "at_once", "shrink_requests")}
    bounds = Bounds(seconds=budget, **numbers)
    saved = read_history(replay, load_catalog().repertoires) if replay else None
    if as_sequence:
        return _print_sequence(saved)
    reached = target_options(target, given, os.environ)
    seed = saved.seed if saved else given.pop("seed")
    given |= {"seed": seed}
    session = Session(
        Options(access=reached, explore=bounds, only_explore=True, budget=budget + SHRINKING, **given)
    )
    console = SafeConsole(session.redactor, quiet=quiet)
    announce(console, session.target, "explores", [_plan(session, bounds, saved)])
    _consent(session, console, yes=yes)
    if not saved:
        ready_for(out, DocumentKind.RUN)
    try:
        with session, stopping(session.interrupt):
            if saved:
                return _replay(session, console, saved, quiet=quiet)
            _explore(session, console, bounds)
            session.tidy(cleanup_progress(quiet))
            report = session.report()
    except BaseException:
        if hasattr(session, "run") and (left := remains({"ledger": session.run.ledger.counts()})):
            console.warn(f"scimproof: {left}")
        raise
    return _report(session, console, report, out, quiet=quiet)


def _plan(session: Session, bounds: Bounds, saved: SavedHistory | None) -> str:
    made = f"every name begins with {session.prefix}, and nothing else is changed."
    if saved:
        return f"A history of {count(sum(map(len, saved.rounds)), 'action')} will be played again; {made}"
    return (
        f"Up to {count(bounds.actions, 'action')} in at most {bounds.seconds:g} s will create people and "
        f"groups and remove them again; {made}"
    )


def _consent(session: Session, console: SafeConsole, *, yes: bool) -> None:
    """Ask before anything is written to a server elsewhere."""
    what = f"create, change and remove people and groups on {session.target.host if session.target else 'it'}"
    consent(
        console,
        session.target,
        session.warnings(),
        refusal=f"this would {what}; add --yes to agree (nothing was sent)",
        question=f"This will {what}. Go on?",
        yes=yes,
    )


def _print_sequence(saved: SavedHistory | None) -> Exit:
    if saved is None:
        raise UsageError("--as-sequence prints a saved history: name its file with --replay")
    catalog = load_catalog()
    repertoire = repertoire_named(saved.sender, catalog.repertoires)
    assert repertoire, "a saved history names senders that there are"
    click.echo(literal(saved, repertoire, catalog.templates), nl=False)
    return Exit.HOLDS


def _explore(session: Session, console: SafeConsole, bounds: Bounds) -> None:
    """Explore, if the target can be reached."""
    try:
        session.preflight()
    except CannotTell as problem:
        session.give_up(str(problem), setup=problem.setup)
        return
    explore_histories(session, console, bounds)


def _report(
    session: Session, console: SafeConsole, report: dict[str, Any], out: Path, *, quiet: bool
) -> Exit:
    paths = save_histories(session, out)
    try:
        files = write_all(DocumentKind.RUN, report, out)
    except UsageError as problem:
        console.show(brief(report))
        raise ScimproofError(str(problem)) from None
    if report["stop"]:
        console.warn(f"scimproof: {report['stop']}")
    for line in told(session, paths):
        console.say(line)
    if explorer := session.explorer:
        console.say(f"{count(explorer.actions, 'action')} explored with seed {session.options.seed}.")
    shown = brief(report, files) if quiet or not judged(report) else text(report, files)
    console.show(shown)
    return exit_code(report)


def _replay(session: Session, console: SafeConsole, saved: SavedHistory, *, quiet: bool) -> Exit:
    """Play a saved history; exit code 1 where it still shows what it showed, or something else."""
    session.preflight()
    found, told_lines = session.replay(saved)
    for line in told_lines:
        console.say(line)
    session.tidy(cleanup_progress(quiet))
    return _told_again(console, saved, found)


def _told_again(console: SafeConsole, saved: SavedHistory, found: Discrepancy | None) -> Exit:
    if found is None:
        console.show("It does not show any more: all is as it was written.")
        return Exit.HOLDS
    same = (found.shown, found.kind) == (saved.shown, saved.kind) and bool(found.paths & saved.paths)
    console.show("It still shows." if same else "Something else shows now: see above.")
    return Exit.DOES_NOT_HOLD
