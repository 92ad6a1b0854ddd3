"""Okta's patience with a target that answers 429, put to the player, and what was seen put to the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scimproof.load.client.response import Response
from scimproof.load.greenlets import sleep
from scimproof.load.metrics.counters import Metrics, SampledFinding
from scimproof.load.player.patience import RetryPolicy, told_seconds

Waits = Callable[[], Callable[[Response], float | None]]
FINDING = "load/429#retry-after"
EXPECTED = "a 429 says in whole seconds of Retry-After when to come again"


def patiently(ask: Callable[[], Response], patience: Waits | None) -> Response:
    """The answer, asked for again after each 429 for as long as there is patience."""
    wait: Callable[[Response], float | None] | None = None
    while True:
        answer = ask()
        if answer.status != 429 or patience is None:
            return answer
        wait = wait or patience()
        pause = wait(answer)
        if pause is None:
            return answer
        sleep(pause)


@dataclass
class RetryRecorder:
    """Gives each request Okta's patience; Okta's own waits pass `clock` times as fast.

    Whether each 429 carried a Retry-After goes to the figures.
    """

    figures: Metrics
    clock: float

    def __call__(self) -> Callable[[Response], float | None]:
        """One request's patience: the seconds to wait after each 429, None when Okta would give up."""
        patience = RetryPolicy(compress=self.clock)

        def wait(answer: Response) -> float | None:
            told = answer.header("Retry-After")
            self._judge(told)
            return patience.after(told)

        return wait

    def _judge(self, told: str | None) -> None:
        seconds = told_seconds(told)
        judged = self.figures.judged.setdefault(FINDING, SampledFinding(expected=EXPECTED))
        judged.verdicts["fail" if seconds is None else "pass"] += 1
        if seconds is None and not judged.observed:
            judged.observed = f"Retry-After: {told}" if told else "no Retry-After"
