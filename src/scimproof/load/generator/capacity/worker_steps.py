"""Worker's side of a capacity search: plays its share of the steps that the master names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scimproof.load.generator.capacity.local_steps import OwnShare
from scimproof.load.generator.context import GeneratorContext
from scimproof.load.generator.meter import EVERY, Meter
from scimproof.load.greenlets import Signal, sleep, spawn
from scimproof.load.result.search_step import SearchStep

TURN = 0.05  # seconds between two looks at what the master says
Report = dict[str, Any]


@dataclass
class WorkerSteps:
    """Steps of a worker: `named` is what the master said of them last, `over` whether it wants none any more.

    `figures` and `done` tell the master what was counted, and how a step went.
    """

    post: GeneratorContext
    meter: Meter
    named: Callable[[], Report]
    over: Callable[[], bool]
    figures: Callable[[Report], None]
    done: Callable[[Report], None]

    def play(self) -> None:
        """Play steps until there are no more."""
        played = 0
        try:
            while not self.over():
                step = self._next(played)
                if step is None:
                    sleep(TURN)
                    continue
                self._play(step)
                played = step.number
        finally:
            self.post.work.finish()

    def _next(self, played: int) -> SearchStep | None:
        named = self.named().get("step")
        return SearchStep(**named) if named and named["number"] != played else None

    def _play(self, step: SearchStep) -> None:
        share = OwnShare(step, self.meter)
        over = Signal()
        ticker = spawn(self._tick, share, over)
        try:
            done = share.play()
        finally:
            over.give()
            ticker.join()
        at = self._tell(step)
        left = 0 if done else self.post.work.in_flight
        lasted = max(at - step.warm_up, 0.0 if share.off else step.seconds)
        self.done({"step": step.number, "share": share.cpu, "lasted": lasted, "left": left})

    def _tick(self, share: OwnShare, over: Signal) -> None:
        while not over.within(EVERY):
            self._tell(share.step)
            share.off = share.off or bool(self.named().get("off"))

    def _tell(self, step: SearchStep) -> float:
        at, made = self.meter.drain()
        told = {"step": step.number, "at": at, "packed": made.pack()}
        self.figures(told | {"in_flight": self.post.work.in_flight})
        return at
