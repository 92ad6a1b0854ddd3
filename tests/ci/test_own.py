"""The project's own CI: its scripts fail where a stage does, and what others read of it is well-formed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
SCRIPTS = (".ci/run", ".ci/nightly")
SCHEMAS = {
    ".github/dependabot.yml": "vendor.dependabot",
    **{
        f".github/workflows/{path.name}": "vendor.github-workflows" for path in GITHUB.glob("workflows/*.yml")
    },
    **{
        f".github/ISSUE_TEMPLATE/{path.name}": "vendor.github-issue-forms"
        for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml")
    },
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
}


def told(commands: str) -> subprocess.CompletedProcess[str]:
    """What a script of these commands says, with the stages of CI at hand."""
    script = f"set -uo pipefail\n. {ROOT}/.ci/stages\n{commands}\n"
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)


def test_what_github_reads_fits_its_schemas() -> None:
    kinds: dict[str, list[str]] = {}
    for path, schema in SCHEMAS.items():
        kinds.setdefault(schema, []).append(str(ROOT / path))
    assert len(kinds) == 4
    for schema, paths in kinds.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *paths]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_github_starts_the_scripts_and_they_start_targets_that_exist() -> None:
    workflow = (GITHUB / "workflows" / "ci.yml").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in SCRIPTS:
        assert f"bash {path}" in workflow
        script = (ROOT / path).read_text(encoding="utf-8")
        for target in re.findall(r"^(?:stage|beside) \S+ make (\S+)$", script, re.MULTILINE):
            assert target == ".venv/.installed" or f"\n{target}: " in makefile
    assert "\nstage test-all make test-all\n" in (ROOT / ".ci/nightly").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["stage", "beside"])
def test_a_stage_that_fails_is_named_at_the_end_and_the_others_go_on(kind: str) -> None:
    ran = told(f"{kind} one sh -c 'echo first; exit 3'\nstage two echo second\ntogether\nverdict")
    assert ran.returncode == 1
    assert "first\n" in ran.stdout
    assert "second\n" in ran.stdout
    assert ran.stdout.endswith("##### FAILED: one (exit 3)\n")


def test_what_goes_on_beside_is_shown_in_one_piece() -> None:
    ran = told("beside one sh -c 'echo a; sleep 0.5; echo b'\nstage two echo c\ntogether\nverdict")
    assert ran.returncode == 0
    assert "a\nb\n##### one took" in ran.stdout
    assert ran.stdout.index("\nc\n") < ran.stdout.index("\na\n")


def test_every_hook_makes_its_own_environment_and_fetches_nothing() -> None:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (local,) = found["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        assert hook["entry"].startswith("bash .ci/hook "), hook["id"]
        assert hook["language"] == "system"
    assert "make --no-print-directory .venv/.installed" in (ROOT / ".ci/hook").read_text(encoding="utf-8")
