"""What a run sends outside the schedule: limits are waited out, a target that hangs is soon given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands.load.test_load import TOKEN
from tests.engine.kit import scimproof
from tests.load.fast_store import ended, fast_store
from tests.load.launch.test_session import HAS
from tests.load.launch.test_session_abort import document
from tests.waiting import HANG

PLAN = """\
question = "Is it patient, and not for ever?"
rate = 2
seconds = {seconds}
prefill = {users}
max_schedule_lag_ms = 60000
retry_time_scale = 1
group_sizes = [{users}]

[mix]
"okta.oin.user.create" = 1
"""


def load(folder: Path, url: str, users: int, *more: str, seconds: int = 1) -> Any:
    (folder / "mine.toml").write_text(PLAN.format(users=users, seconds=seconds), encoding="utf-8")
    words = ["load", "mine.toml", "--out", "out", "--target", url, *more]
    return scimproof(folder, *words, more=HAS, seconds=HANG)


def test_a_limit_is_waited_out_by_all_that_is_sent(tmp_path: Path) -> None:
    """Prefill, audit and clean-up run into 60 requests a second, and nobody is accused or left behind."""
    with fast_store("--limit", "60") as (url, process):
        ran = load(tmp_path, url, 100)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        told = ended(process)
    found = document(tmp_path)
    assert told["left"] == {"Users": 0, "Groups": 0}
    assert told["refused"] > 0
    outside = {row["purpose"]: row for row in found["unscheduled"]}
    assert outside["prefill"]["made"] == 100
    assert outside["prefill"]["throttled"] > 0
    assert outside["audit"]["throttled"] > 0
    assert outside["prefill"]["requests"] == 200 + outside["prefill"]["throttled"]
    assert not any(found["audit"]["counts"].values())
    assert (found["audit"]["checked"]["unjudged"], found["audit"]["gave_up"]) == (0, "")
    assert found["audit"]["checked"]["users"] == found["ledger"]["created"] - 1 >= 100
    (row,) = found["group_sizes"]["rows"]
    assert (row["members"], row["errors"]) == (100, 0)


def test_a_target_that_hangs_is_given_up_and_accused_of_nothing(tmp_path: Path) -> None:
    """It takes connections and requests and answers nothing: from then on time is all that is lost."""
    with fast_store("--silent-after", "70") as (url, _):
        words = ("--timeout", "1", "--duration", "60", "--abort-on", "errors=0.3")
        ran = load(tmp_path, url, 30, *words, seconds=60)
        assert ran.returncode == 1, ran.stdout + ran.stderr
    found = document(tmp_path)
    assert "aborted after" in found["why"]
    assert not any(found["audit"]["counts"].values())
    audit = found["audit"]
    assert "stopped answering: 16 requests in a row got no answer" in audit["gave_up"]
    assert audit["checked"]["unjudged"] == audit["checked"]["users"] >= 30
    outside = {row["purpose"]: row for row in found["unscheduled"]}
    assert outside["audit"]["requests"] == outside["audit"]["unanswered"] <= 16 + 8
    assert len(found["ledger"]["left"]) + len(found["ledger"]["unknown"]) >= 30
    assert "`scimproof clean` tries again" in ran.stdout


@pytest.mark.nightly  # each commit has it on the way of the load itself: test_session
def test_ctrl_c_during_the_prefill_removes_what_was_made(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAN.format(users=50_000, seconds=1), encoding="utf-8")
    command = [sys.executable, "-m", "scimproof", "load", "mine.toml", "--out", "out", "--target"]
    with fast_store() as (url, process):
        run = subprocess.Popen(
            [*command, url],
            cwd=tmp_path,
            env=os.environ | {"SCIMPROOF_TOKEN": TOKEN, "SCIMPROOF_LEDGERS": str(tmp_path / "ledgers")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert run.stderr
        for line in run.stderr:
            if "creating users" in line:
                break
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=HANG)
        assert run.returncode == 3
        told = ended(process)
    assert told["left"] == {"Users": 0, "Groups": 0}
    found = document(tmp_path)
    assert 100 < found["ledger"]["created"] == found["ledger"]["removed"] < 50_000
    assert list((tmp_path / "ledgers").iterdir()) == []


@pytest.mark.nightly  # two minutes of a core
def test_thousands_are_audited_by_the_list_and_removed(tmp_path: Path) -> None:
    """More than are read one by one; what the list shows is enough, and the rest is a sample."""
    with fast_store() as (url, process):
        ran = load(tmp_path, url, 12_000)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert ended(process)["left"] == {"Users": 0, "Groups": 0}
    found = document(tmp_path)
    outside = {row["purpose"]: row for row in found["unscheduled"]}
    assert outside["prefill"]["made"] == 12_000
    assert outside["audit"]["requests"] < 2 * 6_000 + 300
    assert found["audit"]["checked"]["unjudged"] == 0
    assert found["ledger"]["removed"] == found["ledger"]["created"] > 12_000
    (row,) = found["group_sizes"]["rows"]
    assert (row["members"], row["errors"]) == (12_000, 0)
