"""`scimproof load --find-max`: what of the other options fits it, and the limits of each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from scimproof.catalog.loader import Catalog
from scimproof.core.errors import UsageError
from scimproof.load.capacity.settings import TIMES, SearchSettings
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.threshold_loader import TypedLimits, limits

SOURCE = "the default of --find-max"
P95_MS = 800.0
# Options that say how fast and how long a run is, with what a search has in their place; in scimproof.toml
# they are for runs, and a search takes no notice of them.
PACE = {
    "stages": "a search has steps of one rate each",
    "duration": "each step takes --step-duration",
    "factor": "a search begins with --rate",
    "closed": "a search needs arrivals that do not wait for answers",
    "users": "a search needs arrivals that do not wait for answers",
    "typed_aborts": "a step ends as soon as one of its --threshold cannot hold any more",
    "baseline": "what it writes is a capacity.json",
    "csv": "what it writes is a capacity.json",
}
OPTIONS = {"typed_aborts": "--abort-on"}
CLUSTER = "--find-max is for the processes of this machine (--processes): leave --master and --worker out"


def fitting(given: Mapping[str, Any], spread: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a search: UsageError for those typed that are for a run, without those of the file.

    `spread` says how a run is distributed over machines, as a search is not.
    """
    if spread["master"] or spread["worker"]:
        raise UsageError(CLUSTER)
    where = click.get_current_context().obj.where
    for name, why in PACE.items():
        option = OPTIONS.get(name, f"--{name}")
        if given.get(name) and where.get(name, option) == option:
            raise UsageError(f"--find-max and {option} do not go together: {why}")
    none = {name: None for name in PACE if name in given}
    return {**given, **none, "closed": False, "typed_aborts": (), "abort_if": None}


def search_of(plan: Plan, step_seconds: float, most: float | None) -> SearchSettings:
    """The search for that plan, which begins with the plan's rate."""
    if plan.recorded:
        raise UsageError(
            f"--find-max is for a plan with a rate: of {plan.name}, all arrive as in {plan.recorded.capture}"
        )
    if plan.users:
        raise UsageError(
            f"--find-max and the closed model of {plan.name} do not go together: {PACE['closed']}"
        )
    start = plan.rate
    if not start:
        raise UsageError(f"{plan.name} has no rate above 0 to begin with: --rate N")
    if most is not None and most < start:
        raise UsageError(
            f"--max-rate {most:g} is below the first rate, {start:g} sequences per second (--rate)"
        )
    return SearchSettings(start, most if most is not None else start * TIMES, step_seconds)


def searched(plan: Plan, catalog: Catalog) -> Plan:
    """The plan as a search plays it: no races, groups of growing size, or limits that end a run.

    Each step of a sequence has a limit for its p95, and each operation one for errors, its own or the usual.
    """
    asked = []
    for text, measure in ((f"* p95_ms={P95_MS:g}", "p95_ms"), ("* errors=0", "errors")):
        has = {limit.of for limit in plan.thresholds if limit.measure == measure}
        usual = limits(TypedLimits(SOURCE, [text]), (SOURCE,), plan.mix, catalog)
        asked += [limit for limit in usual if limit.of not in has]
    plan = replace(plan, races=False, group_sizes=(), abort_if=())
    return plan.held_to(asked)
