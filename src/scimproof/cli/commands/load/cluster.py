"""Distributed load runs as the command line knows them: the options of a master, and a worker's command."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from scimproof.catalog.loader import load_catalog
from scimproof.cli.console import SafeConsole
from scimproof.cli.options import cleanup_progress
from scimproof.core.errors import Exit, UsageError
from scimproof.load.launch.session import Cluster, Event, WorkerSession
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.observer.factory import Choice
from scimproof.render.phrases import remains
from scimproof.session.signals import stopping
from scimproof.target.options import TargetOptions

FOR_A_MASTER = 300.0  # seconds that a worker waits for its master, whose image may still be on its way


def cluster_of(spread: dict[str, Any]) -> Cluster | None:
    """How the run is distributed over machines; UsageError for options that contradict each other."""
    if spread["master_host"]:
        raise UsageError("--master-host goes with --worker")
    if spread["master"] != bool(spread["expect_workers"]):
        raise UsageError("--master and --expect-workers belong together")
    if not spread["master"]:
        return None
    return Cluster(spread["bind"], spread["master_port"], spread["expect_workers"])


def _say(event: Event, console: SafeConsole) -> None:
    """Say how far a worker has come."""
    if event.get("event") == "joined":
        number, workers = event["number"] + 1, event["workers"]
        console.say(f"Joined as worker {number} of {workers}; {event['prefix']}... at {event['url']}")
    elif event.get("event") == "phase":
        console.say(f"{event['name']}...".capitalize())


def run_worker(
    where: TargetOptions | None, observer: Choice | None, spread: dict[str, Any], console: SafeConsole
) -> Exit:
    """Be a worker until the master has finished."""
    if spread["master"] or not spread["master_host"]:
        raise UsageError("--worker needs --master-host HOST, and no --master")
    if spread["dashboard_port"] is not None:
        raise UsageError("--dashboard is for the master, which has all figures; a worker has its own only")
    host, port = spread["master_host"], spread["master_port"]
    plan = Plan(name="the master's", question="", phases=(), mix={})
    own = where or TargetOptions(url="")
    job = Job(plan=plan, access=own, prefix="", observer=observer, role="worker", host=host, port=port)
    job = replace(job, seconds=FOR_A_MASTER)
    session = WorkerSession(job, load_catalog(), os.environ)
    bound = (
        f"for {own.url} only" if own.url else "for the target that the master names (--target names it here)"
    )
    console.say(f"Worker of {host}:{port}; its credentials are {bound}")
    with stopping(session.interrupt):
        ledger = session.run(lambda event: _say(event, console), cleanup_progress(console.quiet))
    console.say(
        f"Created {ledger['created']:,} and removed {ledger['removed']:,}; left {len(ledger['left']):,}"
    )
    if left := remains({"ledger": ledger}):
        console.say(left)
    return Exit.CANNOT_TELL if ledger["left"] else Exit.HOLDS
