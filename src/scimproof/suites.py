"""`pytest --pyargs scimproof.suites`: the suites under pytest for who has no checkout, as `pytest suites`."""

from __future__ import annotations

from collections.abc import Callable


def test_requirement(scim_finding: Callable[[], None]) -> None:
    """Pass, skip with the reason, or fail with expected and actual answer and the HTTP exchange."""
    scim_finding()
