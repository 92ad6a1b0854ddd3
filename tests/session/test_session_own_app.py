"""Runs with one's own app: an honest server conforms, and one that drops what is mapped is found out."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.catalog.app import AppSettings
from scimproof.core.validation import published, wrongs
from scimproof.embedded.app import build
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
    assert report["options"]["app"] == {"about": told, **APP.json()}
    assert not list(wrongs(published("scimproof.report-1"), report))
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
