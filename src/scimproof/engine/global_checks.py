"""Runs the profile's global checks on every answer, with one finding each for the whole run."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field

from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import GlobalCheck, OfState, Profile, RunKnowledge, Watch
from scimproof.core.http_message import Exchange, slim
from scimproof.core.results import CheckResult, Finding, Outcome, Verdict, broken, does_not_apply
from scimproof.engine.state_summary import Concluded
from scimproof.engine.verdicts import ERROR_TEXT, verdict_of

STEP = "all"


@dataclass
class _Seen:
    """What one global check has seen so far; the evidence is the worst answer, of several the earliest."""

    answers: int = 0
    wrong: int = 0
    crashed: bool = False
    evidence: tuple[Exchange, CheckResult] | None = None

    def note(self, exchange: Exchange, judgement: CheckResult, *, crashed: bool = False) -> None:
        self.answers += 1
        if self.evidence is None or _order(exchange, judgement) < _order(*self.evidence):
            self.evidence = (slim(exchange), judgement)
        self.wrong += judgement.held is False
        self.crashed |= crashed


def _order(exchange: Exchange, judgement: CheckResult) -> tuple[int, int]:
    """Sorts what is worse before what is better, and what came first before what came later."""
    weights = ("grave", "usual", "declined")
    return (weights.index(judgement.weight) if judgement.held is False else len(weights)), exchange.number


@dataclass
class GlobalChecks:
    """Checks each exchange as it comes, so that bodies need not be kept. Thread-safe.

    `concluded` are the results of those that are of the expected state, once the run has asked for them.
    """

    catalog: Catalog
    profile: Profile
    run: RunKnowledge = field(default_factory=lambda: RunKnowledge("", lambda: None))
    concluded: dict[OfState, Concluded] = field(default_factory=dict)
    _seen: dict[tuple[str, str], _Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _watching: dict[tuple[str, str], Watch] = field(default_factory=dict)

    def look(self, exchange: Exchange, *, discovery: bool = False) -> None:
        """Run every global check on this answer, where it is a complete one.

        Those of `discovery` endpoints are shown to the checks that remember only: they are no resources.
        """
        if exchange.error and exchange.lost != "ended":
            return
        for name in self.profile.watches:
            for watch in self.catalog.watches[name]:
                if (watch.ends or not exchange.error) and (watch.watch or not discovery):
                    self._ask(name, watch, exchange)

    def _judged(self, name: str, watch: GlobalCheck, exchange: Exchange | None) -> CheckResult | None:
        """What a check says of this answer; at the end, of all of them."""
        if watch.watch is None:
            return watch.ask(exchange) if exchange else None
        with self._lock:
            asked = self._watching.setdefault((name, watch.requirement), watch.watch())
            return asked.look(exchange, self.run) if exchange else asked.conclude(self.run)

    def _ask(self, name: str, watch: GlobalCheck, exchange: Exchange) -> None:
        crashed = False
        try:
            judgement = self._judged(name, watch, exchange)
        except Exception as problem:  # noqa: BLE001 - as for a check: the run goes on and tidies up
            judgement, crashed = broken("", ERROR_TEXT.format(problem=repr(problem))), True
        if judgement is not None:
            with self._lock:
                seen = self._seen.setdefault((name, watch.requirement), _Seen())
                seen.note(exchange, judgement, crashed=crashed)

    @property
    def declined_by(self) -> str:
        """The id of the finding that tells which attributes are dropped that the target does not list."""
        ids = (
            f"{name}/{STEP}#{watch.requirement}"
            for name in self.profile.watches
            for watch in self.catalog.watches[name]
            if watch.of_state == "declined"
        )
        return next(ids, "")

    def outcomes(self, shown: Collection[int] = ()) -> list[Outcome]:
        """One outcome for each global check, with a finding for each of its requirements.

        An outcome has the exchanges of its evidence whose numbers are not in `shown`, those of the sequences.
        """
        told: set[int] = set(shown)
        return [self._outcome(name, told) for name in self.profile.watches]

    def _outcome(self, name: str, told: set[int]) -> Outcome:
        findings = tuple(self._sum_up(name, watch) for watch in self.catalog.watches[name])
        shown = [
            seen.evidence[0] for (watch, _), seen in self._seen.items() if watch == name and seen.evidence
        ]
        of_state = {watch.of_state for watch in self.catalog.watches[name]}
        for about, (result, exchange) in self.concluded.items():
            if about in of_state and result.held is False and isinstance(exchange, Exchange):
                shown.append(slim(exchange))
        evidence = {exchange.number: exchange for exchange in shown if exchange.number not in told}
        told |= set(evidence)
        return Outcome(name, STEP, tuple(evidence[number] for number in sorted(evidence)), findings)

    def _of_state(self, name: str, watch: GlobalCheck) -> Finding:
        assert watch.of_state is not None
        nothing = (does_not_apply("the run ended before it was asked"), None)
        result, shown = self.concluded.get(watch.of_state, nothing)
        verdict = verdict_of(result, self.catalog.requirements[watch.requirement])
        number = shown.number if isinstance(shown, Exchange) else shown
        number = number if result.held is False else None
        return Finding(name, STEP, watch.requirement, verdict, result.expected, result.observed, number)

    def _at_the_end(self, name: str, watch: GlobalCheck) -> Finding | None:
        """The finding of a check that concludes from all answers, where it has something to say."""
        try:
            result = self._judged(name, watch, None)
        except Exception as problem:  # noqa: BLE001 - as for any check
            told = ERROR_TEXT.format(problem=repr(problem))
            return Finding(name, STEP, watch.requirement, Verdict.ERROR, "", told)
        if result is None:
            return None
        verdict = verdict_of(result, self.catalog.requirements[watch.requirement])
        return Finding(name, STEP, watch.requirement, verdict, result.expected, result.observed)

    def _sum_up(self, name: str, watch: GlobalCheck) -> Finding:
        if watch.of_state:
            return self._of_state(name, watch)
        requirement = watch.requirement
        if (end := self._at_the_end(name, watch)) is not None:
            return end
        seen = self._seen.get((name, requirement))
        if seen is None or seen.evidence is None:
            why = "no answer of this run is concerned"
            return Finding(name, STEP, requirement, Verdict.NOT_APPLICABLE, "", why)
        exchange, judgement = seen.evidence
        verdict = verdict_of(judgement, self.catalog.requirements[requirement])
        counted = (
            f" (in {seen.wrong} of {seen.answers} answers)" if seen.wrong else f" ({seen.answers} answers)"
        )
        verdict = Verdict.ERROR if seen.crashed else verdict
        return Finding(
            name,
            STEP,
            requirement,
            verdict,
            judgement.expected,
            judgement.observed + counted,
            exchange.number,
        )
