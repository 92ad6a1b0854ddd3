"""Every quirk of the embedded Bitwarden, with the evidence for it, is shown by a test of its name."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest

from scimproof.embedded.bitwarden.quirks import EVIDENCE, Quirk, quirks
from tests.bitwarden.conftest import PARTS

MODULES = [importlib.import_module(f"tests.bitwarden.proofs.{part}") for part in PARTS]


def proof(name: str) -> Callable[[], None]:
    """The function that shows a quirk."""
    found: list[Callable[[], None]] = [vars(module)[name] for module in MODULES if name in vars(module)]
    assert len(found) == 1, f"{len(found)} functions in tests/bitwarden/proofs are called {name}"
    return found[0]


@pytest.mark.parametrize("quirk", quirks(), ids=lambda quirk: f"{quirk.name}-{''.join(quirk.tags)}")
def test_quirk(quirk: Quirk) -> None:
    proof(quirk.name.replace("-", "_"))()


def test_every_quirk_has_its_evidence_and_a_name_of_its_own() -> None:
    assert len({quirk.name for quirk in quirks()}) == len(quirks())
    for quirk in quirks():
        assert quirk.tags, quirk.name
        assert set(quirk.tags) <= set(EVIDENCE), quirk.name
        assert quirk.what.endswith("."), quirk.name


def test_every_documented_deviation_is_here() -> None:
    assert {quirk.deviation for quirk in quirks()} - {""} == {f"BW-{number:02}" for number in range(1, 29)}
