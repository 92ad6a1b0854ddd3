"""Each fault that only load can find is found as what it is, by a short load; the honest target holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.load.unscheduled.races import summed
from tests.load.audit.bench import bench, sorts


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(1, 5))]
)
def test_the_honest_target_keeps_every_promise(tmp_path: Path, seed: int) -> None:
    with bench(tmp_path, seed=seed) as load:
        people = load.prefill(20)
        load.lives(people)
        result = load.audit(races=load.races().all(people))
        assert result.holds, result.shown
        assert (result.unknown, result.unjudged, result.unread) == (0, 0, [])
        assert result.users >= 150


def test_creates_that_were_dropped_are_lost(tmp_path: Path) -> None:
    with bench(tmp_path, "drop-one-create-in-fifty") as load:
        load.prefill(110)
        result = load.audit()
        assert sorts(result) == {"lost"}
        assert result.counts["lost"] == 2
        first = result.shown["lost"][0]
        create, *_, read = first.exchanges
        assert (create.request.method, create.status) == ("POST", 201)
        assert (read.request.method, read.status) == ("GET", 404)
        assert first.name in create.request.body.decode()


def test_lost_membership_updates_are_found(tmp_path: Path) -> None:
    with bench(tmp_path, "lost-membership-updates") as load:
        result = load.audit(races=list(load.races(rounds=4).members()))
        assert "membership" in sorts(result) <= {"membership", "stale"}
        found = result.shown["membership"][0]
        assert found.exchanges[0].request.method == "PATCH"
        assert found.exchanges[-1].request.method == "GET"


def test_duplicates_under_race_are_found(tmp_path: Path) -> None:
    with bench(tmp_path, "duplicate-under-race") as load:
        races = list(load.races(rounds=4).creates())
        result = load.audit(races=races)
        assert sorts(result) == {"duplicate", "race"}
        assert result.counts["duplicate"] == len(races) > 0
        found = result.shown["duplicate"][0]
        assert [exchange.status for exchange in found.exchanges[:2]] == [201, 201]


def test_stale_reads_are_found_and_nothing_worse_is_said_of_them(tmp_path: Path) -> None:
    with bench(tmp_path, "stale-reads-3s") as load:
        load.lives(load.prefill(4))
        result = load.audit(settle=3.1)
        assert sorts(result) == {"stale"}
        found = result.shown["stale"][0]
        assert found.attribute == "active"
        assert found.exchanges[-1].request.method == "GET"


def test_an_error_for_the_loser_of_a_race_is_found(tmp_path: Path) -> None:
    with bench(tmp_path, "race-500") as load:
        result = load.audit(races=summed(load.races(rounds=4).creates()))
        assert sorts(result) == {"race"}
        (found,) = result.shown["race"]
        assert found.observed == "answered 201, 500"
        assert found.times > 1


def test_errors_now_and_then_break_no_promise(tmp_path: Path) -> None:
    with bench(tmp_path, "one-in-forty-500") as load:
        people = load.prefill(90)
        load.lives(people)
        result = load.audit()
        assert len(people) == 90
        assert sum(exchange.status == 500 for exchange in load.sent) > 10
        assert sorts(result) == set()
        assert (result.unjudged, result.unread) == (0, [])


@pytest.mark.parametrize(
    ("fault", "played", "sort"),
    [
        ("lookup-finds-old-name", "okta.aiw.user.rename", "stale"),
        ("delete-ineffective", "okta.oin.group.delete", "undead"),
    ],
)
def test_what_is_left_of_a_name_or_a_deletion_is_found(
    tmp_path: Path, fault: str, played: str, sort: str
) -> None:
    with bench(tmp_path, fault) as load:
        assert load.play("okta", (played,), 4)
        result = load.audit()
        assert sorts(result) == {sort}
        assert result.unread == []
