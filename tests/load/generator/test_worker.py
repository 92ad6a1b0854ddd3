"""What a master may tell a worker on another machine: its part of the load, and nothing to start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
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

plan = Plan(name="x", question="", phases=(Phase(1.0, 1.0),), mix={"okta.oin.user.create": 1.0})
there = TargetOptions(url="http://127.0.0.1:9/scim/v2")
for line in sys.stdin:
    told = json.loads(line)
    given = Job(plan=plan, access=there, prefix=told["prefix"], observer=Choice(command=("touch", "started")))
    mine = Job(plan=plan, access=TargetOptions(url=told["url"]), prefix="", role="worker")
    try:
        post = Worker(mine, Pipe())._taken({"job": given.as_text(), "members": []})
        found = {"url": post.target.url, "observer": post.auditor.observer is not None}
        post.close()
    except CannotTell as problem:
        found = {"refused": str(problem)}
    print(json.dumps(found), flush=True)
"""
OWN, THEIRS = "http://127.0.0.1:8/scim/v2", "http://127.0.0.1:9/scim/v2"


@dataclass
class Workers:
    """Workers in a process of their own, in that folder, one after the other."""

    folder: Path
    process: subprocess.Popen[str]

    def taken(self, **told: str) -> dict[str, Any]:
        """What a new one makes of a master's job."""
        assert self.process.stdin
        assert self.process.stdout
        known = {"prefix": "scimproof-1a2b3c4d", "url": ""} | told
        print(json.dumps(known), file=self.process.stdin, flush=True)
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    folder = tmp_path_factory.mktemp("workers")
    environment = os.environ | {"SCIMPROOF_TOKEN": "t0ken", "SCIMPROOF_LEDGERS": str(folder / "ledgers")}
    with subprocess.Popen(
        [sys.executable, "-c", TAKE],
        cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield Workers(folder, process)


def test_s12_no_master_makes_a_worker_start_a_program(workers: Workers) -> None:
    assert workers.taken()["observer"] is False
    assert not (workers.folder / "started").exists()


def test_s13_a_worker_that_names_a_target_sends_its_token_nowhere_else(workers: Workers) -> None:
    assert workers.taken(url=OWN)["url"] == OWN
    assert workers.taken()["url"] == THEIRS  # nothing was named: the master's, as the documents say


@pytest.mark.parametrize("prefix", ["", "stranger", "../../scimproof-1a2b3c4d", "scimproof-1a2b3c4d/../x"])
def test_s12_a_master_s_prefix_has_to_be_that_of_a_run(workers: Workers, prefix: str) -> None:
    before = list(workers.folder.parent.rglob("*.jsonl"))
    told = workers.taken(prefix=prefix)["refused"]
    assert "sent a job that no master of scimproof sends" in told
    assert list(workers.folder.parent.rglob("*.jsonl")) == before
