"""Lets the proofs' asserts say what they compared."""

import pytest

from scimproof.observer.descriptions import Description

PARTS = ("reaching", "shapes", "lists", "creating", "changing", "groups", "outside")
pytest.register_assert_rewrite(*(f"tests.bitwarden.proofs.{part}" for part in PARTS))

LATE = 3.0  # seconds; how long a late log is waited for is tested with scripted waits, in tests/observer


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the embedded log lacks after that long, it lacks: the minute is for the cloud."""
    told = Description.late
    monkeypatch.setattr(Description, "late", lambda self, about: min(told(self, about), LATE))
