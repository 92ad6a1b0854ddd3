"""Counts of a run that never took place, as a generator process tells them."""

from __future__ import annotations

from scimproof.load.export.running_counts import RunAttributes, RunningCounts
from scimproof.load.metrics.counters import Metrics, Packed

CREATE, SEARCH = "okta.oin.user.create/create", "okta.oin.user.create/search"
SECONDS = (0.0004, 0.0021, 0.02, 0.0201, 0.5, 7.5)
RUN = RunAttributes("smoke", "okta", "scimproof-12345678", "1.2.3", "host.example", 443)


def one_second() -> Packed:
    """Six creates, one of them wrong, and a search; provisioned in 2 s."""
    metrics = Metrics()
    for seconds in SECONDS:
        operation = metrics.operation(CREATE)
        operation.due += 1
        operation.sent += 1
        operation.answered += 1
        operation.response.record(seconds)
        operation.service.record(seconds / 2)
    metrics.operation(CREATE).errors["status 500"] += 1
    metrics.operation(SEARCH).due = 1
    metrics.operation(SEARCH).skipped = 1
    metrics.sequence("okta.oin.user.create").answered = 6
    metrics.sequence("time-to-provision").response.record(2.0)
    metrics.pace.started = 6
    return metrics.drain().pack()


def running(seconds: int = 1) -> RunningCounts:
    """The counts of so many such seconds."""
    counts = RunningCounts()
    for _ in range(seconds):
        counts.add(one_second(), 3)
    return counts
