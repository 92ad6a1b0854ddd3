"""The load plans as docs/ has them: a table for the guide, a page of the reference."""

from __future__ import annotations

from scimproof.catalog.loader import load_catalog
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan, plan_names, senders_with_plans
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.thresholds import EVERY
from tests.docs.tables import anchor, code, table

FIRST = "smoke"
PAGE = "reference/plans.md"
HEAD = """\
# Load plans

Each plan is a file in [load/plans](../../load/plans); where several have one name, `--profile` chooses
whose it is. Rates are sequences per second; a weight is how often a sequence is played relative to the
others. [Load a server](../guides/load.md) says how to run one,
[Load figures and the audit](../explanation/load-figures.md) what the measures mean."""


def plans(sender: str = "") -> list[Plan]:
    """All plans of a sender that has its own, or of the default one; the one to begin with first."""
    catalog = load_catalog()
    names = sorted(plan_names(sender=sender), key=lambda name: (name != FIRST, name))
    return [read_plan(find_plan(name, sender=sender), catalog) for name in names]


def block() -> str:
    """All plans in a table, then those of each sender that has its own."""
    parts = [_overview("")]
    for sender in senders_with_plans():
        parts += ["", f"With `--profile {load_catalog().senders[sender].profile}`:", "", _overview(sender)]
    return "\n".join(parts)


def _overview(sender: str) -> str:
    rows = ([f"[`{p.name}`](../{PAGE}#{_place(p, sender)})", p.question, lasting(p)] for p in plans(sender))
    return table(["Plan", "The question it answers", "Rate and duration"], rows)


def _place(plan: Plan, sender: str) -> str:
    return f"{sender}-{plan.name}" if sender else plan.name


def lasting(plan: Plan) -> str:
    """The rate of a plan and how long it is measured."""
    measured = plan.seconds - plan.warm_up
    lasts = f"{measured / 60:g} min" if measured >= 300 else f"{measured:g} s"
    least = min(min(phase.rate, phase.end) for phase in plan.phases if not phase.warm_up)
    rate = f"{plan.rate:g}/s" if least == plan.rate else f"{least:g} to {plan.rate:g}/s"
    return f"{rate}, {lasts}"


def page() -> str:
    """Every plan with its phases, mix and thresholds."""
    parts = [HEAD]
    for plan in plans():
        parts += ["", f"## {anchor(plan.name)}{plan.name}", *_told(plan)]
    for sender in senders_with_plans():
        known = load_catalog().senders[sender]
        for plan in plans(sender):
            title = f"{plan.name}, with `--profile {known.profile}`"
            parts += ["", f"## {anchor(_place(plan, sender))}{title}", *_told(plan)]
    return "\n".join(parts) + "\n"


def _told(plan: Plan) -> list[str]:
    parts = ["", plan.question, ""]
    if plan.guess:
        parts += [f"The mix is a guess: {plan.guess}", ""]
    parts += [table(["Phase", "Seconds", "Rate"], map(_phase, plan.phases)), "", _facts(plan), ""]
    parts += [table(["Sequence", "Weight"], ([code(id), f"{w:g}"] for id, w in plan.mix.items())), ""]
    rows = ([code(limit.of), limit.sentence] for limit in plan.thresholds)
    return [*parts, table(["Threshold for", "Limit"], rows)]


def _phase(phase: Phase) -> list[str]:
    name = phase.name or ("warm-up, not measured" if phase.warm_up else "measured")
    rate = f"{phase.rate:g}/s" if phase.to is None else f"{phase.rate:g}/s to {phase.end:g}/s"
    return [name, f"{phase.seconds:g}", rate]


def _facts(plan: Plan) -> str:
    facts = [f"Arrivals: {plan.arrivals}", f"at most {plan.in_flight} in flight"]
    facts += [f"{plan.prefill:,} users created before measuring"] if plan.prefill else []
    facts += [f"full checks on every {plan.sample}th sequence"] if plan.sample else []
    facts += ["races on purpose"] if plan.races else []
    facts += (
        [f"one write in {plan.resend_every} sent again after {plan.resend_after_ms:g} ms without an answer"]
        if plan.resend_every
        else []
    )
    facts += [f"{plan.group_batch} members of a pushed group in one request"] if plan.group_batch else []
    facts += (
        [f"groups of {', '.join(map(str, plan.group_sizes))} members pushed at the end"]
        if plan.group_sizes
        else []
    )
    facts += [f"ended early unless {_whose(limit.of)} {limit.sentence}" for limit in plan.abort_if]
    facts += ["with audit" if plan.audit else "without audit"]
    return f"{'; '.join(facts)}."


def _whose(of: str) -> str:
    return "all requests together have" if of == EVERY else f"{of} has"
