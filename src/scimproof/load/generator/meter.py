"""Meter of one process: its metrics, CPU and memory, taken once a second."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from scimproof.load.generator.share import LoadShare
from scimproof.load.metrics.counters import Metrics

EVERY = 1.0  # seconds between two reports


@dataclass
class Meter:
    """Meter of one process's share; `began` is when that started, in seconds of its own clock."""

    work: LoadShare
    began: float = 0.0
    cpu: float = 0.0

    def begin(self) -> None:
        """From now on; what getting ready cost is not the load's."""
        self.work.figures.drain()
        self.began, self.cpu = time.monotonic(), time.process_time()

    @property
    def at(self) -> float:
        """Seconds since the first moment at which something could be due."""
        return max(0.0, time.monotonic() - (self.work.started or self.began))

    @property
    def seconds(self) -> float:
        """Seconds since the load began; 0 before."""
        return time.monotonic() - (self.work.started or self.began) if self.began else 0.0

    def drain(self) -> tuple[float, Metrics]:
        """The moment, and what was counted since the last time."""
        at, made = self.at, self.work.figures.drain()
        if at <= self.work.job.plan.warm_up:
            made.cpu = 0.0  # what the warm-up cost belongs to no request that is counted
        return at, made

    def share(self) -> float:
        """How much of one core this process has used since `begin`."""
        return (time.process_time() - self.cpu) / self.seconds if self.seconds > 0 else 0.0


def peak_memory_mb() -> float:
    """The most memory that this process ever had, in MB; 0 where the system does not tell."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return 0.0
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
