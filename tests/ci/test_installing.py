"""What a recipe does before scimproof is there: clones it, installs it, and says so when that fails."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.ci.kit import ROOT, TOKEN, action, environment, given, program, shell, stand_ins
from tests.ci.recipes import RECIPES, as_github, as_gitlab
from tests.engine.kit import serving

BROKEN = {
    "the index cannot be reached": "--quiet install --no-deps --require-hashes",
    "it cannot be built": "--quiet install --no-deps --no-build-isolation",
    "the packages do not fit": "--quiet check",
    "no environment": "python3 -m venv",
    "an old Python": "python3 -c import sys",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("recipe", RECIPES)
def test_g01_an_installation_that_fails_is_no_verdict(recipe: Any, broken: str, tmp_path: Path) -> None:
    ran = recipe(tmp_path, "http://127.0.0.1:9/x", stand_ins(tmp_path, broken=broken))
    assert ran.code == 4, ran.err
    summary = ran.text("the report/summary.md")
    assert summary.startswith("**scimproof: exit code 4**, ")
    assert "scimproof could not be installed: " in summary
    assert "stand-in: no " in ran.out + ran.err  # whose last words are kept too
    assert {path.name for path in (tmp_path / "the report").iterdir()} == {"summary.md"}
    if recipe is as_github:
        assert "exit-code=4\nresult=none\n" in ran.text("outputs")
        assert "\n::error title=scimproof exit code 4::" in ran.out


@pytest.mark.parametrize("recipe", RECIPES[1:])
@pytest.mark.parametrize("broken", ["fetch", "checkout", "git init"])
def test_g01_a_clone_that_fails_is_no_verdict(recipe: Any, broken: str, tmp_path: Path) -> None:
    for name in ("junit.xml", "report.json"):  # of an earlier job in the same folder
        program(tmp_path / "the report" / name, "")
    ran = recipe(tmp_path, "http://127.0.0.1:9/x", stand_ins(tmp_path, broken=broken))
    assert ran.code == 4, ran.err
    assert {path.name for path in (tmp_path / "the report").iterdir()} == {"summary.md"}
    assert ran.text("the report/summary.md").startswith(
        "**scimproof: exit code 4**, it could not be cloned at v"
    )
    assert "could not be cloned" in ran.err


def test_g01_without_any_python_it_says_so(tmp_path: Path) -> None:
    """As where setup-python failed, and the runner has no Python of that name."""
    programs = stand_ins(tmp_path)
    (programs / "python3").rename(programs / "python3.99")
    ran = as_github(tmp_path, "http://127.0.0.1:9/x", programs)
    assert ran.code == 4
    assert re.search(
        r"could not be installed: there is no \S+python3 here", ran.text("the report/summary.md")
    )


def test_g01_the_python_that_setup_python_did_not_bring_is_looked_for_here() -> None:
    (step,) = (one for one in action()["runs"]["steps"] if one.get("id") == "scimproof")
    values = {"steps.python.outputs.python-path": "", "inputs.python-version": "3.12"}
    assert given(step["env"]["PYTHON"], values) == "python3.12"
    (setup,) = (one for one in action()["runs"]["steps"] if one.get("id") == "python")
    assert setup["continue-on-error"] is True


def test_g01_the_script_by_itself_says_what_it_lacks(tmp_path: Path) -> None:
    install = str(ROOT / "deploy/ci/install")
    for words, values, said in (
        ([install], {}, "say where to"),
        ([install, "x"], {"PYTHON": "python-of-nobody"}, "there is no python-of-nobody"),
        ([install, "/dev/null/x"], {"PYTHON": sys.executable}, "no environment can be made in /dev/null/x"),
    ):
        ran = shell(words, tmp_path, environment(tmp_path, **values))
        assert (ran.code, said in ran.err) == (4, True), ran.err


@pytest.mark.parametrize("recipe", RECIPES)
def test_g06_an_environment_of_windows_is_found_too(recipe: Any, honest: str, tmp_path: Path) -> None:
    ran = recipe(tmp_path, honest, stand_ins(tmp_path, scripts="Scripts"))
    assert ran.code == 0, ran.err
    assert "exit code 0**" in ran.text("the report/summary.md")


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository whose script says from which commit it is, and its second commit of three."""
    folder = tmp_path_factory.mktemp("upstream")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    commits = []
    for number in (1, 2, 3):
        program(folder / "deploy/ci/scimproof-ci", f"#!/bin/sh\necho this is {number}\nexit {number}\n")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", str(number)], check=True)
        subprocess.run([*git, "tag", f"v{number}"], check=True)
        ran = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
        commits.append(ran.stdout.strip())
    return folder, commits[1]


@pytest.mark.parametrize("recipe", RECIPES[1:])
def test_g06_a_tag_a_branch_and_a_commit_can_be_cloned(
    recipe: Any, upstream: tuple[Path, str], tmp_path: Path
) -> None:
    folder, second = upstream
    path = program(tmp_path / "none/nothing", "").parent
    for ref, code in (("v1", 1), (second, 2), ("main", 3), ("v4", 4)):
        told = {"SCIMPROOF_CI_SOURCE": folder.as_uri(), "SCIMPROOF_CI_REF": ref}
        (tmp_path / ref).mkdir()
        ran = recipe(tmp_path / ref, "http://127.0.0.1:9/x", path, **told)
        assert ran.code == code, ran.err
        assert ("this is" in ran.out) == (code != 4)


class Asked(BaseHTTPRequestHandler):
    """A private repository: 401 until somebody says who it is, which is written down, then 404."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        said = self.headers.get("Authorization", "")
        self.seen.append(said)
        self.send_response(404 if said else 401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize(("own", "told"), [(True, True), (False, False)])
def test_g06_the_job_s_token_opens_private_projects_of_this_gitlab_and_no_other(
    own: bool, told: bool, tmp_path: Path
) -> None:
    Asked.seen.clear()
    with serving(Asked) as port:
        here = f"http://127.0.0.1:{port}"
        ran = as_gitlab(
            tmp_path,
            "http://127.0.0.1:9/x",
            program(tmp_path / "none/nothing", "").parent,
            SCIMPROOF_CI_SOURCE=f"{here}/group/scimproof.git",
            CI_SERVER_URL=here if own else "https://gitlab.example.com",
        )
    assert ran.code == 4
    assert TOKEN not in ran.out + ran.err + ran.text("the report/summary.md")
    expected = f"Basic {base64.b64encode(f'gitlab-ci-token:{TOKEN}'.encode()).decode()}"
    assert (expected in Asked.seen) is told
    assert set(Asked.seen) <= {"", expected}
