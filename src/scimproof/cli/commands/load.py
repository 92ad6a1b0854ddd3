"""`scimproof load`: put the sequences under load, audit, tidy up, report."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.cli import completers
from scimproof.cli.commands.compare import CODES as COMPARED
from scimproof.cli.console import SafeConsole
from scimproof.cli.options import access, tidying
from scimproof.cli.setting_options import Configured, settings
from scimproof.cli.signals import interrupts
from scimproof.core.errors import CannotTell, Exit, ScimproofError, UsageError, did_you_mean
from scimproof.core.paths import knowledge_root, shown
from scimproof.core.toml_source import TomlFile
from scimproof.engine.capabilities import about_groups
from scimproof.load.launch.session import Cluster, LoadSession, Reached, WorkerSession
from scimproof.load.plan.job import PORT, Job
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan, plan_names
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import weighted
from scimproof.load.plan.threshold_loader import limits
from scimproof.observer.factory import Choice
from scimproof.render import comparison
from scimproof.render.atomic_write import ready
from scimproof.render.load.terminal import brief, text
from scimproof.render.load.writers import WRITERS, write_load, write_unmade
from scimproof.render.phrases import remains
from scimproof.report.load_comparison import baseline, compare_load
from scimproof.report.reader import LOAD, held_together, read
from scimproof.settings.resolve import TYPED
from scimproof.settings.target_options import observer
from scimproof.target.options import TargetOptions

SELFTEST = """
from scimproof.load.selftest import selftest
found = selftest(print)
print(*found.lines(), sep="\\n")
raise SystemExit(0 if found.held else 1)
"""
SPREAD = ("master", "expect_workers", "worker", "master_host", "master_port", "bind")
SHOWN = ("due", "answered", "in_flight")
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


@click.command("load", cls=Configured, epilog=EXAMPLES)
@click.argument("plan", default="", metavar="[PLAN]", shell_complete=completers.plans)
@settings("load")
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
    voice = SafeConsole(quiet=quiet)
    if given.pop("selftest"):
        return _selftest(voice)
    strict = given.pop("strict")
    profile, asked_too = given.pop("profile") or "", observer(given, knowledge_root())
    spread = {name: given.pop(name) for name in SPREAD}
    before = _before(given.pop("baseline"))
    where = access(target, given)
    if spread["worker"]:
        return _work(where, asked_too, spread, voice)
    cluster = _cluster(spread)
    catalog = load_catalog()
    asked = _changed(_plan(plan, given.pop("thresholds"), catalog), catalog, **given)
    if where and where.groups is False:
        asked = _without_groups(asked, catalog)
    session = LoadSession(
        asked,
        where,
        catalog,
        _embedded,
        processes=processes,
        cluster=cluster,
        profile=profile,
        observer=asked_too,
    )
    voice = SafeConsole(session.redactor, quiet=quiet)
    _announce(session, voice)
    if session.target and not session.target.is_loopback and not yes:
        _ask(session)
    else:
        for told in session.warnings():
            voice.warn(told)
    ready(out, WRITERS)
    try:
        with session.reached() as job, interrupts(session.interrupt):
            with _Live(voice, session.plan.seconds) as live:
                document = session.load(job, live.hear)
            document["ledger"] |= session.tidy(tidying(quiet))
    except CannotTell as problem:
        _unmade(session, str(problem), out)
        raise
    found = compare_load(before[1], document, paths=(shown(before[0]), "this run")) if before else None
    if found:
        document["baseline"] = baseline(found)
    try:
        files = write_load(document, out)
    except UsageError as problem:  # the disk got full meanwhile: no fault of the command line
        voice.show(brief(document))
        raise ScimproofError(str(problem)) from None
    voice.show(brief(document, files) if quiet else text(document, files))
    code = _since(found, voice) if found else CODES[document["result"]]
    return Exit.DOES_NOT_HOLD if strict and document["ledger"]["left"] else code


def _before(path: Path | None) -> tuple[Path, dict[str, Any]] | None:
    """The report that is compared with; UsageError now, and not after the run, when nothing can be."""
    if path is None:
        return None
    found = read(path, LOAD)
    with held_together(path):
        comparison.text(compare_load(found, found))
    return path, found


def _plan(word: str, above: TomlFile | None, catalog: Catalog) -> Plan:
    """The plan, with the limits that scimproof.toml puts above its own."""
    if not word:
        raise UsageError(f"which plan? There are: {', '.join(plan_names())}; or a TOML file")
    where = click.get_current_context().obj.where["plan"]
    ours = where != TYPED
    try:
        path = find_plan(word)
    except UsageError as problem:
        raise UsageError(f"{where}: {problem}" if ours else str(problem)) from None
    plan = read_plan(path, catalog)
    # A limit for what its own plan never plays is a slip; for a plan that is tried once it is not.
    stated = limits(above, ("load", "thresholds"), plan.mix, catalog, strict=ours) if above else ()
    return plan.held_to(stated)


def _changed(plan: Plan, catalog: Catalog, *, mixes: tuple[str, ...], **given: Any) -> Plan:
    """The plan with what the command line says otherwise."""
    if mixes:
        try:
            mix = weighted(mixes)
        except ValueError as problem:
            raise UsageError(f"--mix {problem}") from None
        for id in mix:
            if id not in catalog.sequences:
                raise UsageError(f"--mix: no sequence is called {id!r}{did_you_mean(id, catalog.sequences)}")
        plan = plan.playing(mix)
    if given["rate"]:
        plan = plan.at_rate(given["rate"])
    if given["duration"]:
        plan = plan.lasting(given["duration"])
    if bool(given["users"]) != given["closed"]:
        raise UsageError("--users and --closed belong together: so many users, each waiting for its answer")
    fields = {name: given[name] for name in ("arrivals", "prefill", "users") if given[name] is not None}
    return replace(plan, **fields)


def _without_groups(plan: Plan, catalog: Catalog) -> Plan:
    """The plan for an app without groups: only the sequences that send nothing about them."""
    mix = {
        id: weight
        for id, weight in plan.mix.items()
        if not any(about_groups(catalog.templates[step.request]) for step in catalog.sequences[id].sent)
    }
    if not mix:
        raise UsageError(f"every sequence of {plan.name} is about groups; with --no-groups nothing is left")
    return replace(plan.playing(mix), group_sizes=())


def _cluster(spread: dict[str, Any]) -> Cluster | None:
    """How the run is spread over machines; UsageError for options that do not go together."""
    if spread["master_host"]:
        raise UsageError("--master-host goes with --worker")
    if spread["master"] != bool(spread["expect_workers"]):
        raise UsageError("--master and --expect-workers belong together")
    if not spread["master"]:
        return None
    return Cluster(spread["bind"], spread["master_port"], spread["expect_workers"])


def _work(
    where: TargetOptions | None, observer: Choice | None, spread: dict[str, Any], voice: SafeConsole
) -> Exit:
    """Be a worker until the master is done."""
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
    voice.say(f"Worker of {host}:{port}; its credentials are {bound}")
    with interrupts(session.interrupt):
        ledger = session.run(lambda _: None, tidying(voice.quiet))
    voice.say(
        f"Created {ledger['created']:,} and removed {ledger['removed']:,}; left {len(ledger['left']):,}"
    )
    if told := remains({"ledger": ledger}):
        voice.say(told)
    return Exit.CANNOT_TELL if ledger["left"] else Exit.HOLDS


def _unmade(session: LoadSession, why: str, out: Path) -> None:
    """Leave a JUnit file that says why there is no load run."""
    url = session.target.url if session.target else "the embedded target"
    started = datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00")
    write_unmade(session.plan.name, url, session.redactor().sentence(why), started, out)


def _since(found: dict[str, Any], voice: SafeConsole) -> Exit:
    """Say what got worse since the baseline; only that fails the run."""
    said = comparison.text(found)
    click.echo(voice.clean(said if not voice.quiet else said.splitlines()[-1] + "\n"), nl=False)
    return COMPARED[found["result"]]


def _selftest(voice: SafeConsole) -> Exit:
    """Run the self-test where Locust may patch what it likes."""
    voice.say("About a minute, against a target that stands still for 1 s in every 5")
    ran = subprocess.run([sys.executable, "-c", SELFTEST], check=False)
    return Exit.HOLDS if ran.returncode == 0 else Exit.CANNOT_TELL


@contextmanager
def _embedded() -> Iterator[Reached]:
    """The embedded target, in a process that a Ctrl-C in the terminal does not reach."""
    from scimproof.embedded.server import Served  # noqa: PLC0415 - 20 MB that other targets do not need

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the child inherits it
    served = Served()
    try:
        served.__enter__()
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        yield served
    finally:
        served.__exit__(None, None, None)


def _announce(session: LoadSession, voice: SafeConsole) -> None:
    """What is about to happen, before anything is sent."""
    target = session.target
    where = (
        target.url if target else "the embedded one, started for this run (--target URL loads your server)"
    )
    voice.say(f"Target: {where}")
    voice.say(f"Question: {session.plan.question}")
    voice.say(f"Load: {session.summary()} All are named {session.prefix}..., and are removed again.")
    if target and target.insecure:
        voice.warn("--insecure: the certificate is not checked; the token goes to whoever answers")


def _ask(session: LoadSession) -> None:
    """Consent to load somebody's server; UsageError when there is nobody to ask."""
    assert session.target is not None
    known = "".join(f" {told}" for told in session.warnings())
    what = f"put load on {session.target.host}: {session.summary()}{known}"
    if not sys.stdin.isatty():
        raise UsageError(f"this would {what} Add --yes to agree (nothing was sent)")
    if not click.confirm(f"This will {what} Go on?", err=True):
        raise UsageError("nothing was sent")


class _Live:
    """Shows on a terminal how far a run has come."""

    def __init__(self, voice: SafeConsole, seconds: float) -> None:
        columns = (BarColumn(bar_width=30), TimeElapsedColumn(), TextColumn("{task.description}"))
        silent = voice.quiet or not voice.err.is_terminal
        self._bar = Progress(*columns, console=voice.err, transient=True, disable=silent)
        self._task = self._bar.add_task("starting", total=seconds)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def hear(self, event: dict[str, Any]) -> None:
        """Take in one event of the process that makes the load."""
        if event.get("event") == "prefill":
            self._bar.update(self._task, description=f"creating users: {event['done']:,} of {event['of']:,}")
        elif event.get("event") == "audit":
            told = f"auditing: {event['done']:,} of {event['of']:,} read back"
            self._bar.update(self._task, description=told)
        elif event.get("event") == "phase":
            self._bar.update(self._task, description=str(event["name"]))
        elif event.get("event") == "tick":
            wrong = f"[red]{event['errors']:,} errors[/red]" if event["errors"] else "no errors"
            counts = ", ".join(f"{event[name]:,} {name.replace('_', ' ')}" for name in SHOWN)
            told = f"{counts}, {wrong}"
            self._bar.update(self._task, completed=max(event["at"], 0), description=told)
