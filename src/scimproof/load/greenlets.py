"""Wrappers of gevent: waiting for a socket or a moment, shared deadlines, hand-over of work."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import gevent  # type: ignore[import-untyped]
from gevent import get_hub, getcurrent
from gevent.event import Event  # type: ignore[import-untyped]
from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]

READ, WRITE = 1, 2
SWEEP = 0.05  # deadlines are kept to so many seconds: one timer for all costs less than one for each

Greenlet = Any


class Late(Exception):
    """Deadline of an exchange that passed while it waited."""


class Waiter:
    """Waiter: lets the current greenlet wait on one file descriptor.

    The watcher of what can be read goes on from one wait to the next: starting and stopping it cost as much
    as the read. What comes while nobody waits stops it, until somebody does.
    """

    __slots__ = ("_fd", "_hub", "_reading", "_reads", "_writes", "greenlet")

    def __init__(self, fd: int) -> None:
        self._fd, self._hub = fd, get_hub()
        self._reads: Any = None
        self._writes: Any = None
        self._reading = False
        self.greenlet: Greenlet = None

    def readable(self) -> None:
        """Wait until there is something to read, or the other side closed."""
        self.greenlet = getcurrent()
        if not self._reading:
            if self._reads is None:
                self._reads = self._hub.loop.io(self._fd, READ)
            self._reads.start(self._come)
            self._reading = True
        try:
            self._hub.switch()
        finally:
            self.greenlet = None

    def _come(self) -> None:
        """Something can be read: whoever waits goes on."""
        if self.greenlet is not None:
            self.greenlet.switch()
        else:
            self._pause()

    def _pause(self) -> None:
        if self._reading:
            self._reads.stop()
            self._reading = False

    def writable(self) -> None:
        """Wait until something can be written, or a connect ended."""
        self._pause()  # an early answer is for nobody who waits for this
        if self._writes is None:
            self._writes = self._hub.loop.io(self._fd, WRITE)
        self.greenlet = greenlet = getcurrent()
        self._writes.start(greenlet.switch)
        try:
            self._hub.switch()
        finally:
            self._writes.stop()
            self.greenlet = None

    def close(self) -> None:
        """Give the watchers back to the loop, before the file descriptor is closed."""
        for watcher in (self._reads, self._writes):
            if watcher is not None:
                watcher.close()
        self._reads = self._writes = None
        self._reading = False


class Deadlines:
    """Deadlines of one length for many keys: `Late` is thrown into what still waits when its time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends: dict[Hashable, tuple[float, Callable[[], Waiter | None]]] = {}
        self._timer: Any = None

    def start(self, key: Hashable, now: float, waiter: Callable[[], Waiter | None]) -> None:
        """Start the deadline of `key`; `waiter()` tells on what it waits."""
        self._ends[key] = (now + self.seconds, waiter)
        if self._timer is None:
            self._timer = get_hub().loop.timer(SWEEP, SWEEP, ref=False)
            self._timer.start(self._sweep)

    def stop(self, key: Hashable) -> None:
        """It ended in time, or with the deadline."""
        self._ends.pop(key, None)

    def _sweep(self) -> None:
        now = time.monotonic()
        for end, waiter in list(self._ends.values()):
            if end > now:
                break  # in the order in which they started, so that the rest has more time left
            waiting = waiter()
            if waiting is not None and waiting.greenlet is not None:
                waiting.greenlet.throw(Late())

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None


class Parking:
    """Single-slot hand-over: one greenlet waits here until another gives it something to do."""

    __slots__ = ("_greenlet", "_hub")

    def __init__(self) -> None:
        self._hub, self._greenlet = get_hub(), getcurrent()

    def wait(self) -> Any:
        """What the next `wake` gives."""
        return self._hub.switch()

    def wake(self, work: object) -> None:
        """Let the greenlet go on with `work` when the current one waits for something."""
        self._hub.loop.run_callback(self._greenlet.switch, work)


class Turn:
    """Turn that greenlets take one after the other, in the order in which they asked for it."""

    def __init__(self) -> None:
        self._free: Any = BoundedSemaphore(1)

    @property
    def taken(self) -> bool:
        """Whether it is somebody's now."""
        return bool(self._free.locked())

    def take(self) -> None:
        """Wait until it is free, and take it."""
        self._free.acquire()

    def give(self) -> None:
        """Leave it to the next."""
        self._free.release()


class Signal:
    """Signal that one greenlet gives and others wait for."""

    def __init__(self) -> None:
        self._event = Event()

    def give(self) -> None:
        """From now on nobody waits for it any more."""
        self._event.set()

    def within(self, seconds: float) -> bool:
        """Wait for it, so many seconds at most; whether it was given."""
        return bool(self._event.wait(seconds))


def spawn(task: Callable[..., Any], *args: Any) -> Greenlet:
    """Run the task in a greenlet of its own, soon."""
    return gevent.spawn(task, *args)


def on_signal(number: int, task: Callable[[], None]) -> None:
    """Run the task in a greenlet of its own when this process gets that signal, which then ends nothing."""
    gevent.signal_handler(number, task)


def at_once(tasks: Iterable[Callable[[], Any]]) -> list[Any]:
    """What these tasks give, done at the same time in a greenlet each; raises what one of them raises."""
    started = [gevent.spawn(task) for task in tasks]
    try:
        return [one.get() for one in started]
    finally:
        gevent.killall(started)


def sleep(seconds: float) -> None:
    """Let the others run, for so many seconds at least."""
    gevent.sleep(seconds)


def later(seconds: float, task: Callable[[], None]) -> None:
    """Run the task in a greenlet of its own after so many seconds."""
    gevent.spawn_later(seconds, task)
