"""Races whose requests are sent by several workers in turn, and what a worker sends at no master's word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.core.http_message import Exchange, Request
from scimproof.load.generator.racing_workers import LOST, WorkerRequests
from scimproof.load.unscheduled.races import Races
from tests.load.audit.bench import PREFIX, Bench, bench, catalog, sorts
from tests.load.generator.racing import Workers

CREATE, READ = "okta/both/user-create.http", "okta/both/user-get.http"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Callable[[Bench], Workers]]:
    made: list[Workers] = []

    def workers(load: Bench) -> Workers:
        made.append(Workers(load, tmp_path, 2))
        return made[-1]

    yield workers
    for one in made:
        one.close()


def races(load: Bench, workers: Workers, rounds: int = 4) -> Races:
    booked = replace(load.booked, elsewhere=workers.requests)
    return Races(booked, load.names("b", "races"), load.provider, rounds=rounds, parallel=4)


def test_an_honest_target_is_accused_of_nothing(tmp_path: Path, two: Callable[[Bench], Workers]) -> None:
    with bench(tmp_path) as load:
        workers = two(load)
        people = load.prefill(150)
        result = load.audit(races=races(load, workers).all(people))
        assert result.holds, result.shown
        assert (result.unknown, result.unjudged, result.unread) == (0, 0, [])
        one, other = (len(sent) for sent in workers.sent.values())
        assert abs(one - other) <= 1 < one
        # All of it is the master's to remove: the workers, who will not, have nothing in their ledgers.
        assert all(ledger.counts()["created"] == 0 for ledger in workers.ledgers)
        assert load.ledger.counts()["created"] > 160


def test_a_name_that_two_workers_ask_for_at_once_is_given_once(
    tmp_path: Path, two: Callable[[Bench], Workers]
) -> None:
    with bench(tmp_path, "duplicate-under-race") as load:
        found = list(races(load, two(load)).creates())
        result = load.audit(races=found)
        assert sorts(result) == {"duplicate", "race"}
        assert result.counts["duplicate"] == len(found) > 0


def test_changes_of_two_workers_that_undo_one_another_are_found(
    tmp_path: Path, two: Callable[[Bench], Workers]
) -> None:
    with bench(tmp_path, "lost-membership-updates") as load:
        result = load.audit(races=list(races(load, two(load)).members()))
        assert "membership" in sorts(result) <= {"membership", "stale"}


def test_a_worker_that_is_gone_leaves_a_write_of_which_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scimproof.load.generator.racing_workers.TOLD", 0.01)
    requests = WorkerRequests(lambda: ["gone"], lambda *_: None)
    exchange = requests(CREATE, {}, Request("POST", "/Users", ()))
    assert (exchange.status, exchange.error) == (0, LOST)
    requests.answered({"number": exchange.number})  # too late: nobody waits for it any more


@pytest.mark.parametrize(
    ("file", "blanks", "why"),
    [
        ("okta/oin/user-delete.http", {"user.id": "1"}, "no master of scimproof asks for that"),
        ("harness/user-delete.http", {"id": "1"}, "no master of scimproof asks for that"),
        (READ, {"user.id": "1", "authorization": "Bearer theirs"}, "no master of scimproof asks for that"),
        (CREATE, {"user.userName": "ada@example.com"}, "the name is not one of this run"),
    ],
)
def test_s12_a_worker_sends_only_what_races_are_made_of(
    file: str, blanks: dict[str, str], why: str, tmp_path: Path, two: Callable[[Bench], Workers]
) -> None:
    with bench(tmp_path) as load:
        person = load.names("d", "races").person(1)
        given = person | blanks if file == CREATE else blanks
        told = two(load).hands["worker0"].reply({"number": 1, "file": file, "blanks": given})
        assert why in told["error"]
        assert load.sent == []


def test_s12_a_worker_writes_to_nobody_who_is_not_shown_to_be_of_the_run(
    tmp_path: Path, two: Callable[[Bench], Workers]
) -> None:
    with bench(tmp_path) as load:
        (person,) = load.prefill(1)
        stranger = _stranger(load)
        off = load.provider.request("deactivate")
        hand = two(load).hands["worker0"]
        refused = hand.reply({"number": 1, "file": off, "blanks": {"user.id": stranger}})
        assert "nothing the target shows proves" in refused["error"]
        assert all(exchange.request.method == "GET" for exchange in load.sent[3:])
        known = {"user.id": person.id, "user.userName": person.user_name}
        assert hand.reply({"number": 2, "file": off, "blanks": known})["status"] == 200


def _stranger(load: Bench) -> str:
    """Somebody whom no run has made."""
    names = load.names("e", "races").person(1)
    mine = {name: value.replace(PREFIX, "nobody") for name, value in names.items()}
    request: Request = catalog().templates[CREATE].fill(load.blanks() | mine)
    made: Exchange = load.send(request)
    return str(made.json["id"])
