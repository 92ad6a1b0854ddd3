"""Groups what did not hold by the reason behind it: the few reasons for many findings.

A reason is a broken requirement, or a kind of request that never succeeds with all the requirements that
this breaks. What was held back by a gate belongs to the reason for which the gate did not hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from scimproof.model import Verdict
from scimproof.render.known import explained
from scimproof.render.refused import refusals

Row = dict[str, Any]
SEVERITIES = ("fails", "trouble", "reported", "warning", "undecided")
HELD_BACK = " did not hold: "


@dataclass
class Cause:
    """One reason: the rule behind it (None where it is not one rule), its findings, and what it held back.

    `severity` is `fails` (gates), `trouble` (the harness's own), `reported` (fails, does not gate),
    `warning` or `undecided`. `text` says the reason where it is not one rule, `rules` are then the rules
    that it breaks. `held` are the findings that could not be asked because of it, `known` sentences about
    documented deviations of the product that explain it.
    """

    id: str
    severity: str
    rule: Row | None
    text: str = ""
    rules: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    held: list[Row] = field(default_factory=list)
    known: list[str] = field(default_factory=list)

    @property
    def blocked(self) -> int:
        """How many findings it held back."""
        return len(self.held)

    @property
    def title(self) -> str:
        """The reason in a sentence."""
        return str(self.rule["statement"]) if self.rule else self.text

    @property
    def admin(self) -> str:
        """What an Okta administrator meets; "" where the target is not to blame or nobody knows."""
        if self.severity == "trouble":
            return ""
        rules = [self.rule] if self.rule else self.rules
        return " ".join(dict.fromkeys(rule["admin"] for rule in rules if rule["admin"]))

    @property
    def first(self) -> Row | None:
        """The finding to show as the example: the first that decides, if one does."""
        return next((f for f in self.findings if f["gates"]), self.findings[0] if self.findings else None)

    def of(self, rule: Row) -> list[Row]:
        """Its findings that are about that rule."""
        return [finding for finding in self.findings if finding["requirement"] == rule["id"]]


def causes(report: Row) -> list[Cause]:
    """All reasons, most severe first, within that the one behind most findings first."""
    rules = report["requirements"]
    found = [_refusal(refusal.id, refusal.text, refusal.findings, rules) for refusal in refusals(report)]
    told = {finding["id"] for cause in found for finding in cause.findings}
    by_rule: dict[tuple[str, str], Cause] = {}
    for finding in report["findings"]:
        severity = severity_of(finding)
        if severity and severity != "undecided" and finding["id"] not in told:
            key = (finding["requirement"], severity)
            rule = rules.get(finding["requirement"])
            by_rule.setdefault(key, Cause(finding["requirement"], severity, rule)).findings.append(finding)
    found += by_rule.values()
    found += _undecided(report, found)
    for cause in found:
        cause.known = explained(report, cause.findings)
    return sorted(found, key=_weight)


def severity_of(finding: Row) -> str:
    """How much a finding matters, one of SEVERITIES; "" for one that needs no attention."""
    verdict = finding["verdict"]
    if verdict == Verdict.FAIL:
        return "fails" if finding["gates"] else "reported"
    words = {Verdict.ERROR: "trouble", Verdict.WARNING: "warning", Verdict.INCONCLUSIVE: "undecided"}
    return words.get(verdict, "")


def worst(findings: Iterable[Row]) -> str:
    """The most severe of what these findings say; "" where none needs attention."""
    return min(filter(None, map(severity_of, findings)), key=SEVERITIES.index, default="")


def gate_of(finding: Row) -> str:
    """The id of the finding that held this one back, "" for none; earlier reports only say it in words."""
    if finding.get("because"):
        return str(finding["because"])
    gate, held_back, _ = finding["observed"].partition(HELD_BACK)
    return gate if held_back else ""


def _refusal(id: str, text: str, findings: list[Row], rules: Row) -> Cause:
    broken = {finding["requirement"]: rules[finding["requirement"]] for finding in findings}
    return Cause(id, worst(findings), None, text, list(broken.values()), findings)


def _undecided(report: Row, found: list[Cause]) -> list[Cause]:
    """What could not be told: counted to the reason of its gate, or a reason of its own."""
    by_finding = {finding["id"]: cause for cause in found for finding in cause.findings}
    by_rule: dict[str, Cause] = {}
    for cause in sorted(found, key=_weight):
        for rule in [cause.rule] if cause.rule else cause.rules:
            by_rule.setdefault(rule["id"], cause)
    others: dict[str, Cause] = {}
    for finding in report["findings"]:
        if severity_of(finding) != "undecided":
            continue
        gate = gate_of(finding)
        name = gate.rpartition("#")[2]
        known = by_finding.get(gate) or by_rule.get(name)
        rule = report["requirements"].get(name)
        key, text = (name, "") if rule else ("", finding["observed"])
        cause = known or others.setdefault(key or text, Cause(key, "undecided", rule, text))
        if not known:
            cause.findings.append(finding)
        if cause.severity != "undecided" or cause.rule:
            cause.held.append(finding)
    return list(others.values())


def _weight(cause: Cause) -> tuple[int, int]:
    return SEVERITIES.index(cause.severity), -len(cause.findings) - cause.blocked
