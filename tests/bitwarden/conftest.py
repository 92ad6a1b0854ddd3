"""Lets the proofs' asserts say what they compared."""

import pytest

PARTS = ("reaching", "shapes", "lists", "creating", "changing", "groups", "outside")
pytest.register_assert_rewrite(*(f"tests.bitwarden.proofs.{part}" for part in PARTS))
