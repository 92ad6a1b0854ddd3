"""The book understands everything that a sender sends: the whole profile, played together, breaks no promise."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.core.http_message import Exchange, Request
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.load.audit.bench import TOKEN, Bench, bench, catalog
from tests.matrix.inprocess import FEW


class Booking:
    """A transport that writes every exchange into the book."""

    def __init__(self, load: Bench) -> None:
        self.load = load

    def until(self, moment: float) -> None:
        """Nothing here ever waits."""

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        ticket = self.load.book.sent(request.method, request.target, request.body, time.monotonic())
        exchange = self.load.send(request)
        self.load.book.answered(ticket, exchange.status, time.monotonic(), body=exchange.body, proof=exchange)
        return exchange


@pytest.mark.parametrize(
    ("name", "most", "sent", "writes"),
    [
        pytest.param("okta", FEW, 300, 200, id="few"),
        pytest.param("okta", 250, 300, 400, id="all", marks=pytest.mark.nightly),
        pytest.param("entra", FEW, 300, 200, id="entra-few"),
        pytest.param("entra", 250, 300, 200, id="entra-all", marks=pytest.mark.nightly),
        pytest.param("entra-flag", 250, 150, 100, id="entra-flag", marks=pytest.mark.nightly),
    ],
)
def test_the_whole_profile_at_once(tmp_path: Path, name: str, most: int, sent: int, writes: int) -> None:
    """With so many shared users at most; what is asked of them is the same."""
    with bench(tmp_path) as load:
        profile = catalog().profile(name)
        sequences = [
            replace(sequence, population=min(sequence.population, most))
            for sequence in catalog().select(profile.sequences, inferred=True)
            if not sequence.last
        ]
        target = Target("http://scim.example.com/scim/v2", Bearer(TOKEN))
        run = Runner(catalog(), profile, sequences, target, Booking(load), load.ledger, parallel=6)
        assert sum(1 for _ in run.play()) > sent
        result = load.audit()
        assert result.holds, result.shown
        assert (result.unjudged, result.unread) == (0, [])
        assert result.writes > writes
