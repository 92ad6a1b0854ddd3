"""Groups what did not hold by the requirement behind it: the few reasons for many findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scimproof.model import Verdict

Row = dict[str, Any]
SEVERITIES = ("fails", "trouble", "reported", "warning", "undecided")
HELD_BACK = " did not hold: "


@dataclass
class Cause:
    """One reason: the rule behind it (None where no rule is), its findings, and what it held back.

    `severity` is `fails` (gates), `trouble` (the harness's own), `reported` (fails, does not gate),
    `warning` or `undecided`. `text` says the reason where there is no rule.
    """

    id: str
    severity: str
    rule: Row | None
    text: str = ""
    findings: list[Row] = field(default_factory=list)
    blocked: int = 0

    @property
    def admin(self) -> str:
        """What an Okta administrator meets; "" where the target is not to blame or nobody knows."""
        return str(self.rule["admin"]) if self.rule and self.severity != "trouble" else ""

    @property
    def first(self) -> Row | None:
        """The finding to show as the example."""
        return self.findings[0] if self.findings else None


def causes(report: Row) -> list[Cause]:
    """All reasons, most severe first, within that the one behind most findings first."""
    found: dict[tuple[str, str], Cause] = {}
    for finding in report["findings"]:
        severity = severity_of(finding)
        if severity and severity != "undecided":
            rule = report["requirements"].get(finding["requirement"])
            key = (finding["requirement"], severity)
            found.setdefault(key, Cause(finding["requirement"], severity, rule)).findings.append(finding)
    for finding in report["findings"]:
        if severity_of(finding) == "undecided":
            _add_undecided(found, finding, report["requirements"])
    return sorted(found.values(), key=_weight)


def severity_of(finding: Row) -> str:
    """How much a finding matters, one of SEVERITIES; "" for one that needs no attention."""
    verdict = finding["verdict"]
    if verdict == Verdict.FAIL:
        return "fails" if finding["gates"] else "reported"
    words = {Verdict.ERROR: "trouble", Verdict.WARNING: "warning", Verdict.INCONCLUSIVE: "undecided"}
    return words.get(verdict, "")


def _add_undecided(found: dict[tuple[str, str], Cause], finding: Row, rules: Row) -> None:
    """Count a finding towards the gate that held it back, which may be a failure already seen."""
    gate, held_back, _ = finding["observed"].partition(HELD_BACK)
    name = gate.rpartition("#")[2]
    if held_back and name in rules:
        cause = next((found[name, word] for word in SEVERITIES if (name, word) in found), None)
        if cause is None:
            cause = found.setdefault((name, "undecided"), Cause(name, "undecided", rules[name]))
        cause.blocked += 1
        if cause.severity == "undecided":
            cause.findings.append(finding)
        return
    text = finding["observed"]
    found.setdefault((text, "undecided"), Cause("", "undecided", None, text)).findings.append(finding)


def _weight(cause: Cause) -> tuple[int, int]:
    return SEVERITIES.index(cause.severity), -len(cause.findings) - cause.blocked
