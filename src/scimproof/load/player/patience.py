"""Okta's patience with a target that answers 429, for the player: how long to wait, and when to give up."""

from __future__ import annotations

from dataclasses import dataclass

from scimproof.target.retrying_client import ATTEMPTS, FIRST_WAIT, told_seconds

__all__ = ["RetryPolicy", "told_seconds"]


@dataclass
class RetryPolicy:
    """The waits of one request by Okta's rules (wire-facts section 6), one object a request.

    Whole seconds of Retry-After are waited exactly, since they are the target's own clock. Without them Okta
    waits five minutes, or twice as long as the time before: those waits are Okta's, and `compress` makes
    them so many times shorter. `okta_seconds` is what Okta would have waited in all, `attempts` how often the
    request was answered 429, `told` how often with a Retry-After that Okta can read.
    """

    compress: float = 1.0
    attempts: int = 0
    told: int = 0
    okta_seconds: float = 0.0
    _next: float = FIRST_WAIT

    def after(self, retry_after: str | None) -> float | None:
        """The seconds to wait after another 429; None when Okta gives up for good, at the tenth."""
        self.attempts += 1
        seconds = told_seconds(retry_after)
        self.told += seconds is not None
        if self.attempts >= ATTEMPTS:
            return None
        wait = self._next if seconds is None else float(seconds)
        self._next = wait * 2
        self.okta_seconds += wait
        return wait / self.compress if seconds is None else wait
