"""Tab: click's protocol, and a real bash that uses what `scimproof completion bash` prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.kit import environment, scimproof

BASH = shutil.which("bash")


def completed(folder: Path, line: str) -> list[str]:
    """What is offered for the last word of the line, in click's protocol for bash."""
    words = line.split(" ")
    more = {"_SCIMPROOF_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    ran = scimproof(folder, more=more)
    assert (ran.returncode, ran.stderr) == (0, "")
    return [row.partition(",")[2] for row in ran.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "among"),
    [
        ("scimproof ", {"run", "load", "config", "completion"}),
        ("scimproof run okta.oin.user.deact", {"okta.oin.user.deactivate", "okta.oin.user.deactivate-twice"}),
        ("scimproof run okta.oin", {"okta.oin", "okta.oin.user", "okta.oin.group.push"}),
        ("scimproof show okta.aiw.group.p", {"okta.aiw.group.push", "okta.aiw.group.push-one"}),
        ("scimproof run --pro", {"--profile"}),
        ("scimproof run --profile okta-", {"okta-oin", "okta-aiw"}),
        ("scimproof run --profile okta-oin,", {"okta-oin,okta-aiw", "okta-oin,rfc"}),
        ("scimproof run --profile okta-oin,okta-a", {"okta-oin,okta-aiw"}),
        ("scimproof list --profile okta-", {"okta-oin", "okta-aiw"}),
        ("scimproof run --auth b", {"bearer", "basic"}),
        ("scimproof load ro", {"rollout"}),
        ("scimproof load --mix okta.oin.user.cr", {"okta.oin.user.create"}),
        ("scimproof serve --fault patch-active", {"patch-active-ignored"}),
        ("scimproof completion ", {"bash", "zsh", "fish"}),
    ],
)
def test_what_is_offered(tmp_path: Path, line: str, among: set[str]) -> None:
    offered = completed(tmp_path, line)
    begun = line.rpartition(" ")[2]
    assert among <= set(offered)
    assert all(word.startswith(begun) for word in offered)


def test_a_wrong_file_does_not_disturb_it(tmp_path: Path) -> None:
    (tmp_path / "scimproof.toml").write_text("[rum]\n")
    assert "okta-oin" in completed(tmp_path, "scimproof run --profile okta-o")


def test_completing_imports_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom scimproof.cli import main\n"
        "try:\n    main([])\nexcept SystemExit:\n    pass\n"
        "heavy = {'locust', 'gevent', 'pydantic', 'scim2_server', 'pytest'}\n"
        "assert not heavy & {name.split('.')[0] for name in sys.modules}\n"
    )
    more = {
        "_SCIMPROOF_COMPLETE": "bash_complete",
        "COMP_WORDS": "scimproof run okta.spec",
        "COMP_CWORD": "2",
    }
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path, more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "okta.spec.wrong-credentials" in ran.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(tmp_path: Path, shell: str) -> None:
    ran = scimproof(tmp_path, "completion", shell, more={})
    assert ran.returncode == 0
    assert f"_SCIMPROOF_COMPLETE={shell}_complete" in ran.stdout


@pytest.mark.skipif(not BASH, reason="no bash here")
def test_a_real_bash_completes(tmp_path: Path) -> None:
    assert BASH
    script = (
        'eval "$(scimproof completion bash)"\n'
        "complete -p scimproof\n"
        "COMP_WORDS=(scimproof run okta.oin.user.deactivate-) COMP_CWORD=2\n"
        "_scimproof_completion scimproof okta.oin.user.deactivate- run\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(
        [BASH, "--norc", "--noprofile", "-c", script],
        cwd=tmp_path,
        env=environment(tmp_path, path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    told, *offered = ran.stdout.splitlines()
    assert told.startswith("complete -o nosort -F _scimproof_completion scimproof")
    assert offered == ["okta.oin.user.deactivate-minimal", "okta.oin.user.deactivate-twice"]
