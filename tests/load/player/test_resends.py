"""Writes that are sent again: only while the first is under way, and counted beside everything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scimproof.load.audit.violation import Violation
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.greenlets import sleep
from scimproof.load.player.delivery import Delivery
from scimproof.load.player.resends import Resends
from tests.load.appslot import AppSlot
from tests.load.player.test_player import TARGET, World, arrival, world
from tests.matrix.inprocess import catalog

__all__ = ["world"]
TAKES = 0.05  # seconds until an answer is there
CREATE = "okta.oin.user.create"


class SlowSlot(AppSlot):
    """Answers after a while; the store has the request at once. Any but the first POST may be `spoilt`."""

    def __init__(self, world: World, seen: list[str], spoilt: int = 0) -> None:
        super().__init__(TARGET, world.app)
        self.seen, self.spoilt = seen, spoilt

    def exchange(self, filled: Filled, due: float) -> Response:
        self.seen.append(filled.method)
        answer = super().exchange(filled, due)
        if self.spoilt and filled.method == "POST" and self.seen.count("POST") > 1:
            answer.status, answer.body = self.spoilt, b""
        sleep(TAKES)
        return answer


def played(
    world: World, *, after: float, every: int = 1, spoilt: int = 0
) -> tuple[list[str], list[Violation]]:
    """The methods that were sent by playing a create, and what the two answers to a write are found to be."""
    seen: list[str] = []
    found: list[Violation] = []
    sequence = catalog().sequences[CREATE]
    resends = Resends(every, after, lambda: SlowSlot(world, seen, spoilt), lambda *_: None, found.append)
    player = world.player(world.part(sequence), delivery=Delivery(resends=resends))
    resends.made = player.guard.of_run.made
    player.play(arrival(sequence), 0.0, SlowSlot(world, seen))
    player.close()
    return seen, found


def counted(world: World) -> dict[str, tuple[int, int, int]]:
    """Sent, sent again and errors of each operation."""
    rows = world.figures.operations.items()
    return {id.rpartition("/")[2]: (one.sent, one.resent, one.errors.total()) for id, one in rows}


def test_what_is_answered_in_time_is_sent_once(world: Callable[..., World]) -> None:
    made = world()
    seen, found = played(made, after=TAKES * 20)
    assert (seen.count("POST"), found) == (1, [])
    assert set(counted(made).values()) == {(1, 0, 0)}


def test_what_is_under_way_is_sent_again_and_goes_on_with_the_answer_of_success(
    world: Callable[..., World],
) -> None:
    made = world()
    seen, found = played(made, after=TAKES / 10)
    assert (seen.count("POST"), found) == (2, [])
    assert counted(made)["create"] == (1, 1, 0)
    assert counted(made)["read-back"] == (1, 0, 0)
    whole = made.figures.sequences[CREATE]
    assert (whole.answered, whole.errors.total()) == (1, 0)


def test_only_one_of_so_many_writes_is_sent_again(world: Callable[..., World]) -> None:
    seen, _ = played(world(), after=TAKES / 10, every=2)
    assert seen.count("POST") == 1


@pytest.mark.parametrize(("spoilt", "why"), [(500, "answered 201, 500"), (503, "")])
def test_what_both_answers_cannot_be_is_told_with_them(
    world: Callable[..., World],
    spoilt: int,
    why: str,
) -> None:
    made = world()
    _, found = played(made, after=TAKES / 10, spoilt=spoilt)
    assert [one.observed for one in found] == ([why] if why else [])
    assert counted(made)["create"] == (1, 1, 0)
    for one in found:
        assert (one.sort, one.kind) == ("race", "User")
        assert [exchange.request.method for exchange in one.exchanges] == ["POST", "POST"]
        assert one.attribute == "the same create sent again while the first was under way"
        assert one.name
