"""Verdicts: what the checks of a step conclude, the findings of it, and what stands on a gate that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scimproof.catalog.loader import Catalog
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Requirement, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, Finding, Outcome, Verdict, broken
from scimproof.engine.capabilities import Capabilities

UNLISTED = "the target declines what its /Schemas do not list"
ERROR_TEXT = "trouble inside scimproof, not the target's: {problem}"


@dataclass(frozen=True, slots=True)
class End:
    """Why the rest of a sequence is not checked: the cause, and the verdict of its findings.

    `because` is the id of the failed gate, if that is the cause. After a failed preparing step, or when the
    target cannot do such a thing now, not even `regardless` steps run.
    """

    cause: str
    verdict: Verdict = Verdict.INCONCLUSIVE
    binding: bool = False
    because: str = ""


def judge(
    sequence: Sequence,
    step: Step,
    scene: ExecutionContext,
    catalog: Catalog,
    facts: Capabilities,
    exchanges: list[Exchange],
) -> tuple[Outcome, End | None]:
    """The outcome of a step by its checks, and why later steps are not checked; None where they are."""
    findings: list[Finding] = []
    end: End | None = None
    mild: End | None = None  # the same by a rule that does not decide: it holds back only its like
    last = exchanges[-1]
    named: dict[str, Finding] = {}  # attributes found wrong, and the finding that says so
    for position, check in enumerate(step.checks):
        requirement = catalog.requirements[check.requirement]
        decides = facts.decides(requirement)
        if before := end or (None if decides else mild):
            unasked = _finding(sequence, step, requirement, before.verdict, "", before.cause, last)
            findings.append(replace(unasked, because=before.because))
            continue
        try:
            judgement = ask(check, scene, last)
            verdict = verdict_of(judgement, requirement)
        except Exception as problem:  # noqa: BLE001 - whatever a check of ours does, the run goes on and tidies up
            judgement = broken("", ERROR_TEXT.format(problem=repr(problem)))
            verdict = Verdict.ERROR
        finding = _finding(sequence, step, requirement, verdict, judgement.expected, judgement.observed, last)
        if lacking := facts.declined_for(judgement, last):
            finding, end = _declined(finding, lacking, step)
        stands_on, cause = facts.stands_on(check, requirement, judgement, last)
        if check.whole and (teller := _told(judgement, named, catalog)):
            stands_on, cause = teller, f"told by {teller}: {judgement.observed}"
        elif judgement.held is False:
            named |= {path.lower(): finding for path in judgement.wrong if path.lower() not in named}
        if stands_on:
            finding = replace(finding, verdict=Verdict.NOT_APPLICABLE, observed=cause, because=stands_on)
        findings.append(finding)
        if not end and (position == 0 or check.gate) and not step.independent:
            # What decides nothing keeps nothing from being decided, unless a preparation failed by it.
            if step.given or not judgement.applies or decides:
                end = _ends(finding, judgement)
            else:
                mild = _ends(finding, judgement)
    told = () if step.given else tuple(findings)
    return Outcome(sequence.id, step.id, tuple(exchanges), told), end


def _declined(finding: Finding, lacking: str, step: Step) -> tuple[Finding, End | None]:
    """The finding as a warning, and that the rest is not asked: an administrator maps what the target has."""
    verdict = min(finding.verdict, Verdict.WARNING, key=lambda one: one.rank)
    cause = f"not asked: {UNLISTED} ({finding.id})"
    end = None if step.independent else End(cause, Verdict.NOT_APPLICABLE, because=finding.id)
    return replace(finding, verdict=verdict, because=lacking), end


def _told(judgement: CheckResult, named: Mapping[str, Finding], catalog: Catalog) -> str:
    """The finding that has told what a check of the whole resource would tell; empty where none has.

    That a value is lost is told by a rule that demands it only.
    """
    if not judgement.wrong:
        return ""
    for path in judgement.wrong:
        teller = named.get(path.lower())
        if teller is None:
            return ""
        if path in judgement.lost and catalog.requirements[teller.requirement].level != "MUST":
            return ""
    return named[judgement.wrong[0].lower()].id


def _ends(gate: Finding, judgement: CheckResult) -> End | None:
    """What the verdict of a step's gate means for the steps after it."""
    if gate.verdict is Verdict.NOT_APPLICABLE:
        return End(gate.observed, gate.verdict, because=gate.because)
    if gate.verdict.rank > Verdict.WARNING.rank:
        return End(f"{gate.id} did not hold: {judgement.observed}", because=gate.id)
    return None


def ask(check: Check, scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Run one check; an exception about the target's data counts as not held."""
    try:
        return check.ask(scene, exchange)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as problem:
        return CheckResult(
            held=False, expected="an answer of the usual shape", observed=f"{exchange.summary()} ({problem})"
        )


def verdict_of(judgement: CheckResult, requirement: Requirement) -> Verdict:
    """The verdict: from the check result and the requirement's level.

    A broken MUST is a warning where something optional was cleanly declined, and where the requirement is
    contested, unless what must not happen was done. A contested MAY that does not hold is a warning too.
    """
    if not judgement.applies:
        return Verdict.NOT_APPLICABLE
    if judgement.held is None:
        return Verdict.INCONCLUSIVE
    if judgement.held:
        return Verdict.PASS
    mild = judgement.weight == "declined" or (requirement.contested and judgement.weight != "grave")
    must = Verdict.WARNING if mild else Verdict.FAIL
    may = Verdict.WARNING if requirement.contested else Verdict.PASS
    return {"MUST": must, "SHOULD": Verdict.WARNING, "MAY": may}[requirement.level]


def _finding(
    sequence: Sequence,
    step: Step,
    requirement: Requirement,
    verdict: Verdict,
    expected: str,
    observed: str,
    exchange: Exchange | None,
) -> Finding:
    number = exchange.number if exchange else None
    return Finding(sequence.id, step.id, requirement.id, verdict, expected, observed, number)


def not_run(
    sequence: Sequence, catalog: Catalog, cause: str, verdict: Verdict = Verdict.INCONCLUSIVE
) -> list[Outcome]:
    """The outcomes of a sequence of which nothing was sent, naming the cause."""
    return [untold(sequence, step, catalog, End(cause, verdict)) for step in sequence.steps]


def untold(
    sequence: Sequence, step: Step, catalog: Catalog, end: End, exchange: Exchange | None = None
) -> Outcome:
    """The findings of a step that was not sent, naming the cause."""
    if step.given:
        return Outcome(sequence.id, step.id, (), ())
    findings = tuple(
        _finding(
            sequence, step, catalog.requirements[check.requirement], end.verdict, "", end.cause, exchange
        )
        for check in step.checks
    )
    told = tuple(replace(finding, because=end.because) for finding in findings)
    return Outcome(sequence.id, step.id, (), told)
