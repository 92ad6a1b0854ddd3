"""Hints: which sequences show a fault that the first sequences it can touch do not show.

`python -m tests.matrix.shown_by` writes shown_by.toml anew (minutes). A hint that has grown wrong costs time
and nothing else: where it does not show the fault, the tests go on looking.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scimproof.core.results import Outcome
from scimproof.embedded.app import build
from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import FAULTS
from tests.matrix.inprocess import TOKEN, outcomes_few, outcomes_of, tripped
from tests.matrix.reach import fewest, honest, likeliest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MOST_PAIRS = 60
HINTS = Path(__file__).with_suffix(".toml")
HEAD = (
    "# Written by `python -m tests.matrix.shown_by`: sequences that show a fault, for those that show late.\n"
)


@cache
def hints() -> dict[str, list[str]]:
    """The sequences to play first, by fault."""
    return tomllib.loads(HINTS.read_text(encoding="utf-8"))


def _app(fault: Fault) -> WSGIApplication:
    return build(token=TOKEN, faults=[fault.name])


def _shown(fault: Fault, outcomes: list[Outcome]) -> bool:
    """Whether they show all that the fault trips."""
    return set(fault.trips) <= tripped([finding for outcome in outcomes for finding in outcome.findings])


def _where(fault: Fault, outcomes: list[Outcome]) -> list[str]:
    """Of the sequences played for each requirement that of the fewest requests which shows it broken."""
    asked_by = {e.number: outcome.sequence for outcome in outcomes for e in outcome.exchanges}
    size = {name: len(asked.exchanges) for name, asked in honest().asked.items()}
    chosen = set[str]()
    for requirement in fault.trips:
        broken = [f for o in outcomes for f in o.findings if f.requirement in tripped([f]) & {requirement}]
        found = {f.sequence if f.sequence in size else asked_by.get(f.exchange or 0, "") for f in broken}
        chosen |= set(sorted(found & size.keys(), key=lambda name: (size[name], name))[:1])
    return sorted(chosen)


def _plays(fault: Fault) -> Iterator[list[Outcome]]:
    """Ever more of the profile, from a part with few shared users to the whole with all of them."""
    yield outcomes_few(_app(fault), fewest(fault))
    yield outcomes_of(_app(fault))


def _hint(fault: Fault) -> list[str]:
    """Sequences that show it: those in which it shows, or these and one that has to be played before."""
    some = list[str]()
    for outcomes in _plays(fault):
        some = _where(fault, outcomes)
        if some and _shown(fault, outcomes_of(_app(fault), *some)):
            return some
    every = sorted(honest().asked, key=lambda name: len(honest().asked[name].exchanges))
    pairs = (sorted({one, *some}) for one in every[:MOST_PAIRS] if some)
    return next((pair for pair in pairs if _shown(fault, outcomes_of(_app(fault), *pair))), [])


def main() -> None:
    """Write the hints."""
    lines = [HEAD]
    for name, fault in sorted(FAULTS.items()):
        late = fault.group != "load" and not _shown(fault, outcomes_few(_app(fault), likeliest(fault, 2)))
        if late and (some := _hint(fault)):
            lines.append(f"{name} = {json.dumps(some)}\n")
    HINTS.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
