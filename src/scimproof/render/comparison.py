"""Writes a comparison of two reports as text for a terminal and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scimproof.core.escaping import code, line, prose
from scimproof.render.phrases import breach, count

Row = dict[str, Any]
RESULTS = {"worse": "Worse", "not-worse": "Not worse", "cannot-tell": "Cannot tell"}
MOST = 20  # of each kind, in Markdown and on a terminal
TITLES = {
    "new": "Worse",
    "unsure": "Decided then, not now",
    "added": "Newly checked, and does not hold",
    "still": "Still not holding, or not decided",
    "fixed": "Fixed",
    "gone": "No longer checked",
}
SPEEDS = {"new": "worse", "fixed": "better"}


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


def text(comparison: Row) -> str:
    """The comparison as lines for a terminal; the result is the last one."""
    parts = [*_head(comparison)]
    for title, rows, left in _sections(comparison):
        parts += ["", title, *(f"  {line(row, 800)}" for row in rows)]
        if left:
            parts.append(f"  and {left:,} more")
    parts += ["", f"{RESULTS[comparison['result']].upper()}  {line(result(comparison))}"]
    return "\n".join(parts) + "\n"


def markdown(comparison: Row) -> str:
    """The comparison as Markdown that fits a comment, the result first."""
    parts = [
        f"## scimproof compare: {RESULTS[comparison['result']].lower()}",
        "",
        prose(result(comparison)),
        "",
    ]
    parts += [f"- {prose(row)}" for row in _head(comparison)]
    for title, rows, left in _sections(comparison):
        parts += ["", f"### {title}", "", *(f"- {code(row, 800)}" for row in rows)]
        if left:
            parts.append(f"- and {left:,} more")
    return "\n".join(parts) + "\n"


def _head(comparison: Row) -> Iterator[str]:
    for name, side in (("Then", comparison["old"]), ("Now", comparison["new"])):
        outcome = side.get("headline") or ", ".join(filter(None, (side["result"], side.get("asked"))))
        yield f"{name}: {outcome}, {side['started']}, {side['target']}, {side['path']}"
    yield from comparison["differs"]
    if "counts" in comparison:
        counts = comparison["counts"]
        counted = [f"{counts[kind]:,} {word}" for kind, word in WORDS.items() if counts[kind]]
        yield "Findings: " + ", ".join(counted) + "."


WORDS = {
    "new": "worse",
    "unsure": "not decided any more",
    "added": "newly checked",
    "still": "still not holding",
    "fixed": "fixed",
    "gone": "no longer checked",
    "same": "hold as before",
}


def _sections(comparison: Row) -> Iterator[tuple[str, list[str], int]]:
    """Title, first rows, and the number of rows left out, of each section."""
    every = _load(comparison) if comparison["kind"] == "load" else _report(comparison)
    for title, rows in every:
        if rows:
            yield title, rows[:MOST], max(0, len(rows) - MOST)


def _report(comparison: Row) -> Iterator[tuple[str, list[str]]]:
    for kind, title in TITLES.items():
        rows = [row for row in comparison["changes"] if row["change"] == kind]
        if kind == "added":  # what is new and holds is only counted
            rows = [row for row in rows if row["new"] not in ("pass", "not-applicable", "waived")]
        decisive = {*comparison["worse"]}
        yield title, [_finding(row, counts=row["id"] in decisive) for row in rows]


def _finding(row: Row, *, counts: bool) -> str:
    """A finding with both verdicts and, for a regression, what is wrong."""
    verdicts = " -> ".join(filter(None, (row["old"], row["new"])))
    if row["change"] not in ("new", "added", "unsure"):
        return f"{row['id']}  {verdicts}"
    ended = "; no longer waived" if row["old"] == "waived" else ""
    what = row["observed"] if row["new"] in ("inconclusive", "error") else breach(row, {})
    return f"{row['id']}  {verdicts}{ended}{_beside(row, counts=counts)}: {what}"


def _beside(row: Row, *, counts: bool) -> str:
    """Why a listed change does not make the later report worse."""
    if counts or (row["change"] == "unsure" and row["gates"]):
        return ""
    if row["change"] == "added" and row["gates"]:
        return "; newly checked, which does not count as worse"
    return "; does not decide"


def _load(comparison: Row) -> Iterator[tuple[str, list[str]]]:
    moved = [row for row in comparison["operations"] if any(f["change"] != "still" for f in row["figures"])]
    yield "Worse", list(comparison["worse"])
    yield (
        "Beyond noise",
        [
            _figure(row["id"], figure)
            for row in moved
            for figure in row["figures"]
            if figure["change"] != "still"
        ],
    )
    yield (
        "Response then and now, in ms (times; ~ where the answers are too few to tell), and errors",
        [_operation(row) for row in comparison["operations"]],
    )
    limits = [row for row in comparison["thresholds"] if (row["old"], row["new"]) != ("held", "held")]
    yield "Limits that do not hold, or changed", [row["said"] for row in limits]
    yield "Audit", [row["said"] for row in comparison["audit"] if row["new"] or row["old"]]
    yield "No longer measured", comparison["gone"]
    yield "Newly measured", comparison["added"]
    yield "How noise was estimated", [comparison["noise"]]


def _operation(row: Row) -> str:
    parts = []
    for figure in row["figures"]:
        if figure["unit"] == "ms":
            certain = figure["old_between"] and figure["new_between"]
            times = f"{'' if certain else '~'}{figure['ratio']:.2f}"
            parts.append(f"{figure['measure']} {figure['old']:,.1f} -> {figure['new']:,.1f} ({times})")
        elif figure["old"] or figure["new"]:
            parts.append(f"errors {figure['said']}")
    return ", ".join([row["id"], *parts]) if parts else f"{row['id']}, no answers"


def _figure(id: str, figure: Row) -> str:
    noise = ""
    if figure.get("old_between") and figure.get("new_between"):
        then, now = ("{:,.1f} to {:,.1f}".format(*figure[key]) for key in ("old_between", "new_between"))
        noise = f" (noise: {then} then, {now} ms now)"
    return f"{SPEEDS[figure['change']]}: {id} {figure['measure']}: {figure['said']}{noise}"
