"""What is generated in docs/ is what its sources give today."""

from __future__ import annotations

from functools import cache

import pytest

from scimproof.core.errors import Exit
from tests.docs import interface, pages

# Made once for all of them (make test runs with --dist loadgroup).
pytestmark = pytest.mark.xdist_group("generated pages")


@cache
def written() -> dict[str, str]:
    return pages.written()


@pytest.mark.parametrize("name", [*pages.WHOLE, *pages.BLOCKS])
def test_a_generated_page_is_that_of_its_sources(name: str) -> None:
    found = (pages.DOCS / name).read_text(encoding="utf-8")
    assert found == written()[name], "run: make docs-pages"


def test_every_exit_code_has_words() -> None:
    assert set(interface.EXITS) == set(interface.WHEN) == set(Exit)
