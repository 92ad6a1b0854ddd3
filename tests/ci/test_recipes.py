"""The recipes for GitHub, GitLab, Jenkins and any other CI: their form, what they map, their shells."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import check_jsonschema  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]
from jsonschema.validators import validator_for

from scimproof.cli.commands.run import command
from tests.ci.kit import (
    GITLAB,
    ONE,
    ROOT,
    SCRIPT,
    TOKEN,
    action,
    component,
    environment,
    jenkins,
    put_in,
    shell,
)
from tests.ci.recipes import RECIPES, as_github

SCHEMAS = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
# Where scimproof was put by the recipe itself; where the reports are, by what the service says of the job.
OWN = {"SCIMPROOF_CI_BIN", "SCIMPROOF_CI_LINK", "SCIMPROOF_CI_INSTALL"}
FOR_THE_RECIPE = {
    *("job", "stage", "image", "timeout", "resource-group", "expire-in"),
    *("artifact", "python-version"),
}


def schema_of(name: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return validator_for(schema)(schema)


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("action.yml", "github-actions"),
        ("templates/scimproof.yml", "gitlab-ci"),
        ("deploy/compose.yaml", "compose-spec"),
    ],
)
def test_it_is_what_its_service_reads(file: str, schema: str) -> None:
    documents = list(yaml.safe_load_all((ROOT / file).read_text(encoding="utf-8")))
    assert [error.message for found in documents for error in schema_of(schema).iter_errors(found)] == []


def test_the_schemas_would_notice() -> None:
    assert not schema_of("github-actions").is_valid(action() | {"runs": {"using": "composite"}})
    assert not schema_of("gitlab-ci").is_valid({"job": {"script": "x", "artifacts": {"when": "sometimes"}}})


def variables(text: str) -> set[str]:
    return set(re.findall(r"SCIMPROOF_CI_[A-Z_]+", text))


def the_script_reads() -> set[str]:
    head = SCRIPT.read_text(encoding="utf-8").partition("\nset -u")[0]
    return set(re.findall(r"^#   (SCIMPROOF_CI_[A-Z_]+) ", head, re.MULTILINE))


def test_the_script_says_every_variable_that_it_reads() -> None:
    assert variables(SCRIPT.read_text(encoding="utf-8")) == the_script_reads()


def test_every_option_that_the_script_gives_is_one() -> None:
    known = {option for parameter in command.params for option in parameter.opts}
    used = set(re.findall(r"(--[a-z]+) \"\$SCIMPROOF", SCRIPT.read_text(encoding="utf-8")))
    assert len(used) == 5
    assert used | {"--yes", "--out"} <= known


def test_github_maps_every_input_to_what_it_is_named_for() -> None:
    found = action()
    (step,) = (step for step in found["runs"]["steps"] if step.get("id") == "scimproof")
    ours = {name: value for name, value in step["env"].items() if name.startswith("SCIMPROOF_")}
    mapped = {name: value for name, value in ours.items() if "inputs." in value}
    assert mapped == {
        f"SCIMPROOF_CI_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}"
        for name in found["inputs"]
        if name not in FOR_THE_RECIPE
    }
    assert set(mapped) | OWN == the_script_reads()
    text = json.dumps(found["runs"])
    assert [name for name in found["inputs"] if f"inputs.{name} " not in text] == []


def test_gitlab_maps_every_input_to_what_it_is_named_for() -> None:
    inputs, job = component()
    mapped = {name: value for name, value in job["variables"].items() if "inputs." in value}
    assert mapped == {
        f"SCIMPROOF_CI_{name.upper().replace('-', '_')}": f"$[[ inputs.{name} ]]"
        for name in inputs
        if name not in FOR_THE_RECIPE
    }
    assert set(mapped) - {"SCIMPROOF_CI_SOURCE", "SCIMPROOF_CI_REF"} | OWN == the_script_reads()
    text = (ROOT / "templates/scimproof.yml").read_text(encoding="utf-8")
    assert [name for name in inputs if f"inputs.{name} " not in text] == []
    assert all("default" in one for one in inputs.values())


def test_both_have_the_same_inputs_with_the_same_defaults() -> None:
    ours, (theirs, _) = action()["inputs"], component()
    both = set(ours) & set(theirs)
    assert both == set(ours) - {"artifact", "python-version"}
    assert {name: ours[name]["default"] for name in both} == {name: theirs[name]["default"] for name in both}


def test_no_secret_is_an_input() -> None:
    names = {*action()["inputs"], *component()[0]}
    assert [name for name in names if re.search("token|secret|password|credential", name)] == []


def test_what_github_runs_takes_nothing_as_text() -> None:
    steps = action()["runs"]["steps"]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    assert "always()" in steps[-1]["if"]
    assert steps[-1]["with"]["path"] == "${{ inputs.out }}"


def test_the_reports_are_kept_also_when_the_job_fails() -> None:
    _, job = component()
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"] == "$[[ inputs.out ]]/**/junit.xml"
    text = (ROOT / "deploy/ci/Jenkinsfile").read_text(encoding="utf-8")
    always = text.partition("always {")[2]
    assert "'report/**/junit.xml'" in always
    assert "'report/**'" in always
    assert jenkins()[0]["SCIMPROOF_CI_OUT"] == "report"
    assert "$" not in re.sub(r"'''.*?'''", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_shell_in_it_passes_and_fails_as_scimproof_does(
    recipe: Any, honest: str, faulty: str, tmp_path: Path
) -> None:
    for name, target, code in (("good", honest, 0), ("bad", faulty, 1), ("none", "http://127.0.0.1:9/x", 3)):
        folder = tmp_path / name
        folder.mkdir()
        ran = recipe(folder, target)
        assert ran.code == code, ran.err
        kept = {path.name for path in (folder / "the report").iterdir()}
        assert kept >= {"report.json", "report.html", "report.md", "junit.xml", "summary.md"}
        assert f"exit code {code}**" in ran.text("the report/summary.md")
        assert TOKEN not in ran.out + ran.err


@pytest.mark.parametrize("recipe", RECIPES)
def test_it_installs_from_the_locks_of_its_own_checkout(recipe: Any, honest: str, tmp_path: Path) -> None:
    recipe(tmp_path, honest)
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    pips = [line.partition(" install ")[2] for line in asked if " install " in line]
    assert len(pips) == 2
    assert sum(line.endswith("pip --disable-pip-version-check --quiet check") for line in asked) == 1
    assert re.fullmatch(
        r"--no-deps --require-hashes -r \S+/requirements/runtime.lock -r \S+/requirements/build.lock", pips[0]
    )
    assert pips[1].startswith("--no-deps --no-build-isolation /")
    assert sum(" fetch " in line for line in asked) == (recipe is not as_github)


def test_gitlab_with_an_image_that_has_it_clones_nothing(honest: str, tmp_path: Path) -> None:
    inputs, job = component()
    values = {name: one["default"] for name, one in inputs.items()} | {"target": honest, "args": ONE}
    told = {name: put_in(value, values) for name, value in job["variables"].items()}
    path = environment(tmp_path)["PATH"]
    ran = shell(
        [*GITLAB, job["script"][0]], tmp_path, environment(tmp_path, **told, PATH=f"{SCRIPT.parent}:{path}")
    )
    assert ran.code == 0, ran.err
    assert "exit code 0**" in ran.text("report/summary.md")


@pytest.mark.nightly
@pytest.mark.packaging
@pytest.mark.xdist_group("distribution")
def test_the_installation_from_the_locks_works(honest: str, tmp_path: Path) -> None:
    bare = environment(tmp_path, PATH="/usr/bin:/bin:/usr/local/bin")
    ran = shell([str(ROOT / "deploy/ci/install"), str(tmp_path / "an environment")], tmp_path, bare)
    assert ran.code == 0, ran.err
    told = {"SCIMPROOF_CI_BIN": str(tmp_path / "an environment/bin"), "SCIMPROOF_CI_TARGET": honest}
    assert shell([str(SCRIPT)], tmp_path, {**bare, **told, "SCIMPROOF_CI_ARGS": ONE}).code == 0
