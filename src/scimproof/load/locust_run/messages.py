"""Messages between the process that leads a Locust test and those that play it."""

from __future__ import annotations

SHARE, STOP, ABORT, FIGURES, PHASE, REFUSED, DONE = (
    f"scimproof_{name}" for name in ("share", "stop", "abort", "figures", "phase", "refused", "done")
)
