"""Without a browser the tests say so; where one is required they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
ONE = "tests/browser/test_report_page.py::test_it_can_be_used_with_the_keyboard"


def ran(path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """One test of the browser where no program is on the path but those in that folder."""
    environment = {key: value for key, value in os.environ.items() if key != "SCIMPROOF_BROWSER"}
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:xdist", ONE]
    return subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        env=environment | {"PATH": str(path)} | more,
        capture_output=True,
        text=True,
        timeout=HANG,
    )


def test_a_skip_says_why_and_what_to_do(tmp_path: Path) -> None:
    told = ran(tmp_path)
    assert told.returncode == 0, told.stdout
    assert "1 skipped" in told.stdout
    assert "there is no Chromium here" in told.stdout
    assert "apt-get install chromium" in told.stdout


def test_where_a_browser_is_required_its_absence_fails(tmp_path: Path) -> None:
    told = ran(tmp_path, SCIMPROOF_BROWSER="required")
    assert told.returncode == 1
    assert "there is no Chromium here" in told.stdout


def test_ci_requires_a_browser() -> None:
    shared = (ROOT / ".ci" / "stages").read_text(encoding="utf-8")
    assert "export SCIMPROOF_BROWSER=required" in shared
    assert "installed chromium chromium" in shared
    for name, tests in (("run", "test"), ("nightly", "test-all")):
        script = (ROOT / ".ci" / name).read_text(encoding="utf-8")
        packages, installed = script.index("\nbeside packages "), script.index("\ntogether\n")
        assert packages < installed < script.index(f"\nstage {tests} ")
