"""A run that a limit ends: nothing more is started, what was written is audited and removed, and it fails."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scimproof.embedded.server import Served
from tests.cli.commands.load.test_load import SCHEMA, TOKEN
from tests.engine.kit import scimproof
from tests.load.launch.test_session import HAS, resources, start
from tests.waiting import HANG

PLAN = """\
question = "When is it enough?"
rate = 10
seconds = 300
max_schedule_lag_ms = 60000

[mix]
"okta.oin.user.create" = 1
"""


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / "load.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(found)
    return found


@pytest.mark.parametrize("processes", [pytest.param(1, marks=pytest.mark.nightly), 2])
def test_what_was_written_until_then_is_audited_and_removed(processes: int, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAN, encoding="utf-8")
    words = ["load", "mine.toml", "--out", "out", "--processes", str(processes)]
    with Served(token=TOKEN) as served:
        ran = scimproof(
            tmp_path, *words, "--target", served.base_url, "--abort-on", "p50_ms=0", more=HAS, seconds=HANG
        )
        assert resources(served) == 0
    assert ran.returncode == 1, ran.stdout + ran.stderr
    found = document(tmp_path)
    assert (found["result"], found["partial"], found["interrupted"]) == ("fail", True, False)
    assert found["why"] == found["stop"]
    assert found["stop"].startswith("aborted after ")
    assert "all requests: p50 at most 0 ms, it was " in found["stop"]
    assert found["audit"]["done"]
    assert found["audit"]["checked"]["users"] == found["ledger"]["removed"] == found["arrivals"]["started"]
    assert 40 < found["arrivals"]["started"] < found["arrivals"]["expected"] == 3000
    assert "The run ended early: aborted after" in (tmp_path / "out" / "load.html").read_text(
        encoding="utf-8"
    )


def test_a_dead_target_ends_a_long_run_at_once(tmp_path: Path) -> None:
    plan = '[abort_if]\n"*" = { errors = 0.5 }\n'
    with Served(token=TOKEN) as served:
        run = start(tmp_path, served, plan)
        os.kill(served.pid, signal.SIGKILL)
        out, complaint = run.communicate(timeout=HANG)
    assert run.returncode == 1, out + complaint
    found = document(tmp_path)
    assert (found["result"], found["partial"]) == ("fail", True)
    assert "all requests: errors at most 0.5 of what was due" in found["stop"]
    assert found["arrivals"]["started"] < found["arrivals"]["expected"] / 2
    assert found["audit"]["unread"]
    assert "`scimproof clean` tries again" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--abort-on", "error=1"],
            "--abort-on 'error=1': 'error' is no measure that fits here; did you mean",
        ),
        (["--abort-on", "okta.oin.user.creat errors=1"], "did you mean 'okta.oin.user.create'?"),
        (["--threshold", "p95_ms=5"], "--threshold 'p95_ms=5' should look like 'OF MEASURE=LIMIT'"),
        (["--stages", "30s"], "--stages '30s' should look like 30s:5 or 2m:5-20"),
        (
            ["--stages", "30s:5,1m:20", "--target", "http://scim.example.com/v2"],
            "up to 20 sequences per second for 90 s",
        ),
        (
            ["--stages", "30s:5,1m:20", "--rate", "40", "--target", "http://scim.example.com/v2"],
            "up to 40 sequences per second for 90 s",
        ),
    ],
)
def test_options_change_the_plan_or_are_refused(arguments: list[str], says: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAN, encoding="utf-8")
    ran = scimproof(tmp_path, "load", "mine.toml", *arguments)
    assert ran.returncode == 2
    assert says in ran.stderr


def test_thresholds_and_stages_are_typed(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAN, encoding="utf-8")
    typed = ["--stages", "1s:8,1s:0,0.5s:8-4", "--threshold", "okta.oin.user.create/create p95_ms=0 errors=0"]
    ran = scimproof(tmp_path, "load", "mine.toml", "--out", "out", *typed, "--arrivals", "constant")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    found = document(tmp_path)
    assert [(one["seconds"], one["rate"], one["to"]) for one in found["plan"]["phases"]] == [
        (1, 8, 8),
        (1, 0, 0),
        (0.5, 8, 4),
    ]
    assert found["arrivals"]["started"] == 11
    verdicts = {one["measure"]: (one["limit"], one["verdict"]) for one in found["thresholds"]}
    assert verdicts == {"p95_ms": (0, "broken"), "errors": (0, "held")}
