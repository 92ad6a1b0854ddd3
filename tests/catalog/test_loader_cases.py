"""Sequences with cases are selected as a whole, by one case, or by a form that stands beside them."""

from __future__ import annotations

import pytest

from tests.matrix.inprocess import catalog


@pytest.mark.parametrize(
    ("word", "chosen"),
    [
        ("rfc.delete.gone", {"rfc.delete.gone": (), "rfc.delete.gone[membership]": ()}),
        ("rfc.delete", {"rfc.delete.gone": (), "rfc.delete.gone[membership]": ()}),
        ("rfc.delete.gone[User]", {"rfc.delete.gone": ("User",)}),
        ("rfc.delete.gone[membership]", {"rfc.delete.gone[membership]": ()}),
    ],
)
def test_what_a_word_selects(word: str, chosen: dict[str, tuple[str, ...]]) -> None:
    assert {one.id: one.only for one in catalog().select([word])} == chosen
