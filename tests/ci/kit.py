"""What the tests of the CI recipes share: the recipes as their services read them, their shells run here."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.engine import forks
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy/ci/scimproof-ci"
BIN = Path(sys.executable).parent
GITHUB = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]  # as `shell: bash` says it there
GITLAB = ["bash", "-eo", "pipefail", "-c"]
JENKINS = ["sh", "-xe", "-c"]
ONE = "okta.oin.user.deactivate"  # a sequence that the fault patch-active-ignored breaks
TOKEN = "canary-of-ci-t0ken"


@dataclass(frozen=True)
class Ran:
    """What a shell left behind."""

    code: int
    out: str
    err: str
    folder: Path

    def text(self, name: str) -> str:
        """A file of the working folder."""
        return (self.folder / name).read_text(encoding="utf-8")


def action() -> dict[str, Any]:
    """action.yml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return found


def component() -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of the GitLab component, and its job as it is written."""
    header, body = yaml.safe_load_all((ROOT / "templates/scimproof.yml").read_text(encoding="utf-8"))
    (job,) = body.values()
    return header["spec"]["inputs"], job


def jenkins() -> tuple[dict[str, str], str]:
    """The environment of the Jenkinsfile (without credentials) and its shell."""
    text = (ROOT / "deploy/ci/Jenkinsfile").read_text(encoding="utf-8")
    (shell,) = re.findall(r"sh '''\n(.*?)'''", text, re.DOTALL)
    return dict(re.findall(r"^ +(\w+) = '(.*)'$", text, re.MULTILINE)), shell


def given(text: str, values: dict[str, str]) -> str:
    """A string of action.yml with its expressions replaced, as GitHub does before the shell sees it."""

    def value(said: str) -> str:
        made = re.fullmatch(r"format\('([^']*)', ([\w.-]+)\)", said)
        return made[1].replace("{0}", values[made[2]]) if made else values[said]

    def first(found: re.Match[str]) -> str:
        return next(filter(None, map(value, found[1].split(" || "))), "")

    return re.sub(r"\$\{\{ (.+?) \}\}", first, text)


def put_in(text: str, values: dict[str, str]) -> str:
    """A string of the component with its inputs replaced, as GitLab does."""
    return re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], text)


def environment(folder: Path, **values: str) -> dict[str, str]:
    """A clean environment with this checkout's scimproof on the PATH: one that has imported everything."""
    kept = {
        "PATH": f"{forks.program().parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
    }
    return {**kept, "SCIMPROOF_TOKEN": TOKEN, **values}


def shell(
    command: list[str], folder: Path, values: dict[str, str], *, cancel_after: Path | None = None
) -> Ran:
    """Run a shell to its end in `folder`; `cancel_after` ends it with SIGTERM when that file has 2 KB."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=values,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        if cancel_after:
            _wait_for(cancel_after)
            process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=HANG)
    finally:
        process.kill()
        process.wait()
    return Ran(process.returncode, out, err, folder)


def _wait_for(path: Path) -> None:
    ends = time.monotonic() + HANG
    while time.monotonic() < ends:
        if any(found.stat().st_size > 2000 for found in path.parent.glob(path.name)):
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} did not come to be")


def program(path: Path, text: str) -> Path:
    """A program of a test's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def stand_ins(folder: Path, *, broken: str = "nothing at all", scripts: str = "bin") -> Path:
    """`git` and `python3` that do in no time what a clone and an installation from the locks come to.

    git links this checkout; python3 makes environments whose pip does nothing and whose scimproof is this
    one's. Both write what they were asked into `folder`/asked, and fail at what matches `broken`. `scripts`
    is the folder of an environment's programs, which on Windows is another.
    """
    programs = f"$3/{scripts}"
    begin = f'#!/bin/sh\nsaid="$(basename "$0") $*"\necho "$said" >>"{folder}/asked"\n'
    begin += f'case $said in *"{broken}"*) echo "stand-in: no $1" >&2; exit 1 ;; esac\n'
    program(
        folder / "bin/git",
        f'{begin}[ "$1" = init ] || exit 0\nfor last; do :; done\n'
        f'mkdir -p "$(dirname "$last")" && ln -s "{ROOT}" "$last"\n',
    )
    program(
        folder / "bin/python3",
        f'{begin}[ "$2" = venv ] || exit 0\nmkdir -p "{programs}"\n'
        f'ln -s "{forks.program()}" "{programs}/scimproof"\n'
        f'ln -s "{folder}/bin/python3" "{programs}/python"\n',
    )
    return folder / "bin"
