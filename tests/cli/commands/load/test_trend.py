"""`scimproof trend`: reads a history of load runs, says what it left out, and writes two pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from scimproof.cli import root_command
from tests.report.test_reader_earlier import LOADS


def trend(*arguments: str) -> tuple[object, str]:
    ran = CliRunner().invoke(root_command, ["trend", *arguments])
    return ran.exception, ran.output


def test_a_history_is_read_and_what_cannot_be_is_named(tmp_path: Path) -> None:
    for name in ("1.0", "1.1"):
        (tmp_path / name).mkdir()
        shutil.copy(LOADS[0], tmp_path / name / "load.json")
    (tmp_path / "1.1" / "load.html").touch()
    for name, content in (("half", "{"), ("other", '{"format": "k6/1"}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "load.json").write_text(content)
    problem, said = trend(str(tmp_path))
    assert problem is None or getattr(problem, "code", None) == 0, said
    assert "2 runs on 1 line." in said
    assert "half/load.json is not a report: it is not JSON" in said
    assert "other/load.json is not the load.json of a load run or the capacity.json of" in said
    assert "its format is 'k6/1'" in said
    assert "half/load.json is not a report" in (tmp_path / "trend.html").read_text()
    assert '<a href="1.1/load.html">1.1</a>' in (tmp_path / "trend.html").read_text()
    assert "| 1.1 |" in (tmp_path / "trend.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is no load.json and no capacity.json in"),
        (("--label", "("), "--label (: it is no regular expression"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    problem, _ = trend(str(tmp_path), *arguments)
    assert said in str(problem)
