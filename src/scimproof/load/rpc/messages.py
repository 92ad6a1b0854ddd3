"""Kinds of messages between master and workers; REFUSED is told to who is no worker of the run."""

from __future__ import annotations

JOB, AUDIT, STOP, ABORT, END, RACE = ORDERS = tuple(
    f"scimproof-{name}" for name in ("job", "audit", "stop", "abort", "end", "race")
)  # of a master to its workers
READY, FIGURES, DONE, AUDITED, RACED = (
    f"scimproof-{name}" for name in ("ready", "figures", "done", "audited", "raced")
)  # of a worker to its master
REFUSED = "scimproof-refused"
