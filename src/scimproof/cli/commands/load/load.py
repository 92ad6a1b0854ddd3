"""`scimproof load`: load test, audit, clean-up, report."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from scimproof.catalog.app import AppSettings
from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.own_app import with_app
from scimproof.cli import completers
from scimproof.cli.announcement import announce, consent
from scimproof.cli.commands.compare import CODES as COMPARED
from scimproof.cli.commands.load.asked_plan import asked_plan, of_app, with_options, without_groups
from scimproof.cli.commands.load.cluster import cluster_of, run_worker
from scimproof.cli.commands.load.dashboard import FREE, DashboardPort, dashboard, tell_end
from scimproof.cli.commands.load.exports import OPTIONS as EXPORTS
from scimproof.cli.commands.load.exports import Exports, exporting
from scimproof.cli.commands.load.find_max import fitting, search_of, searched
from scimproof.cli.commands.load.listeners import listeners
from scimproof.cli.console import SafeConsole
from scimproof.cli.options import cleanup_progress
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import CannotTell, Exit, ScimproofError, UsageError
from scimproof.core.paths import knowledge_root, shown
from scimproof.load.dashboard.feed import RunFeed
from scimproof.load.launch.session import LoadSession, Reached
from scimproof.load.plan.job import PORT
from scimproof.load.plan.plan import Plan
from scimproof.render.capacity import terminal as capacity_terminal
from scimproof.render.comparison import terminal as comparison
from scimproof.render.formats import DocumentKind, ready_for, write_all, write_failed_load
from scimproof.render.load import terminal as load_terminal
from scimproof.render.load.summary import sentence
from scimproof.render.phrases import recording
from scimproof.report.load_comparison import baseline, compare_load
from scimproof.report.reader import LOAD, held_together, read
from scimproof.session.signals import child_ignores_interrupts, stopping
from scimproof.settings.resolve import app_settings, observer_choice, target_options
from scimproof.target.options import TargetOptions

SELFTEST = """
from scimproof.load.selftest.selftest import selftest
found = selftest(print)
print(*found.lines(), sep="\\n")
raise SystemExit(0 if found.held else 1)
"""
SPREAD = ("master", "expect_workers", "worker", "master_host", "master_port", "bind", "dashboard_port")
EXAMPLES = """\b
Examples:
  scimproof load smoke                            against the embedded server
  scimproof load rollout --target https://host/scim/v2 --rate 20 --duration 60
  scimproof load my.toml --target URL --yes       in CI, with a plan of yours

Most options can also stand in scimproof.toml (`scimproof config --init` writes
one) or in the environment, as SCIMPROOF_RATE; `scimproof config` shows the
effective settings.
"""
TERMINAL = {DocumentKind.LOAD: load_terminal, DocumentKind.CAPACITY: capacity_terminal}
CODES = {"pass": Exit.HOLDS, "fail": Exit.DOES_NOT_HOLD, "invalid": Exit.CANNOT_TELL}


@click.command("load", cls=ConfiguredCommand, epilog=EXAMPLES)
@click.argument("plan", default="", metavar="[PLAN]", shell_complete=completers.plans)
@settings("load")
@click.option(
    "--threshold",
    "typed_thresholds",
    multiple=True,
    metavar="'OF MEASURE=LIMIT'",
    help="Threshold of a sequence, step or * (each step), as 'ID/STEP p95_ms=800'; overrides the plan's.",
)
@click.option(
    "--abort-on",
    "typed_aborts",
    multiple=True,
    metavar="'MEASURE=LIMIT'",
    help="End the run as soon as this is exceeded in the last 5 seconds, as 'errors=0.5'; "
    "'ID/STEP p95_ms=5000' is for one step only. What was written is audited and removed.",
)
@click.option(
    "--find-max",
    is_flag=True,
    help="Find the highest rate at which all thresholds hold: doubled from --rate on, then narrowed down.",
)
@click.option(
    "--dashboard", "dashboard_port", type=DashboardPort(), metavar="[PORT]",
    is_flag=False, flag_value=str(FREE),
    help="Show the run while it goes on as a page on this machine, on a free port if none is named.",
)  # fmt: skip
@click.option("--master", is_flag=True, help="Coordinate workers on other machines and evaluate the run.")
@click.option(
    "--expect-workers",
    type=click.IntRange(1),
    metavar="N",
    help="Number of workers to wait for (with --master).",
)
@click.option("--worker", is_flag=True, help="Run as a worker of a master, which has the PLAN.")
@click.option("--master-host", metavar="HOST", help="Host of the master (with --worker).")
@click.option(
    "--master-port", type=click.IntRange(1, 65534), default=PORT, show_default=True, metavar="PORT",
    help="Port of the master (with --master and --worker).",
)  # fmt: skip
@click.option(
    "--bind", default="*", show_default=True, metavar="ADDRESS", help="Address on which --master listens."
)
@click.option(
    "--selftest", is_flag=True, help="Verify the accuracy of reported latencies on this machine, then exit."
)
@click.option(
    "--yes", is_flag=True,
    help="Agree to loading a target that is not this machine, and to what scimproof.toml does.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print only the result and the paths of the reports.")
def command(
    *, plan: str, target: str | None, out: Path, yes: bool, quiet: bool, processes: int, **given: Any
) -> Exit:
    """Load test with the sequences of a PLAN, and an audit that nothing was lost.

    PLAN is the name of one that comes with scimproof or a TOML file. Without --target an embedded server is
    started and loaded. Latencies count from the moment a request was due; a run whose generator was the
    bottleneck is invalid (exit code 3), neither pass nor fail.
    """
    if not find_spec("locust"):
        raise UsageError("`scimproof load` needs Locust: pip install 'scimproof[load]'")
    console = SafeConsole(quiet=quiet)
    if given.pop("selftest"):
        return _selftest(console)
    strict = given.pop("strict")
    profile, observer = given.pop("profile") or "", observer_choice(given, knowledge_root())
    app = app_settings(given)
    spread = {name: given.pop(name) for name in SPREAD}
    finding = given.pop("find_max")
    given = fitting(given, spread) if finding else given
    exported = {name: given.pop(name) for name in EXPORTS}
    steps, most = given.pop("step_duration"), given.pop("max_rate")
    before = _baseline(given.pop("baseline"))
    where = target_options(target, given, os.environ)
    if spread["worker"]:
        return run_worker(where, observer, spread, console)
    cluster = cluster_of(spread)
    asked, catalog = _asked(plan, profile, app, where, console, given)
    search = search_of(asked, steps, most) if finding else None
    asked = searched(asked, catalog) if finding else asked
    session = LoadSession(
        asked,
        where,
        catalog,
        _embedded,
        processes=processes,
        cluster=cluster,
        profile=profile,
        observer=observer,
        counts=any(exported.values()),
        search=search,
    )
    kind = DocumentKind.CAPACITY if search else DocumentKind.LOAD
    console = SafeConsole(session.redactor, quiet=quiet)
    feed = click.get_current_context().with_resource(dashboard(session, spread["dashboard_port"], console))
    announce(console, session.target, "loads", _plan_of(session))
    _consent(session, console, yes=yes)
    ready_for(out, kind)
    with exporting(exported, session, out, console) as exports:
        document = _loaded(session, kind, exports, feed, console, out)
        found = compare_load(before[1], document, paths=(shown(before[0]), "this run")) if before else None
        if before and found:
            document["baseline"] = baseline(found, before[1], document)
        try:
            files = [*write_all(kind, document, out), *exports.files(document)]
        except UsageError as problem:  # the disk became full meanwhile, which is no usage error
            console.show(TERMINAL[kind].brief(document))
            raise ScimproofError(str(problem)) from None
        tell_end(feed, document, files)
        told = TERMINAL[kind].brief if quiet else TERMINAL[kind].text
        console.show(told(document, files))
    code = _since_baseline(found, console) if found else CODES[document["result"]]
    return Exit.DOES_NOT_HOLD if strict and document["ledger"]["left"] else code


def _loaded(
    session: LoadSession,
    kind: DocumentKind,
    exports: Exports,
    feed: RunFeed,
    console: SafeConsole,
    out: Path,
) -> dict[str, Any]:
    """Make the load and tidy up; gives the document, or writes why there is none."""
    try:
        with session.reached() as job, stopping(session.interrupt):
            with listeners(console, feed.hear, exports.hear) as hear:
                document = session.load(job, hear)
            exports.finish()
            feed.hear({"event": "phase", "name": "removing what was created"})
            document["ledger"] |= session.tidy(cleanup_progress(console.quiet))
    except CannotTell as problem:
        feed.end("", sentence(str(problem)))
        _write_failure(session, kind, str(problem), out)
        raise
    return document


def _asked(
    word: str,
    profile: str,
    app: AppSettings | None,
    where: TargetOptions | None,
    console: SafeConsole,
    given: dict[str, Any],
) -> tuple[Plan, Catalog]:
    """The plan that is asked for, and the catalogue as its sender sends it."""
    catalog = load_catalog()
    stated = asked_plan(word, given.pop("thresholds"), given.pop("abort_if"), catalog, profile, console)
    asked = with_options(stated, catalog, **given)
    if where and where.groups is False:
        asked = without_groups(asked, catalog)
    if app:
        catalog = with_app(catalog, catalog.sender_of_mix(profile, asked.mix), app)
        asked = of_app(asked, catalog)
    sender = catalog.sender_of_mix(profile, asked.mix)
    return asked, catalog.as_sent_by(sender).pushing(sender, asked.group_batch)


def _baseline(path: Path | None) -> tuple[Path, dict[str, Any]] | None:
    """The baseline report; UsageError before the run when it cannot be compared."""
    if path is None:
        return None
    found = read(path, LOAD)
    with held_together(path):
        comparison.text(compare_load(found, found))
    return path, found


def _write_failure(session: LoadSession, kind: DocumentKind, why: str, out: Path) -> None:
    """Write a JUnit file that says why there was no load run."""
    url = session.target.url if session.target else "the embedded target"
    started = datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00")
    write_failed_load(kind, session.plan.name, url, session.redactor().sentence(why), started, out)


def _since_baseline(found: dict[str, Any], console: SafeConsole) -> Exit:
    """Print the regressions since the baseline; only these fail the run."""
    text = comparison.text(found)
    click.echo(console.clean(text if not console.quiet else text.splitlines()[-1] + "\n"), nl=False)
    return COMPARED[found["result"]]


def _selftest(console: SafeConsole) -> Exit:
    """Run the self-test in a process of its own, which Locust patches."""
    console.say("About a minute, against a target that stands still for 1 s in every 5")
    ran = subprocess.run([sys.executable, "-c", SELFTEST], check=False)
    return Exit.HOLDS if ran.returncode == 0 else Exit.CANNOT_TELL


@contextmanager
def _embedded() -> Iterator[Reached]:
    """The embedded target, in a process that ignores Ctrl-C."""
    from scimproof.embedded.server import Served  # noqa: PLC0415 - 20 MB that other targets do not need

    with ExitStack() as stack:
        with child_ignores_interrupts():
            served = stack.enter_context(Served())
        yield served


def _plan_of(session: LoadSession) -> Iterator[str]:
    """What is about to happen, in two sentences."""
    yield f"Question: {session.plan.question}"
    if session.plan.recorded:
        yield recording(session.plan.recorded.row())
    if session.catalog.app:
        yield session.catalog.app.line()
    if left_out := session.plan.left_out:
        yield f"Left out, since profile {session.profile} has nothing attested like it: {', '.join(left_out)}"
    yield f"Load: {session.summary()} All are named {session.prefix}..., and are removed again."


def _consent(session: LoadSession, console: SafeConsole, *, yes: bool) -> None:
    """Ask before load is put on a server elsewhere."""
    warnings = session.warnings()
    known = "".join(f" {warning}" for warning in warnings)
    what = f"put load on {session.target.host if session.target else 'it'}: {session.summary()}{known}"
    refusal = f"this would {what} Add --yes to agree (nothing was sent)"
    consent(console, session.target, warnings, refusal=refusal, question=f"This will {what} Go on?", yes=yes)
