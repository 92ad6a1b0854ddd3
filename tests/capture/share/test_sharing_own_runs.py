"""What our own senders send is recognised after sharing as it was before, with the same differences."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.reader import Capture
from tests.capture.learn.runs import PREFIX, catalog, recorded_run
from tests.capture.share.shared import shared


def told(recogniser: Recogniser, exchange: CapturedExchange) -> tuple[object, ...]:
    found = recogniser.look(exchange)
    places = [(each.kind, each.where) for each in found.differences]
    return found.sender, found.dialect, found.operation, found.template, places


MORE = [pytest.param(each, marks=pytest.mark.nightly) for each in ("okta-aiw", "entra-flag", "bitwarden")]


@pytest.mark.parametrize("profile", ["okta-oin", "entra-default", *MORE])
def test_a_shared_run_is_learnt_as_the_original(profile: str, tmp_path: Path) -> None:
    recorded = [one.exchange for one in recorded_run(profile)]
    found = shared(tmp_path, *recorded)
    again = list(Capture(tmp_path / "out"))
    assert found.document["exchanges"] == len(again) == len(recorded) > 400
    before, after = Recogniser(catalog()), Recogniser(catalog())
    for one, other in zip(recorded, again, strict=True):
        assert told(before, one) == told(after, other)
        assert (other.number, other.connection, other.status) == (one.number, one.connection, one.status)
        assert other.seconds == pytest.approx(one.seconds, abs=1e-6)
    moved = {round(other.at - one.at, 3) for one, other in zip(recorded, again, strict=True)}
    assert len(moved) == 1, "all are moved by the same time"
    assert moved.pop() % (7 * 86400) == 0
    # The tag of its names is in every name that a run gives.
    data = found.capture.read_bytes() + found.summary.read_bytes()
    assert PREFIX.encode() not in data
    assert PREFIX.partition("-")[2].encode() not in data
