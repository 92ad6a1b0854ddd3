"""Open model: starts arrivals when they are due, each in a slot of its own, and drops none."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from scimproof.load.greenlets import Greenlet, Parking, sleep, spawn
from scimproof.load.metrics.schedule_lag import ScheduleLag
from scimproof.load.pacing.timer import Timer, best_timer
from scimproof.load.plan.schedule import Arrival

monotonic = time.monotonic
BATCH = 8  # so many overdue arrivals are started before those already started get their turn


class Closes(Protocol):
    """Slot of one worker, which is closed with it."""

    def close(self) -> None:
        """Give it back."""
        ...


Slot = TypeVar("Slot", bound=Closes)
Play = Callable[[Arrival, float, Slot], None]


@dataclass
class OpenModel(Generic[Slot]):
    """Open model with at most `cap` arrivals in flight; `play(arrival, due, slot)` gets `due` as a moment.

    A moment is one of `time.monotonic()`. `due(arrival)` is called as soon as one is due. A play that raises
    stops the pacer, which raises it again.
    """

    play: Play[Slot]
    slot: Callable[[], Slot]
    cap: int = 1000
    due: Callable[[Arrival], None] = lambda _: None
    pace: ScheduleLag = field(default_factory=ScheduleLag)
    timer: Timer = field(default_factory=best_timer)
    _idle: list[Parking] = field(default_factory=list)
    _workers: list[Greenlet] = field(default_factory=list)
    _waiting: deque[tuple[Arrival, float]] = field(default_factory=deque)
    _in_flight: int = 0
    _trouble: BaseException | None = None
    _over: bool = False

    def run(self, arrivals: Iterable[Arrival], start: float) -> None:
        """Start every arrival at `start` plus its due seconds; returns when the last one has been started."""
        overdue = 0
        for arrival in arrivals:
            due = start + arrival.due
            now = monotonic()
            if due > now:
                self.timer.until(due)
                overdue, now = 0, monotonic()
            else:
                overdue += 1
                if overdue % BATCH == 0:
                    sleep(0)
                    now = monotonic()
            if self._over:
                break
            self._start(arrival, due, now)
        if self._trouble:
            raise self._trouble

    def drain(self, seconds: float) -> bool:
        """Wait until nothing is in flight, so many seconds at most; whether that was achieved."""
        until = monotonic() + seconds
        while (self._in_flight or self._waiting) and not self._trouble and monotonic() < until:
            sleep(0.005)
        if self._trouble:
            raise self._trouble
        return not self._in_flight

    def stop(self) -> None:
        """Start no more arrivals; what is in flight goes on until `drain` or `close`."""
        self._over = True
        self._waiting.clear()

    @property
    def stopped(self) -> bool:
        """Whether no more arrivals are started."""
        return self._over

    @property
    def in_flight(self) -> int:
        """Arrivals being played now, those that wait for a slot not counted."""
        return self._in_flight

    @property
    def waiting(self) -> int:
        """Arrivals over the cap that wait for a slot now."""
        return len(self._waiting)

    def close(self) -> None:
        """Stop everything at once and give back slots and timer."""
        self.stop()
        for worker in self._workers:
            worker.kill(block=True, timeout=5)
        self._workers.clear()
        self.timer.close()

    def _start(self, arrival: Arrival, due: float, now: float) -> None:
        pace = self.pace
        pace.started += 1
        self.due(arrival)
        if self._in_flight >= self.cap:
            pace.held += 1
            pace.lag.record(now - due)
            self._waiting.append((arrival, due))
            return
        self._in_flight += 1
        pace.most = max(pace.most, self._in_flight)
        if self._idle:
            self._idle.pop().wake((arrival, due))
        else:
            self._workers.append(spawn(self._work, arrival, due))

    def _work(self, arrival: Arrival, due: float) -> None:
        """One worker: its slot, and arrivals until it is killed."""
        slot, parked, pace = self.slot(), Parking(), self.pace
        try:
            pace.lag.record(monotonic() - due)
            while True:
                self.play(arrival, due, slot)
                pace.finished += 1
                if self._waiting:
                    arrival, due = self._waiting.popleft()
                    pace.waits.record(monotonic() - due)
                    continue
                self._in_flight -= 1
                self._idle.append(parked)
                arrival, due = parked.wait()
                pace.lag.record(monotonic() - due)
        except Exception as problem:  # noqa: BLE001 - raised again by whoever runs the pacer
            self._trouble = self._trouble or problem
            self._over = True
        finally:
            slot.close()
