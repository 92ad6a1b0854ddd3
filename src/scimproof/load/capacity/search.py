"""Capacity search: which rate is tried next, of how those before fared; knows neither clock nor target."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from scimproof.load.capacity.settings import SearchSettings

Fared = Literal["holds", "breaks", "invalid"]
Ended = Literal["found", "highest", "generator", "nothing", "untold", "open"]
RAISED = 2.0  # by which the rate is multiplied as long as everything holds, and divided where nothing does
WITHIN = 0.05  # of the highest rate that holds: so near is the lowest that does not, in the end
NEAR_GENERATOR = 0.2  # the same where it is the generator that cannot do more
LONGEST = 40  # steps
DIGITS = 3  # significant ones of a rate


@dataclass(frozen=True)
class SearchAnswer:
    """Answer of a search: the highest rate that holds, None where none does, and why it is no more.

    `bracket` has that rate, 0 for none, and the lowest one that did not hold, None where all did. `ended`:
    `found` between the two; `highest`, all held up to the highest rate allowed; `generator`, above it the
    generator was the limit; `nothing`, no rate held; `untold`, no rate could be judged; `open`, the search
    was not over. `confirmed` says that both ends of the bracket were played twice at the least.
    """

    rate: float | None
    bracket: tuple[float, float | None]
    ended: Ended
    confirmed: bool

    @property
    def at_least(self) -> bool:
        """Whether the target may well carry more."""
        return self.rate is not None and self.ended in ("highest", "generator", "open")


@dataclass
class CapacitySearch:
    """Search that doubles the rate until one breaks, then halves the interval, in proportions, down to 5 %.

    One hiccup decides nothing: in the end both rates that bound the capacity are played again, and where
    the two disagree, a third time. A step that is invalid is played again, and twice invalid it bounds the
    search without being the target's limit.
    """

    settings: SearchSettings
    tried: list[tuple[float, Fared]] = field(default_factory=list)

    def add(self, rate: float, fared: Fared) -> None:
        """Take in how a step went."""
        self.tried.append((rate, fared))

    def next(self) -> float | None:
        """The rate of the next step; None when the search is over."""
        if not self.tried:
            return self.settings.start
        if len(self.tried) >= LONGEST:
            return None
        return next((rate for rate in self._rates if self._torn(rate)), None) or self._onward()

    def answer(self) -> SearchAnswer:
        """What is known so far."""
        holds, ceiling = self._bounds()
        bracket = (holds or 0.0, ceiling)
        if holds is None:
            broken = ceiling is not None and self._stands(ceiling) == "breaks"
            ended: Ended = "nothing" if broken else "untold"
            return SearchAnswer(None, bracket, ended, ceiling is not None and self._settled(ceiling))
        sure = self._settled(holds) and (ceiling is None or self._settled(ceiling))
        if self.next() is not None:
            return SearchAnswer(holds, bracket, "open" if ceiling is None else "found", confirmed=False)
        if ceiling is None:
            return SearchAnswer(holds, bracket, "highest", sure)
        return SearchAnswer(
            holds, bracket, "found" if self._stands(ceiling) == "breaks" else "generator", sure
        )

    def _onward(self) -> float | None:
        holds, ceiling = self._bounds()
        if ceiling is None:
            assert holds is not None, "what was tried either holds or does not"
            return self._raised(holds)
        if holds is None:
            lower = max(_rounded(ceiling / RAISED), self.settings.least)
            return lower if lower < ceiling else self._unsettled(ceiling)
        within = WITHIN if self._stands(ceiling) == "breaks" else NEAR_GENERATOR
        middle = _rounded(math.sqrt(holds * ceiling))
        if ceiling > holds * (1 + within) and holds < middle < ceiling:
            return middle
        return self._unsettled(ceiling) or self._unsettled(holds)

    def _raised(self, holds: float) -> float | None:
        if holds < self.settings.most:
            return min(_rounded(holds * RAISED), self.settings.most)
        return self._unsettled(holds)

    def _bounds(self) -> tuple[float | None, float | None]:
        """The highest rate that holds below all that do not, and the lowest that does not."""
        ceiling = min((rate for rate in self._rates if self._stands(rate) != "holds"), default=None)
        below = (
            rate
            for rate in self._rates
            if self._stands(rate) == "holds" and (ceiling is None or rate < ceiling)
        )
        return max(below, default=None), ceiling

    @property
    def _rates(self) -> list[float]:
        return list(dict.fromkeys(rate for rate, _ in self.tried))

    def _votes(self, rate: float) -> tuple[int, int, int]:
        fared = [how for tried, how in self.tried if tried == rate]
        return fared.count("holds"), fared.count("breaks"), fared.count("invalid")

    def _stands(self, rate: float) -> Fared:
        """How most of its steps went that could be judged; invalid when none could."""
        held, broke, _ = self._votes(rate)
        if held == broke == 0:
            return "invalid"
        return "holds" if held > broke else "breaks"

    def _torn(self, rate: float) -> bool:
        """Whether it is played again before anything else: once this and once that, or once invalid."""
        held, broke, invalid = self._votes(rate)
        return held == broke and (held > 0 or invalid == 1)

    def _settled(self, rate: float) -> bool:
        """Whether a further step would not change it, or cannot be judged."""
        held, broke, invalid = self._votes(rate)
        return held + broke > 1 or invalid > 1

    def _unsettled(self, rate: float) -> float | None:
        return None if self._settled(rate) else rate


def _rounded(rate: float) -> float:
    return float(f"{rate:.{DIGITS}g}")
