"""The sdist and the wheel hold the knowledge folders, and the wheel alone does the main job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scimproof.embedded.server import Served
from tests.engine.kit import TOKEN
from tests.recording.record_command import recording_command

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("suites", "load", "fixtures", "reports/schema", "reports/templates")
HOMES = ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
REPORT = ("report.json", "junit.xml", "report.html", "report.md")

# One worker builds and installs for all of these (make test runs with --dist loadgroup).
pytestmark = [pytest.mark.packaging, pytest.mark.xdist_group("distribution")]


@dataclass(frozen=True)
class Distribution:
    """The built files and the names inside them (the sdist's without its top folder)."""

    wheel: Path
    in_wheel: frozenset[str]
    in_sdist: frozenset[str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (wheel,) = out.glob("*.whl")
    (sdist,) = out.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = frozenset(archive.namelist())
    with tarfile.open(sdist) as tar:
        in_sdist = frozenset(member.name.partition("/")[2] for member in tar if member.isfile())
    return Distribution(wheel, in_wheel, in_sdist)


@pytest.fixture(scope="module")
def unpacked(built: Distribution, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what is in the wheel; what it depends on is this environment's."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(built.wheel) as archive:
        archive.extractall(folder)  # noqa: S202 - ours
    return folder


@pytest.fixture(scope="module")
def installed(built: Distribution, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an empty environment into which only the wheel and its locked dependencies went."""
    venv = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "-qq", "--disable-pip-version-check"]
    lock = str(ROOT / "requirements/runtime.lock")
    subprocess.run([*pip, "install", "--no-deps", "--require-hashes", "-r", lock], check=True)
    subprocess.run([*pip, "install", "--no-deps", str(built.wheel)], check=True)
    subprocess.run([*pip, "check"], check=True)
    return venv / "bin"


def below(folder: str) -> set[str]:
    """The files of a folder of the checkout, relative to it."""
    paths = (
        path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    return {path.relative_to(ROOT).as_posix() for path in paths}


@pytest.mark.parametrize("folder", SHIPPED)
def test_the_wheel_holds_the_knowledge_where_the_catalogue_looks_for_it(
    built: Distribution, folder: str
) -> None:
    assert {f"scimproof/_shipped/{name}" for name in below(folder)} <= built.in_wheel


def test_the_wheel_holds_the_package_and_nothing_of_tests(built: Distribution) -> None:
    assert {name.removeprefix("src/") for name in below("src/scimproof")} <= built.in_wheel
    tops = {name.split("/")[0] for name in built.in_wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"scimproof"}
    assert [name for name in built.in_wheel if "/tests/" in name or "conftest" in name] == []


def test_the_sdist_holds_what_the_wheel_is_built_from_and_nothing_of_tests(built: Distribution) -> None:
    wanted = {name for folder in ("src/scimproof", *SHIPPED) for name in below(folder)}
    assert wanted | {"README.md", "LICENSE", "pyproject.toml"} <= built.in_sdist
    assert [name for name in built.in_sdist if name.startswith(("tests/", "bench/", "requirements/"))] == []


def ran_in(here: Path, *command: str | Path, **more: str) -> str:
    """What that command printed, run in an empty folder by somebody who has nothing else."""
    here.mkdir()
    homes = {
        name: str(here.parent / name)
        for name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    }
    ran = subprocess.run(
        command,
        cwd=here,
        env={"PATH": os.environ["PATH"], **homes, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def played(folder: Path, *command: str, **more: str) -> dict[str, Any]:
    """The report of that command, run so."""
    here = folder / "empty"
    ran_in(here, *command, **more)
    assert {name for name in REPORT if (here / "report" / name).stat().st_size > 200} == set(REPORT)
    report: dict[str, Any] = json.loads((here / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["format"] == "scimproof.report/1"
    return report


def test_what_is_in_the_wheel_does_the_main_job_from_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    script = "import scimproof, sys; sys.stderr.write(scimproof.__file__)"
    env = {"PYTHONPATH": str(unpacked)}
    found = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert Path(found.stderr).is_relative_to(unpacked)
    words = ("run", "okta.oin.user.create", "okta.oin.group.push", "--out", "report")
    report = played(tmp_path, sys.executable, "-m", "scimproof", *words, **env)
    assert report["summary"]["verdicts"]["pass"] > 20


@pytest.mark.nightly  # a minute of pip, which tests/fresh has too
def test_the_wheel_alone_does_the_main_job_from_an_empty_environment(installed: Path, tmp_path: Path) -> None:
    report = played(tmp_path, str(installed / "scimproof"), "run", "--out", "report")
    assert report["result"] == "conformant"


@pytest.mark.nightly  # as above; it has none of what load needs
def test_the_wheel_alone_records_learns_and_replays(installed: Path, tmp_path: Path) -> None:
    program = installed / "scimproof"
    token = {"SCIMPROOF_TOKEN": TOKEN}
    with (
        Served() as served,
        recording_command(served.base_url, tmp_path / "recording", program=[program]) as recording,
    ):
        words = ("run", "okta.oin.user.create", "--target", recording.url)
        ran_in(tmp_path / "run", program, *words, **token)
    assert recording.exit == 0, recording.said
    assert "as we send it" in ran_in(tmp_path / "learn", program, "learn", recording.out, "--strict")
    ran_in(tmp_path / "replay", program, "replay", recording.out)
