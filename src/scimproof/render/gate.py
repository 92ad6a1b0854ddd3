"""What a report says of waivers and of its baseline, in sentences that all writers share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from scimproof.render.words import count

Row = dict[str, Any]
SOON = 14  # days before its end from which on a waiver is told to run out
CALLED = {
    "new": "worse",
    "fixed": "fixed",
    "still": "as before",
    "unsure": "decided then and not now",
    "added": "newly checked",
    "gone": "no longer checked",
}


def lapsed(report: Row) -> list[str]:
    """A sentence for each waiver for which the run fails."""
    return [_lapsed(row) for row in report.get("waivers", ()) if row.get("fails")]


def _lapsed(row: Row) -> str:
    where = ", ".join(filter(None, (row["origin"], row["owner"], row["issue"])))
    if row["state"] == "expired":
        return f"The waiver of {row['name']} ended on {row['until']} ({where}): mend it, or renew the waiver."
    return f"The waiver of {row['name']} matches nothing that this run found ({where}): remove it."


def notices(report: Row) -> Iterator[str]:
    """What to know of the other waivers: how much they excuse, which end soon or were not needed."""
    rows = report.get("waivers", ())
    used = [row for row in rows if row["state"] == "used"]
    if used:
        excused = sum(1 for finding in report["findings"] if finding["verdict"] == "waived")
        verb = "excuses" if len(used) == 1 else "excuse"
        yield f"{count(len(used), 'waiver')} {verb} {count(excused, 'check')}."
    today = date.fromisoformat(report["started"][:10])
    for row in rows:
        left = (date.fromisoformat(row["until"]) - today).days if row["until"] else SOON + 1
        if row["state"] != "expired" and left <= SOON:
            end = "ends today" if not left else f"ends in {count(left, 'day')}, on {row['until']}"
            yield f"The waiver of {row['name']} {end} ({row['origin']}, {row['owner']}, {row['issue']})."
        if row["state"] == "unused" and not row["fails"]:
            yield f"{row['name']} was not seen, though it is documented ({row['origin']})."


def since(report: Row) -> Iterator[str]:
    """How the run stands against its baseline; nothing when it has none."""
    base = report.get("baseline")
    if not base:
        return
    told = ", ".join(f"{len(base[kind]):,} {word}" for kind, word in CALLED.items() if base.get(kind))
    yield f"Since {base['path']} of {base['started'][:10]}: {told or 'nothing changed'}."
    yield from base["differs"]
    found = {finding["id"]: finding for finding in report["findings"]}
    for id in base["worse"]:
        was = base["was"].get(id, "not decided")
        yield f"Worse: {id}: {was} then, {found[id]['verdict']} now: {found[id]['observed']}"
    for id in base["added"]:
        if found[id]["verdict"] == "fail" and found[id]["gates"]:
            yield f"Fails, and was not decided then, which does not count as worse: {id}"


def standing(report: Row) -> str:
    """What the baseline and the waivers make of the result, to be said right after it; "" for nothing."""
    base = report.get("baseline")
    if base and base["worse"]:
        return f"{count(len(base['worse']), 'deciding check')} got worse since the baseline."
    if base and base["why"]:
        why = str(base["why"])
        return f"Whether anything got worse cannot be told: {why}{'' if why.endswith(('.', '?')) else '.'}"
    words = ["As in the baseline; nothing got worse."] if base else []
    if base and report["result"] in ("conformant", "conformant-with-waivers"):
        words = ["Nothing got worse since the baseline."]
    ended = len(lapsed(report))
    if ended:
        which = count(ended, "waiver that ended or is", "waivers that ended or are")
        words.append(f"The run fails for {which} not needed.")
    return " ".join(words)
