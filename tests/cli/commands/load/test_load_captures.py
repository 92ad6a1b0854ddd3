"""`scimproof load` with a plan that is made of a capture, as a person starts it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scimproof.catalog.loader import load_catalog
from tests.cli.commands.load.test_load import SCHEMA
from tests.engine.kit import scimproof
from tests.load.recording.recorded import OktaTenant, Recorded

PLAN = """\
question = "Is the recorded time survived?"
capture = "hour.jsonl"
factor = 2.5
max_schedule_lag_ms = 60000
drain = 60
full_check_every = 5

[thresholds]
"*" = { errors = 0 }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan and its capture: ten creates, six in a burst, four deactivations, a read that is left out."""
    folder = tmp_path_factory.mktemp("recorded")
    recorded = Recorded(load_catalog(), "okta.oin")
    tenant = OktaTenant(recorded)
    for at in (0.2, 0.6, 1.0, 1.01, 1.02, 1.03, 1.04, 1.05, 2.2, 2.6):
        tenant.create(at)
    for at in (1.5, 1.7, 1.9, 2.9):
        tenant.deactivate(at)
    recorded.send(1.2, "okta/both/user-get.http", tenant.someone(), {})
    recorded.write(folder / "hour.jsonl")
    (folder / "capture.toml").write_text(PLAN, encoding="utf-8")
    return folder


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / "load.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("processes", [pytest.param(1, marks=pytest.mark.nightly), 2])
def test_the_recorded_time_is_played_and_audited_clean(processes: int, folder: Path) -> None:
    words = ["load", "capture.toml", "--out", "out", "--processes", str(processes)]
    ran = scimproof(folder, *words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = document(folder)
    Draft202012Validator(SCHEMA).validate(found)
    assert found["result"] == "pass"
    assert found["audit"]["done"]
    # 25 and 10: 2.5 times as many, whichever of them come a third time.
    due = {row["id"]: row["due"] for row in found["sequences"]}
    assert due == {"okta.oin.user.create": 25, "okta.oin.user.deactivate": 10}
    assert found["arrivals"]["started"] == found["arrivals"]["expected"] == 35
    assert found["ledger"]["created"] == found["ledger"]["removed"] == 35
    recording = found["plan"]["recording"]
    assert {key: recording[key] for key in ("capture", "factor", "arrivals", "requests")} == {
        "capture": "hour.jsonl",
        "factor": 2.5,
        "arrivals": 14,
        "requests": 25,
    }
    assert list(recording["left_out"].values()) == [1]
    said = "Left out: 1 of 25 requests (4 %): 1 x "
    page = (folder / "out" / "load.html").read_text(encoding="utf-8")
    assert "fell due" not in page
    for text in (ran.stdout, page):
        assert "Arrivals are those of the capture hour.jsonl from 2026-09-21 14:13:20 UTC on, 3 s" in text
        assert "14 sequences, 2.5 for each recorded one" in text
        assert said in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--mix", "okta.oin.user.create"], "--mix is for a plan with a mix"),
        (["--arrivals", "constant"], "--arrivals is for a plan with a mix"),
        (["--factor", "2", "--rate", "3"], "--factor and --rate both say how fast a recording is played"),
        (["--duration", "100"], "the recording lasts 3 s and is played once"),
        (["--no-groups", "--target", "http://scim.example.com/v2"], "up to 20 sequences per second for 3 s"),
        (["--rate", "6", "--target", "http://scim.example.com/v2"], "up to 6 sequences per second for 3 s"),
        (["--duration", "1", "--target", "http://scim.example.com/v2"], "for 1 s (about 2"),
    ],
)
def test_options_change_it_or_are_refused(arguments: list[str], says: str, folder: Path) -> None:
    ran = scimproof(folder, "load", "capture.toml", *arguments)
    assert ran.returncode == 2
    assert says in ran.stderr


def test_a_factor_is_refused_by_plans_of_no_capture(folder: Path) -> None:
    ran = scimproof(folder, "load", "smoke", "--factor", "2")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--factor is for a plan made of a capture; the rate of smoke is --rate" in ran.stderr
