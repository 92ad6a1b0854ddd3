"""The book understands all that a sender sends: the whole profile, played together, breaks no promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.audit.bench import bench, catalog
from tests.matrix.inprocess import FEW


@pytest.mark.parametrize(
    ("profile", "most", "outcomes", "writes"),
    [
        pytest.param("okta", FEW, 300, 200, id="few"),
        pytest.param("okta", 250, 300, 400, id="all", marks=pytest.mark.nightly),
        pytest.param("entra", FEW, 300, 200, id="entra-few"),
        pytest.param("entra", 250, 300, 200, id="entra-all", marks=pytest.mark.nightly),
        pytest.param("entra-flag", 250, 150, 100, id="entra-flag", marks=pytest.mark.nightly),
    ],
)
def test_the_whole_profile_at_once(
    tmp_path: Path, profile: str, most: int, outcomes: int, writes: int
) -> None:
    """With so many shared users at most; what is asked of them is the same."""
    with bench(tmp_path) as load:
        wanted = catalog().profile(profile).sequences
        assert load.play(profile, wanted, most, inferred=True) > outcomes
        result = load.audit()
        assert result.holds, result.shown
        assert (result.unjudged, result.unread) == (0, [])
        assert result.writes > writes
