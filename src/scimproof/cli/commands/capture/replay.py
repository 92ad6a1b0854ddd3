"""`scimproof replay`: plays recorded traffic against another server and compares the answers."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scimproof.capture.replay.player import Pace
from scimproof.capture.replay.replay import Replay
from scimproof.cli.announcement import announce, consent
from scimproof.cli.console import SafeConsole
from scimproof.cli.options import cleanup_progress
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import CannotTell, Exit, ScimproofError, UsageError
from scimproof.core.results import Verdict
from scimproof.render.conformance.terminal import brief, text
from scimproof.render.formats import DocumentKind, ready_for, write_all
from scimproof.render.phrases import count, judged, remains
from scimproof.report.document import exit_code
from scimproof.session.session import Options, Session
from scimproof.session.signals import stopping
from scimproof.settings.resolve import DEFAULT, EffectiveSettings, target_options

EXAMPLES = """\b
Examples:
  scimproof replay capture/                          the embedded server
  scimproof replay capture/ --target https://host/scim/v2
  scimproof replay capture/ --target URL --speed 1   with the recorded pauses
  scimproof replay ticket.jsonl --target URL --fixed 17

CAPTURE is a file or folder of `scimproof record`, a HAR, or a report.json. Names
get the prefix of the run, ids are those that the server gives out; passwords and
credentials are never those of the recording. What is created is removed again.
"""


class Speed(click.ParamType):  # type: ignore[type-arg]  # as setting_options.Number
    """click type of a pace: a number of times as fast as recorded, or `max` for as fast as possible."""

    name = "speed"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if str(value).lower() == "max":
            return 0.0
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not 0.001 <= number <= 1e6:
            self.fail(f"{value!r} should be max, or a number from 0.001 to 1,000,000", param, ctx)
        return number


class Numbers(click.ParamType):  # type: ignore[type-arg]  # as above
    """click type of numbers of exchanges: `17` or `17,18`."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[int]:
        if isinstance(value, frozenset):
            return value
        words = str(value).split(",")
        if not all(word.strip().isdecimal() for word in words):
            self.fail(f"{value!r} should be numbers of exchanges, as 17 or 17,18", param, ctx)
        return frozenset(int(word) for word in words)


@click.command("replay", cls=ConfiguredCommand, epilog=EXAMPLES)
@click.argument("capture", type=click.Path(path_type=Path))
@settings("replay")
@click.option(
    "--speed", type=Speed(), default="max", show_default=True, metavar="N",
    help="N times as fast as it was recorded (1: its own pace), or max: as fast as the order allows.",
)  # fmt: skip
@click.option(
    "--fixed", type=Numbers(), default=None, metavar="N[,N...]",
    help="Numbers of exchanges that went wrong when they were recorded, and have to succeed now.",
)  # fmt: skip
@click.option(
    "--yes", is_flag=True,
    help="Agree to writing to a target that is not this machine, and to what scimproof.toml does.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print only the result and the paths of the reports.")
@click.pass_obj
def command(
    stated: EffectiveSettings,
    /,
    *,
    capture: Path,
    target: str | None,
    out: Path,
    speed: float,
    fixed: frozenset[int] | None,
    yes: bool,
    quiet: bool,
    **given: Any,
) -> Exit:
    """Play the traffic in CAPTURE against another server, and compare each answer with the recorded one.

    Requests go out as they were recorded, in their order, with the ids of the new server and with names of
    the run; who was there before is created first. At the end everybody is read and compared with all that
    was written.
    """
    replay = Replay(capture, Pace(speed=speed, fixed=fixed or frozenset()))
    reached = target_options(target, given, os.environ)
    if stated.where["profile"] == DEFAULT:
        given["profile"] = ""  # that of the recognised sender
    session = Session(Options(access=reached, replay=replay, **given))
    console = SafeConsole(session.redactor, quiet=quiet)
    silent = quiet or not console.err.is_terminal
    with nullcontext() if silent else console.err.status(f"reading {capture}"):
        replay.read()
    if not replay.history.exchanges:
        raise UsageError(f"{capture}: there is no exchange in it; nothing can be replayed")
    announce(console, session.target, "replays to", [_plan(session, replay)])
    _consent(session, console, yes=yes)
    ready_for(out, DocumentKind.RUN)
    try:
        with session, stopping(session.interrupt):
            _play(session, console, replay)
            session.tidy(cleanup_progress(quiet))
            report = session.report()
    except BaseException:
        if hasattr(session, "run") and (left := remains({"ledger": session.run.ledger.counts()})):
            console.warn(f"scimproof: {left}")
        raise
    return _report(console, report, out, quiet=quiet)


def _plan(session: Session, replay: Replay) -> str:
    told = count(replay.history.exchanges, "recorded exchange")
    who = session.provider.name
    return (
        f"{told} will be played, and {who}'s rules hold where a recording says nothing; every name begins "
        f"with {session.prefix}, and nothing else is changed."
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


def _play(session: Session, console: SafeConsole, replay: Replay) -> None:
    """Play the capture, if the target can be reached, with progress on a terminal."""
    try:
        session.preflight()
    except CannotTell as problem:
        session.give_up(str(problem), setup=problem.setup)
        return
    columns = (
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    silent = console.quiet or not console.err.is_terminal
    with Progress(*columns, console=console.err, transient=True, disable=silent) as bar:
        task = bar.add_task("exchanges", total=replay.history.exchanges)
        for done in session.replay_capture():
            failed = replay.verdicts[Verdict.FAIL]
            told = f"[red]{failed} failed[/red]" if failed else "exchanges"
            bar.update(task, completed=done, description=told)


def _report(console: SafeConsole, report: dict[str, Any], out: Path, *, quiet: bool) -> Exit:
    try:
        files = write_all(DocumentKind.RUN, report, out)
    except UsageError as problem:
        console.show(brief(report))
        raise ScimproofError(str(problem)) from None
    if report["stop"]:
        console.warn(f"scimproof: {report['stop']}")
    console.show(brief(report, files) if quiet or not judged(report) else text(report, files))
    return exit_code(report)
