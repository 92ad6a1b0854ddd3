"""Runs with one's own app: an honest server conforms, and one that drops what is mapped is found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog.app import AppSettings
from scimproof.catalog.loader import load_catalog
from scimproof.core.errors import UsageError
from scimproof.embedded.app import build
from scimproof.settings.resolve import app_settings, effective_settings
from tests.engine.kit import TOKEN, play, recording

CUSTOM = "urn:scimproof:custom:2.0:User:badge"
APP = AppSettings(
    user_name="login",
    actions=("create", "update", "push groups"),
    push_batch=200,
    mappings={
        "name.givenName": "firstName",
        "name.familyName": "lastName",
        'emails[type eq "work"].value': "email",
        'emails[type eq "home"].value': "secondEmail",
        "displayName": "nickName",
        "title": "title",
        CUSTOM: "city",
    },
)
SOME = (
    *(f"okta.oin.user.{name}" for name in ("create", "update", "rename", "deactivate", "update-each")),
    "okta.aiw.user.create",
)


def played(*faults: str) -> dict[str, Any]:
    """The report of some sequences against a target with these faults."""
    with recording(build(token=TOKEN, faults=faults)) as server:
        return play(server.url, *SOME, app=APP)[1]


def failed(report: dict[str, Any]) -> set[str]:
    return {row["id"] for row in report["findings"] if row["verdict"] in ("fail", "warning")}


def test_an_honest_server_conforms_and_the_report_says_which_app_was_played() -> None:
    report = played()
    assert failed(report) == set()
    told = "Your app: userName = login, 7 mapped attributes, extension urn:scimproof:custom:2.0:User, "
    told += "no deactivate, no password, no import, 200 members a request."
    assert report["options"]["app"]["about"] == told
    assert report["notes"][0] == told
    assert report["notes"][1] == (
        "Not played: 1 sequence, since your app ([app] in scimproof.toml) does not do that: deactivate is "
        "not among its actions."
    )
    verdicts = {row["sequence"]: row["verdict"] for row in report["findings"]}
    assert verdicts["okta.oin.user.deactivate"] == "not-applicable"
    sent = [row["request"] for row in report["exchanges"]]
    assert any(CUSTOM.rpartition(":")[0] in one["body"] for one in sent)


@pytest.mark.parametrize(("fault", "path"), [("title-dropped", "title"), ("custom-dropped", CUSTOM)])
def test_a_server_that_drops_a_mapped_attribute_is_caught(fault: str, path: str) -> None:
    report = played(fault)
    rows = [row for row in report["findings"] if row["verdict"] in ("fail", "warning")]
    assert any(path in f"{row['expected']} {row['observed']}" for row in rows), rows
    assert {row["requirement"] for row in rows} & {
        "okta-attributes-declined",
        "okta-attributes-lost",
        "okta-state-after-create",
        "okta-title-kept",
    }


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
