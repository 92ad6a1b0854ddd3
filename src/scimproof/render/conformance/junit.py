"""Writes JUnit XML: a test suite for each sequence, a test case for each finding.

It is red where the exit code is not 0 and green where it is, so that a service that reads the file passes and
fails the same jobs. What a run says beside its findings, as that it could not tell, is a case of its own.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scimproof.core.escaping import line, visible
from scimproof.render.conformance.admin_messages import AdminMessages
from scimproof.render.conformance.gate_notes import as_before, lapses, left_over, undecided_reason
from scimproof.render.diagnosis.grouping import severity_of
from scimproof.render.diagnosis.proof import repeat_command
from scimproof.render.phrases import SEVERITY, breach, result
from scimproof.render.sender import place
from scimproof.report.extent import asked
from scimproof.report.titles import admin, title

Row = dict[str, Any]
Counts = dict[str, int]
OWN = "scimproof"  # the suite of what is about the run and no finding
KINDS = {
    "fails": "failure",
    "trouble": "error",
    "reported": "note",
    "warning": "note",
    "undecided": "skipped",
}


def junit(report: Row) -> str:
    """The XML text. What decides the result and fails is a failure; other breaches pass with a note.

    With a baseline, what fails as before is skipped, as what is waived is. A run that could not tell has one
    error that says why.
    """
    return _JunitWriter(report).text()


@dataclass(frozen=True)
class _JunitWriter:
    report: Row

    @cached_property
    def exchanges(self) -> dict[int, Row]:
        """Every exchange by its number."""
        return {exchange["number"]: exchange for exchange in self.report["exchanges"]}

    @cached_property
    def messages(self) -> AdminMessages:
        """What the provider shows of the answers."""
        return AdminMessages(self.report)

    @cached_property
    def excused(self) -> dict[str, str]:
        """Why each failed finding does not fail the run, by the finding's id."""
        return as_before(self.report)

    @cached_property
    def lapsed(self) -> dict[str, str]:
        """The sentence about an expired or unneeded waiver, by the finding that it is about."""
        return lapses(self.report)

    def text(self) -> str:
        """The whole file."""
        report = self.report
        root = ET.Element("testsuites", name=f"scimproof {report['profile']['id']}")
        findings: dict[str, list[Row]] = {}
        for finding in report["findings"]:
            findings.setdefault(finding["sequence"], []).append(finding)
        played = [row for row in report["sequences"] if row["id"] in findings]
        parts = [self._run(root), *(self._sequence(root, row, findings[row["id"]]) for row in played)]
        counts = {key: sum(part[key] for part in parts) for key in ("tests", "failures", "errors")}
        root.attrib |= {key: str(number) for key, number in counts.items()}
        root.attrib |= {"time": f"{report['seconds']:.3f}"}
        ET.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"

    def _run(self, root: ET.Element) -> Counts:
        """A suite for what fails the run and is no finding; None for nothing."""
        found = []
        if why := undecided_reason(self.report):
            found.append(("could not tell", "error", f"could not tell: {why}"))
        if why := left_over(self.report):
            found.append(("everything created is removed", "failure", why))
        found += [(name, "failure", message) for name, message in self.lapsed.items() if "#" not in name]
        suite = ET.Element("testsuite", name=OWN, timestamp=self._started)
        for name, kind, message in found:
            case = ET.SubElement(suite, "testcase", classname=OWN, name=line(name), time="0.000")
            _tell(case, kind, message, message, name)
        if found:
            root.append(suite)
        return _counted(suite, [kind for _, kind, _ in found], 0.0)

    def _sequence(self, root: ET.Element, sequence: Row, findings: list[Row]) -> Counts:
        suite = ET.SubElement(root, "testsuite", name=sequence["id"], timestamp=self._started)
        properties = ET.SubElement(suite, "properties")
        for name in ("title", "source", "about"):
            ET.SubElement(properties, "property", name=name, value=line(sequence[name]))
        ET.SubElement(properties, "property", name="target", value=line(self.report["target"]["url"]))
        part = asked(self.report)
        outcome = line(result(self.report)) if part else self.report["result"]
        ET.SubElement(properties, "property", name="result", value=outcome)
        if part:
            ET.SubElement(properties, "property", name="asked", value=line(part))
        timed: set[int] = set()
        kinds = [self._case(suite, finding, timed) for finding in findings]
        return _counted(suite, kinds, sum(self.exchanges[number]["ms"] for number in timed) / 1000)

    def _case(self, suite: ET.Element, finding: Row, timed: set[int]) -> str:
        number = finding["exchange"]
        first = (
            number is not None and number not in timed
        )  # an exchange's time counts once, not once a finding
        seconds = self.exchanges[number]["ms"] / 1000 if first else 0.0
        if number is not None:
            timed.add(number)
        name = f"{finding['step']}#{finding['requirement']}"
        case = ET.SubElement(
            suite, "testcase", classname=finding["sequence"], name=name, time=f"{seconds:.3f}"
        )
        kind = self._kind(finding)
        if kind == "skipped":
            known = finding["verdict"] in (
                "waived",
                "fail",
            )  # failures that are skipped with their full text
            message = self._message(finding) if known else ""
            _tell(case, kind, f"{finding['verdict']}: {self._why(finding)}", message)
        elif kind:
            message = breach(finding, self.report["requirements"], self.exchanges.get(finding["exchange"]))
            _tell(case, kind, message, self._message(finding), finding["requirement"])
        lapsed = self.lapsed.get(finding["id"])
        if lapsed and kind not in ("failure", "error"):
            _tell(case, "error", lapsed, lapsed, "waiver")
            return f"{kind}+error" if kind == "skipped" else "error"
        return kind

    def _kind(self, finding: Row) -> str:
        """The JUnit element of a finding; "" for none."""
        if finding["id"] in self.excused:
            return "skipped"
        skipped = "skipped" if finding["verdict"] in ("not-applicable", "waived") else ""
        return KINDS.get(severity_of(finding), skipped)

    def _why(self, finding: Row) -> str:
        """Why the case is skipped; for a waived one reason, end and issue, then the violation."""
        waiver = finding["waiver"]
        if waiver:
            until = waiver.get("until") and f"until {waiver['until']}"
            excuse = ", ".join(filter(None, (waiver.get("reason"), until, waiver.get("issue"))))
            return f"{excuse}; {finding.get('unwaived', 'fail')}: {self._seen(finding)}"
        excuse = self.excused.get(finding["id"], "")
        return f"{excuse}: {self._seen(finding)}" if excuse else str(finding["observed"])

    def _seen(self, finding: Row) -> str:
        """What was observed, in a whole sentence where it is a bare value such as `true`."""
        observed = str(finding["observed"])
        exchange = self.exchanges.get(finding["exchange"])
        return observed if " " in observed.strip() else breach(finding, self.report["requirements"], exchange)

    def _message(self, finding: Row) -> str:
        rule = self.report["requirements"].get(finding["requirement"], {})
        severity = SEVERITY.get(severity_of(finding), finding["verdict"])
        exchange = self.exchanges.get(finding["exchange"])
        lines = [
            f"{severity}: {title(rule, finding, exchange)} ({rule.get('source', '')})",
            f"expected: {finding['expected']}",
            f"observed: {finding['observed']}",
        ]
        if meets := admin(rule, exchange):
            lines.append(f"{place(self.report)}:  {meets}")
        if (shown := self.messages.of(finding)) and shown.log:
            lines.append(f"log:      {shown.headline}")
            lines += [f"then:     {shown.brief}"] if shown.then else []
        if exchange:
            answer = exchange["error"] or f"{exchange['status']} {exchange['reason']}"
            lines.append(
                f"exchange {exchange['number']}: {exchange['request']['method']} "
                f"{exchange['request']['target']} -> {answer}"
            )
        if command := repeat_command(self.report, finding):
            lines.append(f"again:    {command}")
        return "\n".join(lines)

    @property
    def _started(self) -> str:
        return str(self.report["started"]).removesuffix("Z")


def _tell(case: ET.Element, kind: str, message: str, text: str, type: str = "") -> None:
    """Add an element with a message; a note has no attributes."""
    element = ET.SubElement(case, "system-out" if kind == "note" else kind)
    if kind != "note":
        element.attrib |= {"type": type} if type else {}
        element.attrib |= {"message": line(message, 500)}
    element.text = visible(text) or None


def _counted(suite: ET.Element, kinds: list[str], seconds: float) -> Counts:
    """Set the counts of a suite's cases, and return them."""
    parts = [part for kind in kinds for part in kind.split("+")]
    counts = {"tests": len(kinds), "failures": parts.count("failure"), "errors": parts.count("error")}
    counts["skipped"] = parts.count("skipped")
    suite.attrib |= {key: str(number) for key, number in counts.items()} | {"time": f"{seconds:.3f}"}
    return counts
