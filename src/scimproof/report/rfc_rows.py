"""Counts the rows of the RFCs that a run asked: which hold, which do not, which were not asked, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from scimproof.catalog.rows import Rows, section_of
from scimproof.core.definitions import Requirement
from scimproof.core.results import Verdict

Row = dict[str, Any]
# What can be said of a row, from the worst: the first for which a finding speaks.
STATES = ("broken", "waived", "warned", "undecided", "held", "not-applicable", "not-asked")
STATE_OF = {
    Verdict.FAIL: "broken",
    Verdict.WARNING: "warned",
    Verdict.WAIVED: "waived",
    Verdict.INCONCLUSIVE: "undecided",
    Verdict.ERROR: "undecided",
    Verdict.PASS: "held",
    Verdict.NOT_APPLICABLE: "not-applicable",
}
NO_QUESTION = "no client can provoke it for sure: no question is about it"
LEFT_OUT = "not in this run: {where}"
MOST = 3  # findings that a row names


def rows(
    known: Rows,
    requirements: Mapping[str, Requirement],
    findings: Iterable[Row],
    asking: Mapping[str, Collection[str]],
) -> Row:
    """The rows by section with counts, and the state of each with its reason.

    `asking` names, for each requirement of the whole profile, the sequences that ask it. A row is broken if
    any finding of a requirement that covers it is; it is not applicable only if all say so.
    """
    by_row = _findings_by_row(requirements, findings)
    covering: dict[str, list[str]] = {}
    for rule in requirements.values():
        for row in rule.rows:
            covering.setdefault(row, []).append(rule.id)
    each: dict[str, Row] = {}
    for row, level in known.levels.items():
        state = _state(by_row.get(row, ()), covering.get(row, ()), asking)
        each[row] = {"level": level, "explicit": row in known.explicit} | state
    return {
        "explicit": _counts(one for one in each.values() if one["explicit"]),
        "all": _counts(each.values()),
        "sections": list(_sections(each)),
        "each": each,
    }


def _findings_by_row(
    requirements: Mapping[str, Requirement], findings: Iterable[Row]
) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for finding in findings:
        for row in requirements[finding["requirement"]].rows:
            found.setdefault(row, []).append(finding)
    return found


def _state(findings: Collection[Row], rules: Collection[str], asking: Mapping[str, Collection[str]]) -> Row:
    if not findings:
        where = sorted({sequence for rule in rules for sequence in asking.get(rule, ())})
        why = LEFT_OUT.format(where=", ".join(where[:MOST])) if where else NO_QUESTION
        return {"state": "not-asked", "why": why, "findings": []}
    state = min((STATE_OF[finding["verdict"]] for finding in findings), key=STATES.index)
    told = [finding for finding in findings if STATE_OF[finding["verdict"]] == state]
    why = "" if state == "held" else told[0]["observed"]
    return {"state": state, "why": why, "findings": [finding["id"] for finding in told[:MOST]]}


def _counts(some: Iterable[Row]) -> Row:
    states = [one["state"] for one in some]
    return {"of": len(states)} | {state: states.count(state) for state in STATES}


def _sections(each: Mapping[str, Row]) -> Iterator[Row]:
    """A line for each section, in the order of the rows."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row, one in each.items():
        found.setdefault(section_of(row), []).append(one)
    for rfc, section in sorted(found, key=lambda place: (place[0], _numbers(place[1]))):
        yield {"rfc": rfc, "section": section} | _counts(found[rfc, section])


def _numbers(section: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in section.split(".")]
