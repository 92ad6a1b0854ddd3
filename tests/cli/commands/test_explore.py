"""`scimproof explore` from its options to its files, against a server with and without faults."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scimproof.core.errors import Exit
from scimproof.core.validation import published, wrongs
from scimproof.embedded.app import build
from scimproof.explore.history_file import FORMAT
from tests.engine.kit import TOKEN, Recording, command, environment, play, recording, scimproof
from tests.waiting import HANG

SECRET = {"SCIMPROOF_TOKEN": TOKEN}
FAULT = "conflict-deactivates-owner"
ROOT = Path(__file__).resolve().parents[3]
QUIET = ("pass", "not-applicable")
pytestmark = pytest.mark.xdist_group("explored")


@pytest.fixture(scope="module")
def wrong() -> Iterator[Recording]:
    with recording(build(token=TOKEN, faults=[FAULT])) as server:
        yield server


@pytest.fixture(scope="module")
def explored(wrong: Recording, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an exploration that found something."""
    folder = tmp_path_factory.mktemp("explored")
    words = ("explore", "--target", wrong.url, "--actions", "40", "--seed", "2")
    ran = scimproof(folder, *words, more=SECRET)
    assert ran.returncode == Exit.DOES_NOT_HOLD, ran.stdout + ran.stderr
    assert f"again     scimproof explore --seed 2 --target {wrong.url}\n" in ran.stdout
    assert "1. person-" in ran.stdout
    assert "again     scimproof explore --replay report/histories/1-" in ran.stdout
    assert "NONCONFORMANT" in ran.stdout
    return folder


@pytest.fixture(scope="module")
def saved(explored: Path) -> Path:
    return next(iter(sorted((explored / "report" / "histories").glob("*.json"))))


def test_a_right_server_is_explored_and_left_as_it_was(tmp_path: Path) -> None:
    with recording() as server:
        ran = scimproof(tmp_path, "explore", "--target", server.url, "--actions", "15", more=SECRET)
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["ledger"]["left"] == []
    assert report["ledger"]["created"] == report["ledger"]["removed"] > 0
    assert "okta.explore" in report["summary"]["dialects"]


def test_a_failure_is_a_finding_and_a_file(explored: Path, saved: Path) -> None:
    report = json.loads((explored / "report" / "report.json").read_text())
    failed = {row["id"] for row in report["findings"] if row["verdict"] == "fail"}
    history = json.loads(saved.read_text())
    assert history["id"] in failed
    assert all(id.startswith("okta.explore/") for id in failed)
    assert list(wrongs(published(FORMAT), history)) == []
    assert TOKEN not in saved.read_text()


def test_a_saved_history_shows_again_until_it_is_corrected(
    wrong: Recording, saved: Path, tmp_path: Path
) -> None:
    ran = scimproof(tmp_path, "explore", "--replay", str(saved), "--target", wrong.url, more=SECRET)
    assert ran.returncode == Exit.DOES_NOT_HOLD, ran.stdout + ran.stderr
    assert "It still shows." in ran.stdout
    with recording() as server:
        ran = scimproof(tmp_path, "explore", "--replay", str(saved), "--target", server.url, more=SECRET)
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert "does not show any more" in ran.stdout


def test_a_history_is_printed_as_a_sequence(saved: Path, tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "explore", "--replay", str(saved), "--as-sequence")
    assert ran.returncode == Exit.HOLDS, ran.stderr
    compile(ran.stdout, "pasted.py", "exec")
    assert 'id="okta.oin.history.' in ran.stdout
    ran = scimproof(tmp_path, "explore", "--as-sequence")
    assert (ran.returncode, "--replay" in ran.stderr) == (Exit.USAGE, True)


def test_the_sequence_shows_the_failure_once_it_is_pasted(
    wrong: Recording, saved: Path, tmp_path: Path
) -> None:
    for name in ("suites", "fixtures", "load", "reports/schema", "reports/templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    printed = scimproof(tmp_path, "explore", "--replay", str(saved), "--as-sequence").stdout
    (tmp_path / "suites" / "okta" / "pasted.py").write_text(printed)
    history: dict[str, Any] = json.loads(saved.read_text())
    sequence = f"okta.{history['dialect']}.history"
    _, report = play(wrong.url, sequence, root=tmp_path)
    failed = {row["requirement"] for row in report["findings"] if row["verdict"] == "fail"}
    assert failed == {"okta-bystanders-unchanged"}, printed
    with recording() as server:
        _, report = play(server.url, sequence, root=tmp_path)
    assert {row["id"]: row["observed"] for row in report["findings"] if row["verdict"] not in QUIET} == {}


def test_interrupted_it_removes_what_it_created_and_reports_what_it_saw(tmp_path: Path) -> None:
    with recording() as server:
        ran = subprocess.Popen(
            command("explore", "--target", server.url, "--actions", "5000"),
            cwd=tmp_path,
            env=environment(tmp_path, SECRET),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        ends = time.monotonic() + HANG
        while len(server.arrived) < 30 and ran.poll() is None and time.monotonic() < ends:
            time.sleep(0.02)
        ran.send_signal(signal.SIGINT)
        out, err = ran.communicate(timeout=HANG)
        assert ran.returncode == Exit.CANNOT_TELL, out + err
        assert "stopping, then removing what was created" in err
        assert "Traceback" not in out + err
        assert {kind: rows for kind, rows in server.everything().items() if rows} == {}
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert (report["interrupted"], report["stop"]) == (True, "interrupted (Ctrl-C)")
    assert report["ledger"]["left"] == []
    assert report["ledger"]["created"] == report["ledger"]["removed"] > 0


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("dialect", "oim", "/dialect"),
        ("sender", "nobody", "/sender"),
        ("seed", "one", "/seed"),
        ("rounds", [[{"action": "asign", "roles": {}, "draw": 1}]], "/rounds/0/0/action"),
        (
            "rounds",
            [[{"action": "assign", "roles": {"user": "group-1"}, "draw": 1}]],
            "/rounds/0/0/roles/user",
        ),
        ("rounds", [[{"action": "assign", "roles": {}, "draw": 1}]], "/rounds/0/0/roles"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(
    saved: Path, tmp_path: Path, key: str, value: object, place: str
) -> None:
    path = tmp_path / "history.json"
    path.write_text(json.dumps(json.loads(saved.read_text()) | {key: value}))
    ran = scimproof(tmp_path, "explore", "--replay", str(path))
    assert ran.returncode == Exit.USAGE, ran.stdout + ran.stderr
    assert f"history.json: {place}: " in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_run_explores_after_its_sequences(tmp_path: Path) -> None:
    with recording() as server:
        words = ("run", "okta.oin.connect", "--explore", "3", "--target", server.url)
        ran = scimproof(tmp_path, *words, more=SECRET)
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [row["id"] for row in report["sequences"] if not row["watch"]] == [
        "okta.oin.connect",
        "okta.explore",
    ]


def test_a_waiver_takes_a_finding_of_an_exploration(wrong: Recording, saved: Path, tmp_path: Path) -> None:
    id = json.loads(saved.read_text())["id"]
    (tmp_path / "waivers.toml").write_text(
        f'[[waiver]]\nid = "{id}"\nreason = "known"\nissue = "X-1"\nowner = "me"\nuntil = 2999-01-01\n'
    )
    words = ("explore", "--target", wrong.url, "--actions", "40", "--waivers", "waivers.toml")
    scimproof(tmp_path, *words, more=SECRET)
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert {row["id"]: row["verdict"] for row in report["findings"]}[id] == "waived"
