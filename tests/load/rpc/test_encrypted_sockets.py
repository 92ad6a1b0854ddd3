"""Nobody reads, changes or repeats what master and workers tell each other, and no stranger takes part."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.engine.kit import ROOT
from tests.load.rpc import WORD
from tests.waiting import HANG


@pytest.fixture(scope="module")
def wire() -> dict[str, Any]:
    """What was seen of several conversations, by a process of its own: Locust patches the one it is in."""
    command = [sys.executable, "-m", "tests.load.rpc.wire"]
    ran = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=HANG)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_who_knows_the_secret_is_heard_and_answered(wire: dict[str, Any]) -> None:
    assert (wire["right"], wire["right came"]) == (WORD, [WORD])
    assert wire["knocks"][0] == "True"


def test_neither_message_nor_secret_nor_any_key_passes_readably(wire: dict[str, Any]) -> None:
    assert wire["seen"] == [False] * 5


def test_a_wrong_secret_and_none_are_told_nothing_and_named_on_both_sides(wire: dict[str, Any]) -> None:
    assert (wire["wrong"], wire["plain"], wire["came of strangers"]) == ("", "", [])
    reasons = {why.partition(",")[0] for _, why in wire["refused"]}
    assert "its SCIMPROOF_WORKER_SECRET is not this run's" in reasons
    assert {"it is not encrypted", "it hung up"} & reasons  # as either side notices it first
    assert "refused this worker: is its SCIMPROOF_WORKER_SECRET the master's" in wire["knocks"][1]


def test_a_worker_tells_nothing_to_a_master_without_the_secret(wire: dict[str, Any]) -> None:
    assert "is no master of this scimproof: it has no encryption" in wire["no master"]


def test_what_was_recorded_cannot_be_sent_again_and_what_was_changed_is_not_taken(
    wire: dict[str, Any],
) -> None:
    assert wire["came of a replay"] == []
    assert (wire["changed"], wire["came of a change"]) == ("", [])
