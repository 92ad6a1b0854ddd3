"""Outcomes of an exploration for reports: a step for each action, a finding for each of its rules."""

from __future__ import annotations

from collections.abc import Iterator

from scimproof.core.definitions import Sequence, Step
from scimproof.core.http_message import Exchange, slim
from scimproof.core.results import CheckResult, Finding, Outcome, Verdict, broken
from scimproof.engine.verdicts import verdict_of
from scimproof.explore.explorer import Explorer
from scimproof.explore.history import Failure, Telling
from scimproof.explore.narrative import summary

HELD = "nothing showed that was not written"


def outcomes(explorer: Explorer) -> list[Outcome]:
    """The outcomes of all actions, in the order of the repertoire."""
    played = zip(explorer.repertoire.parts, sequences_of(explorer), strict=True)
    return [
        _outcome(explorer, part.sender.id, sequence, step)
        for part, sequence in played
        for step in sequence.steps
    ]


def sequences_of(explorer: Explorer) -> tuple[Sequence, ...]:
    """The actions as a report names them, a sequence for each sender."""
    return explorer.repertoire.sequences(explorer.run.catalog.templates)


def _outcome(explorer: Explorer, sender: str, sequence: Sequence, step: Step) -> Outcome:
    actions = explorer.repertoire.actions.values()
    action = next(one for one in actions if (one.sender, one.name) == (sender, step.id))
    failures = [failure for failure in explorer.failures if failure.action == action.key]
    times = explorer.played[action.key]
    findings = tuple(
        _finding(explorer, sequence, step, check.requirement, failures, times) for check in step.checks
    )
    exchanges: dict[int, Exchange] = {}
    sample = explorer.samples.get(action.key, Telling())
    for telling in [failure.telling for failure in failures] or [sample]:
        exchanges |= {exchange.number: slim(exchange) for exchange in _exchanges(telling)}
    return Outcome(sequence.id, step.id, tuple(exchanges[number] for number in sorted(exchanges)), findings)


def _exchanges(telling: Telling) -> Iterator[Exchange]:
    for done in telling.performed:
        yield from (one.exchange for one in done.sent)
    yield from (one.exchange for one in telling.looks)
    if telling.discrepancy and telling.discrepancy.exchange:
        yield telling.discrepancy.exchange


def _finding(
    explorer: Explorer, sequence: Sequence, step: Step, requirement: str, failures: list[Failure], times: int
) -> Finding:
    here = [failure for failure in failures if failure.requirement == requirement]
    if here:
        result = _broken(explorer, here)
        exchange = here[0].discrepancy.exchange
        verdict = verdict_of(result, explorer.run.catalog.requirements[requirement])
        number = exchange.number if exchange else None
        return Finding(sequence.id, step.id, requirement, verdict, result.expected, result.observed, number)
    if times:
        return Finding(sequence.id, step.id, requirement, Verdict.PASS, HELD, f"as expected ({times} times)")
    if explorer.stop:
        return Finding(sequence.id, step.id, requirement, Verdict.INCONCLUSIVE, "", explorer.stop)
    why = f"not among the {explorer.actions} actions of this exploration"
    return Finding(sequence.id, step.id, requirement, Verdict.NOT_APPLICABLE, "", why)


def _broken(explorer: Explorer, failures: list[Failure]) -> CheckResult:
    first = failures[0]
    told = f"{first.discrepancy.observed} after {summary(first, explorer.repertoire)}"
    if not first.certain:
        told += " (it showed once, and not when this was done again with other people)"
    if len(failures) > 1:
        told += f"; and {len(failures) - 1} more after other histories"
    return broken(first.discrepancy.expected, told)
