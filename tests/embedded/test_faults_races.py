"""Faults that show only when requests overlap, or when a clock is watched."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from scimproof.embedded.app import build
from scimproof.embedded.faults.timing import concurrency, under_load

from .client import GROUP, Answer, Client, member, person

Act = Callable[[Client], Answer]


def together(app_faults: Sequence[str], acts: Sequence[Act], client: Client | None = None) -> list[Answer]:
    """Do all at once, each with a client of its own, against one target."""
    app = client.app if client else build(faults=app_faults)
    answers: list[Answer | None] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(place: int) -> None:
        gate.wait()
        answers[place] = acts[place](Client(app))

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def _create(name: str) -> Act:
    return lambda client: client.send("POST", "/Users", person(name))


def _creates(names: Sequence[str]) -> list[Act]:
    return [_create(name) for name in names]


def _statuses(faults: Sequence[str], names: Sequence[str]) -> list[int]:
    return sorted(answer.status for answer in together(faults, _creates(names)))


@pytest.fixture(autouse=True)
def _time_to_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done at once overlaps also where a busy machine lets the threads begin one after the other."""
    monkeypatch.setattr(under_load, "_RACE", 0.5)
    monkeypatch.setattr(concurrency, "_OVERLAP", 0.5)


DIFFERENT = [f"u{number}" for number in range(7)]
SAME = ["jane"] * 4


def test_the_honest_target_holds() -> None:
    """All different ones are created, of equal ones exactly one."""
    assert _statuses([], DIFFERENT) == [201] * 7
    assert _statuses([], SAME) == [201, 409, 409, 409]


def test_creates() -> None:
    """Overlapping creates fail, are mixed up, are all accepted, or crash."""
    assert 500 in _statuses(["parallel-creates-500"], DIFFERENT)
    mixed = together(["parallel-creates-crosstalk"], _creates(DIFFERENT))
    assert len({answer.body["id"] for answer in mixed}) < len(DIFFERENT)
    assert _statuses(["duplicate-under-race"], SAME).count(201) > 1
    assert 500 in _statuses(["race-500"], SAME)


@pytest.mark.parametrize("fault", ["", "lost-membership-updates", "parallel-group-patches-500"])
def test_memberships(fault: str) -> None:
    """Five members are added at once."""
    client = Client(build(faults=[fault] if fault else []))
    users = [client.send("POST", "/Users", person(name)).body["id"] for name in DIFFERENT[:5]]
    group = client.send("POST", "/Groups", {"schemas": [GROUP], "displayName": "G"}).body["id"]

    def add(user: str) -> Act:
        operation = {"op": "add", "path": "members", "value": [member(user)]}
        return lambda one: one.patch(f"/Groups/{group}", operation)

    answers = together([], [add(user) for user in users], client)
    members = client.send("GET", f"/Groups/{group}").body.get("members", [])
    if not fault:
        assert len(members) == 5
    elif fault == "lost-membership-updates":
        assert {answer.status for answer in answers} == {204}
        assert len(members) < 5
    else:
        assert 500 in {answer.status for answer in answers}


def test_slowness_grows() -> None:
    """With the users stored, with the members of a group, and not for others."""
    client = Client(build(faults=["slower-with-group", "list-groups-slow", "slower-with-store"]))
    users = [client.send("POST", "/Users", person(f"u{number}")).body["id"] for number in range(60)]
    full = {"schemas": [GROUP], "displayName": "G", "members": [member(user) for user in users]}
    group = client.send("POST", "/Groups", full).body["id"]
    same = {"op": "replace", "value": {"displayName": "G"}}
    assert _seconds(lambda: client.patch(f"/Groups/{group}", same)) > 0.06
    assert _seconds(lambda: client.send("GET", "/Groups")) > 0.8
    assert _seconds(lambda: client.find("Users", "userName", "u1")) > 0.006


def test_delay_is_added() -> None:
    """In seconds."""
    client = Client(build(delay=0.05))
    assert _seconds(lambda: client.send("GET", "/Users")) > 0.05


def _seconds(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started
