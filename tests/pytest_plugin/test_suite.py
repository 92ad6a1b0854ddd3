"""`pytest suites` is the same run as `scimproof run`, one item a finding."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from scimproof import pytest_plugin
from scimproof.core.errors import Exit
from scimproof.core.paths import knowledge_root
from scimproof.embedded.app import build
from scimproof.embedded.server import Served
from tests.engine import forks
from tests.engine.kit import ENVIRONMENT, TOKEN, environment, recording, scimproof
from tests.hostile import servers
from tests.hostile.servers import hostile
from tests.matrix.inprocess import TIMED
from tests.waiting import HANG

SUITES = str(knowledge_root() / "suites")
REWRITTEN = "pytest.PytestAssertRewriteWarning"


def pytest_in(
    folder: Path, *arguments: str, more: Mapping[str, str] = ENVIRONMENT, anew: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run pytest as somebody would in their own project; `anew` in a Python that has imported nothing."""
    words = ["-p", "no:cacheprovider", "--rootdir", str(folder), *arguments]
    settings = environment(folder, more)
    # In a fork the plugins are imported already, which pytest warns of.
    words_of_fork = ["-W", f"ignore::{REWRITTEN}", *words]
    if not anew and (ran := forks.run(folder, words_of_fork, settings, HANG, "pytest")):
        return ran
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )


def findings(folder: Path) -> dict[str, tuple[str, str]]:
    """The verdict of each finding but the timed, and of those that failed what was observed, ids aside."""
    report = json.loads((folder / "report/report.json").read_text())
    found = {}
    for finding in (row for row in report["findings"] if row["requirement"] not in TIMED):
        seen = finding["observed"].partition("{")[0] if finding["verdict"] == "fail" else ""
        found[finding["id"]] = (finding["verdict"], re.sub(r"\d+ of \d+ answers|[0-9a-f-]{36}", "", seen))
    return found


PART = "okta.aiw.user"
PLAYED = (
    "okta.aiw.connect",
    "okta.aiw.user.create",
    "okta.aiw.user.update",
    "okta.aiw.user.deactivate",
    "okta.aiw.group.push",
)


def part(found: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The findings of the sequences whose ids begin so; those of the watches are about everything."""
    return {id: told for id, told in found.items() if id.startswith(f"{PART}.")}


def test_the_same_findings_as_scimproof_run(tmp_path: Path) -> None:
    one, other, third = tmp_path / "one", tmp_path / "other", tmp_path / "third"
    for folder in (one, other, third):
        folder.mkdir()
    wrong = ["put-active-ignored", "create-external-id-dropped"]
    with recording(build(token=TOKEN, faults=wrong)) as target:
        ran = scimproof(one, "run", "--target", target.url, "--profile", "okta-aiw", *PLAYED)
        told = (SUITES, f"--scim-target={target.url}", "--scim-profile=okta-aiw", "--scim-out=report", "-q")
        tested = pytest_in(other, *told, *(f"--scim-sequence={one}" for one in PLAYED))
        some = (f"--scim-sequence={one}" for one in PLAYED if one.startswith(PART))
        pytest_in(third, *told, "--scim-parallel=4", *some)
        assert target.everything() == {"Users": [], "Groups": []}
    assert ran.returncode == Exit.DOES_NOT_HOLD
    assert tested.returncode == 1
    assert findings(one) == findings(other)
    assert part(findings(other)) == part(findings(third)) != {}
    verdicts = [verdict for verdict, _ in findings(other).values()]
    assert f"{verdicts.count('fail')} failed" in tested.stdout
    assert "expected: " in tested.stdout
    assert "GET /scim/v2/Users/" in tested.stdout
    assert TOKEN not in tested.stdout + tested.stderr


def test_items_are_named_after_findings_and_only_their_sequences_are_played(tmp_path: Path) -> None:
    with recording() as target:
        tested = pytest_in(
            tmp_path,
            SUITES,
            f"--scim-target={target.url}",
            "-v",
            "-k",
            "okta.oin.user.deactivate and read-back",
        )
        everything = len(target.arrived)
    assert tested.returncode == 0, tested.stdout
    assert "test_requirement[okta.oin.user.deactivate/read-back#okta-" in tested.stdout
    assert 0 < everything < 40


def test_what_could_not_be_told_is_skipped_with_the_cause_and_no_success(tmp_path: Path) -> None:
    with hostile(servers.hangs, first=servers.empty) as server:
        tested = pytest_in(
            tmp_path,
            SUITES,
            f"--scim-target={server.url}",
            "--scim-sequence=okta.oin.user.create",
            "--scim-timeout=30",
            "--scim-budget=2",
            "-rs",
        )
    assert "--budget" in tested.stdout
    assert tested.returncode == Exit.CANNOT_TELL, tested.stdout
    assert "failed" not in tested.stdout


def test_an_item_of_many_cases_is_as_the_worst_of_them(tmp_path: Path) -> None:
    """Which types and attributes a target has is known when it is asked, after the items have been named."""
    with Served(faults=["rfc-write-other-type-without-meta"], token=TOKEN) as target:
        words = ("--scim-target", target.base_url, "--scim-profile", "rfc")
        ran = pytest_in(tmp_path, SUITES, *words, "--scim-sequence", "rfc.create.minimal", "-rA")
    told = set(re.findall(r"(\w+) \S+\[(rfc\.create\.\S+)\]", ran.stdout))
    assert ("PASSED", "rfc.create.minimal/create#rfc7644-3.3-create-201") in told
    assert ("FAILED", "rfc.create.minimal/create#rfc7643-3.1-assigned") in told, ran.stdout


def test_a_target_that_cannot_be_reached_ends_pytest_with_one_line(tmp_path: Path) -> None:
    tested = pytest_in(tmp_path, SUITES, "--scim-target=http://127.0.0.1:1/scim/v2")
    assert tested.returncode == Exit.CANNOT_TELL, tested.stdout
    assert "refuses the connection" in tested.stdout
    assert "Traceback" not in tested.stdout


def test_a_signal_ends_pytest_in_good_order_though_it_comes_twice(tmp_path: Path) -> None:
    with Served(delay=0.03) as served:
        arguments = ["-p", "no:cacheprovider", "--pyargs", "scimproof.suites", "--scim-out=report"]
        run = subprocess.Popen(
            [sys.executable, "-m", "pytest", *arguments, f"--scim-target={served.base_url}"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ledgers, ends = tmp_path / "ledgers", time.monotonic() + HANG
        while time.monotonic() < ends and not any('"made"' in p.read_text() for p in ledgers.glob("*.jsonl")):
            time.sleep(0.05)
        run.send_signal(signal.SIGSTOP)  # so that it meets both at once, however busy the machine is
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGCONT):
            run.send_signal(each)
        out, _ = run.communicate(timeout=HANG)
    assert run.returncode == Exit.CANNOT_TELL, out
    assert list(ledgers.iterdir()) == []
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["interrupted"]
    assert report["ledger"]["created"] > 0
    assert report["ledger"]["left"] == []


def test_slips_are_usage_errors(tmp_path: Path) -> None:
    for arguments, told in (
        (("--scim-profile=okt",), "did you mean 'okta'"),
        (("--scim-target=https://192.0.2.1/scim",), "--scim-yes"),
        (("--scim-target=nonsense",), "is not a URL"),
    ):
        tested = pytest_in(tmp_path, SUITES, *arguments)
        assert tested.returncode != 0
        assert told in tested.stdout, tested.stdout


def test_projects_that_do_not_use_it_pay_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import sys\n"
        "def test_own():\n"
        "    heavy = ('scimproof', 'locust', 'gevent')\n"
        "    loaded = sorted(name for name in sys.modules if name.startswith(heavy))\n"
        "    table = ['scimproof.settings', 'scimproof.settings.definition', 'scimproof.settings.table']\n"
        "    core = ['scimproof.core', 'scimproof.core.auth_modes', 'scimproof.core.bounds']\n"
        "    plugin = ['scimproof.pytest_plugin', 'scimproof.pytest_plugin.options']\n"
        "    assert loaded == ['scimproof', *core, *plugin, *table]\n"
    )
    tested = pytest_in(tmp_path, "test_own.py", more={}, anew=True)
    assert tested.returncode == 0, tested.stdout


def test_options_and_fixtures_keep_to_their_names(tmp_path: Path) -> None:
    told = pytest_in(tmp_path, "--help").stdout.partition("SCIM conformance")[2].partition("\n\n")[0]
    options = re.findall(r"^  (--?\S+)", told, re.MULTILINE)
    assert options
    assert all(option.startswith("--scim-") for option in options)
    fixtures = [name for name, value in vars(pytest_plugin).items() if "ixture" in type(value).__name__]
    assert len(fixtures) == 2
    assert all(name.startswith("scim_") for name in fixtures)


def test_several_profiles_are_not_for_pytest(tmp_path: Path) -> None:
    ran = pytest_in(tmp_path, SUITES, "--scim-profile", "okta-oin,okta-aiw")
    assert ran.returncode == Exit.USAGE
    assert "pytest plays one profile, not okta-oin,okta-aiw" in ran.stdout + ran.stderr
