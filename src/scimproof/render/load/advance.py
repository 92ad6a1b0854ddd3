"""How far a long step has come, as a sentence: done, of how many, how many a second, and the time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

SETTLED = 2.0  # seconds until a rate is told


@dataclass
class Advance:
    """Advance of one step at a time, by what it does: `creating users`; each has a clock of its own."""

    clock: Callable[[], float] = time.monotonic
    _what: str = ""
    _began: tuple[float, int] = field(default=(0.0, 0))

    def sentence(self, what: str, done: int, of: int) -> str:
        """The step `what` has done so many of so many."""
        now = self.clock()
        if what != self._what:
            self._what, self._began = what, (now, done)
        since, before = self._began
        told = f"{what}: {done:,} of {of:,}"
        if now - since < SETTLED or done <= before or of <= done:
            return told
        rate = (done - before) / (now - since)
        return f"{told}, {rate:,.0f} a second, {duration((of - done) / rate)} left"


def duration(seconds: float) -> str:
    """Seconds as a person says them: `45 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
