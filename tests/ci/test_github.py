"""deploy/ci/scimproof-ci on GitHub: annotations, what a target says, the size of the summary."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.ci.kit import ONE, SCRIPT, Ran, environment, program, shell

HOSTILE = "::error::the target says\n::add-mask::e\n::set-output name=x::y\n##[error]the target says\n"


def on_github(folder: Path, **values: str) -> Ran:
    named = {f"SCIMPROOF_CI_{name}": value for name, value in values.items()}
    own = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "steps")}
    own["GITHUB_OUTPUT"] = str(folder / "outputs")
    return shell(["sh", str(SCRIPT)], folder, environment(folder, **named, **own))


def commands(ran: Ran) -> list[str]:
    """The commands that GitHub's runner takes from what the step printed."""
    found, until = [], ""
    for line in ran.out.splitlines():
        if until:
            until = "" if line == f"::{until}::" else until
        elif line.startswith("::stop-commands::"):
            until = line.removeprefix("::stop-commands::")
            assert len(until) > 15
        elif line.startswith(("::", "##[")):
            found.append(line)
    assert not until
    assert "::" not in ran.err
    return found


def test_g06_the_reasons_are_annotations(faulty: str, tmp_path: Path) -> None:
    ran = on_github(tmp_path, TARGET=faulty, ARGS=ONE)
    assert ran.code == 1
    first, *reasons = commands(ran)
    assert first.startswith("::error title=scimproof exit code 1::the target does not hold")
    assert re.search(r"\d+ of \d+ deciding checks fail", first)
    assert [one.rpartition("::")[2] for one in reasons] == ["A deactivated user still reads as active."]
    assert all(one.startswith("::error title=scimproof exit code 1::") for one in reasons)


def test_g06_what_holds_is_no_annotation(honest: str, tmp_path: Path) -> None:
    ran = on_github(tmp_path, TARGET=honest, ARGS=ONE)
    assert (ran.code, commands(ran)) == (0, [])
    assert "checks hold; 1 of " in ran.out


def test_g06_against_a_baseline_what_got_worse_is_the_reason(
    honest: str, faulty: str, tmp_path: Path
) -> None:
    (tmp_path / "before").mkdir()
    assert on_github(tmp_path / "before", TARGET=honest, ARGS=ONE).code == 0
    ran = on_github(tmp_path, TARGET=faulty, ARGS=ONE, BASELINE="before/report/report.json")
    assert ran.code == 1
    _, *reasons = commands(ran)
    assert reasons != []
    assert all(line.startswith("::error title=scimproof exit code 1::Worse: okta.oin.") for line in reasons)


def test_g06_what_could_not_tell_warns_where_the_job_passes(tmp_path: Path) -> None:
    for fail_on, code, kind in (("all", 3, "error"), ("nonconformant", 0, "warning")):
        (tmp_path / fail_on).mkdir()
        ran = on_github(tmp_path / fail_on, TARGET="http://127.0.0.1:9/x", ARGS=ONE, FAIL_ON=fail_on)
        assert ran.code == code
        (said, *_) = commands(ran)
        assert said.startswith(f"::{kind} title=scimproof exit code 3::could not tell")


def test_g06_without_a_report_the_last_word_is_the_annotation(tmp_path: Path) -> None:
    ran = on_github(tmp_path, TARGET="100% of\rnothing")
    (said,) = commands(ran)
    assert said.startswith("::error title=scimproof exit code 2::the command line or a file is wrong")
    assert "is not a URL" in said
    assert "100%25 of" in said
    assert "%25 of\\rnothing" in said or "%25 ofnothing" in said


def test_g06_what_a_target_says_is_no_command_to_the_runner(tmp_path: Path) -> None:
    text = HOSTILE.replace("\n", "\\n")
    program(tmp_path / "bin/scimproof", f"#!/bin/sh\nprintf '{text}'; printf '{text}' >&2\nexit 3\n")
    ran = on_github(tmp_path, BIN=str(tmp_path / "bin"), TARGET="x")
    assert ran.out.count(HOSTILE) == 2
    (said,) = commands(ran)
    assert said.startswith("::error title=scimproof exit code 3::")


def test_g06_there_are_ten_annotations_and_a_megabyte_of_summary_at_most(tmp_path: Path) -> None:
    many = "".join(f"- **Reason {number}.** 1 check.\n" for number in range(40))
    (tmp_path / "many.md").write_text(f"## x\n\nsaid\n\n### Fails\n\n{many}")
    program(tmp_path / "bin/scimproof", "#!/bin/sh\ncp many.md report/report.md\nexit 1\n")
    assert len(commands(on_github(tmp_path, BIN=str(tmp_path / "bin"), TARGET="x"))) == 10
    program(tmp_path / "bin/scimproof", "#!/bin/sh\nhead -c 5000000 /dev/zero | tr '\\0' x >&2\nexit 4\n")
    (tmp_path / "report/report.md").unlink()
    (tmp_path / "steps").unlink()
    ran = on_github(tmp_path, BIN=str(tmp_path / "bin"), TARGET="x")
    assert ran.code == 4
    assert max(map(len, commands(ran))) < 1100
    assert (tmp_path / "steps").stat().st_size < 30_000


def test_g06_a_folder_that_cannot_be_made_is_told_in_the_summary_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = on_github(tmp_path, TARGET="http://127.0.0.1:9/x", OUT="file/report")
    assert ran.code == 2
    assert "the folder for reports, 'file/report', cannot be made" in ran.text("steps")
    assert "exit-code=2\n" in ran.text("outputs")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_g01_a_job_that_is_cancelled_while_it_installs_ends_at_once(number: int, tmp_path: Path) -> None:
    script = f'#!/bin/sh\n[ "$1" = -c ] && exit 0\ntouch {tmp_path}/begun\nexec sleep 20\n'
    told = {"SCIMPROOF_CI_INSTALL": "environment", "PYTHON": str(program(tmp_path / "bin/slow", script))}
    values = environment(tmp_path, SCIMPROOF_CI_TARGET="http://127.0.0.1:9/x", **told)
    command = ["sh", str(SCRIPT)]
    process = subprocess.Popen(command, cwd=tmp_path, env=values, stderr=subprocess.PIPE, text=True)
    try:
        while not (tmp_path / "begun").exists():
            time.sleep(0.05)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 3
    assert "interrupted while scimproof was being installed" in said
    assert "exit code 3**" in (tmp_path / "report/summary.md").read_text(encoding="utf-8")
