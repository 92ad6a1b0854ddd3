"""Closed model, for comparison with other tools: users who wait for the answer before they go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

from scimproof.load.client.client import Slot
from scimproof.load.greenlets import Greenlet, sleep, spawn
from scimproof.load.plan.schedule import Arrival
from scimproof.load.player.player import Player

AT_ONCE = 0.0002  # seconds: faster than any answer
NAP = 0.25  # seconds after which a user who waits looks whether the run was stopped


@dataclass
class ClosedModel:
    """Closed model of `users` among whom the schedule is dealt out, each playing one sequence after another.

    A user starts its next sequence when the last one is done or when the schedule has it, whichever is later,
    and never catches up (Locust's `constant_throughput`). So no more is played than the schedule has. What a
    slow target held up is due late, or never sent once the seconds are over: the latencies hide the queue
    (coordinated omission). What begins in the first `warm_up` seconds is left out of the figures. Of several
    `workers` each has the users whose numbers are its own, with what is dealt to them of the whole schedule:
    the arrivals, and their pace, are those of one process.
    """

    player: Player
    slot: Callable[[], Slot]
    users: int
    seconds: float
    warm_up: float = 0.0
    number: int = 0
    workers: int = 1
    _workers: list[Greenlet] = field(default_factory=list)
    _trouble: BaseException | None = None
    _over: bool = False
    _in_flight: int = 0

    def run(self, arrivals: Iterable[Arrival], start: float) -> None:
        """Play from `start` (a moment of `time.monotonic()`) until the seconds are over or `stop`.

        `arrivals` is the whole schedule, also of one worker among several.
        """

        def user(dealt: Iterator[Arrival]) -> None:
            slot, late = self.slot(), 0.0
            try:
                for arrival in dealt:
                    now = self._wait(start, arrival.due + late)
                    if self._over or now >= self.seconds:
                        break
                    late = max(late, now - arrival.due)
                    warm_up = arrival.warm_up and now < self.warm_up
                    self._play(Arrival(arrival.number, now, arrival.plays, arrival.phase, warm_up), slot)
            except Exception as problem:  # noqa: BLE001 - raised again by the run
                self._trouble, self._over = self._trouble or problem, True
            finally:
                slot.close()

        hands = dealt_out(arrivals, self.users, range(self.number, self.users, self.workers))
        self._workers = [spawn(user, hand) for hand in hands]
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

    def _wait(self, start: float, due: float) -> float:
        """Wait until so many seconds after `start`, the end or `stop`; gives the seconds after `start`."""
        until = min(due, self.seconds)
        while (now := time.monotonic() - start) < until and not self._over:
            sleep(min(until - now, NAP))
        return now

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


def dealt_out(arrivals: Iterable[Arrival], users: int, own: Iterable[int]) -> list[Iterator[Arrival]]:
    """For each of the `own` of so many users every `users`-th arrival, made when it is asked for.

    A long schedule is never held whole: an hour of it has a million arrivals.
    """
    rest, hands = iter(arrivals), {user: list[Arrival]() for user in own}  # a deque takes 700 bytes
    turn = cycle([hands.get(user) for user in range(users)])

    def hand(mine: list[Arrival]) -> Iterator[Arrival]:
        while True:
            while not mine:
                arrival = next(rest, None)
                if arrival is None:
                    return
                if (its := next(turn)) is not None:
                    its.append(arrival)
            yield mine.pop(0)

    return [hand(mine) for mine in hands.values()]
