"""Groups failed checks by root cause (a broken requirement, or a request kind that never succeeds).

All findings with one root cause are one reason, whichever requirements, authorities and dialects they are of.
A check that a gate blocked belongs to the reason for which the gate failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scimproof.core.results import Verdict
from scimproof.render.diagnosis.known_deviations import explained
from scimproof.render.diagnosis.proof import Proof, proof, repeat_command
from scimproof.render.diagnosis.root_cause import Key, RootCauses
from scimproof.render.diagnosis.undecided import undecided
from scimproof.render.diagnosis.wording import sentence
from scimproof.report.titles import admin, is_broken, title

Row = dict[str, Any]
SEVERITIES = ("fails", "trouble", "reported", "warning", "undecided")
HELD_BACK = " did not hold: "


@dataclass
class Cause:
    """One reason: its findings, the rules that they break, and the checks that it blocked.

    `severity` is that of its worst finding: `fails` (decides), `trouble` (an internal error), `reported`
    (fails, does not decide), `warning` or `undecided`. `rule` is the main one of the `rules`, None where it
    is about no rule. `title` is the reason in a sentence; `admin` is what an administrator experiences, ""
    where the target is not to blame or that is unknown. `blocked_findings` could not be checked because of
    it. `known` are sentences on documented deviations of the product, `proof` the exchanges that show it,
    `again` the command that repeats it.
    """

    id: str
    severity: str
    key: Key
    title: str = ""
    admin: str = ""
    rule: Row | None = None
    rules: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    blocked_findings: list[Row] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    proof: Proof = field(default_factory=lambda: Proof(None, None))
    again: str = ""

    @property
    def blocked(self) -> int:
        """How many findings it blocked."""
        return len(self.blocked_findings)

    @property
    def first(self) -> Row | None:
        """The finding to show as the example: one of the main rule, deciding if possible."""
        if not self.findings:
            return None
        plain = self.rule["id"] if self.rule else ""
        return min(
            self.findings,
            key=lambda f: (
                SEVERITIES.index(severity_of(f) or SEVERITIES[-1]),
                not f["gates"],
                f["requirement"] != plain,
            ),
        )

    @property
    def others(self) -> list[Row]:
        """The rules that it breaks, without the main one."""
        return [rule for rule in self.rules if rule is not self.rule]

    def of(self, rule: Row) -> list[Row]:
        """Its findings about that rule."""
        return [finding for finding in self.findings if finding["requirement"] == rule["id"]]


def causes(report: Row) -> list[Cause]:
    """All reasons, the most severe first, then those of most findings."""
    if not worst(report["findings"]):
        return []
    found = RootCauses(report)
    by_key: dict[Key, Cause] = {}
    broken = [finding for finding in report["findings"] if severity_of(finding) and _broken(finding)]
    for finding, key in found.keys(broken):
        by_key.setdefault(key, Cause("", "", key)).findings.append(finding)
    for finding in report["findings"]:
        if finding["verdict"] == Verdict.ERROR:
            key = Key("trouble", (finding["requirement"],))
            by_key.setdefault(key, Cause("", "", key)).findings.append(finding)
    _held(report, found, by_key)
    for cause in by_key.values():
        _tell(cause, report, found)
    return sorted(_together(list(by_key.values())), key=_weight)


def severity_of(finding: Row) -> str:
    """The severity of a finding, one of SEVERITIES; "" for one that needs no attention."""
    verdict = finding["verdict"]
    if verdict == Verdict.FAIL:
        return "fails" if finding["gates"] else "reported"
    words = {Verdict.ERROR: "trouble", Verdict.WARNING: "warning", Verdict.INCONCLUSIVE: "undecided"}
    return words.get(verdict, "")


def worst(findings: Iterable[Row]) -> str:
    """The highest severity of these findings; "" where none needs attention."""
    return min(filter(None, map(severity_of, findings)), key=SEVERITIES.index, default="")


def gate_of(finding: Row) -> str:
    """The id of the gate that blocked this finding, "" for none; earlier reports name it in words only."""
    if finding.get("because"):
        return str(finding["because"])
    gate, held_back, _ = finding["observed"].partition(HELD_BACK)
    return gate if held_back else ""


def _broken(finding: Row) -> bool:
    return is_broken(finding) and finding["verdict"] != Verdict.WAIVED


def _held(report: Row, found: RootCauses, by_key: dict[Key, Cause]) -> None:
    """Add a blocked or undecided finding to the reason of its gate, or make it a reason of its own."""
    by_finding = {finding["id"]: cause for cause in by_key.values() for finding in cause.findings}
    for finding in report["findings"]:
        if severity_of(finding) != "undecided":
            continue
        gate = gate_of(finding)
        cause = by_finding.get(gate)
        if cause is None:
            key = undecided(found, finding, gate, by_key)
            cause = by_key.setdefault(key, Cause("", "undecided", key))
        if cause.severity == "undecided":
            cause.findings.append(finding)
        if cause.severity != "undecided" or gate:
            cause.blocked_findings.append(finding)


def _tell(cause: Cause, report: Row, found: RootCauses) -> None:
    """Fill in title, proof and sentences of a reason, once all its findings are known."""
    cause.severity = worst(cause.findings)
    rules = report["requirements"]
    concerned = [finding["requirement"] for finding in cause.findings]
    if cause.severity == "undecided":
        gates = (gate_of(finding).rpartition("#")[2] for finding in cause.findings)
        concerned = [name for name in gates if name in rules]
    cause.rules = [rules[name] for name in dict.fromkeys(concerned) if name in rules]
    cause.rule = _plain(cause, report)
    cause.rules.sort(key=lambda rule: rule is not cause.rule)
    first = cause.first
    cause.id, cause.title = _named(cause, found)
    cause.known = explained(report, cause.findings)
    if cause.severity not in ("trouble", "undecided") and first:
        cause.admin = admin(rules.get(first["requirement"], {}), found.evidence(first))
    cause.proof = proof(found, first)
    cause.again = repeat_command(report, first)


def _named(cause: Cause, found: RootCauses) -> tuple[str, str]:
    """The title of a reason: as a key that is the same in every run, and as a sentence."""
    plain, first, (sort, words, _) = cause.rule, cause.first, cause.key
    named = sentence(found, cause.key, cause.findings, cause.rules)
    id = plain["id"] if plain else ""
    if sort == "refused" and words[0] and named:
        id = f"{words[0]}: {words[1] if words[1] != '0' else 'no answer'}"
    if named or first is None:
        return id or sort, named
    if cause.severity in ("undecided", "trouble"):
        return id, plain["statement"] if plain else first["observed"]
    return id, title(plain or {}, first, found.evidence(first))


def _plain(cause: Cause, report: Row) -> Row | None:
    """The rule that describes the reason best: of the first deciding authority, the one broken most often.

    Preparing steps that depend on it count too. Where a write changes what it should not, the rule about that
    write is better than those about each attribute. A refused create is worse than any other refused write.
    """
    gates = report["profile"]["gates"]
    often = Counter(finding["requirement"] for finding in cause.findings)
    often.update(gate.rpartition("#")[2] for gate in {gate_of(finding) for finding in cause.blocked_findings})
    asked = Counter(finding["requirement"] for finding in report["findings"])
    severe = {f["requirement"] for f in cause.findings if severity_of(f) == cause.severity}
    creates = {
        (row["id"], step["id"])
        for row in report["sequences"]
        for step in row["steps"]
        if cause.key.sort == "refused" and step.get("method") == "POST"
    }
    made = {f["requirement"] for f in cause.findings if (f["sequence"], f["step"]) in creates}

    def rank(rule: Row) -> tuple[bool, int, bool, float, int]:
        place = gates.index(rule["authority"]) if rule["authority"] in gates else len(gates)
        share = often[rule["id"]] / max(1, asked[rule["id"]]) if cause.key.sort == "beside" else 0.0
        mild = rule["id"] not in severe and cause.severity != "undecided"
        return mild, place, rule["id"] not in made, -share, -often[rule["id"]]

    return min(cause.rules, key=rank, default=None)


def _together(found: Iterable[Cause]) -> Iterator[Cause]:
    """Merge reasons with the same title; of refusals only those that break one rule with one status.

    What the answers say beside it differs then (the path that is refused), and no reader is told of it.
    """
    by_title: dict[tuple[str, str], Cause] = {}
    for cause in found:
        first = by_title.setdefault((cause.severity, cause.title), cause)
        if first is cause or _answered(first) != _answered(cause):
            yield cause
            continue
        first.findings += cause.findings
        first.blocked_findings += cause.blocked_findings
        first.rules += [rule for rule in cause.rules if rule not in first.rules]
        first.known = list(dict.fromkeys([*first.known, *cause.known]))


def _answered(cause: Cause) -> tuple[str, str]:
    """The rule and the status by which requests are refused; nothing where the reason is another."""
    refused = cause.key.sort == "refused" and cause.rule is not None
    return (cause.rule["id"], cause.key.words[1]) if refused and cause.rule else ("", "")


def _weight(cause: Cause) -> tuple[int, int]:
    return SEVERITIES.index(cause.severity), -len(cause.findings) - cause.blocked
