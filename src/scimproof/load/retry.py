"""Okta's patience with a target that answers 429, put to the player, and what was seen put to the figures."""

from __future__ import annotations

from dataclasses import dataclass

from scimproof.line import ATTEMPTS, FIRST_WAIT
from scimproof.load.answer import Answer
from scimproof.load.figures import Figures, Judged
from scimproof.load.patience import told_seconds

FINDING = "load/429#retry-after"
EXPECTED = "a 429 says in whole seconds of Retry-After when to come again"


@dataclass
class Retry:
    """Says how many seconds to wait after a 429, None when Okta would give up.

    What the target asks for is waited in full; only Okta's own five minutes, and their doubling, pass
    `clock` times as fast. Whether each 429 carried a Retry-After goes to the figures.
    """

    figures: Figures
    clock: float

    def __call__(self, answer: Answer, attempt: int) -> float | None:
        told = answer.header("Retry-After")
        seconds = told_seconds(told)
        judged = self.figures.judged.setdefault(FINDING, Judged(expected=EXPECTED))
        judged.verdicts["fail" if seconds is None else "pass"] += 1
        if seconds is None and not judged.observed:
            judged.observed = f"Retry-After: {told}" if told else "no Retry-After"
        if attempt >= ATTEMPTS - 1:
            return None
        return FIRST_WAIT * 2**attempt / self.clock if seconds is None else float(seconds)
