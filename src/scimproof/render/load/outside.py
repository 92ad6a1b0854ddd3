"""Requests outside the schedule as sentences: how fast the prefill was, and what a limit delayed."""

from __future__ import annotations

from typing import Any

from scimproof.render.load.advance import duration

MANY = 100  # users above which their creation has a rate


def outside(document: dict[str, Any]) -> list[str]:
    """What there is to say of prefill, races, growing groups and audit; nothing in most runs."""
    rows = document.get("unscheduled") or []
    told = [_prefill(row) for row in rows if row["made"] >= MANY and row["seconds"]]
    late = [f"{row['purpose']} {row['throttled']:,}" for row in rows if row["throttled"]]
    if late:
        told.append(f"Answered 429 outside the schedule, and waited out: {', '.join(late)}.")
    return told


def _prefill(row: dict[str, Any]) -> str:
    each = f", {row['cpu'] / row['made'] * 1e6:,.0f} us of CPU each" if row.get("cpu") else ""
    rate = row["made"] / row["seconds"]
    return (
        f"Before the load: {row['made']:,} users in {duration(row['seconds'])}, {rate:,.0f} a second{each}."
    )
