"""The gate from the command line and from pytest: exit codes, and that a slip stops before a byte is sent."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scimproof.core.errors import Exit
from scimproof.embedded.app import build
from tests.engine.kit import TOKEN, Recording, recording, scimproof
from tests.pytest_plugin.test_suite import SUITES, findings, pytest_in
from tests.report.gating import report, saved, waivers

pytestmark = pytest.mark.xdist_group("compared")

SEQUENCE = "okta.oin.user.deactivate"
BROKEN = f"{SEQUENCE}/read-back#okta-deactivate-persists"
FAULT = "patch-active-ignored"
TODAY = datetime.now(UTC).date()
TOMORROW, YESTERDAY = str(TODAY + timedelta(days=1)), str(TODAY - timedelta(days=1))


@pytest.fixture(scope="module")
def wrong() -> Any:
    with recording(build(token=TOKEN, faults=[FAULT])) as target:
        yield target


def run(folder: Path, target: Recording, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    """Exit code, what was printed, and the report, empty where none was written."""
    ran = scimproof(folder, "run", SEQUENCE, "--target", target.url, *arguments)
    path = folder / "report/report.json"
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout + ran.stderr, json.loads(path.read_text()) if path.exists() else {}


def failing(folder: Path, target: Recording) -> list[str]:
    """The ids of what fails there, so that they can be waived."""
    code, _, document = run(folder, target)
    assert code == Exit.DOES_NOT_HOLD
    return [row["id"] for row in document["findings"] if row["verdict"] == "fail"]


def test_waived_failures_let_the_gate_pass_and_stay_visible(tmp_path: Path, wrong: Recording) -> None:
    known = failing(tmp_path, wrong)
    assert BROKEN in known
    waivers(tmp_path / "waivers.toml", *known, until=TOMORROW)
    code, said, document = run(tmp_path, wrong, "--waivers", "waivers.toml")
    assert code == Exit.HOLDS, said
    assert document["result"] == "inconclusive"  # of a part of the profile there is no verdict
    assert re.search(r"1 of \d+ sequences of okta was asked", said)
    assert "CONFORMANT" not in said
    assert "ends in 1 day" in said
    waived = [row for row in document["findings"] if row["verdict"] == "waived"]
    assert {row["id"] for row in waived} >= set(known)
    assert all(row["waiver"]["owner"] == "team-identity" and row["expected"] for row in waived)
    junit = (tmp_path / "report/junit.xml").read_text()
    assert f'<skipped message="waived: the store keeps it, until {TOMORROW}, https://' in junit
    assert "team-identity" in (tmp_path / "report/report.html").read_text()


def test_waivers_that_ended_fail_the_run_and_say_so(tmp_path: Path, wrong: Recording) -> None:
    waivers(tmp_path / "waivers.toml", BROKEN, until=YESTERDAY)
    code, said, document = run(tmp_path, wrong, "--waivers", "waivers.toml")
    assert (code, document["result"]) == (Exit.DOES_NOT_HOLD, "nonconformant")
    assert f"The waiver of {BROKEN} ended on {YESTERDAY} (waivers.toml, line 1, team-identity" in said


def test_a_waiver_that_an_honest_server_does_not_need_fails_the_run(tmp_path: Path) -> None:
    waivers(tmp_path / "waivers.toml", BROKEN, "okta.aiw#okta-deactivate-persists")
    with recording() as honest:
        code, said, document = run(tmp_path, honest, "--waivers", "waivers.toml")
    assert code == Exit.DOES_NOT_HOLD
    assert "waiver" in said
    assert "CONFORMANT" not in said
    assert [row["state"] for row in document["waivers"]] == ["unused", "not-asked"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'[[waiver]]\nid = "{BROKEN}s"\n', "waivers.toml:1: this waiver lacks reason"),
        ("waivers = 1", "did you mean 'waiver'"),
        (None, "waivers.toml"),
    ],
)
def test_a_wrong_file_stops_before_anything_is_sent(
    tmp_path: Path, wrong: Recording, text: str | None, says: str
) -> None:
    if text is not None:
        (tmp_path / "waivers.toml").write_text(text)
    before = len(wrong.arrived)
    code, said, document = run(tmp_path, wrong, "--waivers", "waivers.toml")
    assert (code, document, len(wrong.arrived)) == (Exit.USAGE, {}, before)
    assert says in said


def test_an_unknown_id_stops_before_anything_is_sent(tmp_path: Path, wrong: Recording) -> None:
    waivers(tmp_path / "waivers.toml", BROKEN.replace("read-back", "readback"))
    before = len(wrong.arrived)
    code, said, _ = run(tmp_path, wrong, "--waivers", "waivers.toml")
    assert (code, len(wrong.arrived)) == (Exit.USAGE, before)
    assert f"waivers.toml:2: no finding has the id '{SEQUENCE}/readback#okta-deactivate-persists'" in said
    assert f"did you mean '{BROKEN}'?" in said


def test_against_a_baseline_only_what_got_worse_fails(tmp_path: Path, wrong: Recording) -> None:
    failing(tmp_path, wrong)
    (tmp_path / "report/report.json").rename(tmp_path / "before.json")
    code, said, document = run(tmp_path, wrong, "--baseline", "before.json")
    assert (code, document["result"]) == (Exit.HOLDS, "nonconformant")
    assert "NONCONFORMANT  As in the baseline; nothing got worse." in said
    code, said, document = run(tmp_path, wrong, f"{SEQUENCE}-minimal", "--baseline", "before.json")
    assert code == Exit.HOLDS, said  # what the baseline had not asked is newly checked, and said aloud
    assert "Fails, and was not decided then, which does not count as worse" in said
    with recording() as honest:
        _, _, document = run(tmp_path, honest)
        (tmp_path / "report/report.json").rename(tmp_path / "honest.json")
    code, said, document = run(tmp_path, wrong, "--baseline", "honest.json")
    assert (code, BROKEN in document["baseline"]["worse"]) == (Exit.DOES_NOT_HOLD, True)
    assert f"Worse: {BROKEN}: pass then, fail now" in said
    again = scimproof(tmp_path, "compare", "honest.json", "report/report.json")
    assert again.returncode == Exit.DOES_NOT_HOLD
    assert BROKEN in again.stdout
    back = scimproof(tmp_path, "compare", "report/report.json", "honest.json", "--format", "markdown")
    assert back.returncode == Exit.HOLDS
    assert "### Fixed" in back.stdout


@pytest.mark.parametrize("content", [None, "{", '{"format": "scimproof.load/1"}'])
def test_a_baseline_that_is_none_stops_before_anything_is_sent(
    tmp_path: Path, wrong: Recording, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "before.json").write_text(content)
    before = len(wrong.arrived)
    code, said, _ = run(tmp_path, wrong, "--baseline", "before.json")
    assert (code, len(wrong.arrived)) == (Exit.USAGE, before)
    assert "before.json" in said


def test_pytest_gives_the_same_findings_and_skips_what_is_waived(tmp_path: Path, wrong: Recording) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    known = failing(one, wrong)
    for folder in (one, other):
        waivers(folder / "waivers.toml", *known)
    run(one, wrong, "--waivers", "waivers.toml")
    options = ["--scim-waivers=waivers.toml", f"--scim-sequence={SEQUENCE}", "--scim-out=report", "-rs"]
    tested = pytest_in(other, SUITES, f"--scim-target={wrong.url}", *options)
    assert tested.returncode == 0, tested.stdout
    assert findings(one) == findings(other)
    assert "waived: the store keeps it, until 2026-12-31" in tested.stdout.replace("\n", " ")
    assert " failed" not in tested.stdout
    verdicts = [verdict for verdict, _ in findings(other).values()]
    assert verdicts.count("waived") >= len(known)
    slip = pytest_in(other, SUITES, "--scim-waivers=nothing.toml")
    assert slip.returncode == Exit.USAGE, slip.stdout
    assert "nothing.toml cannot be read" in slip.stdout


def test_pytest_fails_for_a_waiver_that_is_not_needed(tmp_path: Path) -> None:
    waivers(tmp_path / "waivers.toml", BROKEN)
    options = ["--scim-waivers=waivers.toml", f"--scim-sequence={SEQUENCE}"]
    with recording() as honest:
        tested = pytest_in(tmp_path, SUITES, f"--scim-target={honest.url}", *options)
    assert tested.returncode == Exit.DOES_NOT_HOLD, tested.stdout
    assert "matches nothing that this run found" in tested.stdout


def test_compare_says_which_file_is_of_the_wrong_kind(tmp_path: Path) -> None:
    mine = saved(tmp_path / "report.json", report())
    saved(tmp_path / "load.json", {"format": "scimproof.load/1"})
    for pair in (("report.json", "load.json"), ("load.json", "report.json")):
        ran = scimproof(tmp_path, "compare", *pair)
        assert ran.returncode == Exit.USAGE
        assert "a load run is compared with a load run, and report.json is a report of a run" in ran.stderr
    (tmp_path / "text").write_text("no")
    assert "text is not a report" in scimproof(tmp_path, "compare", "text", mine.name).stderr
    assert "lacks" in scimproof(tmp_path, "compare", "load.json", "load.json").stderr


def test_compare_writes_where_it_is_told_and_json_for_programs(tmp_path: Path) -> None:
    saved(tmp_path / "a.json", report())
    ran = scimproof(tmp_path, "compare", "a.json", "a.json", "--format", "markdown", "--out", "note.md")
    assert (ran.returncode, ran.stdout) == (Exit.HOLDS, "NOT WORSE  Nothing got worse that decides.\n")
    assert (tmp_path / "note.md").read_text().startswith("## scimproof compare: not worse")
    told = json.loads(scimproof(tmp_path, "compare", "a.json", "a.json", "--json").stdout)
    assert (told["format"], told["result"]) == ("scimproof.comparison/1", "not-worse")
    bad = scimproof(tmp_path, "compare", "a.json", "a.json", "--out", "no/where.md")
    assert (bad.returncode, "cannot be written" in bad.stderr) == (Exit.USAGE, True)


def test_compare_imports_nothing_of_the_load_side(tmp_path: Path) -> None:
    saved(tmp_path / "a.json", report())
    lines = (
        "import sys\nfrom scimproof.cli import _code\n"
        "_code(['compare', 'a.json', 'a.json'])\nprint(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", lines], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert not {"locust", "gevent", "scimproof.load.launch.session"} & set(ran.stdout.split())
