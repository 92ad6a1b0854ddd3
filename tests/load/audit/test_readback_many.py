"""Audit of a large store: who was only created is looked for in the list, and by id if that is amiss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.core.http_message import Exchange, Request
from scimproof.load.audit import readback
from tests.load.audit.bench import Send, bench, sorts


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of more than 20 is a large one, of which about five are read by id."""
    monkeypatch.setattr(readback, "WHOLE", 20)
    monkeypatch.setattr(readback, "SAMPLE", 5)


def test_the_list_is_enough_for_who_was_only_created(tmp_path: Path) -> None:
    with bench(tmp_path) as load:
        people = load.prefill(60)
        load.lives(people[:3])
        before = len(load.sent)
        result = load.audit()
        assert result.holds, result.shown
        assert (result.users, result.unjudged, result.unread) == (60, 0, [])
        # By id and by name those three and the sample; a page of the list.
        assert len(load.sent) - before <= 2 * (3 + 2 * 5) + 2


def test_who_is_missing_in_the_list_is_read_by_id_and_lost(tmp_path: Path) -> None:
    with bench(tmp_path, "drop-one-create-in-fifty") as load:
        load.prefill(110)
        result = load.audit()
        assert sorts(result) == {"lost"}
        assert result.counts["lost"] == 2


def test_somebody_twice_is_found_though_the_first_was_only_in_the_list(tmp_path: Path) -> None:
    with bench(tmp_path, "duplicate-under-race") as load:
        load.prefill(40)
        races = list(load.races(rounds=6).creates())
        result = load.audit(races=races)
        assert sorts(result) == {"duplicate", "race"}
        assert result.counts["duplicate"] == len(races) > 0


def test_without_a_list_only_the_sample_is_told_of(tmp_path: Path) -> None:
    def without(send: Send) -> Send:
        def ask(request: Request) -> Exchange:
            found = send(request)
            return replace(found, status=500) if "startIndex" in request.target else found

        return ask

    with bench(tmp_path, read_back_by=without) as load:
        load.prefill(40)
        result = load.audit()
        assert result.holds
        assert 20 < result.unjudged < 40
        assert any("walking the list of users" in why for why in result.unread)
