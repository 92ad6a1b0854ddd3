"""Findings of two reports that changed, by kind of change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scimproof.render.phrases import breach

Row = dict[str, Any]
TITLES = {
    "new": "Worse",
    "unsure": "Decided then, not now",
    "added": "Newly checked, and does not hold",
    "still": "Still not holding, or not decided",
    "fixed": "Fixed",
    "gone": "No longer checked",
}


@dataclass(frozen=True)
class FindingChange:
    """A finding with its verdicts then and now ("" for none), and for a regression what is wrong."""

    id: str
    old: str
    new: str
    note: str
    what: str

    @property
    def line(self) -> str:
        """All of it in one line."""
        verdicts = " -> ".join(filter(None, (self.old, self.new)))
        return f"{self.id}  {verdicts}{self.note}" + (f": {self.what}" if self.what else "")


def changed(comparison: Row) -> Iterator[tuple[str, list[FindingChange]]]:
    """The title of each kind of change, and its findings."""
    decisive = {*comparison["worse"]}
    for kind, title in TITLES.items():
        rows = [row for row in comparison["changes"] if row["change"] == kind]
        if kind == "added":  # what is new and holds is only counted
            rows = [row for row in rows if row["new"] not in ("pass", "not-applicable", "waived")]
        yield title, [_finding(row, counts=row["id"] in decisive) for row in rows]


def _finding(row: Row, *, counts: bool) -> FindingChange:
    if row["change"] not in ("new", "added", "unsure"):
        return FindingChange(row["id"], row["old"], row["new"], "", "")
    ended = "; no longer waived" if row["old"] == "waived" else ""
    what = row["observed"] if row["new"] in ("inconclusive", "error") else breach(row, {})
    return FindingChange(row["id"], row["old"], row["new"], ended + _beside(row, counts=counts), what)


def _beside(row: Row, *, counts: bool) -> str:
    """Why a listed change does not make the later report worse."""
    if counts or (row["change"] == "unsure" and row["gates"]):
        return ""
    if row["change"] == "added" and row["gates"]:
        return "; newly checked, which does not count as worse"
    return "; does not decide"
