"""Rate limits of the Public API, by address."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple


class Rule(NamedTuple):
    """At most so many requests within so many seconds."""

    requests: int
    seconds: float


class Limiter:
    """Counts the requests of each address in sliding windows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], deque[float]] = {}

    def wait(self, peer: str, kind: str, rules: tuple[Rule, ...]) -> int:
        """0 if this request is allowed, which counts it; else the whole seconds until one is."""
        with self._lock:
            seen = self._seen.setdefault((peer, kind), deque())
            moment = self._clock()
            longest = max(rule.seconds for rule in rules)
            while seen and seen[0] <= moment - longest:
                seen.popleft()
            waits = [self._until(seen, moment, rule) for rule in rules]
            if max(waits) <= 0:
                seen.append(moment)
                return 0
            return max(1, math.ceil(max(waits)))

    @staticmethod
    def _until(seen: deque[float], moment: float, rule: Rule) -> float:
        if rule.requests == 0:
            return rule.seconds
        if len(seen) < rule.requests:
            return 0.0
        return seen[-rule.requests] + rule.seconds - moment
