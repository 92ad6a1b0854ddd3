"""`scimproof load` as a person starts it, against the embedded target; counts are asserted, never speed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scimproof.embedded.server import Served
from scimproof.load.audit.violation import SORTS
from tests.engine.kit import scimproof, scimproof_in

ROOT = Path(__file__).resolve().parents[4]
SCHEMA = json.loads((ROOT / "reports" / "schema" / "scimproof.load-1.json").read_text(encoding="utf-8"))
TOKEN = "a-token-nobody-may-see"
PLAN = """\
question = "Does it work?"
rate = 10
arrivals = "constant"
warm_up = 0.5
seconds = 1.5
max_schedule_lag_ms = 60000
drain = 60
audit = {audit}
races = false

[mix]
"okta.oin.user.create" = 1
"okta.oin.user.deactivate" = 1

[thresholds]
"*" = {{ errors = 0 }}
"okta.oin.user.create/create" = {{ p99_ms = {limit} }}
"""


def load(folder: Path, *arguments: str, limit: float = 60_000, audit: str = "false") -> tuple[int, str, str]:
    """Exit code, what was said and complained about; files are in `folder`/out."""
    plan = folder / "mine.toml"
    plan.write_text(PLAN.format(limit=limit, audit=audit), encoding="utf-8")
    environment = os.environ | {"SCIMPROOF_LEDGERS": str(folder / "ledgers"), "SCIMPROOF_TOKEN": TOKEN}
    words = ["load", str(plan), "--out", str(folder / "out"), *arguments]
    ran = scimproof_in(Path.cwd(), words, environment)
    return ran.returncode, ran.stdout, ran.stderr


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / "load.json").read_text(encoding="utf-8"))
    return found


def whole(found: dict[str, Any]) -> None:
    """What must be true of every run that came to its end."""
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(found)
    assert found["arrivals"]["started"] == found["arrivals"]["finished"] == 20
    assert found["arrivals"]["warm_up"] == 5
    assert sum(row["due"] for row in found["sequences"]) == 15
    for row in found["operations"]:
        assert row["due"] == row["sent"] == row["answered"] == row["count"]
        assert row["errors"] == 0
    assert found["ledger"]["left"] == []


@pytest.mark.fresh
def test_a_run_passes_and_leaves_files_that_hold_together_and_nothing_else(tmp_path: Path) -> None:
    code, out, _ = load(tmp_path, audit="true")
    assert code == 0, out
    found = document(tmp_path)
    whole(found)
    assert found["result"] == "pass"
    assert found["audit"]["done"]
    assert found["ledger"]["created"] == found["ledger"]["removed"] == 20
    assert list((tmp_path / "ledgers").iterdir()) == []
    assert [row["id"] for row in found["spans"]] == ["time-to-provision", "time-to-deprovision"]
    cases = list(ET.parse(tmp_path / "out" / "load-junit.xml").iter("testcase"))  # noqa: S314 - our own
    assert len(cases) == 1 + len(found["thresholds"]) + len(SORTS)
    page = (tmp_path / "out" / "load.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 4
    assert not re.search(r"<link|src=|url\(", page)


def test_a_broken_limit_is_a_fail_and_says_which(tmp_path: Path) -> None:
    code, out, _ = load(tmp_path, limit=0)
    assert code == 1
    assert "BROKEN" in out
    found = document(tmp_path)
    assert found["result"] == "fail"
    assert "okta.oin.user.create/create: p99 at most 0 ms" in found["why"]
    failures = (tmp_path / "out" / "load-junit.xml").read_text(encoding="utf-8").count("<failure")
    assert failures == 1


def test_two_processes_send_what_one_would_and_every_name_once(tmp_path: Path) -> None:
    with Served(token=TOKEN) as served:
        code, out, _ = load(tmp_path, "--target", served.base_url, "--processes", "2", audit="true")
    assert code == 0, out
    found = document(tmp_path)
    whole(found)
    assert found["generator"]["processes"] == 2
    assert found["ledger"]["created"] == found["ledger"]["removed"] == 20
    assert found["audit"]["checked"]["users"] == 20
    for path in (tmp_path / "out").iterdir():
        assert TOKEN not in path.read_text(encoding="utf-8")


def test_the_closed_model_says_what_it_is(tmp_path: Path) -> None:
    code, out, _ = load(tmp_path, "--closed", "--users", "2", "--quiet")
    found = document(tmp_path)
    assert code == 0, out
    assert found["plan"]["model"] == "closed"
    assert found["plan"]["users"] == 2
    assert 0 < found["arrivals"]["started"] == found["arrivals"]["finished"] <= 20
    assert found["arrivals"]["never_sent"] == 20 - found["arrivals"]["started"]
    assert found["ledger"]["created"] <= 20
    assert [one.split()[0] for one in out.splitlines()] == ["PASS", "Reports:"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--mix", "okta.oin.user.creat"], "did you mean 'okta.oin.user.create'?"),
        (["--mix", "okta.oin.user.create=0"], "a weight above 0"),
        (["--rate", "-1"], "-1"),
        (["--users", "3"], "--users and --closed belong together"),
        (["--master"], "--master and --expect-workers belong together"),
        (["--worker"], "--worker needs --master-host"),
        (
            ["--master", "--expect-workers", "2"],
            "set SCIMPROOF_WORKER_SECRET to the same secret on all of them",
        ),
        (["--worker", "--master-host", "127.0.0.1"], "set SCIMPROOF_WORKER_SECRET to the same secret"),
        (["--target", "http://scim.example.com/v2"], "up to 10 sequences per second for 2 s"),
        (
            ["--target", "http://scim.example.com/v2", "--closed", "--users", "3"],
            "up to 10 sequences per second for 2 s (at most about 20 sequences); at most about 20 users",
        ),
        (["--closed", "--users", "1", "--processes", "2"], "--users 1 are fewer than the 2 workers"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    arguments: list[str], says: str, tmp_path: Path
) -> None:
    code, _, complaint = load(tmp_path, *arguments)
    assert (code, says in complaint) == (2, True), complaint
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "ledgers").exists()


@pytest.mark.fresh
def test_the_command_line_itself_never_imports_what_patches_it() -> None:
    script = "import scimproof.cli.commands.load.load, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {"locust", "gevent", "jinja2"} & {name.split(".")[0] for name in ran.stdout.split()} == {"jinja2"}


def test_an_app_without_groups_gets_nothing_about_groups(tmp_path: Path) -> None:
    more = {"SCIMPROOF_TOKEN": TOKEN}
    with Served(token=TOKEN, faults=["groups-unsupported-500"]) as served:
        at = ("--duration", "1", "--target", served.base_url, "--no-groups", "--out", "out")
        ran = scimproof(tmp_path, "load", "smoke", *at, more=more)
        assert "and 0 groups will be created" in ran.stdout
        found = json.loads((tmp_path / "out" / "load.json").read_text(encoding="utf-8"))
        assert not [row["id"] for row in found["operations"] if ".group." in row["id"]]
        assert found["audit"]["checked"]["groups"] == 0
        assert {row["errors"] for row in found["operations"]} == {0}
        refused = scimproof(tmp_path, "load", "group-push", *at, more=more)
    assert (refused.returncode, "with --no-groups nothing is left" in refused.stderr) == (2, True)


def test_an_own_app_s_bodies_are_loaded_and_what_it_never_sends_is_left_out(tmp_path: Path) -> None:
    config = tmp_path / "scimproof.toml"
    config.write_text('[app]\nactions = ["create"]\n[app.mappings]\nnickName = "firstName"\n')
    code, said, complained = load(tmp_path, "--config", str(config), audit="true")
    assert code == 0, said + complained
    assert "Your app: 1 mapped attribute, no update, no deactivate" in said
    assert document(tmp_path)["app"].startswith("Your app: 1 mapped attribute")
    played = {row["id"] for row in document(tmp_path)["operations"]}
    assert "okta.oin.user.create/create" in played
    assert not [name for name in played if name.startswith("okta.oin.user.deactivate")]
    config.write_text('[app]\nactions = ["import"]\n')
    code, said, complained = load(tmp_path, "--config", str(config))
    assert code == 2
    assert "nothing of mine is left: your app ([app] in scimproof.toml) does not do that" in complained
