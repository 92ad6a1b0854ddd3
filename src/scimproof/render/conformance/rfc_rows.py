"""What a run says of the rows of the RFCs: a sentence, a table by section, rows that do not hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Row = dict[str, Any]
# The states of report.rfc_rows, in the order of columns, with what they are called.
STATES = {
    "held": "held",
    "broken": "broken",
    "warned": "with a warning",
    "waived": "waived",
    "undecided": "undecided",
    "not-applicable": "not applicable",
    "not-asked": "not asked",
}
TOLD = ("broken", "warned", "waived", "undecided", "not-applicable", "not-asked")


class SectionRow(NamedTuple):
    """One section of an RFC: its title, the counts of its rows by state, those that do not hold."""

    rfc: str
    section: str
    title: str
    counts: Mapping[str, int]
    told: tuple[Row, ...]


def sentence(report: Row) -> str:
    """The counts in a sentence: `Of 278 explicit rows 260 held ...`; empty where no RFC decides."""
    found = report.get("rows")
    if not found:
        return ""
    counts = found["explicit"]
    some = [f"{counts[state]:,} {word}" for state, word in STATES.items() if counts[state]]
    total = found["all"]
    beside = f"with those that follow from the text, {total['held']:,} of {total['of']:,} held"
    return f"Of {counts['of']:,} rows of the RFCs with a capitalised keyword: {', '.join(some)} ({beside})."


def sections(report: Row) -> list[SectionRow]:
    """A row for each section, with what there is to say of each of its rows."""
    found = report.get("rows")
    if not found:
        return []
    told: dict[tuple[str, str], list[Row]] = {}
    for row, one in found["each"].items():
        if one["state"] in TOLD:
            rfc, section, _ = row.split("-")
            told.setdefault((rfc.lower(), section), []).append({"id": row} | one)
    titles = report.get("sections", {})
    return [
        SectionRow(
            line["rfc"],
            line["section"],
            titles.get(line["rfc"], {}).get(line["section"], ""),
            {state: line[state] for state in STATES},
            _from_worst(told.get((line["rfc"], line["section"]), [])),
        )
        for line in found["sections"]
    ]


def _from_worst(some: list[Row]) -> tuple[Row, ...]:
    return tuple(sorted(some, key=lambda row: TOLD.index(row["state"])))
