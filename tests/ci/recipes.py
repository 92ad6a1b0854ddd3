"""The recipes run here: each by the shell that its service gives it, told what its service tells it."""

from __future__ import annotations

from pathlib import Path

from tests.ci.kit import (
    GITHUB,
    GITLAB,
    JENKINS,
    ONE,
    ROOT,
    TOKEN,
    Ran,
    action,
    component,
    environment,
    given,
    jenkins,
    put_in,
    shell,
    stand_ins,
)


def as_github(folder: Path, target: str, programs: Path | None = None) -> Ran:
    """The shells of action.yml, with the environment that its steps give them."""
    found = action()
    values = {f"inputs.{name}": one["default"] for name, one in found["inputs"].items()}
    values |= {"inputs.target": target, "inputs.args": ONE, "inputs.out": "the report"}
    values |= {"github.action_path": str(ROOT), "runner.temp": str(folder / "runner temp")}
    values |= {"steps.python.outputs.python-path": str((programs or stand_ins(folder)) / "python3")}
    own = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(folder / "outputs")}
    for step in found["runs"]["steps"]:
        if "run" in step:
            told = {name: given(value, values) for name, value in step["env"].items()}
            ran = shell([*GITHUB, step["run"]], folder, environment(folder, **told, **own))
    return ran


def as_gitlab(folder: Path, target: str, programs: Path | None = None, **more: str) -> Ran:
    """The shell of the component's job, cloned from a source."""
    inputs, job = component()
    values = {name: one["default"] for name, one in inputs.items()}
    values |= {
        "target": target,
        "args": ONE,
        "out": "the report",
        "source": "https://git.example.com/scimproof.git",
    }
    told = {name: put_in(value, values) for name, value in job["variables"].items()}
    told |= {"CI_SERVER_URL": "https://git.example.com", "CI_JOB_TOKEN": TOKEN, **more}
    return installed_by_the_recipe(GITLAB, "\n".join(job["script"]), folder, told, programs)


def as_jenkins(folder: Path, target: str, programs: Path | None = None, **more: str) -> Ran:
    """The shell of the Jenkinsfile."""
    told, text = jenkins()
    told |= {"SCIMPROOF_CI_TARGET": target, "SCIMPROOF_CI_ARGS": ONE, "SCIMPROOF_CI_OUT": "the report"}
    return installed_by_the_recipe(JENKINS, text, folder, told | more, programs)


def as_anything(folder: Path, target: str, programs: Path | None = None, **more: str) -> Ran:
    """The plain shell."""
    told = {"SCIMPROOF_CI_TARGET": target, "SCIMPROOF_CI_ARGS": ONE, "SCIMPROOF_CI_OUT": "the report"}
    return installed_by_the_recipe([], str(ROOT / "deploy/ci/example.sh"), folder, told | more, programs)


def installed_by_the_recipe(
    by: list[str], text: str, folder: Path, told: dict[str, str], programs: Path | None
) -> Ran:
    values = environment(folder, **told)
    values["PATH"] = f"{programs or stand_ins(folder)}:/usr/bin:/bin"
    return shell([*by, text], folder, values)


RECIPES = [as_github, as_gitlab, as_jenkins, as_anything]
