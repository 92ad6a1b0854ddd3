"""Words for sizes of answers, and for what grew with members or users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]
UNITS = ("B", "KB", "MB", "GB")
LARGE = 10_000  # bytes from which an operation's answers are worth a line
MOST = 3
# What an answer need not have that grows so, by what there were more of.
NEEDLESS = {
    "members of the group": "Its answer repeats the members that were there before: a 204, or the group "
    "without its members, is as right and stays small.",
    "users in the store": "Its answer grows with users whom nobody asked for.",
}


def size(value: float | None) -> str:
    """Bytes with as many digits as are significant: `812 B`, `48.2 KB` (of 1,000 bytes), `-` for none."""
    if value is None:
        return "-"
    unit = 0
    while abs(value) >= 999.5 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.3g} {UNITS[unit]}"


def answers(document: Row) -> str:
    """A sentence on the bytes of all answers, and whose are the largest; "" for earlier documents."""
    whole = (document.get("overall") or {}).get("bytes")
    if not whole:
        return ""
    rows = [row for row in document["operations"] if (row.get("bytes") or {}).get("p95") is not None]
    large = sorted(
        (row for row in rows if row["bytes"]["p95"] >= LARGE), key=lambda row: -row["bytes"]["p95"]
    )
    named = ", ".join(f"{row['id']} p95 {size(row['bytes']['p95'])}" for row in large[:MOST])
    said = f"Answers: {size(whole['total'])} in all, p95 {size(whole['p95'])}, largest {size(whole['max'])}"
    return f"{said}; the largest are of {named}." if named else f"{said}."


def grown(document: Row) -> Iterator[str]:
    """Sentences on what took longer, or answered more, the more members or users there were."""
    for row in document.get("growth", ()):
        what = row["of"].partition(" ")[0]
        costs: list[str] = []
        ends: dict[str, list[str]] = {"from": [], "to": []}
        for name, words in (("ms", _ms), ("bytes", size)):
            if name in row:
                costs.append(words(row[f"{name}_per_thousand"]))
                for end, value in zip(ends.values(), row[name], strict=True):
                    end.append(words(value))
        spans = (f"{' and '.join(end)} at {row[name]:,} {what}" for name, end in ends.items())
        said = f"{row['id']}: each 1,000 {row['of']} more cost {' and '.join(costs)} ({' to '.join(spans)})."
        yield f"{said} {NEEDLESS[row['of']]}" if "bytes" in row and row["of"] in NEEDLESS else said


def _ms(value: float) -> str:
    return f"{value:.3g} ms"
