"""`scimproof run`: replay, judge, tidy up, report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from scimproof.cli import completers
from scimproof.cli.console import SafeConsole
from scimproof.cli.oin_option import submission
from scimproof.cli.options import access, tidying
from scimproof.cli.setting_options import Configured, settings
from scimproof.cli.signals import interrupts
from scimproof.core.errors import CannotTell, Exit, ScimproofError, UsageError
from scimproof.core.paths import knowledge_root
from scimproof.core.results import Verdict
from scimproof.render.atomic_write import ready
from scimproof.render.conformance.terminal import brief, text
from scimproof.render.conformance.writers import WRITERS, write_reports
from scimproof.render.oin import PACK, write_pack
from scimproof.render.phrases import count, judged, remains
from scimproof.report.document import exit_code
from scimproof.session.session import Options, Session
from scimproof.settings.resolve import EMBEDDED
from scimproof.settings.target_options import observer

EXAMPLES = """\b
Examples:
  scimproof run                                   against the embedded server
  scimproof run --target https://host/scim/v2     against yours
  scimproof run okta.oin.user --target URL        some sequences only
  scimproof run --target URL --yes --quiet        in CI: nobody is asked

Most options can also stand in scimproof.toml (`scimproof config --init` writes
one) or in the environment, as SCIMPROOF_PROFILE; `scimproof config` shows
the effective settings.
"""
NO_TARGET = (
    "no target is named (a variable that is not set?), and --require-target says that the embedded server "
    "will not do: give your server's SCIM base URL, like https://host/scim/v2, with --target, in "
    "SCIMPROOF_TARGET or as url below [target] in scimproof.toml; nothing was sent"
)


@click.command("run", cls=Configured, epilog=EXAMPLES)
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
    pack: bool,
    **given: Any,
) -> Exit:
    """Run an identity provider's sequences against a server and check the answers.

    Without --target an embedded server is started and tested. Give IDs (see `scimproof list`) or their
    beginnings to run only those: `scimproof run okta.oin.user`.

    The secret is never an option: put it into SCIMPROOF_TOKEN or a file. Every created resource carries the
    run's own prefix in its name and is deleted again.
    """
    if require_target and target in (None, "", EMBEDDED):
        raise UsageError(NO_TARGET)
    asked_too = observer(given, knowledge_root())
    options = Options(wanted=ids, access=access(target, given), observer=asked_too, **given)
    session = Session(options)
    asked = submission(session.catalog, session.profile) if pack else None
    voice = SafeConsole(session.redactor, quiet=quiet)
    _announce(session, voice)
    if session.target and not session.target.is_loopback and not yes:
        _ask(session)
    else:
        for told in session.warnings():
            voice.warn(told)
    ready(out, [*WRITERS, *(PACK if pack else ())])
    try:
        with session, interrupts(session.interrupt):
            _play(session, voice)
            session.tidy(tidying(quiet))
            document = session.report()
    except BaseException:
        _last_word(session, voice)
        raise
    try:
        files = write_reports(document, out)
    except UsageError as problem:  # the disk got full meanwhile: no fault of the command line
        voice.show(brief(document))
        raise ScimproofError(str(problem)) from None
    if document["stop"]:
        voice.warn(f"scimproof: {document['stop']}")
    if not judged(document):
        voice.show(brief(document, files, why="Nothing was judged."))  # why not has just been said
    else:
        voice.show(brief(document, files) if quiet else text(document, files))
    if asked:
        voice.show(Text(write_pack(document, asked, out), style="dim"))
    return exit_code(document)


def _last_word(session: Session, voice: SafeConsole) -> None:
    """What stays on the target, where there will be no report to say so."""
    if hasattr(session, "run"):
        told = remains({"ledger": session.run.ledger.counts()})
        if told:
            voice.warn(f"scimproof: {told}")


def _announce(session: Session, voice: SafeConsole) -> None:
    """What is about to happen, before anything is sent."""
    target = session.target
    where = (
        target.url if target else "the embedded one, started for this run (--target URL tests your server)"
    )
    voice.say(f"Target: {where}")
    asked, whole = len(session.sequences), len(session.whole)
    part = f" (a part: {session.profile.id} has {whole:,})" if asked < whole else ""
    voice.say(
        f"{count(asked, 'sequence')}{part} will {_what(session)}; every name begins with "
        f"{session.prefix}, and nothing else is changed."
    )
    if session.observer:
        voice.say(f"Asked beside SCIM: {session.observer.about}")
    if target and target.insecure:
        voice.warn("--insecure: the certificate is not checked; the token goes to whoever answers")


def _what(session: Session) -> str:
    users, groups = session.creations()
    return (
        f"create about {count(users, 'user')} and {count(groups, 'group')} and remove them again"
        if users + groups
        else "only read"
    )


def _ask(session: Session) -> None:
    """Consent to write to somebody's server; UsageError when there is nobody to ask."""
    assert session.target is not None
    what = f"on {session.target.host} {_what(session)}"
    known = "".join(f". {told.removesuffix('.')}" for told in session.warnings())
    if not sys.stdin.isatty():
        raise UsageError(f"this would {what}; add --yes to agree (nothing was sent){known}")
    if not click.confirm(f"This will {what}{known}. Go on?", err=True):
        raise UsageError("nothing was sent")


def _play(session: Session, voice: SafeConsole) -> None:
    """Play what was asked for, if the target can be reached at all."""
    try:
        session.preflight()
    except CannotTell as problem:
        session.give_up(str(problem), setup=problem.setup)
        return
    fails = 0
    with _progress(voice) as bar:
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
def _progress(voice: SafeConsole) -> Iterator[Progress]:
    columns = (
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[fails]}"),
        TextColumn("{task.description}"),
    )
    silent = voice.quiet or not voice.err.is_terminal
    with Progress(*columns, console=voice.err, transient=True, disable=silent) as bar:
        yield bar
