"""Holds every answer of a run to the watches of its profile, one finding each for the whole run."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from scimproof.catalog import Catalog
from scimproof.conduct import ERROR_TEXT, verdict_of
from scimproof.model import Exchange, Finding, Judgement, Outcome, Profile, Verdict, Watch, broken

STEP = "all"


@dataclass
class _Seen:
    """What one watch has seen so far; the evidence is the earliest answer that broke the rule."""

    answers: int = 0
    wrong: int = 0
    crashed: bool = False
    evidence: tuple[int, Judgement] | None = None

    def note(self, number: int, judgement: Judgement, *, crashed: bool = False) -> None:
        self.answers += 1
        wrong = judgement.held is False
        earliest = self.evidence is None or number < self.evidence[0]
        if (wrong and (not self.wrong or earliest)) or (not wrong and not self.wrong and earliest):
            self.evidence = (number, judgement)
        self.wrong += wrong
        self.crashed |= crashed


@dataclass
class Watcher:
    """Takes exchanges as they come, so that their bodies need not be kept. Safe from several threads."""

    catalog: Catalog
    profile: Profile
    _seen: dict[tuple[str, str], _Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, exchanges: Iterable[Exchange]) -> None:
        """Ask every watch about these answers."""
        complete = [exchange for exchange in exchanges if not exchange.error]
        for name in self.profile.watches:
            for watch in self.catalog.watches[name]:
                self._ask(name, watch, complete)

    def _ask(self, name: str, watch: Watch, exchanges: list[Exchange]) -> None:
        for exchange in exchanges:
            crashed = False
            try:
                judgement = watch.ask(exchange)
            except Exception as problem:  # noqa: BLE001 - as for a check: the run goes on and tidies up
                judgement, crashed = broken("", ERROR_TEXT.format(problem=repr(problem))), True
            if judgement is not None:
                with self._lock:
                    seen = self._seen.setdefault((name, watch.requirement), _Seen())
                    seen.note(exchange.number, judgement, crashed=crashed)

    def outcomes(self) -> list[Outcome]:
        """One outcome a watch, with a finding for each of its requirements."""
        return [
            Outcome(
                name,
                STEP,
                (),
                tuple(self._sum_up(name, watch.requirement) for watch in self.catalog.watches[name]),
            )
            for name in self.profile.watches
        ]

    def _sum_up(self, name: str, requirement: str) -> Finding:
        seen = self._seen.get((name, requirement))
        if seen is None or seen.evidence is None:
            why = "no answer of this run is concerned"
            return Finding(name, STEP, requirement, Verdict.NOT_APPLICABLE, "", why)
        number, judgement = seen.evidence
        verdict = verdict_of(judgement, self.catalog.requirements[requirement])
        counted = (
            f" (in {seen.wrong} of {seen.answers} answers)" if seen.wrong else f" ({seen.answers} answers)"
        )
        verdict = Verdict.ERROR if seen.crashed else verdict
        return Finding(
            name, STEP, requirement, verdict, judgement.expected, judgement.observed + counted, number
        )
