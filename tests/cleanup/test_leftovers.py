"""What `scimproof clean` takes for a run's own when the ledger is lost."""

from __future__ import annotations

import pytest

from scimproof.core.scim import CREATED_NAME


@pytest.mark.parametrize(
    "name",
    [
        "scimproof-nj2mkr4n.2b60b4.tyler.sandoval@example.com",
        "scimproof-nj2mkr4n.000x0a.kimberly.jarvis@example.com",
        "scimproof-nj2mkr4n.2b60b4 app target users",
    ],
)
def test_names_of_runs_and_of_load_are_known(name: str) -> None:
    """Certified runs and load runs mark their people alike."""
    assert CREATED_NAME.match(name)


@pytest.mark.parametrize(
    "name",
    [
        "scimproof-nj2mkr4n@example.com",
        "scimproof-team.2b60b4.x@example.com",
        "scimproof.2b60b4.x@example.com",
    ],
)
def test_names_that_only_look_alike_are_nobodys(name: str) -> None:
    """Somebody who is called after the tool is a stranger all the same."""
    assert not CREATED_NAME.match(name)
