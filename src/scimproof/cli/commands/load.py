"""`scimproof load`: load test, audit, clean-up, report."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress, TextColumn

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.own_app import with_app
from scimproof.cli import completers
from scimproof.cli.announcement import announce, consent
from scimproof.cli.commands.compare import CODES as COMPARED
from scimproof.cli.console import SafeConsole
from scimproof.cli.live_progress import LoadProgress
from scimproof.cli.options import cleanup_progress
from scimproof.cli.setting_options import ConfiguredCommand, settings
from scimproof.core.errors import CannotTell, Exit, ScimproofError, UsageError, did_you_mean
from scimproof.core.paths import knowledge_root, shown
from scimproof.core.toml_source import TomlFile
from scimproof.engine.capabilities import about_groups
from scimproof.load.launch.session import Cluster, LoadSession, Reached, WorkerSession
from scimproof.load.plan.job import PORT, Job
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan, plan_names
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import typed_stages, weighted
from scimproof.load.plan.threshold_loader import TypedLimits, limits
from scimproof.load.plan.thresholds import AT_ONCE, EVERY
from scimproof.observer.factory import Choice
from scimproof.render import comparison
from scimproof.render.formats import DocumentKind, ready_for, write_all, write_failed_load
from scimproof.render.load.terminal import brief, text
from scimproof.render.phrases import recording, remains
from scimproof.report.load_comparison import baseline, compare_load
from scimproof.report.reader import LOAD, held_together, read
from scimproof.session.signals import child_ignores_interrupts, stopping
from scimproof.settings.resolve import TYPED, app_settings, observer_choice, target_options
from scimproof.target.options import TargetOptions

SELFTEST = """
from scimproof.load.selftest.selftest import selftest
found = selftest(print)
print(*found.lines(), sep="\\n")
raise SystemExit(0 if found.held else 1)
"""
SPREAD = ("master", "expect_workers", "worker", "master_host", "master_port", "bind")
EXAMPLES = """\b
Examples:
  scimproof load smoke                            against the embedded server
  scimproof load rollout --target https://host/scim/v2 --rate 20 --duration 60
  scimproof load my.toml --target URL --yes       in CI, with a plan of yours

Most options can also stand in scimproof.toml (`scimproof config --init` writes
one) or in the environment, as SCIMPROOF_RATE; `scimproof config` shows the
effective settings.
"""
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
    before = _baseline(given.pop("baseline"))
    where = target_options(target, given, os.environ)
    if spread["worker"]:
        return _run_worker(where, observer, spread, console)
    cluster = _cluster(spread)
    catalog = load_catalog()
    stated = _plan(plan, given.pop("thresholds"), given.pop("abort_if"), catalog, profile, console)
    asked = _with_options(stated, catalog, **given)
    if where and where.groups is False:
        asked = _without_groups(asked, catalog)
    if app:
        catalog = with_app(catalog, catalog.sender_of_mix(profile, asked.mix), app)
        asked = _of_app(asked, catalog)
    catalog = catalog.as_sent_by(catalog.sender_of_mix(profile, asked.mix))
    session = LoadSession(
        asked,
        where,
        catalog,
        _embedded,
        processes=processes,
        cluster=cluster,
        profile=profile,
        observer=observer,
    )
    console = SafeConsole(session.redactor, quiet=quiet)
    announce(console, session.target, "loads", _plan_of(session))
    _consent(session, console, yes=yes)
    ready_for(out, DocumentKind.LOAD)
    try:
        with session.reached() as job, stopping(session.interrupt):
            with LoadProgress(console) as live:
                document = session.load(job, live.hear)
            document["ledger"] |= session.tidy(cleanup_progress(quiet))
    except CannotTell as problem:
        _write_failure(session, str(problem), out)
        raise
    found = compare_load(before[1], document, paths=(shown(before[0]), "this run")) if before else None
    if found:
        document["baseline"] = baseline(found)
    try:
        files = write_all(DocumentKind.LOAD, document, out)
    except UsageError as problem:  # the disk became full meanwhile, which is no usage error
        console.show(brief(document))
        raise ScimproofError(str(problem)) from None
    console.show(brief(document, files) if quiet else text(document, files))
    code = _since_baseline(found, console) if found else CODES[document["result"]]
    return Exit.DOES_NOT_HOLD if strict and document["ledger"]["left"] else code


def _baseline(path: Path | None) -> tuple[Path, dict[str, Any]] | None:
    """The baseline report; UsageError before the run when it cannot be compared."""
    if path is None:
        return None
    found = read(path, LOAD)
    with held_together(path):
        comparison.text(compare_load(found, found))
    return path, found


def _plan(
    word: str,
    above: TomlFile | None,
    ends: TomlFile | None,
    catalog: Catalog,
    profile: str,
    console: SafeConsole,
) -> Plan:
    """The plan as the profile sends it, with the limits of scimproof.toml, which take precedence.

    `above` is that file where it has thresholds, `ends` where it has limits that end the run.
    """
    named = catalog.profile(profile) if profile else None
    sender = catalog.sender(named).id
    if not word:
        raise UsageError(f"which plan? There are: {', '.join(plan_names(sender=sender))}; or a TOML file")
    where = click.get_current_context().obj.where["plan"]
    ours = where != TYPED
    try:
        path = find_plan(word, sender=sender)
    except UsageError as problem:
        raise UsageError(f"{where}: {problem}" if ours else str(problem)) from None
    with _reading(console) as tell:
        plan = read_plan(path, catalog, named, tell)
    # A threshold for a sequence that is not in the configured plan is a mistake; in another plan it is none.
    stated = limits(above, ("load", "thresholds"), plan.mix, catalog, strict=ours) if above else ()
    early = limits(ends, ("load", "abort_if"), plan.mix, catalog, together=True, strict=ours) if ends else ()
    return plan.held_to(stated).aborted_by(early)


@contextmanager
def _reading(console: SafeConsole) -> Iterator[Callable[[int], None]]:
    """Progress of reading a plan's capture, on a terminal: call it with how many exchanges were read."""
    silent, words = console.quiet or not console.err.is_terminal, TextColumn("{task.description}")
    with Progress(words, console=console.err, transient=True, disable=silent) as bar:
        task = bar.add_task("", total=None)
        yield lambda read: bar.update(task, description=f"reading the capture: {read:,} exchanges")


def _with_options(
    plan: Plan,
    catalog: Catalog,
    *,
    mixes: tuple[str, ...],
    typed_thresholds: tuple[str, ...],
    typed_aborts: tuple[str, ...],
    **given: Any,
) -> Plan:
    """The plan with the changes of the command line."""
    if plan.recorded and (mixes or given["arrivals"]):
        name = "--mix" if mixes else "--arrivals"
        raise UsageError(
            f"{name} is for a plan with a mix: of {plan.name}, sequences arrive as in {plan.recorded.capture}"
        )
    if mixes:
        try:
            mix = weighted(mixes)
        except ValueError as problem:
            raise UsageError(f"--mix {problem}") from None
        for id in mix:
            if id not in catalog.sequences:
                raise UsageError(f"--mix: no sequence is called {id!r}{did_you_mean(id, catalog.sequences)}")
        plan = plan.playing(mix)
    if given["stages"]:
        plan = _in_stages(plan, given["stages"])
    plan = _at_pace(plan, given["factor"], given["rate"], given["duration"])
    if bool(given["users"]) != given["closed"]:
        raise UsageError("--users and --closed belong together: so many users, each waiting for its answer")
    fields = {name: given[name] for name in ("arrivals", "prefill", "users") if given[name] is not None}
    plan = replace(plan, **fields)
    own, ends = (
        TypedLimits("--threshold", typed_thresholds),
        TypedLimits("--abort-on", typed_aborts, EVERY, AT_ONCE),
    )
    plan = plan.held_to(limits(own, (own.option,), plan.mix, catalog))
    return plan.aborted_by(limits(ends, (ends.option,), plan.mix, catalog, together=True))


def _in_stages(plan: Plan, text: str) -> Plan:
    """The plan with stages as they are typed."""
    if plan.recorded:
        raise UsageError(
            f"--stages is for a plan with rates: of {plan.name}, all arrive as in {plan.recorded.capture}"
        )
    try:
        return plan.in_stages(typed_stages(text))
    except ValueError as problem:
        raise UsageError(f"--stages {problem}") from None


def _at_pace(plan: Plan, factor: float | None, rate: float | None, seconds: float | None) -> Plan:
    """The plan with another rate and time; of a recording, the busiest part of that length."""
    if factor and rate:
        raise UsageError("--factor and --rate both say how fast a recording is played: leave one out")
    if factor and not plan.recorded:
        raise UsageError(f"--factor is for a plan made of a capture; the rate of {plan.name} is --rate")
    plan = plan.multiplied(factor) if factor else plan
    plan = plan.lasting(seconds) if seconds else plan
    return plan.at_rate(rate) if rate else plan


def _without_groups(plan: Plan, catalog: Catalog) -> Plan:
    """The plan for an application without groups: only sequences without requests to groups."""
    mix = {
        id: weight
        for id, weight in plan.mix.items()
        if not any(about_groups(catalog.templates[step.request]) for step in catalog.sequences[id].sent)
    }
    if not mix:
        raise UsageError(f"every sequence of {plan.name} is about groups; with --no-groups nothing is left")
    return replace(plan.playing(mix), group_sizes=())


def _of_app(plan: Plan, catalog: Catalog) -> Plan:
    """The plan without the sequences that one's own app never sends."""
    left_out = catalog.not_played
    mix = {id: weight for id, weight in plan.mix.items() if id not in left_out}
    if not mix:
        raise UsageError(f"nothing of {plan.name} is left: {left_out[next(iter(plan.mix))]}")
    return plan if len(mix) == len(plan.mix) else plan.playing(mix)


def _cluster(spread: dict[str, Any]) -> Cluster | None:
    """How the run is distributed over machines; UsageError for options that contradict each other."""
    if spread["master_host"]:
        raise UsageError("--master-host goes with --worker")
    if spread["master"] != bool(spread["expect_workers"]):
        raise UsageError("--master and --expect-workers belong together")
    if not spread["master"]:
        return None
    return Cluster(spread["bind"], spread["master_port"], spread["expect_workers"])


def _run_worker(
    where: TargetOptions | None, observer: Choice | None, spread: dict[str, Any], console: SafeConsole
) -> Exit:
    """Be a worker until the master has finished."""
    if spread["master"] or not spread["master_host"]:
        raise UsageError("--worker needs --master-host HOST, and no --master")
    host, port = spread["master_host"], spread["master_port"]
    plan = Plan(name="the master's", question="", phases=(), mix={})
    own = where or TargetOptions(url="")
    job = Job(plan=plan, access=own, prefix="", observer=observer, role="worker", host=host, port=port)
    session = WorkerSession(job, load_catalog(), os.environ)
    bound = (
        f"for {own.url} only" if own.url else "for the target that the master names (--target names it here)"
    )
    console.say(f"Worker of {host}:{port}; its credentials are {bound}")
    with stopping(session.interrupt):
        ledger = session.run(lambda _: None, cleanup_progress(console.quiet))
    console.say(
        f"Created {ledger['created']:,} and removed {ledger['removed']:,}; left {len(ledger['left']):,}"
    )
    if left := remains({"ledger": ledger}):
        console.say(left)
    return Exit.CANNOT_TELL if ledger["left"] else Exit.HOLDS


def _write_failure(session: LoadSession, why: str, out: Path) -> None:
    """Write a JUnit file that says why there was no load run."""
    url = session.target.url if session.target else "the embedded target"
    started = datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00")
    write_failed_load(session.plan.name, url, session.redactor().sentence(why), started, out)


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
