"""Kinds of messages between master and workers; REFUSED comes before a worker is one."""

from __future__ import annotations

JOB, READY, FIGURES, DONE, AUDIT, AUDITED, STOP, ABORT, END, REFUSED = (
    f"scimproof-{name}"
    for name in ("job", "ready", "figures", "done", "audit", "audited", "stop", "abort", "end", "refused")
)
ORDERS = (JOB, AUDIT, STOP, ABORT, END)  # of a master to its workers
