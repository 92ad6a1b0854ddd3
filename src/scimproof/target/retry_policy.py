"""Retry policy after 429: how long a sender waits before it sends again, and when it gives up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


def told_seconds(retry_after: str | None) -> int | None:
    """The whole seconds of a Retry-After; None for a date or a fraction, or for what has ten digits."""
    text = (retry_after or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@dataclass(frozen=True)
class RetryPolicy:
    """Retry policy of a sender: the values that say after how many seconds a throttled request is sent again.

    The first wait is `first_wait` seconds, each later one `factor` times as long as the one before it,
    whatever that was. With `honours_retry_after` whole seconds of a Retry-After are waited instead. A request
    is sent `attempts` times at most, and no wait is longer than `longest`. `whose` it is stands in messages.
    """

    first_wait: float = 300.0
    attempts: int = 10
    factor: float = 2.0
    honours_retry_after: bool = True
    longest: float = math.inf
    whose: str = "the sender"

    def told(self, headers: Iterable[tuple[str, str]]) -> int | None:
        """The seconds that an answer tells, as far as this sender listens; None when it tells none."""
        if not self.honours_retry_after:
            return None
        found = (value for name, value in headers if name.lower() == "retry-after")
        return told_seconds(next(found, None))

    def after(
        self, attempt: int, headers: Iterable[tuple[str, str]], waited: float | None = None
    ) -> float | None:
        """The seconds to wait after the answer to that attempt, counted from 1; None to give up.

        `waited` is how long the wait before this attempt was, None before the first.
        """
        told = self.told(headers)
        wait = float(told) if told is not None else self._own(waited)
        return None if attempt >= self.attempts or wait > self.longest else wait

    def _own(self, waited: float | None) -> float:
        return self.first_wait if waited is None else waited * self.factor


def busy(status: int, told: int | None, *, reads: bool = False) -> bool:
    """Whether an answer says: not now. That is any 429.

    To a read of the harness's own (`reads`) a 503 that tells when to come again is one too.
    """
    return status == 429 or (reads and status == 503 and told is not None)


# Where no sender says otherwise: five minutes after a 429 without a usable Retry-After, then twice as long
# each time, ten attempts in all (wire-facts section 6).
RETRY = RetryPolicy()
