"""A worker's share, played over real connections against the embedded target in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.cleanup.ledger import Ledger
from scimproof.embedded.server import Served
from scimproof.load.client.client import LoadClient, Slot
from scimproof.load.metrics.counters import Metrics
from scimproof.load.pacing.closed_model import ClosedModel
from scimproof.load.pacing.open_model import OpenModel
from scimproof.load.plan.identities import Cast
from scimproof.load.plan.schedule import Phase, Schedule, steady
from scimproof.load.player.player import Player
from scimproof.load.player.write_guard import LoadWriteGuard
from scimproof.load.workload.compiled_sequence import ready, run_blanks
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.waiting import HANG

pytestmark = pytest.mark.xdist_group("shares")

PREFIX = "scimproof-sharetst"
MIX = {"okta.oin.user.create": 3.0, "okta.oin.user.update": 1.0, "okta.oin.group.push-empty": 1.0}
CONNECT = "okta.oin.connect"


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Served() as served:
        yield Target(served.base_url, Bearer(served.token), seconds=HANG)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.jsonl", "http://127.0.0.1", PREFIX)
    yield ledger
    ledger.close()


def player(target: Target, ledger: Ledger, schedule: Schedule, worker: int = 0, sample: int = 0) -> Player:
    catalog, figures = load_catalog(), Metrics()
    parts = {
        id: ready(
            catalog.sequences[id], catalog, target, Cast(catalog.sequences[id], PREFIX, 1, worker), figures
        )
        for id in schedule.mix
    }
    run = run_blanks(target, PREFIX)
    return Player(catalog, parts, run, LoadWriteGuard(ledger, target), figures, sample=sample)


def test_two_workers_play_one_schedule_and_nobody_twice(target: Target, ledger: Ledger) -> None:
    schedule = Schedule((Phase(0.5, 8, warm_up=True), Phase(1.5, 8, 16)), MIX, seed=5)
    total = Metrics()
    for worker in (0, 1):
        plays, sender = player(target, ledger, schedule, worker, sample=4), LoadClient(target)
        pacer = OpenModel[Slot](plays.play, sender.slot, due=plays.due, pace=plays.figures.pace)
        pacer.run(schedule.share(worker, 2), time.monotonic() + 0.05)
        assert pacer.drain(HANG)
        pacer.close()
        sender.close()
        total.add(plays.figures.drain().pack())
    assert total.pace.started == total.pace.finished == len(list(schedule)) == 22
    assert total.warm_up == 4
    assert {id: operation.errors for id, operation in total.operations.items() if operation.errors} == {}
    assert sum(sequence.answered for sequence in total.sequences.values()) == 18
    assert all(o.due == o.sent == o.answered == o.response.count for o in total.operations.values())
    # An empty group may be shown without members, and then says nothing of who is in it twice.
    found = {verdict for judged in total.judged.values() for verdict in judged.verdicts}
    assert "pass" in found
    assert found <= {"pass", "warning", "not-applicable"}
    assert total.judged
    assert total.pace.lag.count == 22
    assert total.cpu > 0


def test_the_closed_model_plays_what_the_schedule_has_and_no_more(target: Target, ledger: Ledger) -> None:
    # Long enough that also on a machine that stands still for two seconds something is played in each phase.
    schedule = Schedule((Phase(1, 10, warm_up=True), Phase(3, 10)), {CONNECT: 1.0})
    plays, sender = player(target, ledger, schedule), LoadClient(target)
    closed = ClosedModel(plays, sender.slot, 3, schedule.seconds, warm_up=1)
    began = time.monotonic()
    closed.run(schedule, began)
    assert closed.drain(HANG)
    assert 3.6 <= time.monotonic() - began < HANG
    closed.close()
    sender.close()
    figures = plays.figures
    assert 3 <= figures.pace.started == figures.pace.finished <= 40
    assert 0 < figures.sequences[CONNECT].answered < figures.pace.started
    assert figures.pace.most <= 3


def test_a_target_that_is_not_there_gives_errors_and_no_exception(ledger: Ledger) -> None:
    target = Target("http://127.0.0.1:9/scim/v2", Bearer("t"))
    schedule = Schedule(steady(50, 0.2), {CONNECT: 1.0})
    plays, sender = player(target, ledger, schedule), LoadClient(target)
    pacer = OpenModel[Slot](plays.play, sender.slot, due=plays.due, pace=plays.figures.pace)
    pacer.run(schedule, time.monotonic())
    assert pacer.drain(HANG)
    pacer.close()
    sender.close()
    first = next(iter(plays.figures.operations.values()))
    assert first.errors == {"refused": 10}
    assert (first.sent, first.answered, first.response.count) == (10, 0, 0)
    assert plays.figures.sequences[CONNECT].errors == {"ended early": 10}
