"""[app] in scimproof.toml: what is in force, and what is refused with file and line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog.app import AppSettings
from scimproof.catalog.loader import load_catalog
from scimproof.core.errors import UsageError
from scimproof.settings.resolve import app_settings, effective_settings


def stated(folder: Path, text: str) -> dict[str, Any]:
    """The settings that a file makes effective for a run."""
    (folder / "scimproof.toml").write_text(text)
    return dict(effective_settings("run", {}, {}, folder=folder).values)


def test_the_app_of_the_file_is_in_force(tmp_path: Path) -> None:
    values = stated(tmp_path, '[app]\nuser_name = "login"\n[app.mappings]\ntitle = "title"\n')
    found = app_settings(values)
    assert found == AppSettings(user_name="login", mappings={"title": "title"})
    assert not app_settings(stated(tmp_path, "[app]\n"))
    assert not app_settings(stated(tmp_path, ""))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('user_name = "emial"', 2, "did you mean 'email'?"),
        ('actions = ["creat"]', 2, "no action is called 'creat'"),
        ("push_batch = 5", 2, "push_batch should be a whole number from 100 to 1000"),
        ('[app.mappings]\ntitle = "title"\nid = "login"', 4, "id is readOnly"),
        ('[app.mappings]\ntitle = "titel"', 3, "no attribute of the profile is called 'titel'"),
        ('[app.mappings]\ntitle = { fixd = "x" }', 3, "should be an attribute of the profile"),
        ("colour = 1", 2, "no key is called 'colour' here"),
    ],
)
def test_what_is_wrong_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        stated(tmp_path, f"[app]\n{text}\n")
    assert f"scimproof.toml:{line}: " in str(refused.value)
    assert says in str(refused.value)


def test_an_app_of_a_sender_that_has_none_is_refused_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scimproof.settings.resolve.load_catalog", lambda: replace(load_catalog(), apps={}))
    with pytest.raises(UsageError, match=r"scimproof.toml:2: \[app\] is not for Okta: suites/okta/app.toml"):
        stated(tmp_path, "[app]\npush_batch = 200\n")
