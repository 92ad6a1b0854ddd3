"""Coverage: checks counted by operation of the sender, and by section of the RFCs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scimproof.render.diagnosis.grouping import SEVERITIES, severity_of
from scimproof.render.sender import sender

Row = dict[str, Any]
OPERATION = re.compile(r"\b[A-Z]+-\d+\b")
RANGE = re.compile(r"\b([A-Z]+)-(\d+) to \1-(\d+)\b")
SECTION = re.compile(r"rfc(\d+)-([\d.]+)-")
EVERY = "every answer"
HARNESS = "HARNESS"  # operations of no sender


def by_operation(report: Row) -> list[Row]:
    """A row for each operation: id, title, requests, counts by verdict, the worst severity and an example.

    A finding belongs to the operation that it is about: when a user is read after being deactivated, the
    deactivation is what does not hold, not the reading.
    """
    titles = report.get("operations", {})
    requests: dict[str, list[str]] = {}
    for sequence in report["sequences"]:
        for step in sequence["steps"]:
            request = f"{step.get('method', '')} {step.get('path', '')}".strip()
            if request and request not in requests.setdefault(step["operation"], []):
                requests[step["operation"]].append(request)
    rows: dict[str, Row] = {}
    for name, finding in findings_by_operation(report):
        row = rows.setdefault(name, _row(name, titles.get(name, {}).get("title", "")))
        row["requests"] = requests.get(name, [])
        _count(row, finding)
    order = list(titles)
    return sorted(rows.values(), key=lambda row: _place(row["id"], order))


def findings_by_operation(report: Row) -> Iterator[tuple[str, Row]]:
    """Every finding with the id of the operation that it is about, EVERY where it is about none."""
    steps: dict[tuple[str, str], list[str]] = {}
    for sequence in report["sequences"]:
        before: list[str] = []
        for step in sequence["steps"]:
            before = [*before, step["operation"]]
            steps[sequence["id"], step["id"]] = before
    for finding in report["findings"]:
        before = steps.get((finding["sequence"], finding["step"]), [""])
        yield about(report["requirements"].get(finding["requirement"], {}), before) or EVERY, finding


def about(rule: Row, operations: list[str]) -> str:
    """The operation that a finding is about; `operations` are those of its sequence up to its step.

    The last one that the requirement's source names, or else the step's own. What the harness reads for
    itself, which the sender never would, is about what the sender did last.
    """
    named = set(_named(rule.get("source", "")))
    for name in reversed(operations):
        if name in named:
            return name
    return next((name for name in reversed(operations) if not name.startswith(HARNESS)), operations[-1])


def _named(source: str) -> Iterator[str]:
    """The operations that a source names: `ACME-01, ACME-03 to ACME-05` are four."""
    yield from OPERATION.findall(source)
    for family, first, last in RANGE.findall(source):
        yield from (f"{family}-{number:0{len(first)}}" for number in range(int(first), int(last)))


def not_asked(report: Row, rows: Iterable[Row]) -> list[Row]:
    """The operations without a row, each with its title and, if it is never sent, the reason."""
    asked = {row["id"] for row in rows}
    return [
        row
        for name, row in report.get("operations", {}).items()
        if name not in asked and not name.startswith(HARNESS)
    ]


def by_source(report: Row) -> list[tuple[str, list[Row]]]:
    """For each authority, rows of its RFC sections or other texts, with counts.

    A finding whose requirement has several sources counts once with each.
    """
    titles, whose = report.get("sections", {}), sender(report)["name"]
    found: dict[str, dict[str, Row]] = {}
    for finding in report["findings"]:
        rule = report["requirements"].get(finding["requirement"], {})
        part = found.setdefault(finding["authority"], {})
        for name in _sources(finding["requirement"], rule.get("source", ""), whose):
            title = titles.get(finding["authority"], {}).get(name, "")
            _count(part.setdefault(name, _row(name, title)), finding)
    return [
        (authority, sorted(rows.values(), key=lambda row: _numbers(row["id"])))
        for authority, rows in sorted(found.items())
    ]


def _sources(rule: str, source: str, whose: str) -> list[str]:
    section = SECTION.match(rule)
    if section:
        return [section[2]]
    pieces = [re.sub(r"\([^)]*\)", "", piece) for piece in source.split(";")]
    names = [re.sub(r",? (steps?|sections?) .*|:.*", "", piece).strip() for piece in pieces]
    labels = [re.sub(rf"^{re.escape(whose)}('s)? |(?<= suite)s$| C\d+.*", "", name) for name in names]
    return list(dict.fromkeys(_label(label) for label in labels if label))


def _label(name: str) -> str:
    """The name of a list of operations: `ACME-nn` (each operation has a row elsewhere)."""
    family = re.match(r"([A-Z]+)-\d+", name)
    return f"{family[1]}-nn" if family else name


def _row(id: str, title: str) -> Row:
    return {"id": id, "title": title, "requests": [], "counts": {}, "worst": "", "first": ""}


def _count(row: Row, finding: Row) -> None:
    counts = row["counts"]
    counts[finding["verdict"]] = counts.get(finding["verdict"], 0) + 1
    severity = severity_of(finding)
    if severity and (not row["worst"] or SEVERITIES.index(severity) < SEVERITIES.index(row["worst"])):
        row["worst"], row["first"] = severity, finding["id"]


def _place(name: str, order: list[str]) -> tuple[int, int, str]:
    if name == EVERY:
        return (2, 0, "")
    return (0, order.index(name), "") if name in order else (1, 0, name)


def _numbers(name: str) -> list[tuple[int, str]]:
    """Sort key of section numbers: 3.4.2 before 3.12."""
    return [(int(part) if part.isdigit() else 0, part) for part in re.split(r"[.\s]", name)]
