"""Words for sizes of answers: what they were in all, and which operations' were the largest."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
UNITS = ("B", "KB", "MB", "GB")
LARGE = 10_000  # bytes from which an operation's answers are worth a line
MOST = 3


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
