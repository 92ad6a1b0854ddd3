"""What an integration's documentation promises, and what the findings say of each promise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scimproof.render.causes import severity_of

Row = dict[str, Any]


def features(report: Row) -> list[Row]:
    """The profile's features, each with `state`, `findings` (their number) and `open`: those that disagree.

    The state is `works`, `does not work`, `partly`, `not decided`, or `not asked` where nothing is about it.
    """
    return [feature | _told(report, feature) for feature in report["profile"].get("features", ())]


def _told(report: Row, feature: Row) -> Row:
    about = [f for f in report["findings"] if any(_matches(word, f["id"]) for word in feature["findings"])]
    judged = [finding for finding in about if finding["verdict"] != "not-applicable"]
    bad = [finding for finding in judged if finding["verdict"] in ("fail", "waived")]
    unsure = [finding for finding in judged if finding["verdict"] in ("inconclusive", "error")]
    if not judged:
        state = "not asked"
    elif bad:
        state = "partly" if any(finding["verdict"] == "pass" for finding in judged) else "does not work"
    else:
        state = "not decided" if unsure else "works"
    return {"state": state, "count": len(judged), "open": list(_first(bad or unsure))}


def _first(findings: Iterable[Row], most: int = 3) -> Iterator[Row]:
    """The few to show, those that decide first."""
    yield from sorted(findings, key=lambda finding: severity_of(finding) != "fails")[:most]


def _matches(word: str, finding: str) -> bool:
    """`*` in a word stands for anything; without one it is the beginning of a sequence's or finding's id."""
    if "*" in word:
        return bool(re.fullmatch(".*".join(map(re.escape, word.split("*"))), finding))
    return finding == word or finding.startswith((f"{word}.", f"{word}/", f"{word}#"))
