"""What showing and exporting a load run costs the generator: a second after another, without sending."""

from __future__ import annotations

import random
import time

from scimproof.catalog.loader import load_catalog
from scimproof.load.generator.channel import as_line
from scimproof.load.generator.live_figures import LiveFigures
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.packed_json import to_json
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.loader import read_plan
from scimproof.load.plan.names import find_plan

PLAN, SECONDS = "weekday", 60  # the plan with the most operations; the ten seconds that are shown are full
MEDIAN, SPREAD = -4.0, 0.7  # of a lognormal response time: 18 ms, p95 58 ms


def watched(rate: int) -> tuple[int, float]:
    """Operations of the plan, and seconds of CPU a second for the live screen and the counters of exports.

    Counters as after `rate` requests a second over all operations of the plan, response times included.
    """
    catalog = load_catalog()
    plan = read_plan(find_plan(PLAN, sender=catalog.sender(None).id), catalog)
    steps = [f"{id}/{step.id}" for id in plan.mix for step in catalog.sequences[id].unattended]
    draw, counted, timeline = random.Random(1), Metrics(), TimeSeries(plan.seconds)
    live, cost = LiveFigures(plan, timeline), 0.0
    for second in range(1, SECONDS + 1):
        for _ in range(rate):
            operation, seconds = counted.operation(draw.choice(steps)), draw.lognormvariate(MEDIAN, SPREAD)
            operation.due += 1
            operation.sent += 1
            operation.answered += 1
            operation.response.record(seconds)
            operation.service.record(seconds)
            counted.pace.lag.record(seconds / 100)
        made = counted.drain()
        timeline.add(second, made)
        began = time.process_time()
        live.add(second, made)
        as_line({"event": "tick", **live.row(second, 1)})
        as_line({"event": "counts", "counts": to_json(made.pack())})
        cost += time.process_time() - began
    return len(steps), cost / SECONDS
