"""Evidence of a run for each case and assertion of a submission; nothing passes without proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from scimproof.catalog.submission import Assertion, ManualCase, OwnSuite, Submission, SuiteStep, matches
from scimproof.core.results import Verdict
from scimproof.render.phrases import breach
from scimproof.report.titles import admin

Row = dict[str, Any]
# Of a case, from what is good to what is in the way.
PROVEN, PROVOKED, OUTSIDE, WAIVED, NOT_PLAYED, INFERRED, OPEN, FAILS = (
    "proven",
    "provoked",
    "outside",
    "waived",
    "not-played",
    "inferred",
    "open",
    "fails",
)
STATES = (PROVEN, PROVOKED, OUTSIDE, WAIVED, INFERRED, NOT_PLAYED, OPEN, FAILS)
PASSES = "pass"
HELD = {Verdict.PASS, Verdict.WARNING}
TROUBLE = {
    Verdict.FAIL: FAILS,
    Verdict.ERROR: OPEN,
    Verdict.INCONCLUSIVE: OPEN,
    Verdict.WAIVED: WAIVED,
}


@dataclass(frozen=True)
class CaseEvidence:
    """The evidence for one case or assertion.

    `says` is the reason in a sentence, `finding` the one that decides, `admin` what an administrator
    experiences. `troubled` are all findings for which it does not hold, `evidence` findings to look up,
    `beside` others that fail in the same sequences without deciding, `warnings` those of a SHOULD.
    """

    state: str
    says: str = ""
    finding: str = ""
    admin: str = ""
    evidence: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    troubled: tuple[str, ...] = ()


@dataclass(frozen=True)
class AssertedStep:
    """A step of an official suite: the answer to its request, and the evidence for each assertion."""

    step: SuiteStep
    came: str
    assertions: tuple[tuple[Assertion, CaseEvidence], ...]


@dataclass(frozen=True)
class Pack:
    """A submission with the evidence of one run."""

    report: Row
    submission: Submission

    @cached_property
    def cases(self) -> list[tuple[ManualCase, CaseEvidence]]:
        """Every manual case with its evidence, in the order in which they are clicked through."""
        return [(case, self._case(case)) for case in self.submission.cases]

    @cached_property
    def suites(self) -> list[tuple[OwnSuite, list[AssertedStep]]]:
        """The official suites, step by step."""
        return [(suite, [self._asked(step) for step in suite.steps]) for suite in self.submission.suites]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cases are in each state, zeros included."""
        return {state: sum(1 for _, evidence in self.cases if evidence.state == state) for state in STATES}

    @cached_property
    def _findings(self) -> dict[str, Row]:
        return {finding["id"]: finding for finding in self.report["findings"]}

    def score(self, asked: list[AssertedStep]) -> tuple[int, int]:
        """How many of a suite's assertions pass, and how many there are, without scripts."""
        evidence = [
            evidence for one in asked for assertion, evidence in one.assertions if not assertion.script
        ]
        return sum(1 for one in evidence if one.state == PASSES), len(evidence)

    def _asked(self, step: SuiteStep) -> AssertedStep:
        assertions = tuple((assertion, self._assertion(assertion)) for assertion in step.assertions)
        rows = (self._findings.get(assertion.finding) for assertion in step.assertions)
        number = next((row["exchange"] for row in rows if row and row["exchange"]), None)
        return AssertedStep(step, self._came(number), assertions)

    def _came(self, number: int | None) -> str:
        exchange = self._exchanges.get(number or 0)
        if exchange is None:
            return ""
        return str(exchange["error"]) or f"{exchange['status']} {exchange['reason']}, {exchange['ms']} ms"

    def _assertion(self, assertion: Assertion) -> CaseEvidence:
        finding = self._findings.get(assertion.finding)
        if finding is None:
            return CaseEvidence(NOT_PLAYED, "not played in this run")
        verdict, id = finding["verdict"], finding["id"]
        if verdict == Verdict.PASS:
            return CaseEvidence(PASSES, finding["observed"], id, evidence=(id,))
        if verdict in (Verdict.FAIL, Verdict.WARNING):
            return CaseEvidence(FAILS, finding["observed"], id, self._admin(finding), (id,), troubled=(id,))
        if verdict == Verdict.WAIVED:
            return CaseEvidence(WAIVED, _reason(finding), id, evidence=(id,))
        return CaseEvidence(OPEN, finding["observed"], id, evidence=(id,), troubled=(id,))

    def _case(self, case: ManualCase) -> CaseEvidence:
        if case.kind == "outside":
            return CaseEvidence(OUTSIDE, case.why)
        found = {pattern: self._matched(pattern) for pattern in case.findings}
        rows = [row for matched in found.values() for row in matched]
        evidence = self._trouble(rows) or self._gaps(found)
        if evidence is None:
            warned = _firsts([row for row in rows if row["verdict"] == Verdict.WARNING])
            state = PROVEN if case.kind == "here" else PROVOKED
            evidence = CaseEvidence(state, evidence=self._evidence(rows), warnings=warned)
        return replace(
            evidence, beside=self._beside({pattern.partition("/")[0] for pattern in case.findings})
        )

    def _trouble(self, rows: list[Row]) -> CaseEvidence | None:
        """The evidence of the worst finding, if it is worse than a warning."""
        for verdict, state in TROUBLE.items():
            first = next((row for row in rows if _trouble(row) == verdict), None)
            if first is not None:
                admin = self._admin(first) if state == FAILS else ""
                says = _reason(first) if state == WAIVED else self._sentence(first, state)
                troubled = tuple(row["id"] for row in rows if _trouble(row) in TROUBLE)
                return CaseEvidence(state, says, first["id"], admin, (first["id"],), troubled=troubled)
        return None

    def _sentence(self, finding: Row, state: str) -> str:
        """What failed and what was observed; for a blocked check the cause that it names itself."""
        if state != FAILS:
            return str(finding["observed"])
        return breach(finding, self.report["requirements"], self._evidence_of(finding))

    def _gaps(self, found: dict[str, list[Row]]) -> CaseEvidence | None:
        """What of the case was not run, or had nothing to check."""
        missing = [pattern for pattern, matched in found.items() if not matched]
        if missing:
            return self._missing(missing, whole=len(missing) == len(found))
        for matched in found.values():
            if not any(row["verdict"] in HELD for row in matched):
                return CaseEvidence(
                    OPEN, matched[0]["observed"], matched[0]["id"], evidence=(matched[0]["id"],)
                )
        rows = [row for matched in found.values() for row in matched if row["verdict"] == Verdict.PASS]
        if not any(row["requirement"] in self.submission.proof for row in rows):
            return CaseEvidence(
                OPEN, "nothing that this run found proves it", evidence=tuple(r["id"] for r in rows[-1:])
            )
        return None

    def _missing(self, patterns: list[str], *, whole: bool) -> CaseEvidence:
        names = list(dict.fromkeys(pattern.partition("/")[0] for pattern in patterns))
        if all(name in self.submission.inferred for name in names):
            return CaseEvidence(INFERRED, self.submission.words.inferred)
        if whole:
            return CaseEvidence(NOT_PLAYED, "not played in this run")
        return CaseEvidence(OPEN, f"not played in this run: {', '.join(names)}")

    def _matched(self, pattern: str) -> list[Row]:
        """The findings that match a pattern and decide a case."""
        return [
            row
            for id, row in self._findings.items()
            if matches(pattern, id) and row["gates"] and row["requirement"] not in self.submission.aside
        ]

    def _beside(self, sequences: set[str]) -> tuple[str, ...]:
        """Failures in these sequences that are not about the case: the first of each requirement."""
        failing = [
            row
            for row in self._findings.values()
            if row["sequence"] in sequences
            and row["requirement"] in self.submission.aside
            and row["verdict"] == Verdict.FAIL
        ]
        return _firsts(failing)

    def _evidence(self, rows: list[Row]) -> tuple[str, ...]:
        """The most telling findings of each sequence, one a step, or else the last that passes."""
        best: dict[tuple[str, str], str] = {}
        held = [row for row in rows if row["verdict"] == Verdict.PASS]
        for sequence in dict.fromkeys(row["sequence"] for row in held):
            own = [row for row in held if row["sequence"] == sequence]
            telling = [row for row in own if row["requirement"] in self.submission.proof] or own[-1:]
            best |= {(sequence, row["step"]): row["id"] for row in telling}
        return tuple(best.values())

    def _admin(self, finding: Row) -> str:
        return admin(self._rule(finding), self._evidence_of(finding))

    def _rule(self, finding: Row) -> Row:
        return dict(self.report["requirements"].get(finding["requirement"], {}))

    def _evidence_of(self, finding: Row) -> Row | None:
        return self._exchanges.get(finding["exchange"])

    @cached_property
    def _exchanges(self) -> dict[int, Row]:
        return {exchange["number"]: exchange for exchange in self.report["exchanges"]}


def _trouble(finding: Row) -> str:
    """Its verdict; what was not asked because another one does not hold is open, not without occasion."""
    hung = finding["verdict"] == Verdict.NOT_APPLICABLE and finding.get("because")
    return str(Verdict.INCONCLUSIVE if hung else finding["verdict"])


def _firsts(rows: list[Row]) -> tuple[str, ...]:
    return tuple({row["requirement"]: row["id"] for row in reversed(rows)}.values())[::-1]


def _reason(finding: Row) -> str:
    return f"waived: {(finding.get('waiver') or {}).get('reason') or 'no reason is given'}"
