"""Documents of searches that never took place: with these steps, at a target of this capacity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from scimproof.catalog.loader import load_catalog
from scimproof.load.capacity.search import CapacitySearch, Fared
from scimproof.load.capacity.settings import SearchSettings
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.thresholds import Threshold
from scimproof.load.result.capacity_document import SearchRecord, build_capacity_report
from scimproof.target.options import TargetOptions
from tests.load.loaded import AUDITED, OIN

BROKEN = f"{OIN}/create: p95 at most 800 ms, it was 1,240"
LATE = "the generator was late: arrivals began up to 900 ms after they were due (50 ms are allowed)"
LIMITS = (Threshold(f"{OIN}/create", "p95_ms", 800, "plan.toml:7"), Threshold(f"{OIN}/create", "errors", 0))


def searched(
    capacity: float = 41, generator: float = 1e9, most: float = 640, steps: int = 99, **more: Any
) -> dict[str, Any]:
    """The document of a search from 10 sequences a second on; from `generator` on each step is invalid."""
    search = CapacitySearch(SearchSettings(10, most))
    rows: list[dict[str, Any]] = []
    while (rate := search.next()) is not None and len(rows) < steps:
        fared: Fared = "invalid" if rate > generator else "holds" if rate <= capacity else "breaks"
        search.add(rate, fared)
        rows.append(_row(rate, fared, capacity))
    plan = Plan(name="made", question="How much?", phases=(Phase(60, 10),), mix={OIN: 1}, thresholds=LIMITS)
    job = Job(
        plan=plan,
        access=TargetOptions(url="http://127.0.0.1:1/scim/v2"),
        prefix="scimproof-12345678",
        search=search.settings,
    )
    said: dict[str, Any] = {
        "job": job,
        "catalog": load_catalog(),
        "target": job.target({"SCIMPROOF_TOKEN": "a-token"}),
        "settings": search.settings,
        "started": datetime(2026, 11, 23, tzinfo=UTC),
        "seconds": 24.0 * len(rows),
        "steps": rows,
        "answer": search.answer(),
        "audit": AUDITED,
    }
    return build_capacity_report(SearchRecord(**(said | more)))


def _row(rate: float, fared: Fared, capacity: float) -> dict[str, Any]:
    p95 = 20 / max(1 - rate / capacity, 0.02) + max(rate - capacity, 0) * 30
    return {
        "rate": rate,
        "achieved": round(min(rate, capacity), 3),
        "provisionings": round(min(rate, capacity) * 0.9, 3),
        "requests": round(rate * 80),
        "seconds": 20.0,
        "p50_ms": round(p95 / 3, 3),
        "p95_ms": round(p95, 3),
        "p99_ms": round(p95 * 1.4, 3),
        "errors": 3 if fared == "breaks" else 0,
        "error_ratio": 0.01 if fared == "breaks" else 0.0,
        "lag_p99_ms": 900.0 if fared == "invalid" else 1.2,
        "result": fared,
        "why": {"holds": "", "breaks": BROKEN, "invalid": LATE}[fared],
    }
