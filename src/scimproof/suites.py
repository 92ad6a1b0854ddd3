"""`pytest --pyargs scimproof.suites`: the suites under pytest for who has no checkout, as `pytest suites`."""

from __future__ import annotations

from collections.abc import Callable


def test_requirement(scim_finding: Callable[[], None]) -> None:
    """Passes, is skipped with the cause, or fails with what was expected, what came and the conversation."""
    scim_finding()
