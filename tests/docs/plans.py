"""Writes what docs/load.md says of the load plans from load/plans: `python -m tests.docs.plans`."""

from __future__ import annotations

import re
from pathlib import Path

from scimproof.catalog.loader import load_catalog
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan, plan_names
from scimproof.load.plan.plan import Plan

PAGE = Path(__file__).resolve().parents[2] / "docs/load.md"
BEGIN = "<!-- plans: written by `python -m tests.docs.plans`, edit load/plans instead -->"
END = "<!-- end of plans -->"
BLOCK = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
FIRST = "smoke"


def main() -> None:
    """Rewrite the block between the markers, and nothing else."""
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def rewritten(text: str) -> str:
    """The text with its block as the plans are today; KeyError when the markers are gone."""
    if not BLOCK.search(text):
        raise KeyError(BEGIN)
    return BLOCK.sub(lambda _: f"{BEGIN}\n{block()}\n{END}", text)


def block() -> str:
    """All plans in a table, the one to begin with first."""
    catalog = load_catalog()
    names = sorted(plan_names(), key=lambda name: (name != FIRST, name))
    plans = [read_plan(find_plan(name), catalog) for name in names]
    head = ["| Plan | The question it answers | As it comes |", "| --- | --- | --- |"]
    return "\n".join([*head, *map(row, plans)])


def row(plan: Plan) -> str:
    """One plan as a line of the table."""
    measured = plan.seconds - plan.warm_up
    lasts = f"{measured / 60:g} min" if measured >= 300 else f"{measured:g} s"
    least = min(min(phase.rate, phase.end) for phase in plan.phases if not phase.warm_up)
    rate = f"{plan.rate:g}/s" if least == plan.rate else f"{least:g} to {plan.rate:g}/s"
    return f"| `{plan.name}` | {plan.question} | {rate}, {lasts} |"


if __name__ == "__main__":
    main()
