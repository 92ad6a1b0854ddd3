"""How far a long step has come, and what is said of requests outside the schedule."""

from __future__ import annotations

import pytest

from scimproof.render.load.advance import Advance, duration
from scimproof.render.load.outside import outside


def test_rate_and_time_left_are_told_once_there_is_something_to_tell() -> None:
    moments = iter([0.0, 1.0, 10.0, 11.0, 20.0])
    advance = Advance(lambda: next(moments))
    assert advance.sentence("creating users", 20, 100_000) == "creating users: 20 of 100,000"
    assert advance.sentence("creating users", 520, 100_000) == "creating users: 520 of 100,000"
    told = advance.sentence("creating users", 4_020, 100_000)
    assert told == "creating users: 4,020 of 100,000, 400 a second, 4 min 0 s left"
    assert advance.sentence("reading", 1, 9) == "reading: 1 of 9"  # another step: its own rate
    assert advance.sentence("reading", 9, 9) == "reading: 9 of 9"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3_725, "1 h 2 min")]
)
def test_times_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_the_prefill_and_what_a_limit_delayed_are_told() -> None:
    prefill = {"purpose": "prefill", "made": 5000, "seconds": 12.5, "cpu": 2.5, "throttled": 12}
    audit = {"purpose": "audit", "made": 0, "seconds": 3.0, "cpu": 1.0, "throttled": 0}
    assert outside({"unscheduled": [prefill, audit]}) == [
        "Before the load: 5,000 users in 12 s, 400 a second, 500 us of CPU each.",
        "Answered 429 outside the schedule, and waited out: prefill 12.",
    ]
    assert outside({"unscheduled": [audit]}) == outside({}) == []
