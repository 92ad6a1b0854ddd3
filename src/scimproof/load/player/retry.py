"""Retries under load: the sender's retry policy put to the player, and what was seen put to the metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scimproof.load.client.response import Response
from scimproof.load.greenlets import sleep
from scimproof.load.metrics.counters import Metrics, SampledFinding
from scimproof.target.retry_policy import RETRY, RetryPolicy, busy, told_seconds

FINDING = "load/429#retry-after"
EXPECTED = "a 429 says in whole seconds of Retry-After when to come again"


@dataclass
class LoadRetry:
    """Retry of requests that were answered 429; records in `figures` whether each had a Retry-After.

    Whole seconds of Retry-After are waited exactly, since they are the target's own clock. The sender's own
    waits, five minutes and more, pass `clock` times as fast. `wait` lets so many
    seconds pass, in place of a plain sleep.
    """

    figures: Metrics
    clock: float = 1.0
    policy: RetryPolicy = RETRY
    wait: Callable[[float], None] | None = None

    def persist(
        self,
        answer: Response,
        again: Callable[[], Response],
        throttled: Callable[[], None] = lambda: None,
        *,
        harmless: bool = False,
    ) -> Response:
        """The answer after as many attempts as the policy allows; `answer` is that to the first.

        `again` sends once more, `throttled` is told before each wait. A `harmless` request, which may be
        carried out twice, is also sent again after a 503 that says when to come.
        """
        attempt, wait = 0, None
        while self.asks_for_patience(answer, harmless=harmless):
            attempt += 1
            headers = answer.headers
            if answer.status == 429:
                self._judge(answer.header("Retry-After"))
            wait = self.policy.after(attempt, headers, wait)
            if wait is None:
                break
            throttled()
            (self.wait or sleep)(wait / self.clock if self.policy.told(headers) is None else wait)
            answer = again()
        return answer

    def asks_for_patience(self, answer: Response, *, harmless: bool = False) -> bool:
        """Whether an answer says: not now."""
        if answer.status == 429:
            return True
        late = harmless and answer.status == 503 and not answer.error
        return late and busy(answer.status, self.policy.told(answer.headers), reads=True)

    def _judge(self, told: str | None) -> None:
        seconds = told_seconds(told)
        judged = self.figures.judged.setdefault(FINDING, SampledFinding(expected=EXPECTED))
        judged.verdicts["fail" if seconds is None else "pass"] += 1
        if seconds is None and not judged.observed:
            judged.observed = f"Retry-After: {told}" if told else "no Retry-After"


def patiently(ask: Callable[[], Response], retry: LoadRetry | None) -> Response:
    """The answer, asked for again after each 429 where there is a `retry`."""
    answer = ask()
    return answer if retry is None else retry.persist(answer, ask)
