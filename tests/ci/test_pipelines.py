"""What a recipe is to a pipeline beside its shell: versions, caches, time limits, one at a time."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.ci.kit import ROOT, action, component, jenkins
from tests.ci.recipes import as_github


def release() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"v{project['version']}"


def test_g06_what_is_used_by_a_tag_runs_that_tag() -> None:
    assert component()[0]["ref"]["default"] == release()
    assert jenkins()[0]["SCIMPROOF_CI_REF"] == release()
    assert f"SCIMPROOF_CI_REF:={release()}" in (ROOT / "deploy/ci/example.sh").read_text(encoding="utf-8")
    page = (ROOT / "docs/guides/ci.md").read_text(encoding="utf-8")
    assert set(re.findall(r"scimproof@(\S+)", page)) == {release()}


def test_g06_other_people_s_actions_are_pinned_by_commit() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert len(used) == 3
    assert [
        one for one in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)
    ] == []


def test_g06_what_was_downloaded_is_kept_for_the_next_job(tmp_path: Path) -> None:
    steps = action()["runs"]["steps"]
    (cache,) = (step for step in steps if "actions/cache@" in step.get("uses", ""))
    (run,) = (step for step in steps if step.get("id") == "scimproof")
    assert cache["with"]["path"] == run["env"]["PIP_CACHE_DIR"]
    assert "${{ steps.locks.outputs.hash }}" in cache["with"]["key"]
    assert steps.index(cache) < steps.index(run)
    as_github(tmp_path, "http://127.0.0.1:9/x")
    first, *_ = (tmp_path / "outputs").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch("hash=[0-9a-f]{40}", first)
    _, job = component()
    assert job["variables"]["PIP_CACHE_DIR"] == f"$CI_PROJECT_DIR/{job['cache']['paths'][0]}"
    assert (job["cache"]["when"], "/" in job["cache"]["key"]) == ("always", False)


def test_g06_a_job_ends_by_itself_and_is_not_ended_by_the_next_push() -> None:
    inputs, job = component()
    assert (job["interruptible"], inputs[job["timeout"].split(".")[1].strip(" ]")]["default"]) == (
        False,
        "45 minutes",
    )
    assert job["resource_group"] == "$[[ inputs.resource-group ]]"
    assert "timeout(time: 45, unit: 'MINUTES')" in (ROOT / "deploy/ci/Jenkinsfile").read_text(
        encoding="utf-8"
    )
    page = (ROOT / "docs/guides/ci.md").read_text(encoding="utf-8")
    assert "timeout-minutes: 45" in page
    assert "cancel-in-progress: false" in page
