"""Writes JUnit XML: a test suite for each sequence, a test case for each finding."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from scimproof.extent import asked
from scimproof.render.causes import severity_of
from scimproof.render.proof import again
from scimproof.render.visible import line, visible
from scimproof.render.words import SEVERITY, result
from scimproof.titles import admin, title

Row = dict[str, Any]


def junit(report: Row) -> str:
    """The XML text. What decides the result and fails is a failure; other breaches pass with a note."""
    exchanges = {exchange["number"]: exchange for exchange in report["exchanges"]}
    root = ET.Element("testsuites", name=f"scimproof {report['profile']['id']}")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    findings: dict[str, list[Row]] = {}
    for finding in report["findings"]:
        findings.setdefault(finding["sequence"], []).append(finding)
    for sequence in report["sequences"]:
        if sequence["id"] in findings:
            counts = _suite(root, report, sequence, findings[sequence["id"]], exchanges)
            totals = {key: totals[key] + counts[key] for key in totals}
    totals.pop("skipped")  # a whole report has no such count in the schema that Jenkins holds it to
    root.attrib |= {key: str(number) for key, number in totals.items()} | {"time": f"{report['seconds']:.3f}"}
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(
    root: ET.Element, report: Row, sequence: Row, findings: list[Row], exchanges: dict[int, Row]
) -> dict[str, int]:
    suite = ET.SubElement(
        root, "testsuite", name=sequence["id"], timestamp=report["started"].removesuffix("Z")
    )
    properties = ET.SubElement(suite, "properties")
    for name in ("title", "source", "about"):
        ET.SubElement(properties, "property", name=name, value=line(sequence[name]))
    ET.SubElement(properties, "property", name="target", value=line(report["target"]["url"]))
    part = asked(report)
    ET.SubElement(
        properties, "property", name="result", value=line(result(report)) if part else report["result"]
    )
    if part:
        ET.SubElement(properties, "property", name="asked", value=line(part))
    timed: set[int] = set()
    kinds = [_case(suite, report, finding, exchanges, timed) for finding in findings]
    took = sum(exchanges[number]["ms"] for number in timed) / 1000
    counts = {"tests": len(kinds), "failures": kinds.count("failure"), "errors": kinds.count("error")}
    counts["skipped"] = kinds.count("skipped")
    suite.attrib |= {key: str(number) for key, number in counts.items()} | {"time": f"{took:.3f}"}
    return counts


def _case(suite: ET.Element, report: Row, finding: Row, exchanges: dict[int, Row], timed: set[int]) -> str:
    number = finding["exchange"]
    first = number is not None and number not in timed  # an exchange's time counts once, not once a finding
    seconds = exchanges[number]["ms"] / 1000 if first else 0.0
    if number is not None:
        timed.add(number)
    name = f"{finding['step']}#{finding['requirement']}"
    case = ET.SubElement(suite, "testcase", classname=finding["sequence"], name=name, time=f"{seconds:.3f}")
    kind = _kind(finding)
    if kind == "skipped":
        ET.SubElement(case, "skipped", message=f"{finding['verdict']}: {line(_why(finding), 500)}")
    elif kind:
        text = _told(report, finding, exchanges.get(number))
        rule = report["requirements"].get(finding["requirement"], {})
        said = f"{title(rule, finding, exchanges.get(number))} Observed: {finding['observed']}"
        message = line(said, 500)
        element = ET.SubElement(case, "system-out" if kind == "note" else kind)
        if kind != "note":
            element.attrib |= {"type": finding["requirement"], "message": message}
        element.text = text
    return kind


def _why(finding: Row) -> str:
    """Why it was skipped; of a waived one the reason, the end and the issue, then what was observed."""
    waiver = finding["waiver"]
    if not waiver:
        return str(finding["observed"])
    until = waiver.get("until") and f"until {waiver['until']}"
    excuse = ", ".join(filter(None, (waiver.get("reason"), until, waiver.get("issue"))))
    return f"{excuse}; {finding.get('unwaived', 'fail')}: {finding['observed']}"


def _kind(finding: Row) -> str:
    """The JUnit element that a finding needs; "" for none."""
    kinds = {
        "fails": "failure",
        "trouble": "error",
        "reported": "note",
        "warning": "note",
        "undecided": "skipped",
    }
    skipped = "skipped" if finding["verdict"] in ("not-applicable", "waived") else ""
    return kinds.get(severity_of(finding), skipped)


def _told(report: Row, finding: Row, exchange: Row | None) -> str:
    rule = report["requirements"].get(finding["requirement"], {})
    lines = [
        f"{SEVERITY[severity_of(finding)]}: {title(rule, finding, exchange)} ({rule.get('source', '')})",
        f"expected: {finding['expected']}",
        f"observed: {finding['observed']}",
    ]
    if meets := admin(rule, exchange):
        lines.append(f"in Okta:  {meets}")
    if exchange:
        answer = exchange["error"] or f"{exchange['status']} {exchange['reason']}"
        lines.append(
            f"exchange {exchange['number']}: {exchange['request']['method']} "
            f"{exchange['request']['target']} -> {answer}"
        )
    if command := again(report, finding):
        lines.append(f"again:    {command}")
    return visible("\n".join(lines))
