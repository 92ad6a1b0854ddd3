"""Writes Markdown that fits a pull request's comment: the result, the counts, the reasons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from scimproof.core.escaping import code, line, prose
from scimproof.core.results import Verdict
from scimproof.render.conformance import rfc_rows
from scimproof.render.conformance.admin_messages import AdminMessage, AdminMessages
from scimproof.render.conformance.features import features
from scimproof.render.conformance.gate_notes import lapsed, notices, since, standing
from scimproof.render.diagnosis.grouping import Cause, causes
from scimproof.render.diagnosis.known_deviations import recognised
from scimproof.render.diagnosis.proof import ShownExchange
from scimproof.render.phrases import (
    SEVERITY,
    count,
    reason,
    remains,
    requests,
    result,
    sentence,
)
from scimproof.render.sender import authority, place, sender
from scimproof.report.titles import broken

Row = dict[str, Any]
OPEN, RULES = 8, 8  # reasons that are not folded; rules named for one reason
SHOWN = 260  # characters of a request
MOST = 30  # lines about waivers and the baseline
ROOM = 58_000  # bytes; a comment on GitHub holds 65,536 characters


def markdown(report: Row, link: str = "") -> str:
    """The text, under 60 KB however much did not hold; what found no room is counted.

    It is plain Markdown with `details`, which GitHub and GitLab both show: the first reasons lie open,
    the others are folded. `link` is where the full report can be read, "" where nobody knows.
    """
    found, messages = causes(report), AdminMessages(report)
    text = "\n\n".join(_head(report, found))
    where = f"[Full report](<{_address(link)}>)" if link else "The full report is `report.html`"
    end = f"\n\n{where}; `report.json` has every request and answer.\n"
    end += f"\n{prose(sender(report)['sources'])}\n" if found else ""
    listed, last = 0, ""
    for cause in found:
        fold = (
            f"\n\n<details>\n<summary>{count(len(found) - listed, 'more reason')}</summary>"
            if listed == OPEN
            else ""
        )
        title = f"\n\n### {SEVERITY[cause.severity]}\n\n" if fold or cause.severity != last else "\n"
        block = fold + title + _cause(report, cause, messages.of(cause.first))
        if len((text + block).encode()) > ROOM:
            break
        text += block
        last = cause.severity
        listed += 1
    text += "\n\n</details>" if listed > OPEN else ""
    if listed < len(found):
        text += f"\n\n{_more(len(found) - listed)} in the full report."
    return text + end


def _more(number: int) -> str:
    return count(number, "more reason is", "more reasons are")


def _address(link: str) -> str:
    """The link with nothing in it that could end it."""
    return quote(line(link), safe=":/?#[]@!$&'()*+,;=%-._~")


def _head(report: Row, found: list[Cause]) -> Iterator[str]:
    outcome = result(report)
    yield f"## scimproof: {outcome[:1].lower() + outcome[1:]}"
    yield prose(" ".join(filter(None, (standing(report), reason(report, found)))))
    where = "the embedded target" if report["target"]["embedded"] else code(report["target"]["url"])
    played = f"profile `{report['profile']['id']}` · {report['started']} · {report['seconds']:.1f} s"
    yield f"{where} · {played} · requests: {requests(report)}"
    yield _table(report)
    if product := recognised(report):
        yield prose(product)
    yield from map(prose, report.get("notes", ()))
    if dialect_sentence := sentence(report):
        yield prose(dialect_sentence)
    if promised := features(report):
        yield _features(report, promised)
    if rows := rfc_rows.sentence(report):
        yield prose(rows)
    notes = [*lapsed(report), *itertools.islice(since(report), MOST), *notices(report)]
    if notes:
        yield "\n".join(f"- {prose(note)}" for note in notes[:MOST])
    if left := remains(report):
        yield f"**{prose(left)}**"


def _table(report: Row) -> str:
    verdicts = [verdict for verdict in Verdict if report["summary"]["verdicts"][verdict]]
    rows = [["Authority", *(str(verdict) for verdict in verdicts)], ["---"] + ["---:"] * len(verdicts)]
    for name, counts in report["summary"]["authorities"].items():
        decides = " (decides)" if name in report["profile"]["gates"] else ""
        rows.append([f"{name}{decides}", *(str(counts[verdict]) for verdict in verdicts)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _features(report: Row, rows: list[Row]) -> str:
    lines = [
        f"| Feature | {sender(report)['name']} sends | Over SCIM | By the observer | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        sent = "<br>".join(code(request) for request in row["requests"])
        cells = (prose(row["title"]), sent, row["scim"] or "-", row["observer"] or "-", row["state"])
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cause(report: Row, cause: Cause, shown: AdminMessage) -> str:
    blocked = (
        f"; {count(cause.blocked, 'further check')} could not be asked because of it" if cause.blocked else ""
    )
    if cause.severity == "undecided":
        blocked = ""
    title = prose(cause.title) if cause.rules else code(cause.title)
    lines = [f"- **{title}** {count(len(cause.findings), 'check')}{blocked}."]
    lines += [f"  - {place(report, start=True)}: {prose(cause.admin)}"] if cause.admin else []
    if shown and shown.log:
        told = filter(None, (shown.code and code(shown.code), shown.text and prose(line(shown.text, SHOWN))))
        lines.append(f"  - {prose(shown.log)}: {' '.join(told)}")
        lines += [f"  - Then: {prose(' '.join(shown.then))}"] if shown.then else []
    lines += [f"  - Sent: {_sent(cause.proof.request)}"] if cause.proof.request else []
    lines += [f"  - Read: {_sent(cause.proof.read)}"] if cause.proof.read else []
    if cause.first:
        if cause.first["expected"]:
            lines.append(f"  - Expected: {code(cause.first['expected'])}")
        if cause.rules:
            lines.append(f"  - Observed: {code(cause.first['observed'])}")
    lines += [f"  - {prose(deviation[0].upper() + deviation[1:])}" for deviation in cause.known]
    lines += [f"  - First: {code(cause.first['id'])}"] if cause.first else []
    if rule := cause.rule:
        contested = f"; contested: {prose(rule['contested'])}" if rule.get("contested") else ""
        lines.append(f"  - Rule: `{rule['id']}`, {rule['level']}, {prose(rule['source'])}{contested}")
    lines += [f"  - Breaks too: {_rule(report, rule)}" for rule in cause.others[:RULES]]
    if len(cause.others) > RULES:
        lines.append(f"  - and {count(len(cause.others) - RULES, 'more rule')}")
    lines += [f"  - Again: {code(cause.again, 600)}"] if cause.again else []
    return "\n".join(lines)


def _rule(report: Row, rule: Row) -> str:
    return f"`{rule['id']}`, {authority(rule['authority'], report)}, {rule['level']}: {prose(broken(rule))}"


def _sent(exchange: ShownExchange) -> str:
    """A request with its body, cut, and how it was answered."""
    return f"{code(f'{exchange.head} {exchange.body}', SHOWN)} → {code(exchange.came)}"
