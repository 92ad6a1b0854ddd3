"""`scimproof run`: runs sequences against a server, cleans up and reports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from scimproof.cli import completers
from scimproof.cli.announcement import announce, consent
from scimproof.cli.console import SafeConsole
from scimproof.cli.exploring import explore_histories, save_histories, told
from scimproof.cli.options import cleanup_progress, packs_in, submissions_for
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import CannotTell, Exit, ScimproofError, UsageError
from scimproof.core.paths import knowledge_root
from scimproof.core.results import Verdict
from scimproof.explore.explorer import Bounds
from scimproof.render.conformance.terminal import brief, text
from scimproof.render.formats import DocumentKind, ready_for, write_all, write_pack
from scimproof.render.phrases import count, judged, remains
from scimproof.report.document import exit_code
from scimproof.session.session import Options, Session
from scimproof.session.signals import stopping
from scimproof.settings.resolve import EMBEDDED, app_settings, observer_choice, target_options

EXAMPLES = """\b
Examples:
  scimproof run                                   against the embedded server
  scimproof run --target https://host/scim/v2     against yours
  scimproof run ID --target URL                   some sequences only
  scimproof run --target URL --yes --quiet        in CI: nobody is asked

Most options can also stand in scimproof.toml (`scimproof config --init` writes
one) or in the environment, as SCIMPROOF_PROFILE; `scimproof config` shows
the effective settings.
"""
MANY_ACTIONS = 10**7  # of an exploration that only its time bounds
NO_TARGET = (
    "no target is named (a variable that is not set?), and --require-target says that the embedded server "
    "will not do: give your server's SCIM base URL, like https://host/scim/v2, with --target, in "
    "SCIMPROOF_TARGET or as url below [target] in scimproof.toml; nothing was sent"
)


@click.command("run", cls=ConfiguredCommand, epilog=EXAMPLES)
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=completers.ids)
@settings("run")
@click.option(
    "--require-target", is_flag=True, help="Fail without a target, rather than test the embedded server."
)
@click.option(
    "--yes", is_flag=True,
    help="Agree to writing to a target that is not this machine, and to what scimproof.toml does.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print only the result and the paths of the reports.")
def command(
    *,
    ids: tuple[str, ...],
    target: str | None,
    require_target: bool,
    out: Path,
    yes: bool,
    quiet: bool,
    explore: float,
    **given: Any,
) -> Exit:
    """Run an identity provider's sequences against a server and check the answers.

    Without --target an embedded server is started and tested. Give IDs (see `scimproof list`) or their
    beginnings to run only those.

    The secret is never an option: put it into SCIMPROOF_TOKEN or a file. Every created resource carries the
    run's own prefix in its name and is deleted again.
    """
    if require_target and target in (None, "", EMBEDDED):
        raise UsageError(NO_TARGET)
    packs = packs_in(given)
    observer, app = observer_choice(given, knowledge_root()), app_settings(given)
    reached = target_options(target, given, os.environ)
    bounds = Bounds(actions=MANY_ACTIONS, seconds=explore) if explore else None
    if bounds:
        given["budget"] += explore
    options = Options(wanted=ids, access=reached, observer=observer, app=app, explore=bounds, **given)
    session = Session(options)
    asked = submissions_for(packs, session.catalog, session.profile)
    console = SafeConsole(session.redactor, quiet=quiet)
    announce(console, session.target, "tests", _plan_of(session))
    _consent(session, console, yes=yes)
    ready_for(out, DocumentKind.RUN, packs=asked)
    try:
        with session, stopping(session.interrupt):
            _play(session, console)
            if bounds and not session.run.client.stopped():
                explore_histories(session, console, bounds)
            session.tidy(cleanup_progress(quiet))
            document = session.report()
    except BaseException:
        _last_word(session, console)
        raise
    histories = save_histories(session, out)
    try:
        files = write_all(DocumentKind.RUN, document, out)
    except UsageError as problem:  # the disk became full meanwhile, which is no usage error
        console.show(brief(document))
        raise ScimproofError(str(problem)) from None
    if document["stop"]:
        console.warn(f"scimproof: {document['stop']}")
    for line in told(session, histories):
        console.say(line)
    if not judged(document):
        console.show(brief(document, files, why="Nothing was judged."))  # why not has just been said
    else:
        console.show(brief(document, files) if quiet else text(document, files))
    for one in asked:
        console.show(Text(write_pack(document, one, out), style="dim"))
    return exit_code(document)


def _last_word(session: Session, console: SafeConsole) -> None:
    """Say what is left on the target, where no report will."""
    if hasattr(session, "run"):
        left = remains({"ledger": session.run.ledger.counts()})
        if left:
            console.warn(f"scimproof: {left}")


def _plan_of(session: Session) -> Iterator[str]:
    """What is about to happen, in a sentence or two."""
    asked, whole = len(session.sequences), len(session.profile_sequences)
    part = f" (a part: {session.profile.id} has {whole:,})" if asked < whole else ""
    yield (
        f"{count(asked, 'sequence')}{part} will {_what(session)}; every name begins with "
        f"{session.prefix}, and nothing else is changed."
    )
    if session.catalog.app:
        yield session.catalog.app.line()
    if session.observer:
        yield f"Asked beside SCIM: {session.observer.about}"


def _what(session: Session) -> str:
    users, groups = session.creations()
    return (
        f"create about {count(users, 'user')} and {count(groups, 'group')} and remove them again"
        if users + groups
        else "only read"
    )


def _consent(session: Session, console: SafeConsole, *, yes: bool) -> None:
    """Ask before the run writes to a server elsewhere."""
    warnings = session.warnings()
    what = f"on {session.target.host if session.target else 'it'} {_what(session)}"
    known = "".join(f". {warning.removesuffix('.')}" for warning in warnings)
    refusal = f"this would {what}; add --yes to agree (nothing was sent){known}"
    question = f"This will {what}{known}. Go on?"
    consent(console, session.target, warnings, refusal=refusal, question=question, yes=yes)


def _play(session: Session, console: SafeConsole) -> None:
    """Run the sequences, if the target can be reached."""
    try:
        session.preflight()
    except CannotTell as problem:
        session.give_up(str(problem), setup=problem.setup)
        return
    fails = 0
    with _progress(console) as bar:
        task = bar.add_task("", total=sum(len(s.steps) for s in session.sequences), fails="")
        for outcome in session.play():
            fails += sum(1 for finding in outcome.findings if finding.verdict is Verdict.FAIL)
            bar.update(
                task,
                advance=1,
                description=outcome.sequence,
                fails=f"[red]{fails} failed[/red]" if fails else "",
            )


@contextmanager
def _progress(console: SafeConsole) -> Iterator[Progress]:
    columns = (
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[fails]}"),
        TextColumn("{task.description}"),
    )
    silent = console.quiet or not console.err.is_terminal
    with Progress(*columns, console=console.err, transient=True, disable=silent) as bar:
        yield bar
