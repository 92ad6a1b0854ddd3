"""Sentences about a learn document that the terminal and the page share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scimproof.render.phrases import count

Row = dict[str, Any]

HEADLINES = {
    "as-sent": "As we send it",
    "differs": "Differs from what we send",
    "unknown": "Partly unknown to us",
}
EXACT = "as we send it"


def headline(document: Row) -> str:
    """The result in a few words."""
    return HEADLINES[document["result"]]


def owner(row: Row) -> str:
    """A sender with its dialect: `Acme, as an app of its catalog (CAT)`."""
    name = row["name"] or "Nobody that we know"
    if not row["about"]:
        return name
    short = f" ({row['short']})" if row["short"] else ""
    return f"{name}, {row['about']}{short}"


def shares(document: Row) -> Iterator[str]:
    """Whose how many of the requests are, one sentence a sender and dialect."""
    of = document["traffic"]["requests"]
    for row in document["senders"]:
        yield f"{owner(row)}: {row['requests']:,} of {count(of, 'request')}"
    if unknown := document["traffic"]["unknown"]:
        yield f"Unknown to us: {unknown:,} of {count(of, 'request')}"
    if own := document["own"]:
        yield f"scimproof's own reads and clean-up, counted apart: {own:,}"


def summary(document: Row) -> str:
    """The result in one sentence with its figures."""
    traffic = document["traffic"]
    if not traffic["requests"]:
        return "There are no requests in it but scimproof's own."
    parts = [f"{traffic['as_sent']:,} of {count(traffic['requests'], 'request')} as we send them"]
    if traffic["differs"]:
        parts.append(f"{traffic['differs']:,} differ")
    if traffic["unknown"]:
        parts.append(f"{traffic['unknown']:,} unknown to us")
    return ", ".join(parts) + "."


def difference(row: Row) -> str:
    """A difference in one line: what, where, ours, seen."""
    ours, seen = (row[side].removeprefix(f"{row['where']}: ") for side in ("ours", "seen"))
    if ours and seen:
        return f"{row['kind']}, {row['where']}: {ours} → {seen}"
    return f"{row['kind']}, {row['where']}" + (f": {ours or seen}" if ours or seen else "")


def standing(operation: Row) -> str:
    """Whether an operation is as we send it, in words."""
    if not operation["differs"]:
        return EXACT
    if not operation["as_sent"]:
        return "differs"
    return f"{operation['differs']:,} of {operation['seen']:,} differ"
