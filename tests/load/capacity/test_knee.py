"""The knee of a curve of response times."""

from __future__ import annotations

from scimproof.load.capacity.knee import Knee, knee


def test_the_knee_is_where_p95_leaves_the_flat_part_for_good() -> None:
    points = [(10, 20.0), (20, 22.0), (40, 21.0), (80, 60.0), (90, 300.0), (85, 90.0), (80, 58.0)]
    assert knee(points) == Knee(80, 58.0, 21.0)


def test_one_slow_rate_among_quick_ones_is_no_knee() -> None:
    assert knee([(10, 20.0), (20, 200.0), (40, 21.0), (80, 22.0), (160, 23.0)]) is None


def test_of_three_rates_or_without_answers_there_is_none() -> None:
    assert knee([(10, 20.0), (20, 22.0), (40, 2000.0)]) is None
    assert knee([(10, None), (20, None), (40, None), (80, None)]) is None
    assert knee([]) is None
