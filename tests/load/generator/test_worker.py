"""What a master may tell a worker on another machine: its part of the load, and nothing to start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# In a process of its own: importing Locust patches the one it is in.
TAKE = """
import locust, json, sys
from scimproof.target.options import TargetOptions
from scimproof.core.errors import CannotTell
from scimproof.load.generator.worker import Worker
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.observer.factory import Choice

class Pipe:
    def tell(self, *_, **__): pass

told = json.loads(sys.argv[1])
plan = Plan(name="x", question="", phases=(Phase(1.0, 1.0),), mix={"okta.oin.user.create": 1.0})
there = TargetOptions(url="http://127.0.0.1:9/scim/v2")
given = Job(plan=plan, access=there, prefix=told["prefix"], observer=Choice(command=("touch", "started")))
mine = Job(plan=plan, access=TargetOptions(url=told["url"]), prefix="", role="worker")
try:
    post = Worker(mine, Pipe())._taken({"job": given.as_text(), "members": []})
    print(json.dumps({"url": post.target.url, "observer": post.auditor.observer is not None}))
    post.close()
except CannotTell as problem:
    print(json.dumps({"refused": str(problem)}))
"""
OWN, THEIRS = "http://127.0.0.1:8/scim/v2", "http://127.0.0.1:9/scim/v2"


def taken(folder: Path, **told: str) -> dict[str, Any]:
    """What a worker makes of a master's job."""
    known = {"prefix": "scimproof-1a2b3c4d", "url": ""} | told
    environment = os.environ | {"SCIMPROOF_TOKEN": "t0ken", "SCIMPROOF_LEDGERS": str(folder / "ledgers")}
    ran = subprocess.run(
        [sys.executable, "-c", TAKE, json.dumps(known)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_s12_no_master_makes_a_worker_start_a_program(tmp_path: Path) -> None:
    assert taken(tmp_path)["observer"] is False
    assert not (tmp_path / "started").exists()


def test_s13_a_worker_that_names_a_target_sends_its_token_nowhere_else(tmp_path: Path) -> None:
    assert taken(tmp_path, url=OWN)["url"] == OWN
    assert taken(tmp_path)["url"] == THEIRS  # nothing was named: the master's, as the documents say


@pytest.mark.parametrize("prefix", ["", "stranger", "../../scimproof-1a2b3c4d", "scimproof-1a2b3c4d/../x"])
def test_s12_a_master_s_prefix_has_to_be_that_of_a_run(tmp_path: Path, prefix: str) -> None:
    assert "sent a job that no master of scimproof sends" in taken(tmp_path, prefix=prefix)["refused"]
    assert not list(tmp_path.rglob("*.jsonl"))
