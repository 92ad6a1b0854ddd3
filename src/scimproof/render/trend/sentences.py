"""Sentences of a trend, shared by all its forms: how a run stands, and whether the last release is worse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scimproof.core.escaping import line
from scimproof.render.comparison.sentences import answer, percent_change
from scimproof.render.load.terminal import milliseconds
from scimproof.render.phrases import count

Row = dict[str, Any]


def standing(point: Row) -> str:
    """The result of a run, and that it ended early: `pass`, `fail, ended early`."""
    return str(point["result"]) + (", ended early" if point["partial"] else "")


def noise(point: Row) -> str:
    """The noise interval of a p95, in brackets; empty where there is none."""
    between = point.get("noise")
    return f" ({milliseconds(between[0])} to {milliseconds(between[1])})" if between else ""


def capacity(point: Row) -> str:
    """What a search found: `41.2 sequences/s at p95 412 ms`, or why it found nothing."""
    if not point["rate"]:
        return f"no capacity: {line(point['why'], 200)}" if point["why"] else "no capacity"
    least = "at least " if point["at_least"] else ""
    p95 = "" if point["p95_ms"] is None else f" at p95 {milliseconds(point['p95_ms'])} ms"
    return f"{least}{point['rate']:g} {point['unit'] or 'sequences/s'}{p95}"


def change(point: Row) -> str:
    """The verdict on a run against the one before it, with the change in percent; empty for the first."""
    if not point["verdict"]:
        return ""
    return f"{percent_change(point['ratio'])}, {point['verdict']}"


def last(row: Row) -> Iterator[str]:
    """Whether the last release of a line is worse than the one before it, in sentences."""
    points = row["points"]
    latest = points[-1]
    if row["kind"] == "capacity":
        yield f"{latest['label']}: {capacity(latest)}."
        if latest["verdict"]:
            yield f"Against the one before that has an answer: {change(latest)}."
    elif not row["comparison"]:
        usable = "No earlier run can be used" if len(points) > 1 else "There is only this run"
        yield f"{latest['label']}: {standing(latest)}. {usable}: nothing to compare it with."
    else:
        yield f"{latest['label']} against {row['against']}:"
        yield from answer(row["comparison"])
    odd = [point for point in points if not point["usable"]]
    if odd:
        names = ", ".join(point["label"] for point in odd[-3:])
        more = f" and {len(odd) - 3:,} earlier" if len(odd) > 3 else ""
        runs = count(len(odd), "run is", "runs are")
        yield f"{runs} invalid and joined to no other: {names}{more}."


def heading(row: Row) -> str:
    """The plan and target of a line; beside it stands the load."""
    what = "Capacity of" if row["kind"] == "capacity" else "Plan"
    return f"{what} {row['plan']}, {row['target']}"


def counted(trend: Row) -> str:
    """How many documents there are, on how many lines."""
    documents = sum(len(row["points"]) for row in trend["lines"])
    lines = count(len(trend["lines"]), "line")
    apart = ": another plan, target or load is a line of its own" if len(trend["lines"]) > 1 else ""
    return f"{count(documents, 'run')} on {lines}{apart}."
