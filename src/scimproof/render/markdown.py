"""Writes Markdown that fits a pull request's comment: the result, the counts, the reasons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from scimproof.model import Verdict
from scimproof.render.causes import Cause, causes
from scimproof.render.features import features
from scimproof.render.gate import lapsed, notices, since, standing
from scimproof.render.known import recognised
from scimproof.render.visible import code, line, prose
from scimproof.render.words import LABELS, RESULTS, SEVERITY, count, reason, requests, sentence

Row = dict[str, Any]
OPEN, RULES = 8, 12  # reasons that are not folded; rules that are named of one reason
MOST = 30  # lines about waivers and the baseline
ROOM = 58_000  # bytes; a comment on GitHub holds 65,536 characters


def markdown(report: Row, link: str = "") -> str:
    """The text, under 60 KB however much did not hold; what found no room is counted.

    It is plain Markdown with `details`, which GitHub and GitLab both show: the first reasons lie open,
    the others are folded. `link` is where the full report can be read, "" where nobody knows.
    """
    found = causes(report)
    text = "\n\n".join(_head(report, found))
    where = f"[Full report](<{_address(link)}>)" if link else "The full report is `report.html`"
    end = f"\n\n{where}; `report.json` has every request and answer.\n"
    end += f"\n{prose(LABELS)}\n" if found else ""
    shown, last = 0, ""
    for cause in found:
        fold = (
            f"\n\n<details>\n<summary>{count(len(found) - shown, 'more reason')}</summary>"
            if shown == OPEN
            else ""
        )
        title = f"\n\n### {SEVERITY[cause.severity]}\n\n" if fold or cause.severity != last else "\n"
        block = fold + title + _cause(cause)
        if len((text + block).encode()) > ROOM:
            break
        text += block
        last = cause.severity
        shown += 1
    text += "\n\n</details>" if shown > OPEN else ""
    if shown < len(found):
        text += f"\n\n{_more(len(found) - shown)} in the full report."
    return text + end


def _more(number: int) -> str:
    return count(number, "more reason is", "more reasons are")


def _address(link: str) -> str:
    """The link with nothing in it that could end it."""
    return quote(line(link), safe=":/?#[]@!$&'()*+,;=%-._~")


def _head(report: Row, found: list[Cause]) -> Iterator[str]:
    yield f"## scimproof: {RESULTS[report['result']].lower()}"
    yield prose(" ".join(filter(None, (standing(report), reason(report, found)))))
    where = "the embedded target" if report["target"]["embedded"] else code(report["target"]["url"])
    played = f"profile `{report['profile']['id']}` · {report['started']} · {report['seconds']:.1f} s"
    yield f"{where} · {played} · requests: {requests(report)}"
    yield _table(report)
    if product := recognised(report):
        yield prose(product)
    yield from map(prose, report.get("notes", ()))
    if told := sentence(report):
        yield prose(told)
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


def _cause(cause: Cause) -> str:
    blocked = (
        f"; {count(cause.blocked, 'further check')} could not be asked because of it" if cause.blocked else ""
    )
    if cause.severity == "undecided":
        blocked = ""
    title = prose(cause.title) if cause.rule or cause.rules else code(cause.text)
    lines = [f"- **{title}** {count(len(cause.findings), 'check')}{blocked}."]
    if cause.rule:
        lines.append(f"  - Rule: `{cause.id}`, {cause.rule['level']}, {prose(cause.rule['source'])}")
    lines += [
        f"  - Breaks `{rule['id']}`, {rule['level']}: {prose(rule['statement'])}"
        for rule in cause.rules[:RULES]
    ]
    if len(cause.rules) > RULES:
        lines.append(f"  - and {count(len(cause.rules) - RULES, 'more rule')}")
    if cause.admin:
        lines.append(f"  - In Okta: {prose(cause.admin)}")
    lines += [f"  - {prose(told[0].upper() + told[1:])}" for told in cause.known]
    if cause.first:
        lines.append(f"  - First: {code(cause.first['id'])}")
        if cause.first["expected"]:
            lines.append(f"  - Expected: {code(cause.first['expected'])}")
        if cause.rule or cause.rules:
            lines.append(f"  - Observed: {code(cause.first['observed'])}")
    return "\n".join(lines)
