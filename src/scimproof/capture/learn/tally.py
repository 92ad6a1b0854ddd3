"""Tally of a capture: how often each outcome of the recognition was seen, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

from scimproof.capture.exchange import CapturedExchange, Fidelity
from scimproof.capture.learn.recogniser import MOST_KEPT, Candidates, Recogniser
from scimproof.core.http_message import short
from scimproof.core.redaction import Redactor, passwords

MOST_OUTCOMES = 2000  # outcomes that are told apart by the places of their differences
EXAMPLES = 600  # outcomes of which an example is kept
LONGEST = 4000  # characters of an example
MOST_BASES = 50  # base paths that are counted


@dataclass
class OutcomeCount:
    """One outcome of the recognition: how often it was seen, and its first request as an example."""

    candidates: Candidates
    first: int
    example: str = ""
    count: int = 0


@dataclass
class OutcomeTally:
    """Counts over a capture, filled by `add` with one exchange after another.

    `outcomes` are in the order in which they were first seen. `bases` counts the paths of base URLs,
    `anonymous` the requests without credentials. `began` and `ended` are seconds since 1970, 0 for none.
    """

    recogniser: Recogniser
    exchanges: int = 0
    anonymous: int = 0
    began: float = 0.0
    ended: float = 0.0
    outcomes: dict[Hashable, OutcomeCount] = field(default_factory=dict)
    bases: Counter[str] = field(default_factory=Counter)
    fidelities: Counter[Fidelity] = field(default_factory=Counter)
    _counts: dict[Candidates, OutcomeCount] = field(default_factory=dict)

    def add(self, exchange: CapturedExchange) -> None:
        """Count one exchange."""
        candidates, seen = self.recogniser.candidates(exchange)
        found = self._counts.get(candidates)
        if found is None:
            found = self._outcome(candidates, exchange)
            if len(self._counts) >= MOST_KEPT:
                self._counts.clear()
            self._counts[candidates] = found
        found.count += 1
        self.exchanges += 1
        self.fidelities[exchange.fidelity] += 1
        if not any(header.key == "authorization" for header in seen.headers):
            self.anonymous += 1
        base = seen.target.base_path
        if base in self.bases or len(self.bases) < MOST_BASES:
            self.bases[base] += 1
        if exchange.at:
            self.began = min(self.began or exchange.at, exchange.at)
            self.ended = max(self.ended, exchange.at)

    def _outcome(self, candidates: Candidates, exchange: CapturedExchange) -> OutcomeCount:
        """The count of an outcome; where there are very many, those of one kind have one."""
        key = candidates.outcome(coarse=len(self.outcomes) >= MOST_OUTCOMES)
        if key not in self.outcomes:
            example = _example(exchange) if len(self.outcomes) < EXAMPLES else ""
            self.outcomes[key] = OutcomeCount(candidates, exchange.number, example)
        return self.outcomes[key]


def _example(exchange: CapturedExchange) -> str:
    """The request as text, without the passwords that it sets: its head, and its body without framing."""
    request = exchange.as_exchange().request
    head = exchange.request.head.decode("utf-8", "replace").replace("\r\n", "\n")
    text = Redactor(passwords(request)).text(head + request.body.decode("utf-8", "replace"))
    return short(text, LONGEST)
