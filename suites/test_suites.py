"""Plays the suites under pytest: `pytest suites --scim-target=https://host/scim/v2`, one item a finding."""

from __future__ import annotations

from collections.abc import Callable


def test_requirement(scim_finding: Callable[[], None]) -> None:
    """Passes, is skipped with the cause, or fails with what was expected, what came and the conversation."""
    scim_finding()
