"""Faults that make answers slower the more there is are seen in what a short load measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.load.metrics.growth import growth
from tests.load.audit.bench import Bench, bench


class Clock:
    """Passes only while a fault sleeps, so that nothing else of a busy machine is measured."""

    now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    for module in ("scimproof.embedded.faults.timing.under_load", "tests.load.audit.bench"):
        monkeypatch.setattr(f"{module}.time", clock)


def lookups(load: Bench, users: int) -> list[tuple[float, float]]:
    samples: list[tuple[float, float]] = []
    for size in range(users):
        load.prefill(1) if size == 0 else load.ask("both/user-create", load.names("c", "grow").person(size))
        exchange = load.ask("both/user-find", load.names("c", "grow").person(size))
        samples.append((size, exchange.seconds))
    return samples


def joins(load: Bench, members: int) -> list[tuple[float, float]]:
    group = load.names("c", "grow").group(0)
    made = load.ask("both/group-create-empty", group)
    samples: list[tuple[float, float]] = []
    for size, person in enumerate(load.prefill(members)):
        blanks = group | {
            "group.id": made.json["id"],
            "user.id": person.id,
            "user.userName": person.user_name,
        }
        samples.append((size, load.ask("oin/group-add-member", blanks).seconds))
    return samples


def test_a_lookup_that_gets_slower_with_the_store(tmp_path: Path) -> None:
    """The fault sleeps 0.1 ms a user."""
    with bench(tmp_path, "slower-with-store") as load:
        found = growth(lookups(load, 60))
        assert found is not None
        assert found.per_thousand == pytest.approx(0.1)


def test_a_change_that_gets_slower_with_the_group(tmp_path: Path) -> None:
    """The fault sleeps 1 ms a member."""
    with bench(tmp_path, "slower-with-group") as load:
        found = growth(joins(load, 60))
        assert found is not None
        assert found.per_thousand == pytest.approx(1.0)
        assert found.times > 2
