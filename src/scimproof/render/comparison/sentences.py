"""Sentences that answer whether the later report is worse, shared by all forms of a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from scimproof.render.load.terminal import milliseconds
from scimproof.render.phrases import count

Row = dict[str, Any]
RESULTS = {"worse": "Worse", "not-worse": "Not worse", "cannot-tell": "Cannot tell"}
WORDS = {
    "new": "worse",
    "unsure": "not decided any more",
    "added": "newly checked",
    "still": "still not holding",
    "fixed": "fixed",
    "gone": "no longer checked",
    "same": "hold as before",
}


def result(comparison: Row) -> str:
    """One sentence: the result of the comparison and its reason."""
    worse = len(comparison["worse"])
    if comparison["result"] == "cannot-tell":
        return f"{comparison['why']}."
    if not worse:
        few = comparison.get("untold", 0)
        also = f" {count(few, 'percentile')} had too few answers to tell." if few else ""
        return f"Nothing got worse that decides.{also}{_unasked(comparison)}"
    also = f" Beside that: {comparison['why']}." if comparison["why"] else ""
    if comparison["kind"] == "load":
        return f"{count(worse, 'figure, limit or audit', 'figures, limits or audits')} got worse.{also}"
    checks = count(worse, "deciding check")
    fails, gone = ("newly fails", "is") if worse == 1 else ("newly fail", "are")
    strictly = f", {fails} or {gone} no longer checked (--strict)" if comparison["strict"] else ""
    return f"{checks} got worse{strictly}.{also}{_unasked(comparison)}"


def _unasked(comparison: Row) -> str:
    """A sentence on checks of the earlier run that a later run of a part did not make."""
    part = comparison["new"].get("asked")
    gone = comparison["counts"]["gone"] if part else 0
    if not gone:
        return ""
    verb = "was" if gone == 1 else "were"
    return f" {count(gone, 'check')} of the earlier run {verb} not asked: {part}."


def answer(comparison: Row) -> Iterator[str]:
    """Is it worse than before? The answer in sentences, the shortest first, then what moved the most."""
    if comparison["result"] == "cannot-tell":
        yield f"Whether it is worse than before cannot be told: {result(comparison)}"
    elif comparison["result"] == "worse":
        yield f"It is worse than before. {result(comparison)}"
    else:
        yield f"It is not worse than before. {result(comparison)}"
    if comparison["kind"] == "load" and not comparison["incomparable"]:
        yield from _moved(comparison)


def _moved(comparison: Row) -> Iterator[str]:
    """The latencies that changed the most beyond noise, for worse and for better."""
    moved = [(row, f) for row in comparison["operations"] for f in row["figures"] if f["unit"] == "ms"]
    slower = [(row, f) for row, f in moved if f["change"] == "new"]
    faster = [(row, f) for row, f in moved if f["change"] == "fixed"]
    for way, some in (("slower", slower), ("faster", faster)):
        if some:
            row, figure = max(some, key=lambda one: abs(math.log(one[1]["ratio"] or 0.001)))
            many = count(len(some), "percentile is", "percentiles are")
            yield f"{many} {way} beyond noise; most of all {_change(row, figure)}."


def _change(row: Row, figure: Row) -> str:
    return (
        f"{figure['measure']} of {row['name']}: {milliseconds(figure['new'])} ms, "
        f"it was {milliseconds(figure['old'])} ms ({percent_change(figure['ratio'])})"
    )


def percent_change(ratio: float) -> str:
    """The change from 1 in percent with its sign: `+37 %`, `-4.2 %`, `0 %`."""
    change = (ratio - 1) * 100
    digits = f"{change:+,.0f}" if abs(change) >= 9.95 else f"{change:+.1f}"
    return "0 %" if digits in ("+0.0", "-0.0") else f"{digits} %"


def obstacles(comparison: Row) -> list[str]:
    """What makes the two incomparable, each a sentence; empty where nothing does."""
    return [f"{why[:1].upper()}{why[1:]}." for why in comparison.get("incomparable", ())]


def sides(comparison: Row) -> Iterator[tuple[str, str]]:
    """Then and now: result, moment, target and path of each report."""
    for name, side in (("Then", comparison["old"]), ("Now", comparison["new"])):
        outcome = side.get("headline") or ", ".join(filter(None, (side["result"], side.get("asked"))))
        yield name, f"{outcome}, {side['started']}, {side['target']}, {side['path']}"


def counted(comparison: Row) -> str:
    """How many findings changed in each way; empty for load runs."""
    if "counts" not in comparison:
        return ""
    counts = comparison["counts"]
    found = [f"{counts[kind]:,} {word}" for kind, word in WORDS.items() if counts[kind]]
    return "Findings: " + ", ".join(found) + "."
