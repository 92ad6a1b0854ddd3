"""The closed model, for comparison with other tools: users who wait for the answer before they go on."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from scimproof.load.hub import Greenlet, sleep, spawn
from scimproof.load.play import Player
from scimproof.load.schedule import Arrival
from scimproof.load.sender import Slot

AT_ONCE = 0.0002  # seconds: faster than any answer


@dataclass
class Closed:
    """So many users, each playing one sequence after another for so many seconds.

    An arrival is due when its user's last one is done: those that a slow target would have met meanwhile are
    never sent, so these latencies flatter it. Of the schedule only what is played, in which order, and the
    length of the warm-up are taken; it is played again from the start when it is used up.
    """

    player: Player
    slot: Callable[[], Slot]
    users: int
    seconds: float
    _workers: list[Greenlet] = field(default_factory=list)
    _trouble: BaseException | None = None
    _over: bool = False
    _in_flight: int = 0

    def run(self, arrivals: Iterable[Arrival], start: float) -> None:
        """Play from `start` (a moment of `time.monotonic()`) until the seconds are over or `stop`."""
        schedule = list(arrivals)
        if not schedule:
            return
        measured = next((arrival.due for arrival in schedule if not arrival.warm_up), 0.0)
        step = schedule[1].number - schedule[0].number if len(schedule) > 1 else 1
        numbers = itertools.count(schedule[0].number, step)  # stay apart from those of other workers
        plays = itertools.cycle(schedule)
        sleep(max(start - time.monotonic(), 0))

        def user() -> None:
            slot = self.slot()
            try:
                while not self._over and (now := time.monotonic() - start) < self.seconds:
                    like = next(plays)
                    self._play(Arrival(next(numbers), now, like.plays, like.phase, now < measured), slot)
            except Exception as problem:  # noqa: BLE001 - raised again by the run
                self._trouble, self._over = self._trouble or problem, True
            finally:
                slot.close()

        self._workers = [spawn(user) for _ in range(self.users)]
        for worker in self._workers:
            worker.join(max(start + self.seconds - time.monotonic(), 0.001))
        if self._trouble:
            raise self._trouble

    def drain(self, seconds: float) -> bool:
        """Wait for the sequences under way, so many seconds at most; whether they came to their end."""
        until = time.monotonic() + seconds
        for worker in self._workers:
            worker.join(max(until - time.monotonic(), 0.001))
        return not self._in_flight

    def stop(self) -> None:
        """Start no more sequences."""
        self._over = True

    @property
    def in_flight(self) -> int:
        """Sequences being played now."""
        return self._in_flight

    def close(self) -> None:
        """Break off what is under way and close its connections."""
        self._over = True
        for worker in self._workers:
            worker.kill(block=True, timeout=5)

    def _play(self, arrival: Arrival, slot: Slot) -> None:
        pace = self.player.figures.pace
        pace.started += 1
        self._in_flight += 1
        pace.most = max(pace.most, self._in_flight)
        self.player.due(arrival)
        began = time.monotonic()
        self.player.play(arrival, began, slot)
        self._in_flight -= 1
        pace.finished += 1
        if time.monotonic() - began < AT_ONCE:
            sleep(0)  # a refusal comes without waiting: the other users get their turn all the same
