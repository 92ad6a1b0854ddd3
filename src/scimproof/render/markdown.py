"""Writes Markdown that fits a pull request's comment: the result, the counts, the reasons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from scimproof.model import Verdict
from scimproof.render.causes import Cause, causes
from scimproof.render.features import features
from scimproof.render.gate import lapsed, notices, since, standing
from scimproof.render.known import recognised
from scimproof.render.visible import code, prose
from scimproof.render.words import LABELS, RESULTS, SEVERITY, WORKS, count, dialects, reason, requests

Row = dict[str, Any]
MOST = 30  # lines about waivers and the baseline
ROOM = 58_000  # bytes; a comment on GitHub holds 65,536 characters


def markdown(report: Row) -> str:
    """The text, under 60 KB however much did not hold; what found no room is counted."""
    found = causes(report)
    text = "\n\n".join(_head(report, found))
    end = f"\n\n{prose(LABELS)}\n" if found else "\n"
    left = len(found)
    for severity, cause in _titled(found):
        block = (f"\n\n### {SEVERITY[severity]}\n\n" if severity else "\n") + _cause(cause)
        if len((text + block).encode()) > ROOM:
            break
        text += block
        left -= 1
    if left:
        text += f"\n\n{count(left, 'more reason is', 'more reasons are')} in the full report."
    return text + end


def _head(report: Row, found: list[Cause]) -> Iterator[str]:
    yield f"## scimproof: {RESULTS[report['result']].lower()}"
    yield prose(" ".join(filter(None, (standing(report), reason(report, found)))))
    where = "the embedded target" if report["target"]["embedded"] else code(report["target"]["url"])
    played = f"profile `{report['profile']['id']}` · {report['started']} · {report['seconds']:.1f} s"
    yield f"{where} · {played} · requests: {requests(report)}"
    yield _table(report)
    if product := recognised(report):
        yield prose(product)
    parts = [f"{name} {WORKS[part['result']]}" for name, _, part in dialects(report)]
    if parts:
        yield prose("Dialects: " + ", ".join(parts) + ".")
    if promised := features(report):
        yield _features(promised)
    said = [*lapsed(report), *itertools.islice(since(report), MOST), *notices(report)]
    if said:
        yield "\n".join(f"- {prose(told)}" for told in said[:MOST])
    left = report["ledger"]["left"]
    if left:
        stayed = count(len(left), "resource")
        yield f"**{stayed} of this run could not be removed**; `scimproof clean` tries again."


def _table(report: Row) -> str:
    shown = [verdict for verdict in Verdict if report["summary"]["verdicts"][verdict]]
    rows = [["Authority", *(str(verdict) for verdict in shown)], ["---"] + ["---:"] * len(shown)]
    for name, counts in report["summary"]["authorities"].items():
        decides = " (decides)" if name in report["profile"]["gates"] else ""
        rows.append([f"{name}{decides}", *(str(counts[verdict]) for verdict in shown)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _features(rows: list[Row]) -> str:
    lines = ["| Feature | Okta sends | Over SCIM | By the observer | |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        sent = "<br>".join(code(request) for request in row["requests"])
        cells = (prose(row["title"]), sent, row["scim"] or "-", row["observer"] or "-", row["state"])
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _titled(found: list[Cause]) -> Iterator[tuple[str, Cause]]:
    """Each cause, with its severity where that is the first of its kind."""
    before = ""
    for cause in found:
        yield (cause.severity if cause.severity != before else ""), cause
        before = cause.severity


def _cause(cause: Cause) -> str:
    blocked = (
        f"; {count(cause.blocked, 'further check')} could not be asked because of it" if cause.blocked else ""
    )
    if cause.severity == "undecided":
        blocked = ""
    title = prose(cause.rule["statement"]) if cause.rule else code(cause.text)
    lines = [f"- **{title}** {count(len(cause.findings), 'check')}{blocked}."]
    if cause.rule:
        lines.append(f"  - Rule: `{cause.id}`, {cause.rule['level']}, {prose(cause.rule['source'])}")
    if cause.admin:
        lines.append(f"  - In Okta: {prose(cause.admin)}")
    lines += [f"  - {prose(told[0].upper() + told[1:])}" for told in cause.known]
    if cause.first:
        lines.append(f"  - First: {code(cause.first['id'])}")
        if cause.first["expected"]:
            lines.append(f"  - Expected: {code(cause.first['expected'])}")
        if cause.rule:
            lines.append(f"  - Observed: {code(cause.first['observed'])}")
    return "\n".join(lines)
