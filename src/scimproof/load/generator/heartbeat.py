"""Heartbeat: how long a Locust master waits for a sign of life of its workers."""

from __future__ import annotations

import locust.runners

# Seconds without a sign of life after which a worker counts as dead. Locust's own 3 are shorter than what
# compiling the sequences takes on a busy machine, where the others' shares were then played a second time.
SILENT = 20


def patient() -> None:
    """Let this process, as a master, wait that long; before the first worker comes."""
    locust.runners.HEARTBEAT_LIVENESS = SILENT
