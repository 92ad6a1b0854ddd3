"""The project's own generator, with everything on: ledger, glance at each answer, figures, Locust's event."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import locust  # noqa: F401 - first of all, because it replaces what the others import
from locust.env import Environment

from scimproof.catalog.loader import load_catalog
from scimproof.checks import answers
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.load.client.client import LoadClient, Slot
from scimproof.load.generator.garbage_collection import settle
from scimproof.load.greenlets import sleep, spawn
from scimproof.load.ledger.fast_ledger import FastLedger
from scimproof.load.metrics.counters import Metrics
from scimproof.load.pacing.closed_model import ClosedModel
from scimproof.load.pacing.open_model import OpenModel
from scimproof.load.plan.identities import Cast
from scimproof.load.plan.schedule import Schedule, steady
from scimproof.load.player.delivery import Delivery
from scimproof.load.player.player import Player
from scimproof.load.player.write_guard import LoadWriteGuard
from scimproof.load.workload.compiled_sequence import ready, run_blanks
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target

PREFIX = "scimproof-benchours"
DENSE = 50_000  # sequences per second: ten times what one process sends here
CREATE = Step(
    id="create",
    request="okta/both/user-create.http",
    creates="user",
    checks=(Check("okta-create-answered", answers(201, 200)),),
)
READ = Step(
    id="read", request="okta/both/users-test.http", checks=(Check("okta-connect-answered", answers(200)),)
)


def main() -> None:
    """`ours closed|load|users|open URL USERS|RATE SECONDS [CA]`: one line of JSON.

    `closed` fires Locust's event for every request, as the locustfile does; `load` does not.
    """
    model, url, number, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    target = Target(url, Bearer("bench"), ca_bundle=Path(sys.argv[5]) if sys.argv[5:] else None)
    steps = (
        (CREATE,) if model in ("closed", "load") else (READ,)
    )  # users: reads, which leave nothing in the ledger
    sequence = Sequence(id="bench", title="", source="", people={"user": "plain"}, steps=steps)
    catalog, figures, sender = load_catalog(), Metrics(), LoadClient(target)
    environment = Environment()
    environment.create_local_runner()
    with tempfile.TemporaryDirectory() as folder:
        ledger = FastLedger(Path(folder) / "ledger.jsonl", url, PREFIX)
        part = ready(sequence, catalog, target, Cast(sequence, PREFIX), figures)
        player = Player(
            catalog,
            {"bench": part},
            run_blanks(target, PREFIX),
            LoadWriteGuard(ledger, target),
            figures,
            Delivery(None if model == "load" else environment.events.request.fire),
        )
        settle()
        empty = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if model != "open":
            closed = ClosedModel(player, sender.slot, number, seconds + 0.5)
            # The closed model keeps the schedule's pace: one so dense is never waited for.
            dense = Schedule(steady(DENSE, seconds + 0.5), {"bench": 1.0})
            playing = spawn(closed.run, dense, time.monotonic())
        else:
            pacer = OpenModel[Slot](player.play, sender.slot, due=player.due, pace=figures.pace)
            schedule = Schedule(steady(number, seconds + 0.5), {"bench": 1.0})
            playing = spawn(pacer.run, schedule, time.monotonic())
        sleep(0.5)
        before, cpu, began = figures.requests, time.process_time(), time.monotonic()
        playing.join()
        wall = time.monotonic() - began
        requests, cpu = figures.requests - before, time.process_time() - cpu
        ledger.close()
    failed = sum(operation.errors.total() for operation in figures.operations.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"requests": requests, "cpu": cpu, "failed": failed, "peak": peak, "empty": empty, "wall": wall}
    print(json.dumps(found | {"opened": sender.connections.opened, "sent": figures.requests}))


if __name__ == "__main__":
    main()
