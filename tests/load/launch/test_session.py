"""However a load run ends, nothing of it stays on the target, and the document says how it ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator

from scimproof.embedded.server import Served
from tests.cli.commands.load.test_load import SCHEMA, TOKEN
from tests.engine.kit import scimproof
from tests.waiting import HANG

PLAN = """\
question = "How does it end?"
rate = 20
seconds = 60
prefill = 5
max_schedule_lag_ms = 60000
races = false

[mix]
"okta.oin.user.create" = 1
"okta.oin.group.push" = 1
"""
HAS = {"SCIMPROOF_TOKEN": TOKEN}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """One for all: each test leaves nothing there."""
    with Served(token=TOKEN) as target:
        yield target


def resources(served: Served) -> int:
    """How many users and groups there are."""
    count = 0
    for kind in ("Users", "Groups"):
        url = f"{served.base_url}/{kind}?count=1"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx2.get(url, headers=headers, trust_env=False, timeout=HANG)
        count += answer.json()["totalResults"]
    return count


def start(folder: Path, served: Served, more: str = "") -> subprocess.Popen[str]:
    """A load run that has begun to create things; `more` is behind the usual plan."""
    plan = folder / "mine.toml"
    plan.write_text(PLAN + more, encoding="utf-8")
    command = [sys.executable, "-m", "scimproof", "load", str(plan), "--out", str(folder / "out")]
    run = subprocess.Popen(
        [*command, "--target", served.base_url],
        env=os.environ | {"SCIMPROOF_LEDGERS": str(folder / "ledgers"), "SCIMPROOF_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ends = time.monotonic() + HANG
    while resources(served) < 20 and time.monotonic() < ends:
        time.sleep(0.1)
    assert run.poll() is None
    return run


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


# tests/safety sends the other signals too, to runs.
@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.nightly)])
def test_interrupted_it_finishes_what_is_under_way_tidies_up_and_says_so(
    how: signal.Signals, served: Served, tmp_path: Path
) -> None:
    run = start(tmp_path, served)
    run.send_signal(how)
    out, complaint = run.communicate(timeout=HANG)
    assert run.returncode == 3, out + complaint
    found: dict[str, Any] = json.loads((tmp_path / "out" / "load.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(found)
    assert (found["result"], found["partial"], found["interrupted"]) == ("invalid", True, True)
    assert found["arrivals"]["started"] == found["arrivals"]["finished"] > 0
    assert found["ledger"]["created"] == found["ledger"]["removed"] >= 20
    assert resources(served) == 0
    assert list((tmp_path / "ledgers").iterdir()) == []


def test_killed_it_stops_by_itself_and_what_it_left_is_cleaned(served: Served, tmp_path: Path) -> None:
    run = start(tmp_path, served)
    makes_load = children(run.pid)
    assert makes_load
    run.kill()
    run.communicate()
    ends = time.monotonic() + HANG
    while any(Path(f"/proc/{pid}/fd").exists() for pid in makes_load):  # of a zombie there is none
        assert time.monotonic() < ends, "it goes on although nobody is there any more"
        time.sleep(0.1)
    assert resources(served) >= 20
    cleaned = scimproof(tmp_path, "clean", "--target", served.base_url, "--yes", more=HAS)
    assert cleaned.returncode == 0, cleaned.stdout + cleaned.stderr
    assert resources(served) == 0


def test_a_target_that_refuses_to_create_is_told_without_the_token(tmp_path: Path) -> None:
    plan = tmp_path / "mine.toml"
    plan.write_text(PLAN, encoding="utf-8")
    with Served(token=TOKEN, faults=["creates-capped"]) as served:
        ran = scimproof(tmp_path, "load", str(plan), "--target", served.base_url, "--prefill", "20", more=HAS)
        assert resources(served) == 0
    assert ran.returncode == 3
    assert "403 Forbidden" in ran.stderr
    assert TOKEN not in ran.stdout + ran.stderr
