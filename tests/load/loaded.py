"""Documents of load runs that never took place: so many seconds, so quick, with these limits."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from scimproof.catalog.loader import load_catalog
from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.thresholds import PROVISION, Threshold
from scimproof.load.result.document import NO_AUDIT, LoadRecord, build_load_report
from scimproof.target.options import TargetOptions

OIN, AIW = "okta.oin.user.create", "okta.aiw.user.create"
STEPS = {"search": 8.0, "create": 20.0, "read-back": 6.0, "find-back": 9.0}  # milliseconds, the median
SECONDS, WARM_UP, RATE = 20, 5, 6
AUDITED = NO_AUDIT | {"done": True, "why": "", "checked": {**NO_AUDIT["checked"], "users": 90, "writes": 90}}


def loaded(*limits: Threshold, slower: float = 1.0, wrong: int = 0, **more: Any) -> dict[str, Any]:
    """The document of a run of 20 s, 5 of them warm-up, and 6 arrivals a second.

    Everything takes `slower` times as long as it usually does; `wrong` requests a second are answered 500.
    """
    draw = random.Random(7)
    timeline = TimeSeries(SECONDS)
    for second in range(WARM_UP, SECONDS):
        timeline.add(second + 0.5, _second(draw, slower, wrong).drain())
    phases = (Phase(WARM_UP, RATE, warm_up=True), Phase(SECONDS - WARM_UP, RATE))
    plan = Plan(name="made", question="Is it quick?", phases=phases, mix={OIN: 5, AIW: 1}, thresholds=limits)
    job = Job(plan=plan, access=TargetOptions(url="http://127.0.0.1:1/scim/v2"), prefix="scimproof-12345678")
    said: dict[str, Any] = {
        "job": job,
        "catalog": load_catalog(),
        "target": job.target({"SCIMPROOF_TOKEN": "a-token"}),
        "timeline": timeline,
        "started": datetime(2026, 11, 23, tzinfo=UTC),
        "seconds": float(SECONDS),
        "shares": (0.1,),
        "audit": AUDITED,
    }
    return build_load_report(LoadRecord(**(said | more)))


def _second(draw: random.Random, slower: float, wrong: int) -> Metrics:
    made = Metrics()
    made.pace.started = made.pace.finished = RATE * SECONDS // (SECONDS - WARM_UP)
    for place in range(RATE):
        whole = OIN if place else AIW
        spent = 0.0
        for step, median in STEPS.items():
            seconds = slower * median * draw.lognormvariate(0, 0.5) / 1000
            spent += seconds
            _answered(made.operation(f"{whole}/{step}"), seconds, failed=step == "create" and place < wrong)
        _answered(made.sequence(whole), spent)
        _answered(made.sequence(PROVISION), spent * 0.8)
    return made


def _answered(operation: StepCounters, seconds: float, *, failed: bool = False) -> None:
    operation.due += 1
    operation.sent += 1
    operation.answered += 1
    operation.errors.update(["status 500"] if failed else [])
    operation.response.record(seconds)
    operation.service.record(seconds)
