from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scimproof.catalog.identities import person
from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import Member
from scimproof.core.definitions import Sequence
from scimproof.core.http_message import Request
from scimproof.embedded.app import build
from scimproof.engine.executor import execute
from scimproof.engine.target_session import LiveTargetSession
from scimproof.engine.write_guard import WriteGuard
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.greenlets import sleep
from scimproof.load.metrics.counters import Metrics
from scimproof.load.plan.identities import Cast
from scimproof.load.plan.schedule import Arrival
from scimproof.load.plan.thresholds import DEPROVISION, PROVISION
from scimproof.load.player import retry
from scimproof.load.player.delivery import Delivery, ExchangeEvent
from scimproof.load.player.player import Player
from scimproof.load.player.provisioning_time import ProvisioningTime
from scimproof.load.player.retry import LoadRetry
from scimproof.load.player.write_guard import LoadWriteGuard
from scimproof.load.workload.compiled_sequence import CompiledSequence, ready, run_blanks
from scimproof.target.credentials import Bearer
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target
from tests.load.appslot import AppSlot, Recording, same_ids_each_time
from tests.matrix.inprocess import BASE, FEW, PREFIX, TOKEN, InProcess, catalog

TARGET = Target(BASE, Bearer(TOKEN))
RUN = run_blanks(TARGET, PREFIX)
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-9.]+(Z|\+00:00)?")
MANY = 250  # users that the largest sequences want to be there
SEQUENCES = [one for one in catalog().sequences.values() if not catalog().is_normative(one)]
# What an honest SCIM server is held to; the others ask for what one product has.
HONEST = catalog().select(catalog().profile("okta").sequences, inferred=True)
# How many users share a target: the same requests, of which a few are shorter.
POPULATION = pytest.mark.parametrize(
    "most", [FEW, pytest.param(MANY, marks=pytest.mark.nightly)], ids=["few", "many"]
)


def sized(sequences: Iterable[Sequence], most: int) -> list[Sequence]:
    """The same with so many shared users at most."""
    return [replace(one, population=min(one.population, most)) for one in sequences]


def arrival(sequence: Sequence, number: int = 0) -> Arrival:
    return Arrival(number, 0.0, sequence.id, 0, warm_up=False)


@dataclass
class World:
    """A fresh embedded target with a population, and a player for it."""

    app: InProcess
    ledger: Ledger
    figures: Metrics
    members: tuple[Member, ...]
    told: list[ExchangeEvent]

    def part(self, sequence: Sequence, worker: int = 0) -> CompiledSequence:
        cast = Cast(sequence, PREFIX, worker=worker, pool=2)
        return ready(sequence, catalog(), TARGET, cast, self.figures, self.members)

    def player(self, *parts: CompiledSequence, sample: int = 0, delivery: Delivery | None = None) -> Player:
        guard = LoadWriteGuard(self.ledger, TARGET)
        delivery = delivery or Delivery(witness=self.told.append)
        return Player(
            catalog(), {p.sequence.id: p for p in parts}, RUN, guard, self.figures, delivery, sample
        )

    def slot(self) -> AppSlot:
        return AppSlot(TARGET, self.app)


def populate(app: InProcess, ledger: Ledger, count: int) -> tuple[Member, ...]:
    members = []
    for number in range(count):
        user = {f"user.{key}": value for key, value in person(1, PREFIX, f"population/{number % 3}").items()}
        user["user.userName"] = f"{PREFIX}.population.{number}@example.com"
        template = catalog().templates["okta/both/user-create.http"]
        exchange = app.send(template.fill({**RUN, **user, "authorization": f"Bearer {TOKEN}"}))
        ledger.made("User", user["user.userName"], exchange.json["id"])
        members.append(Member(exchange.json["id"], user["user.userName"]))
    return tuple(members)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    ledgers: list[Ledger] = []

    def make(population: int = 0, faults: tuple[str, ...] = ()) -> World:
        same_ids_each_time(monkeypatch, 1)
        app = InProcess(build(token=TOKEN, faults=faults))
        ledgers.append(Ledger(tmp_path / f"{len(ledgers)}.jsonl", BASE, PREFIX))
        return World(app, ledgers[-1], Metrics(), populate(app, ledgers[-1], population), [])

    yield make
    for ledger in ledgers:
        ledger.close()


def timeless(wires: list[bytes]) -> list[bytes]:
    """The requests, the target's own timestamps in merged bodies left out."""
    return [MOMENT.sub(b"(moment)", wire) for wire in wires]


@POPULATION
@pytest.mark.parametrize("worker", [pytest.param(0, marks=pytest.mark.nightly), 3])
def test_every_sequence_sends_the_same_bytes_as_the_certified_run(
    world: Callable[..., World], worker: int, most: int
) -> None:
    honest = {sequence.id for sequence in HONEST}
    certified: dict[str, list[bytes]] = {}
    sequences, theirs = sized(SEQUENCES, most), world(most)
    for number, sequence in enumerate(sequences):
        transport = Recording(theirs.app)
        client = RetryingClient(transport, TARGET.credentials)
        client.begin(60)
        stage = LiveTargetSession(client, WriteGuard(theirs.ledger))
        part = theirs.part(sequence, worker)
        list(execute(part.sequence, part.scene(number, RUN), catalog(), stage))
        certified[sequence.id] = transport.wires
    ours = world(most)
    for number, sequence in enumerate(sequences):
        slot = ours.slot()
        ours.player(ours.part(sequence, worker)).play(arrival(sequence, number), 0.0, slot)
        sent, expected = timeless(slot.wires), timeless(certified[sequence.id])
        if any(step.members for step in sequence.steps):  # under way together, in any order
            sent, expected = sorted(sent), sorted(expected)
        assert sent == expected, sequence.id
        assert len(slot.wires) >= len(sequence.unattended) or sequence.id not in honest, sequence.id
    assert {entry.name for entry in ours.ledger.entries.values()} == {
        entry.name for entry in theirs.ledger.entries.values()
    }


@pytest.mark.nightly  # on each commit tests/load/audit plays the same, and asks all
@POPULATION
def test_nothing_is_wrong_with_an_honest_target(world: Callable[..., World], most: int) -> None:
    """Neither for who looks a little nor for who asks all, and both send the same."""
    sequences = [sequence for sequence in sized(HONEST, most) if not sequence.alone]
    sent: list[list[bytes]] = []
    for sample in (0, 1):
        here, wires = world(most), list[bytes]()
        spans = ProvisioningTime(here.figures, catalog().sender(None).deprovisions, 0.0)
        parts = [here.part(sequence) for sequence in sequences]
        player = here.player(*parts, sample=sample, delivery=Delivery(witness=spans, over=spans.over))
        for number, sequence in enumerate(sequences):
            slot = here.slot()
            player.due(arrival(sequence, number))
            player.play(arrival(sequence, number), 0.0, slot)
            wires += slot.wires
        sent.append(timeless(wires))
        for span in (PROVISION, DEPROVISION):
            whole = here.figures.sequence(span)
            assert whole.due == whole.answered == whole.response.count > 5, span
            assert (dict(whole.errors), whole.skipped) == ({}, 0)
        if not sample:
            alone = [sequence for sequence in sized(HONEST, most) if sequence.alone]
            player = here.player(*(here.part(sequence) for sequence in alone))
            for number, sequence in enumerate(alone, len(sequences)):
                player.due(arrival(sequence, number))
                player.play(arrival(sequence, number), 0.0, here.slot())
            assert {o.errors.total() for o in here.figures.sequences.values()} == {0}
        wrong = {id: dict(o.errors) for id, o in here.figures.operations.items() if o.errors}
        assert wrong == {}
        for operation in here.figures.operations.values():
            assert operation.due == operation.sent == operation.answered == operation.response.count
    assert sent[0] == sent[1]
    bad = {
        id: judged.observed
        for id, judged in here.figures.judged.items()
        if set(judged.verdicts) & {"fail", "error", "inconclusive"}
    }
    assert bad == {}
    assert len(here.figures.judged) > 300


@pytest.mark.nightly
def test_sampled_and_lean_playings_send_the_same_bytes(world: Callable[..., World]) -> None:
    """Every sequence there is, whoever the product is."""
    sent: list[list[bytes]] = []
    for sample in (0, 1):
        here = world(MANY)
        wires: list[bytes] = []
        for number, sequence in enumerate(s for s in SEQUENCES if not s.alone):
            slot = here.slot()
            player = here.player(here.part(sequence), sample=sample)
            player.play(arrival(sequence, number), 0.0, slot)
            wires += slot.wires
        sent.append(timeless(wires))
    assert sent[0] == sent[1]


def test_people_are_never_the_same_twice(world: Callable[..., World]) -> None:
    here = world(4)
    for id in ("okta.oin.user.create", "okta.oin.user.link", "okta.oin.group.push", "okta.spec"):
        sequence = catalog().sequences[id]
        seen: set[str] = set()
        for worker in (0, 1, 2, 11, 112):
            part = here.part(sequence, worker)
            for number in (*range(300), 0x1AB, 16**6):
                blanks = part.scene(number, RUN).blanks
                names = {v for k, v in blanks.items() if k.endswith(("userName", "group.displayName"))}
                names |= {v for k, v in blanks.items() if k.endswith("externalId")}
                resident = {member.user_name for member in here.members}
                seen |= {f"{worker}/{number}/{name}" for name in names - resident if name in seen}
                seen |= names - resident
        assert not {name for name in seen if "/" in name}


def test_the_same_seed_gives_the_same_people(world: Callable[..., World]) -> None:
    here = world()
    sequence = catalog().sequences["okta.oin.user.create"]
    scenes = [here.part(sequence).scene(77, RUN).blanks for _ in range(2)]
    assert scenes[0] == scenes[1]
    assert len(scenes[0]["user.externalId"]) == 20
    assert scenes[0]["user.userName"].startswith(f"{PREFIX}.00x4da.")
    assert scenes[0]["user.userNameUpper"] == scenes[0]["user.userName"].upper()


def test_residents_are_taken_in_turn(world: Callable[..., World]) -> None:
    here = world(7)
    part = here.part(catalog().sequences["okta.oin.group.rename"])
    used = {part.scene(number, RUN).blanks["user.id"] for number in range(7)}
    assert used == {member.id for member in here.members}
    scene = part.scene(3, RUN)
    assert scene.blanks["user.id"] != scene.blanks["other.id"]


def test_a_population_that_is_too_small_is_said(world: Callable[..., World]) -> None:
    with pytest.raises(ValueError, match="needs 2 users"):
        world(1).part(catalog().sequences["okta.oin.group.rename"])


def test_what_the_run_did_not_create_is_never_written_to(world: Callable[..., World]) -> None:
    """A target that answers a create with somebody else's id gets no write for that id."""
    here = world(1)
    stranger = here.members[0].id
    here.ledger._owner.clear()
    sequence = catalog().sequences["okta.oin.user.deactivate"]

    class Wrong(AppSlot):
        def exchange(self, filled: Filled, due: float) -> Response:
            answer = super().exchange(filled, due)
            if filled.method == "POST":
                answer.body = re.sub(rb'"id": ?"[^"]+"', b'"id":"%b"' % stranger.encode(), answer.body)
            return answer

    slot = Wrong(TARGET, here.app)
    here.ledger.intend("User", here.members[0].user_name)
    here.player(here.part(sequence)).play(arrival(sequence), 0.0, slot)
    written = [wire for wire in slot.wires if wire.startswith((b"PATCH", b"PUT", b"DELETE"))]
    assert not [wire for wire in written if stranger.encode() in wire] or here.ledger.is_proven(
        "User", stranger
    )


def test_each_exchange_is_told_and_a_warm_up_is_in_no_figure(world: Callable[..., World]) -> None:
    here = world()
    sequence = catalog().sequences["okta.oin.user.create"]
    player = here.player(here.part(sequence))
    first = Arrival(0, 0.0, sequence.id, 0, warm_up=True)
    player.due(first)
    player.play(first, 0.0, here.slot())
    assert [told.step.name.rpartition("/")[2] for told in here.told] == [
        "search",
        "create",
        "read-back",
        "find-back",
    ]
    assert here.told[1].body["id"] == here.told[1].playing.scene.blanks["user.id"]
    assert {operation.sent for operation in here.figures.operations.values()} == {0}
    assert here.figures.warm_up == 1


def test_a_step_is_due_when_the_one_before_it_was_read(world: Callable[..., World]) -> None:
    here = world()
    sequence = catalog().sequences["okta.oin.user.create"]
    here.player(here.part(sequence)).play(arrival(sequence), 1.5, here.slot())
    answers = [told.answer for told in here.told]
    assert answers[0].due == 1.5
    assert [after.due for after in answers[1:]] == [before.read for before in answers[:-1]]
    whole = here.figures.sequences[sequence.id]
    assert whole.response.max == pytest.approx((answers[-1].done - 1.5) * 1000)


def test_a_failed_step_ends_the_sequence_and_says_so(world: Callable[..., World]) -> None:
    here = world()
    sequence = catalog().sequences["okta.oin.user.create"]

    class Failing(AppSlot):
        def exchange(self, filled: Filled, due: float) -> Response:
            answer = super().exchange(filled, due)
            if filled.method == "POST":
                answer.status = 503
            return answer

    slot = Failing(TARGET, here.app)
    here.player(here.part(sequence)).play(arrival(sequence), 0.0, slot)
    assert len(slot.wires) == 2
    assert here.figures.operations[f"{sequence.id}/create"].errors == {"status 503": 1}
    assert here.figures.sequences[sequence.id].errors == {"ended early": 1}


def test_a_429_is_asked_again_while_there_is_patience(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world()
    sequence = catalog().sequences["okta.oin.user.create"]
    waited: list[float] = []
    monkeypatch.setattr(retry, "sleep", waited.append)

    class Throttling(AppSlot):
        left = 2

        def exchange(self, filled: Filled, due: float) -> Response:
            answer = super().exchange(filled, due)
            if filled.method == "GET" and self.left:
                self.left -= 1
                answer.status = 429
            return answer

    slot = Throttling(TARGET, here.app)
    player = here.player(here.part(sequence), delivery=Delivery(retry=LoadRetry(here.figures, 300)))
    player.play(arrival(sequence), 0.0, slot)
    search = here.figures.operations[f"{sequence.id}/search"]
    assert (search.sent, search.answered, search.throttled, dict(search.errors)) == (3, 1, 2, {})
    assert waited == [1, 2]  # five and ten minutes, three hundred times as fast


def test_locust_is_told_names_that_never_contain_an_id(world: Callable[..., World]) -> None:
    fired: list[dict[str, object]] = []
    here = world()
    sequence = catalog().sequences["okta.oin.user.create"]
    player = here.player(here.part(sequence), delivery=Delivery(fire=lambda **event: fired.append(event)))
    player.play(arrival(sequence), 0.0, here.slot())
    sleep(0.2)
    assert [(event["request_type"], event["name"]) for event in fired] == [
        (here.player(here.part(sequence)).parts[sequence.id].steps[place].method, f"{sequence.id}/{step.id}")
        for place, step in enumerate(sequence.steps)
    ]
    assert {event["exception"] for event in fired} == {None}


def test_figures_of_two_processes_add_up(world: Callable[..., World]) -> None:
    here = world()
    sequence = catalog().sequences["okta.oin.user.create"]
    part = here.part(sequence)
    player = here.player(part, sample=3)
    total, again = Metrics(), Metrics()
    for number in range(6):
        player.due(arrival(sequence, number))
        player.play(arrival(sequence, number), 0.0, here.slot())
        packed = here.figures.drain().pack()
        total.add(packed)
        again.add(packed)
    again.add(total.drain().pack())
    create = again.operations[f"{sequence.id}/create"]
    assert (create.due, create.sent, create.answered, create.response.count) == (12, 12, 12, 12)
    assert again.judged[f"{sequence.id}/create#okta-create-answered"].verdicts == {"pass": 4}
    assert again.requests == 48
    assert again.cpu > 0


def test_a_step_may_recast_and_extra_headers_are_sent(world: Callable[..., World]) -> None:
    here = world()
    target = replace(TARGET, headers=(("X-Tenant", "7"),))
    sequence = catalog().sequences["okta.oin.user.link-inactive"]
    part = ready(sequence, catalog(), target, Cast(sequence, PREFIX, pool=1), here.figures)
    guard = LoadWriteGuard(here.ledger, target)
    slot = AppSlot(target, here.app)
    for sample in (0, 1):
        player = Player(catalog(), {sequence.id: part}, RUN, guard, here.figures, sample=sample)
        player.play(arrival(sequence, sample), 0.0, slot)
    assert len(slot.wires) >= 2 * len(sequence.steps)
    assert {wire.count(b"X-Tenant: 7\r\n") for wire in slot.wires} == {1}


@pytest.mark.parametrize("sample", [0, 1])
def test_a_request_for_each_of_some_members_is_under_way_with_the_others(
    world: Callable[..., World], sample: int
) -> None:
    """Each on a slot of its own, which the next playing uses again; a sampled one has them in a row."""

    class Slow(AppSlot):
        def exchange(self, filled: Filled, due: float) -> Response:
            here_at_once.add(self)
            most.append(len(here_at_once))
            sleep(0.02)
            answer = super().exchange(filled, due)
            here_at_once.discard(self)
            return answer

    here, here_at_once, most, made = world(25), set[Slow](), [0], list[Slow]()
    sequence = catalog().sequences["entra.default.group.at-once"]

    def another() -> Slow:
        made.append(Slow(TARGET, here.app))
        return made[-1]

    player = here.player(here.part(sequence), sample=sample)
    player.slot = another
    for number in range(2):
        player.due(arrival(sequence, number))
        player.play(arrival(sequence, number), 0.0, Slow(TARGET, here.app))
    add = here.figures.operation(f"{sequence.id}/add")
    assert (add.due, add.sent, add.answered, add.errors.total()) == (40, 40, 40, 0)
    assert (max(most), len(made)) == ((1, 0) if sample else (20, 20))
    player.close()
    groups = [e.json for e in (here.app.send(r) for r in reads(here, "Groups")) if e.ok]
    assert [len(group["members"]) for group in groups] == [20, 20]


def reads(here: World, kind: str) -> Iterator[Request]:
    """A read of everything of that kind that the ledger has."""
    template = catalog().templates[f"harness/{kind.removesuffix('s').lower()}-get.http"]
    for entry in here.ledger.entries.values():
        if f"{entry.kind}s" == kind:
            for id in entry.ids:
                yield template.fill({**RUN, "id": id, "authorization": f"Bearer {TOKEN}"})


def test_the_query_of_the_base_url_is_no_part_of_an_id(world: Callable[..., World]) -> None:
    here = world()
    target = Target(f"{BASE}?aadOptscim062020", Bearer(TOKEN))
    sequence = catalog().sequences["entra.flag.user.disable"]
    part = ready(sequence, catalog(), target, Cast(sequence, PREFIX, pool=1), here.figures)
    run, slot = run_blanks(target, PREFIX), AppSlot(target, here.app)
    player = Player(catalog(), {sequence.id: part}, run, LoadWriteGuard(here.ledger, target), here.figures)
    player.play(arrival(sequence), 0.0, slot)
    assert all(b"aadOptscim062020 HTTP/1.1\r\n" in wire for wire in slot.wires)
    assert here.figures.operation(f"{sequence.id}/next-cycle").answered == 1
    assert not any(one.errors for one in here.figures.operations.values())
