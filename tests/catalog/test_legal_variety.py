"""Legal variety as data: read from its file, refused where it says what nothing knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.catalog.legal_variety import FILE, read_legal_variety
from scimproof.core.errors import CatalogError
from scimproof.core.scim import ENTERPRISE_USER
from tests.matrix.inprocess import catalog


def test_what_is_never_compared() -> None:
    variety = catalog().variety
    for path in ("id", "meta.created", "schemas", "groups", "password", "name.formatted"):
        assert variety.ignores("User", path)
    assert variety.ignores("User", f"{ENTERPRISE_USER}:manager.displayName".lower())
    assert not variety.ignores("User", f"{ENTERPRISE_USER}:manager.value".lower())
    assert not variety.ignores("Group", "displayname")


def test_what_follows_from_other_attributes() -> None:
    assert "displayname" in catalog().variety.moved_by("name.givenname")
    assert catalog().variety.moved_by("title") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [("[ignore]", r"\[ignore\] is unknown"), ('[forms]\n"x" = "loud"', "loud"), ("[", FILE)],
)
def test_a_file_that_is_wrong_is_refused(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(CatalogError, match=told):
        read_legal_variety(tmp_path)


def test_without_the_file_everything_is_compared_as_text(tmp_path: Path) -> None:
    assert read_legal_variety(tmp_path).form("title") == "text"
