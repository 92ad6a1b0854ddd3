from __future__ import annotations

import json

from scimproof.load.metrics.counters import Metrics, SampledFinding
from scimproof.load.metrics.packed_json import from_json, to_json

ID = "okta.oin.user.create/create"


def counted() -> Metrics:
    """Metrics with something in each part."""
    metrics = Metrics(warm_up=2, opened=3, stale=1)
    for seconds in (0.0004, 0.02, 0.0201, 7.5):
        operation = metrics.operation(ID)
        operation.due += 1
        operation.response.record(seconds)
        metrics.pace.lag.record(seconds / 10)
    metrics.operation(ID).errors["status 500"] += 1
    metrics.operation(ID).sizes.fresh[700] = 4
    metrics.sequence("okta.oin.user.create").answered = 4
    metrics.warming.response.record(0.3)
    metrics.pace.started = 5
    return metrics


def test_what_was_counted_is_the_same_after_a_line_of_json() -> None:
    packed = counted().drain().pack()
    told = from_json(json.loads(json.dumps(to_json(packed))))
    there, here = Metrics(), Metrics()
    there.add(told)
    here.add(packed)
    assert (there.operations, there.sequences, there.pace) == (here.operations, here.sequences, here.pace)
    assert (there.warming, there.cpu) == (here.warming, here.cpu)
    assert (there.warm_up, there.opened, there.stale) == (2, 3, 1)
    assert there.operations[ID].response.count == 4


def test_what_answers_said_is_told_to_no_export() -> None:
    metrics = counted()
    metrics.judged["a check"] = SampledFinding(observed="what the server said")
    assert "what the server said" not in json.dumps(to_json(metrics.drain().pack()))
