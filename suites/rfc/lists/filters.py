"""Filters over the shared people: each expression of filters.toml is a step of its own."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from scimproof.core.definitions import Ask, Check, Sequence, Step

from ..asks import word
from ..population import OWN, PEOPLE, POPULATION, user_name
from .questions import Answered, no_match, no_trouble, not_understood

TABLE: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "filters.toml").read_text(encoding="utf-8")
)
SECTION = "rfc7644-3.4.2.2-"
# The requirements that have a second one about the scimType of a refusal.
WORDED = (
    "operator",
    "value-path",
    "value-path-refused",
    "no-order",
    "unknown",
    "unknown-operator",
    "grammar",
)
DEEP = 200  # brackets
REFUSALS = {"understood": "broken", "optional": "declined", "either": "held", "lenient": "held"}
TEXTS = {
    "own": OWN,
    "deep": "(" * DEEP + f'userName eq "{user_name("anna")}"' + ")" * DEEP,
}


def names_of(row: dict[str, Any]) -> tuple[str, ...]:
    """Those who have to be found."""
    who = row.get("who", "nobody")
    return {"all": PEOPLE, "nobody": ()}.get(who, tuple(who.split()))


def question(row: dict[str, Any], asks: str, first: str) -> Ask:
    """What the answer to an expression is asked for that requirement."""
    form, names = row.get("form", "understood"), names_of(row)
    if form == "nothing":
        return no_match()
    if form == "refused":
        return not_understood(nobody=row.get("nobody", ""), everyone=row.get("all", ""))
    if form == "safe":
        return no_trouble(names)
    refusal = REFUSALS[form] if asks == first or form == "understood" else "skipped"
    keeps, lacks = tuple(row.get("keeps", ())), tuple(row.get("lacks", ()))
    return Answered(
        names=names,
        refusal=refusal,
        nobody=row.get("nobody", ""),
        keeps=keeps,
        lacks=lacks,
        exact=row.get("exact", ""),
        limited="{{!own}}" in row["filter"],
    )


def checks_of(row: dict[str, Any]) -> tuple[Check, ...]:
    """The checks of an expression: one for each requirement, and one for the word of a refusal."""
    form, asked = row.get("form", "understood"), row["asks"]
    made = [
        Check(one if one.startswith("rfc") else SECTION + one, question(row, one, asked[0])) for one in asked
    ]
    if asked[0] in WORDED and form not in ("understood", "safe"):
        made.append(Check(f"{SECTION}{asked[0]}-type", word("invalidFilter")))
    return tuple(made)


def step_of(row: dict[str, Any]) -> Step:
    """The step that sends an expression."""
    return Step(
        id=row["id"],
        request=f"rfc/{row.get('on', 'users')}-filter.http",
        pages="follow" if row.get("form") != "refused" else False,
        blanks={"filter": row["filter"], **TEXTS},
        independent=True,
        needs=(*row.get("needs", ()), *(("type:Group",) if "on" in row else ())),
        checks=checks_of(row),
    )


def steps_of(name: str) -> tuple[Step, ...]:
    """The steps of one table."""
    return tuple(step_of(row) for row in TABLE[name]["steps"])


def of_table(name: str, *more: Step, **kinds: Any) -> Sequence:
    """The sequence of a table, with more steps behind it."""
    return Sequence(
        id=f"rfc.filter.{name}",
        title=TABLE[name]["title"],
        source="RFC 7644 section 3.4.2.2",
        needs=("filter",),
        shares=POPULATION,
        steps=(*steps_of(name), *more),
        **kinds,
    )


SEQUENCES = tuple(of_table(name) for name in ("operators", "logic", "value-paths", "refused"))
