"""The tally of a capture: memory and work do not grow with it."""

from __future__ import annotations

import json

import pytest

from bench.learn import many
from scimproof.capture.capture_file import exchange_of
from scimproof.capture.learn import tally as module
from scimproof.capture.learn.owner import owner_of
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.learn.tally import OutcomeTally
from tests.capture.learn.runs import catalog

pytestmark = pytest.mark.xdist_group("own runs")
NUMBER = 6000


def test_a_long_capture_costs_what_a_short_one_does() -> None:
    recogniser = Recogniser(catalog())
    tally = OutcomeTally(recogniser)
    misses, outcomes = [], []
    for place, line in enumerate(many(NUMBER, ("okta-oin",)), 1):
        tally.add(exchange_of(json.loads(line)))
        if place in (NUMBER // 2, NUMBER):
            misses.append(recogniser.misses)
            outcomes.append(len(tally.outcomes))
    assert tally.exchanges == NUMBER
    # What one run has not shown yet hardly comes: other values are no other requests.
    assert misses[1] - misses[0] < 20
    assert misses[1] < 250
    assert outcomes[0] == outcomes[1] < 150
    assert sum(bool(one.example) for one in tally.outcomes.values()) <= module.EXAMPLES
    owner = owner_of(recogniser, tally.outcomes.values())
    assert owner.dialect == "okta.oin"


def test_outcomes_of_one_kind_are_one_where_there_are_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OUTCOMES", 5)
    monkeypatch.setattr(module, "EXAMPLES", 2)
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    tally = OutcomeTally(Recogniser(catalog()))
    odd = list(many(60, ("okta-oin",)))
    for number, line in enumerate(odd):
        row = json.loads(line)
        row["request"]["head"] = row["request"]["head"].replace("Accept:", f"X-Odd-{number}: 1\r\nAccept:", 1)
        tally.add(exchange_of(row))
    assert sum(one.count for one in tally.outcomes.values()) == tally.exchanges == 60
    assert len(tally.outcomes) < 40
    assert sum(bool(one.example) for one in tally.outcomes.values()) <= 2
