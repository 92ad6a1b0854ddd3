"""`scimproof load --find-max` as a person starts it: at a server of known capacity, interrupted, refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from scimproof.cli import root_command
from scimproof.core.paths import knowledge_root
from scimproof.embedded.server import Served
from tests.engine.kit import scimproof_in
from tests.load.slotted import slotted
from tests.waiting import HANG

SCHEMA = json.loads((knowledge_root() / "reports/schema/scimproof.capacity-1.json").read_text())
TOKEN = "a-token-nobody-may-see"
NOBODY = "http://127.0.0.1:9/scim/v2"
PLAN = """\
question = "How much does it carry?"
rate = {rate}
seconds = 60
arrivals = "constant"
max_schedule_lag_ms = 60000

[mix]
"{sequence}" = 1

[thresholds]
"*" = {{ p95_ms = {p95_ms} }}
"""


def plan(folder: Path, sequence: str, rate: float, p95_ms: float = 60_000) -> Path:
    """A plan of that sequence; the lag of a busy machine is allowed."""
    path = folder / "mine.toml"
    path.write_text(PLAN.format(sequence=sequence, rate=rate, p95_ms=p95_ms), encoding="utf-8")
    return path


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"SCIMPROOF_LEDGERS": str(folder / "ledgers"), "SCIMPROOF_TOKEN": TOKEN}


def find_max(folder: Path, path: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, what was said and complained about; files are in `folder`/out."""
    words = ["load", str(path), "--find-max", "--out", str(folder / "out"), *arguments]
    ran = scimproof_in(Path.cwd(), words, environment(folder))
    return ran.returncode, ran.stdout, ran.stderr


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / "capacity.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(found)
    return found


def test_the_capacity_of_a_server_that_is_known_is_found_within_ten_percent(tmp_path: Path) -> None:
    """8 slots of 200 ms carry 40 requests a second, 20 sequences of two; 250 ms more is past them."""
    with slotted(8, 0.2) as server:
        path = plan(tmp_path, "okta.oin.connect", 17, 450)
        code, said, told = find_max(tmp_path, path, "--step-duration", "4", "--target", server.url)
    assert code == 0, said + told
    found = document(tmp_path)
    assert (found["result"], found["capacity"]["ended"], found["capacity"]["confirmed"]) == (
        "pass",
        "found",
        True,
    )
    assert found["capacity"]["rate"] * 2 == pytest.approx(server.capacity, rel=0.1)
    assert "p95 at most 450 ms" in found["capacity"]["broken_by"]
    assert found["capacity"]["p95_ms"] <= 450
    assert f"PASS  {found['capacity']['rate']:g} sequences per second" in said
    assert "held so far" in told
    assert "sequences/s does not hold" in told


def test_all_steps_have_one_audit_and_create_nobody_twice(tmp_path: Path) -> None:
    with Served(token=TOKEN) as served:
        path = plan(tmp_path, "okta.oin.user.create", 4)
        more = ("--step-duration", "1", "--max-rate", "8", "--prefill", "3", "--target", served.base_url)
        code, said, told = find_max(tmp_path, path, *more)
        assert code == 0, said + told
        left = httpx2.get(
            f"{served.base_url}/Users?count=1",
            headers={"Authorization": f"Bearer {TOKEN}"},
            trust_env=False,
            timeout=HANG,
        ).json()["totalResults"]
    found = document(tmp_path)
    assert (found["capacity"]["rate"], found["capacity"]["at_least"]) == (8, True)
    assert [step["rate"] for step in found["steps"]] == [4, 8, 8]
    assert {step["errors"] for step in found["steps"]} == {0}  # two of one name would be a 409
    users = 3 + 4 * 2 + 8 * 2 * 2
    assert found["audit"]["checked"]["users"] == found["ledger"]["created"] == users
    assert (found["ledger"]["removed"], found["ledger"]["left"], left) == (users, [], 0)


@pytest.mark.nightly
def test_what_the_audit_finds_fails_the_search_whatever_the_rate(tmp_path: Path) -> None:
    with Served(token=TOKEN, faults=["drop-one-create-in-fifty"]) as served:
        path = plan(tmp_path, "okta.oin.user.create", 15)
        more = ("--step-duration", "1", "--max-rate", "15", "--threshold", "* errors=1")
        code, said, told = find_max(tmp_path, path, *more, "--target", served.base_url)
    assert code == 1, said + told
    found = document(tmp_path)
    assert (found["result"], found["capacity"]["rate"]) == ("fail", 15)
    assert "FAIL  the audit found what the target broke" in said
    assert found["audit"]["counts"]["lost"] > 0


@pytest.mark.nightly
def test_a_search_that_is_interrupted_gives_what_was_found_so_far_and_tidies_up(tmp_path: Path) -> None:
    with Served(token=TOKEN) as served:
        path = plan(tmp_path, "okta.oin.user.create", 3)
        command = [sys.executable, "-m", "scimproof", "load", str(path), "--find-max", "--step-duration", "1"]
        run = subprocess.Popen(
            [*command, "--target", served.base_url, "--out", str(tmp_path / "out")],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert run.stderr is not None
        while "step 1:" not in run.stderr.readline():
            assert run.poll() is None
        time.sleep(0.5)
        run.terminate()  # as with Ctrl-C, which whoever runs in the background ignores
        said, _ = run.communicate(timeout=HANG)
    assert run.returncode == 3
    found = document(tmp_path)
    assert found["partial"]
    assert found["capacity"]["rate"] in (3, 6, 12, 24)
    assert found["capacity"]["at_least"]
    assert "INVALID  the search ended early: interrupted" in said
    assert "so far at least" in said
    assert found["ledger"]["created"] == found["ledger"]["removed"] > 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--stages", "5s:1"), "--stages do not go together: a search has steps of one rate each"),
        (("--duration", "5"), "--duration do not go together: each step takes --step-duration"),
        (("--closed", "--users", "2"), "--closed do not go together"),
        (("--abort-on", "errors=0.5"), "--abort-on do not go together"),
        (("--master", "--expect-workers", "2"), "leave --master and --worker out"),
        (("--worker", "--master-host", "h"), "leave --master and --worker out"),
        (("--rate", "20", "--max-rate", "10"), "--max-rate 10 is below the first rate, 20"),
    ],
)
def test_what_is_for_a_run_is_refused_in_a_sentence(arguments: tuple[str, ...], why: str) -> None:
    ran = CliRunner().invoke(root_command, ["load", "rollout", "--find-max", "--target", NOBODY, *arguments])
    assert ran.exit_code != 0
    assert why in str(ran.exception)


def test_a_search_takes_no_notice_of_what_the_file_says_of_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused for its highest rate, and not for the stages, the time and the closed model."""
    (tmp_path / "scimproof.toml").write_text(
        '[load]\nstages = "5s:1"\nduration = 5\nclosed = true\nusers = 3\nmax_rate = 2\n', encoding="utf-8"
    )
    monkeypatch.delenv("SCIMPROOF_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(root_command, ["load", "rollout", "--find-max", "--target", NOBODY])
    assert "--max-rate 2 is below the first rate, 10" in str(ran.exception)
