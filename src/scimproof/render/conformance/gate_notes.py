"""Sentences about waivers, the baseline and the exit code, shared by all writers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from scimproof.core.results import Verdict
from scimproof.render.phrases import breach, count
from scimproof.report.extent import holds

Row = dict[str, Any]
SOON = 14  # days before a waiver's last day from which a notice is printed
CALLED = {
    "new": "worse",
    "fixed": "fixed",
    "still": "as before",
    "unsure": "decided then and not now",
    "added": "newly checked",
    "gone": "no longer checked",
}


def lapsed(report: Row) -> list[str]:
    """A sentence for each waiver that fails the run: expired, or matching nothing."""
    return [_lapsed(row) for row in report.get("waivers", ()) if row.get("fails")]


def _lapsed(row: Row) -> str:
    where = ", ".join(filter(None, (row["origin"], row["owner"], row["issue"])))
    if row["state"] == "expired":
        return f"The waiver of {row['name']} ended on {row['until']} ({where}): mend it, or renew the waiver."
    return f"The waiver of {row['name']} matches nothing that this run found ({where}): remove it."


def notices(report: Row) -> Iterator[str]:
    """Sentences on the other waivers: how much they excuse, which expire soon, which were not needed."""
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
    """Sentences on the changes since the baseline; none without a baseline."""
    base = report.get("baseline")
    if not base:
        return
    counts = ", ".join(f"{len(base[kind]):,} {word}" for kind, word in CALLED.items() if base.get(kind))
    yield f"Since {base['path']} of {base['started'][:10]}: {counts or 'nothing changed'}."
    yield from base["differs"]
    found = {finding["id"]: finding for finding in report["findings"]}
    for id in base["worse"]:
        was, now = base["was"].get(id, "not decided"), found[id]
        expected = f"; expected: {now['expected']}" if now["expected"] else ""
        seen = f"{was} then, {now['verdict']} now: {now['observed']}{expected}"
        yield f"Worse: {id}: {seen}. {_rule(report, now)}".rstrip()
    for id in base["added"]:
        if found[id]["verdict"] == "fail" and found[id]["gates"]:
            what = breach(found[id], report["requirements"])
            yield f"Fails, and was not decided then, which does not count as worse: {id}: {what}"


def standing(report: Row) -> str:
    """A sentence on why the exit code differs from what the result says, to be shown after it; "" for none.

    The result is about the server. The exit code also depends on the baseline, on waivers and on internal
    errors; all writers explain a difference in these words.
    """
    words = [_since_then(report) if report.get("baseline") else "", _trouble(report), _waivers(report)]
    return " ".join(filter(None, words))


def undecided_reason(report: Row) -> str:
    """Why the run could not decide what it was to decide; "" where it could."""
    base = report.get("baseline")
    if report["interrupted"]:
        return "the run was interrupted before it was complete"
    if base:
        return "" if base["worse"] else str(base["why"])
    return _inconclusive(report) if report["result"] == "inconclusive" else ""


def _inconclusive(report: Row) -> str:
    if report["partial"]:
        return str(report["stop"]) or "the run ended early"
    open_ones = [f for f in report["findings"] if f["gates"] and f["verdict"] == Verdict.INCONCLUSIVE]
    if open_ones:
        first = f"the first is {open_ones[0]['id']}: {open_ones[0]['observed']}"
        return f"{count(len(open_ones), 'deciding check')} could not be decided; {first}"
    if holds(report) or report["summary"]["verdicts"][Verdict.ERROR]:
        return ""
    return "nothing was judged"


def as_before(report: Row) -> dict[str, str]:
    """With a baseline: why each failure that is no regression does not fail the run, by finding id."""
    base = report.get("baseline")
    if not base:
        return {}
    now, old = {*base["worse"]}, {*base["still"]}
    failing = [f["id"] for f in report["findings"] if f["gates"] and f["verdict"] == Verdict.FAIL]
    when = f"of {base['started'][:10]}"
    return {
        id: f"as in the baseline {when}" if id in old else f"not decided in the baseline {when}, so not worse"
        for id in failing
        if id not in now
    }


def lapses(report: Row) -> dict[str, str]:
    """The sentences of `lapsed` by the finding that each waiver is about.

    The key is the waiver's own name, without a "#", where the run made no such check.
    """
    notes: dict[str, list[str]] = {}
    for row in report.get("waivers", ()):
        if row.get("fails"):
            about = [f["id"] for f in report["findings"] if any(_names(id, f) for id in row["ids"])]
            where = about[0] if about else f"the waiver {row['name'].replace('#', ' ')}"
            notes.setdefault(where, []).append(_lapsed(row))
    return {where: " ".join(sentences) for where, sentences in notes.items()}


def left_over(report: Row) -> str:
    """A sentence on resources that could not be removed, for a strict run; else ""."""
    left = report["ledger"]["left"]
    if not left or not report["options"].get("strict"):
        return ""
    first = f"{left[0].get('kind', '')} {left[0].get('name', '')}: {left[0].get('why', '')}"
    return f"{count(len(left), 'resource')} of this run could not be removed; the first is {first}"


def _names(id: str, finding: Row) -> bool:
    """Whether an id of a waiver means that finding: its id, its requirement, or that in some sequences."""
    if "/" in id:
        return bool(id == finding["id"])
    stem, _, requirement = id.rpartition("#")
    stem = stem.removesuffix("*").removesuffix(".")
    within = not stem or finding["sequence"] == stem or finding["sequence"].startswith(f"{stem}.")
    return bool(within and requirement == finding["requirement"])


def _since_then(report: Row) -> str:
    """A sentence on the result against the baseline."""
    base = report["baseline"]
    worse = f"{count(len(base['worse']), 'deciding check')} got worse since the baseline"
    if base["worse"] and not report["interrupted"]:
        return f"{worse}."
    if base["why"]:
        why = str(base["why"])
        seen = f" Until then {worse}." if base["worse"] else ""
        return (
            f"Whether anything got worse cannot be told: {why}{'' if why.endswith(('.', '?')) else '.'}{seen}"
        )
    if base["new"]:
        return "Nothing that decides got worse since the baseline."
    if report["result"] in ("conformant", "conformant-with-waivers"):
        return "Nothing got worse since the baseline."
    if base["fixed"]:
        return f"Better than the baseline: {count(len(base['fixed']), 'check')} fixed, nothing got worse."
    return "As in the baseline; nothing got worse."


def _trouble(report: Row) -> str:
    """A sentence on internal errors, which the result does not show."""
    base = report.get("baseline")
    fails = base["worse"] if base else report["result"] == "nonconformant"
    number = 0 if fails else report["summary"]["verdicts"][Verdict.ERROR]
    return f"Trouble inside scimproof, not the target's, at {count(number, 'check')}." if number else ""


def _waivers(report: Row) -> str:
    """A sentence on expired or unneeded waivers, where only these fail the run."""
    ended = len(lapsed(report))
    if not ended:
        return ""
    if undecided_reason(report) or _trouble(report):
        which = count(ended, "waiver ended or is", "waivers ended or are")
        return f"{which} not needed."
    which = count(ended, "waiver that ended or is", "waivers that ended or are")
    return f"The run fails for {which} not needed."


def _rule(report: Row, finding: Row) -> str:
    return str(report["requirements"].get(finding["requirement"], {}).get("statement", ""))
