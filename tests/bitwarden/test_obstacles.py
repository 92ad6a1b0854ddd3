"""No free seat, no confirmed owner, no mail, no groups: nothing can be told of the target, in a sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scimproof.embedded.server import Served
from tests.bitwarden.test_bitwarden_load import PLAN
from tests.engine.kit import scimproof_in

WHY = {
    ("seats=6", "autoscale=no"): 'no seat left in the organization (400 "Seat limit has been reached.")',
    ("seats=6", "hosting=self"): '(400 "Cannot autoscale on self-hosted instance.")',
    ("seats=6", "hosting=self", "fail-fast=yes"): '(400 "Cannot auto scale self-host.")',
    (
        "owners=0",
    ): 'no confirmed owner, without whom nobody is invited or revoked (400 "Organization must have',
    ("mail=no",): 'could not send the invitation (500 "One or more errors occurred while inviting users.")',
    ("mail=no", "fail-fast=yes"): 'could not send the invitation (400 "Failed to invite users")',
}
GROUPS = ("groups=no",)


def scimproof(folder: Path, knobs: tuple[str, ...], *arguments: str) -> tuple[int, str, dict[str, Any]]:
    """Exit code, all that was said, and the document."""
    environment = os.environ | {
        "SCIMPROOF_LEDGERS": str(folder / "ledgers"),
        "SCIMPROOF_TOKEN": "secret-token",
    }
    with Served(product="bitwarden", knobs=knobs) as served:
        words = [*arguments, "--target", served.base_url, "--out", str(folder / "out")]
        ran = scimproof_in(Path.cwd(), words, environment)
    name = "load.json" if arguments[0] == "load" else "report.json"
    return ran.returncode, ran.stdout + ran.stderr, json.loads((folder / "out" / name).read_text("utf-8"))


@pytest.mark.parametrize("knobs", WHY, ids=" and ".join)
def test_row_1_7_a_run_could_not_tell_and_says_why(tmp_path: Path, knobs: tuple[str, ...]) -> None:
    code, said, document = scimproof(tmp_path, knobs, "run", "--profile", "bitwarden")
    assert (code, document["result"]) == (3, "inconclusive"), said
    verdicts = {f["verdict"] for f in document["findings"] if f["gates"]}
    assert verdicts <= {"pass", "waived", "inconclusive", "not-applicable"}
    assert WHY[knobs] in document["stop"]
    assert WHY[knobs] in said
    assert document["ledger"]["left"] == []
    seen = [
        e for e in document["exchanges"] if e["status"] in (400, 500) and e["request"]["method"] == "POST"
    ]
    assert seen, "the answer that says so is there to be read"


def test_row_1_7_the_url_alone_is_enough_to_know_what_the_answer_means(tmp_path: Path) -> None:
    some = ("okta.oin.user.create", "okta.oin.user.deactivate")
    code, said, document = scimproof(tmp_path, ("seats=1", "autoscale=no"), "run", *some)
    assert (code, document["result"]) == (3, "inconclusive"), said
    assert "no seat left in the organization" in document["stop"]


def test_row_1_7_without_groups_users_are_judged_and_groups_could_not_be_told(tmp_path: Path) -> None:
    code, said, document = scimproof(tmp_path, GROUPS, "run", "--profile", "bitwarden")
    assert (code, document["result"], document["stop"]) == (3, "inconclusive", ""), said
    why = 'the organization cannot use groups, which its plan or its settings switch off (400 "'
    assert why in said.splitlines()[-2], "the result says why in its sentence"
    open_ones = [f for f in document["findings"] if f["verdict"] == "inconclusive" and f["gates"]]
    assert len({f["observed"] for f in open_ones}) == 1
    judged = {f["sequence"] for f in document["findings"] if f["verdict"] == "pass"}
    assert "okta.oin.user.deactivate" in judged


# All three are told in runs on each commit, above; load takes what it says from the same place.
@pytest.mark.nightly
@pytest.mark.parametrize("knobs", [("owners=0",), ("mail=no",), GROUPS], ids=" and ".join)
def test_row_1_7_load_could_not_tell_and_says_why(tmp_path: Path, knobs: tuple[str, ...]) -> None:
    plan = tmp_path / "mine.toml"
    mix = '"okta.oin.group.push" = 1' if knobs == GROUPS else '"okta.oin.user.create" = 1'
    plan.write_text(PLAN.format(mix=mix), encoding="utf-8")
    code, said, document = scimproof(tmp_path, knobs, "load", str(plan), "--profile", "bitwarden")
    assert (code, document["result"]) == (3, "invalid"), said
    words = {"owners=0": "no confirmed owner", "mail=no": "could not send", "groups=no": "cannot use groups"}
    assert words[knobs[0]] in document["why"]
    assert words[knobs[0]] in said
    assert not any(document["audit"]["counts"].values())
