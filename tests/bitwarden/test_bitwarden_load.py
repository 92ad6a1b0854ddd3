"""Load on the embedded Bitwarden: seats, names that are not kept, members that only an observer shows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scimproof.embedded.bitwarden import CLIENT_ID, CLIENT_SECRET
from scimproof.embedded.server import Served
from tests.engine.kit import scimproof_in

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "reports" / "schema" / "scimproof.load-1.json").read_text(encoding="utf-8"))
PLAN = """\
question = "Does it work?"
rate = 10
arrivals = "constant"
warm_up = 0.3
seconds = 1.5
lag_ms = 60000
drain = 60
sample = 4

[mix]
{mix}

[thresholds]
"*" = {{ errors = 0 }}
"""
PEOPLE = '"okta.oin.user.create" = 1\n"okta.oin.user.deactivate" = 1\n"okta.oin.user.rename" = 1'
GROUPS = '"okta.oin.group.push" = 1\n"okta.oin.group.rename" = 1\n"okta.oin.group.remove-member" = 2'


def loaded(
    folder: Path, mix: str, *arguments: str, knobs: tuple[str, ...] = (), faults: tuple[str, ...] = ()
) -> tuple[int, str, dict[str, Any]]:
    """Exit code, what was said, and the document."""
    plan = folder / "mine.toml"
    plan.write_text(PLAN.format(mix=mix), encoding="utf-8")
    environment = os.environ | {
        "SCIMPROOF_LEDGERS": str(folder / "ledgers"),
        "SCIMPROOF_TOKEN": "secret-token",
        "SCIMPROOF_OBSERVER_CLIENT_ID": CLIENT_ID,
        "SCIMPROOF_OBSERVER_CLIENT_SECRET": CLIENT_SECRET,
    }
    with Served(product="bitwarden", knobs=knobs, faults=faults) as served:
        words = ["load", str(plan), "--target", served.base_url, "--out", str(folder / "out"), *arguments]
        ran = scimproof_in(Path.cwd(), words, environment)
    assert ran.returncode in (0, 1, 3), ran.stderr
    text = (folder / "out" / "load.json").read_text(encoding="utf-8")
    assert CLIENT_SECRET not in text
    document = json.loads(text)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["ledger"]["created"] == document["ledger"]["removed"]
    return ran.returncode, ran.stdout, document


def test_what_bitwarden_does_not_keep_was_not_promised(tmp_path: Path) -> None:
    code, said, document = loaded(tmp_path, PEOPLE, "--profile", "bitwarden")
    assert (code, document["result"]) == (0, "pass"), said
    assert not any(document["audit"]["counts"].values())
    assert document["audit"]["checked"]["users"] > 10
    spans = {row["id"]: row["answered"] for row in document["spans"]}
    assert spans["time-to-deprovision"] > 0
    known = {row["known"] for row in document["sampled"] if row["known"]}
    assert "BW-04" in known
    assert "BW-04" in said


@pytest.mark.nightly
def test_without_the_profile_the_same_is_a_broken_promise(tmp_path: Path) -> None:
    code, _, document = loaded(tmp_path, '"okta.oin.user.rename" = 1')
    assert code == 1
    assert document["audit"]["counts"]["stale"] > 0


def test_a_deactivation_that_is_not_done_is_found(tmp_path: Path) -> None:
    mix, faults = '"okta.oin.user.deactivate" = 1', ("deactivate-ignored",)
    code, _, document = loaded(tmp_path, mix, "--profile", "bitwarden", faults=faults)
    assert code == 1
    assert document["audit"]["counts"]["undead"] > 0


# tests/bitwarden/test_obstacles.py has the words of each hosting in a run, on each commit.
@pytest.mark.parametrize("hosting", ["cloud", pytest.param("self", marks=pytest.mark.nightly)])
def test_no_seat_left_is_no_fault_and_no_lost_user(tmp_path: Path, hosting: str) -> None:
    knobs = ("seats=8", "autoscale=no", f"hosting={hosting}")
    code, said, document = loaded(tmp_path, PEOPLE.splitlines()[0], "--profile", "bitwarden", knobs=knobs)
    assert (code, document["result"]) == (3, "invalid")
    assert "the target was full" in document["why"]
    words = {"cloud": "Seat limit has been reached", "self": "Cannot autoscale on self-hosted instance"}
    assert words[hosting] in said
    assert not any(document["audit"]["counts"].values())
    operations = {row["id"]: row for row in document["operations"]}
    create = operations["okta.oin.user.create/create"]
    assert create["full"] > 5
    assert create["errors"] == 0
    assert create["sent"] == create["answered"]


def test_members_are_not_verified_without_an_observer(tmp_path: Path) -> None:
    profile = ("--profile", "bitwarden")
    code, said, document = loaded(tmp_path, GROUPS, *profile)
    assert code == 0, said
    assert document["audit"]["checked"]["unseen"] > 5
    assert "accepted, not verifiable" in document["audit"]["unverified"][0]
    assert "accepted, not verifiable" in said


@pytest.mark.nightly
def test_members_that_are_as_answered_are_verified_by_an_observer(tmp_path: Path) -> None:
    profile = ("--profile", "bitwarden")
    code, said, document = loaded(tmp_path, GROUPS, *profile, "--observer", "bitwarden")
    assert code == 0, said
    assert document["audit"]["checked"]["unseen"] == 0
    assert document["audit"]["checked"]["observed"] > 5
    assert document["audit"]["unverified"] == []


@pytest.mark.parametrize(
    "fault", ["member-remove-ignored", pytest.param("members-dropped-on-rename", marks=pytest.mark.nightly)]
)
def test_members_that_are_not_as_answered_are_found_by_the_observer(tmp_path: Path, fault: str) -> None:
    mix = {
        "member-remove-ignored": '"okta.oin.group.remove-member" = 1',
        "members-dropped-on-rename": '"okta.oin.group.rename" = 1\n"okta.oin.group.push" = 1',
    }[fault]
    options = ("--profile", "bitwarden")
    code, said, document = loaded(tmp_path, mix, *options, "--observer", "bitwarden", faults=(fault,))
    assert (code, document["result"]) == (1, "fail"), said
    assert document["audit"]["counts"]["membership"] > 0
    proof = document["audit"]["membership"][0]["exchanges"][-1]
    assert document["audit"]["exchanges"][proof - 1]["request"]["method"] == "OBSERVE"
