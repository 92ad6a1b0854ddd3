from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from scimproof.core.errors import UsageError
from scimproof.load.plan.recorded_arrivals import RecordedArrivals

PLAYED = [(0, "b"), (1000, "a"), (1010, "a"), (1020, "b"), (5000, "c"), (9999, "a")]


def recording(played: list[tuple[int, str]] | None = None, seconds: float = 10.0) -> RecordedArrivals:
    return RecordedArrivals.of(
        PLAYED if played is None else played,
        capture="hour.jsonl",
        began="2026-11-27T10:00:00.000+00:00",
        seconds=seconds,
        stood_for={"a": 6, "b": 2, "c": 3},
        requests=12,
        left_out={"odd": 1},
    )


def pairs(of: RecordedArrivals) -> list[tuple[int, str]]:
    return [(ms, of.sequences[place]) for ms, place in of.moments]


def test_it_is_what_was_recorded_also_in_another_process() -> None:
    made = recording()
    assert pairs(made) == PLAYED
    assert made.counts == {"a": 3, "b": 2, "c": 1}
    assert RecordedArrivals.from_json(json.loads(json.dumps(asdict(made)))) == made


def test_the_phases_have_the_rate_of_each_part() -> None:
    phases = recording().phases
    assert [phase.rate for phase in phases] == [1, 3, 0, 0, 0, 1, 0, 0, 0, 1]
    assert {phase.seconds for phase in phases} == {1.0}
    hour = recording(seconds=3600).phases
    assert (len(hour), hour[0].seconds, hour[0].rate) == (60, 60.0, 0.1)


def test_the_busiest_part_begins_where_it_was_recorded() -> None:
    part = recording().busiest(2)
    assert pairs(part) == [(0, "b"), (1000, "a"), (1010, "a"), (1020, "b")]
    assert (part.seconds, part.began) == (2, "2026-11-27T10:00:00Z")
    shorter = recording().busiest(1)
    assert pairs(shorter) == [(0, "a"), (10, "a"), (20, "b")]
    assert shorter.began == "2026-11-27T10:00:01Z"
    assert shorter.counts == {"a": 2, "b": 1}


def test_the_busiest_part_never_goes_beyond_the_end() -> None:
    part = recording([(0, "a"), (9000, "a"), (9500, "a")]).busiest(5)
    assert pairs(part) == [(4000, "a"), (4500, "a")]
    with pytest.raises(UsageError, match="the recording lasts 10 s and is played once"):
        recording().busiest(10.5)


def test_what_is_not_played_counts_as_left_out() -> None:
    part = recording().playing({"a"})
    assert pairs(part) == [(1000, "a"), (1010, "a"), (9999, "a")]
    assert sum(part.left_out.values()) + sum(part.stood_for.values()) == part.requests
    assert part.left_out["requests of c, which is not played here"] == 3


def test_sequences_of_another_dialect_take_the_places() -> None:
    other = recording().renamed({"a": "x.a", "b": "x.a", "c": ""})
    assert other.counts == {"x.a": 5}
    assert other.stood_for == {"x.a": 8}
    assert other.left_out == {"odd": 1, "requests of c, which is not played here": 3}


def test_the_report_is_told_everything_but_the_moments() -> None:
    assert recording().row() == {
        "capture": "hour.jsonl",
        "began": "2026-11-27T10:00:00.000+00:00",
        "seconds": 10.0,
        "factor": 1.0,
        "arrivals": 6,
        "requests": 12,
        "left_out": {"odd": 1},
    }
