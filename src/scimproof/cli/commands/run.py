"""`scimproof run`: runs sequences against a server, cleans up and reports."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from scimproof.catalog.submission import Submission
from scimproof.cli import completers
from scimproof.cli.announcement import announce, consent
from scimproof.cli.console import SafeConsole
from scimproof.cli.exploring import explore_histories, save_histories, told
from scimproof.cli.options import cleanup_progress, packs_in, submissions_for
from scimproof.cli.profile_runs import Budget, ProfileRuns, profile_runs, worst, write_side_by_side
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import CannotTell, Exit, ScimproofError, UsageError
from scimproof.core.paths import knowledge_root
from scimproof.core.redaction import Redactor
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
Packs = Mapping[str, list[Submission]]  # what packs are made of, by the profile that can give them
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
    wanted = packs_in(given)
    observer, app = observer_choice(given, knowledge_root()), app_settings(given)
    reached = target_options(target, given, os.environ)
    bounds = Bounds(actions=MANY_ACTIONS, seconds=explore) if explore else None
    if bounds:
        given["budget"] += explore
    options = Options(wanted=ids, access=reached, observer=observer, app=app, explore=bounds, **given)
    runs = profile_runs(options, out)
    packs = _packs(runs, wanted)
    console = SafeConsole(lambda: Redactor(runs.secrets()), quiet=quiet)
    announce(console, runs.sessions[0].target, "tests", _plan_of(runs))
    _consent(runs, console, yes=yes)
    for session in runs.sessions:
        ready_for(runs.folder(session), DocumentKind.RUN, packs=packs[session.profile.id])
    if not runs.several:
        document = _run(runs, runs.sessions[0], console, packs)
        return exit_code(document)
    ready_for(out, DocumentKind.SIDE_BY_SIDE)
    exploring = explore * (len(runs.sessions) - 1)  # the first one's is in the budget
    return _run_all(runs, console, packs, Budget(options.budget + exploring))


def _packs(runs: ProfileRuns, wanted: list[str]) -> Packs:
    """What the packs for submissions are made of, by profile; some profile has to give each."""
    packs: dict[str, list[Submission]] = {session.profile.id: [] for session in runs.sessions}
    for id in wanted:
        refusals = []
        for session in runs.sessions:
            try:
                packs[session.profile.id] += submissions_for([id], session.catalog, session.profile)
            except UsageError as problem:
                refusals.append(problem)
        if len(refusals) == len(runs.sessions):
            raise refusals[0]
    return packs


def _run_all(runs: ProfileRuns, console: SafeConsole, packs: Packs, budget: Budget) -> Exit:
    """Run the profiles one after another, until one ends early: what ended it would end the next ones."""
    documents: list[dict[str, Any]] = []
    why = ""
    for session in runs.sessions:
        if not budget.begin(session):
            why = "the run's budget of time (--budget) is used up"
        if why:
            break
        console.say("")
        console.show(Text(f"{session.profile.id}: {session.profile.title}", style="bold"))
        documents.append(_run(runs, session, console, packs))
        if documents[-1]["stop"] or documents[-1]["interrupted"]:
            why = f"the run of {session.profile.id} ended early"
    left = [session.profile.id for session in runs.sessions[len(documents) :]]
    notes = [f"Not run: {', '.join(left)}, since {why}."] if left else []
    console.say("")
    console.show(write_side_by_side(runs, documents, notes))
    return worst([*map(exit_code, documents), *([Exit.CANNOT_TELL] if left else [])])


def _run(runs: ProfileRuns, session: Session, console: SafeConsole, packs: Packs) -> dict[str, Any]:
    """Run one profile, clean up, write its reports and print its result; gives its document."""
    out, quiet, asked = runs.folder(session), console.quiet, packs[session.profile.id]
    bounds = session.options.explore
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
    return document


def _last_word(session: Session, console: SafeConsole) -> None:
    """Say what is left on the target, where no report will."""
    if hasattr(session, "run"):
        left = remains({"ledger": session.run.ledger.counts()})
        if left:
            console.warn(f"scimproof: {left}")


def _plan_of(runs: ProfileRuns) -> Iterator[str]:
    """What is about to happen, in a sentence or two for each profile."""
    for session in runs.sessions:
        asked, whole = len(session.sequences), len(session.profile_sequences)
        part = f" (a part: {session.profile.id} has {whole:,})" if asked < whole else ""
        name = f"{session.profile.id}: " if runs.several else ""
        yield (
            f"{name}{count(asked, 'sequence')}{part} will {_what(session.creations())}; every name begins "
            f"with {session.prefix}, and nothing else is changed."
        )
        if session.catalog.app:
            yield session.catalog.app.line()
    if observer := runs.sessions[0].observer:
        yield f"Asked beside SCIM: {observer.about}"
    if runs.left_out:
        yield f"Left out: {', '.join(runs.left_out)}, since none of the ids is of it."
    if len(runs.sessions) > 1:
        yield f"One after another they will {_what(runs.creations())}."


def _what(creations: tuple[int, int]) -> str:
    users, groups = creations
    return (
        f"create about {count(users, 'user')} and {count(groups, 'group')} and remove them again"
        if users + groups
        else "only read"
    )


def _consent(runs: ProfileRuns, console: SafeConsole, *, yes: bool) -> None:
    """Ask once before anything is written to a server elsewhere."""
    target, warnings = runs.sessions[0].target, runs.warnings()
    what = f"on {target.host if target else 'it'} {_what(runs.creations())}"
    known = "".join(f". {warning.removesuffix('.')}" for warning in warnings)
    refusal = f"this would {what}; add --yes to agree (nothing was sent){known}"
    question = f"This will {what}{known}. Go on?"
    consent(console, target, warnings, refusal=refusal, question=question, yes=yes)


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
