"""Plan that a command line asks for: what the plan's file says, with the changes of options and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
from rich.progress import Progress, TextColumn

from scimproof.catalog.loader import Catalog
from scimproof.cli.console import SafeConsole
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.toml_source import TomlFile
from scimproof.engine.capabilities import about_groups
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan, plan_names
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import typed_stages, weighted
from scimproof.load.plan.threshold_loader import TypedLimits, limits
from scimproof.load.plan.thresholds import AT_ONCE, EVERY
from scimproof.settings.resolve import TYPED


def asked_plan(
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


def with_options(
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


def without_groups(plan: Plan, catalog: Catalog) -> Plan:
    """The plan for an application without groups: only sequences without requests to groups."""
    mix = {
        id: weight
        for id, weight in plan.mix.items()
        if not any(about_groups(catalog.templates[step.request]) for step in catalog.sequences[id].sent)
    }
    if not mix:
        raise UsageError(f"every sequence of {plan.name} is about groups; with --no-groups nothing is left")
    return replace(plan.playing(mix), group_sizes=())


def of_app(plan: Plan, catalog: Catalog) -> Plan:
    """The plan without the sequences that one's own app never sends."""
    left_out = catalog.not_played
    mix = {id: weight for id, weight in plan.mix.items() if id not in left_out}
    if not mix:
        raise UsageError(f"nothing of {plan.name} is left: {left_out[next(iter(plan.mix))]}")
    return plan if len(mix) == len(plan.mix) else plan.playing(mix)
