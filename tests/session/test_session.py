"""However a run ends, nothing of it stays on the target."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from scimproof.cleanup.ledger_reader import earlier
from scimproof.core.context import ExecutionContext
from scimproof.core.errors import Exit
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, Verdict
from scimproof.embedded.app import build
from scimproof.embedded.server import Served
from scimproof.report.document import exit_code
from tests.engine.kit import TOKEN, command, environment, play, recording, scimproof, session
from tests.waiting import HANG

SEQUENCES = ("okta.oin.user", "okta.oin.group")
# Whatever makes users and groups, but for the 250 members of the large ones.
FEW = (
    "okta.oin.user",
    *(f"okta.aiw.group.{name}" for name in ("push", "rename", "link", "without-id", "empty")),
)
# Each way in which something comes to be: a create, one that is declined, one again, a PUT, a push.
MAKING = (
    *(f"okta.oin.user.{name}" for name in ("create", "create-taken", "update", "deactivate", "link")),
    "okta.aiw.user.reassign",
    *(f"okta.aiw.group.{name}" for name in ("push", "without-id")),
)
MADE = 12


@pytest.fixture
def slow() -> Iterator[Served]:
    with Served(delay=0.03) as served:
        yield served


def resources(served: Served) -> int:
    """How many users and groups there are."""
    count = 0
    for kind in ("Users", "Groups"):
        url = f"{served.base_url}/{kind}?count=1"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx2.get(url, headers=headers, trust_env=False, timeout=HANG)
        count += answer.json()["totalResults"]
    return count


def start(folder: Path, served: Served) -> subprocess.Popen[str]:
    """A run that has created some things and is about to create more; it stands still until `goes_on`.

    So it is where it is however long the test takes to look at it.
    """
    run = subprocess.Popen(
        command("run", *SEQUENCES, "--target", served.base_url, "--parallel", "3", "--out", "report"),
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ends = time.monotonic() + HANG
    while made(folder) < MADE and time.monotonic() < ends:
        time.sleep(0.02)
    run.send_signal(signal.SIGSTOP)
    assert run.poll() is None
    return run


def goes_on(run: subprocess.Popen[str], *signals: signal.Signals) -> None:
    """It meets these signals first, and any of its threads may be the one that takes them."""
    for each in (*signals, signal.SIGCONT):
        run.send_signal(each)


def made(folder: Path) -> int:
    return sum(path.read_text().count('"made"') for path in (folder / "ledgers").glob("*.jsonl"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.fresh
def test_a_signal_stops_the_run_in_good_order(tmp_path: Path, slow: Served, number: signal.Signals) -> None:
    run = start(tmp_path, slow)
    assert resources(slow) >= MADE - 4
    goes_on(run, number)
    out, err = run.communicate(timeout=HANG)
    assert run.returncode == Exit.CANNOT_TELL, out + err
    assert "Traceback" not in err
    assert resources(slow) == 0
    assert not list((tmp_path / "ledgers").iterdir())
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["interrupted"]
    assert report["partial"]
    assert report["ledger"]["left"] == []
    assert "interrupted" in err


def test_a_signal_that_comes_twice_within_a_second_is_one(tmp_path: Path, slow: Served) -> None:
    run = start(tmp_path, slow)
    goes_on(run, signal.SIGTERM, signal.SIGINT)  # of one kind a process that stands still meets one only
    _, err = run.communicate(timeout=HANG)
    assert run.returncode == Exit.CANNOT_TELL, err
    assert "scimproof clean" not in err
    assert resources(slow) == 0


def test_the_second_signal_leaves_at_once_and_says_what_to_do(tmp_path: Path) -> None:
    with Served(delay=0.03) as slower:
        run = start(tmp_path, slower)
        os.kill(slower.pid, signal.SIGSTOP)  # so that tidying up goes on until the second one
        goes_on(run, signal.SIGINT)
        assert run.stderr is not None
        assert any("stopping" in line for line in iter(run.stderr.readline, ""))
        time.sleep(1.1)  # more than the second in which signals count as one
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=HANG)
        assert run.returncode == Exit.CANNOT_TELL
        assert "scimproof clean" in err
        os.kill(slower.pid, signal.SIGCONT)
        cleaned = scimproof(tmp_path, "clean")
        assert cleaned.returncode == Exit.HOLDS, cleaned.stdout + cleaned.stderr
        assert resources(slower) == 0


@pytest.mark.fresh
def test_clean_finishes_what_kill_9_left(tmp_path: Path, slow: Served) -> None:
    run = start(tmp_path, slow)
    busy = scimproof(tmp_path, "clean")
    assert "still going on" in busy.stdout
    run.kill()
    run.communicate(timeout=HANG)
    assert resources(slow) >= MADE - 4
    cleaned = scimproof(tmp_path, "clean")
    assert cleaned.returncode == Exit.HOLDS, cleaned.stdout + cleaned.stderr
    assert resources(slow) == 0
    assert not list((tmp_path / "ledgers").iterdir())
    assert "nothing is left" in scimproof(tmp_path, "clean").stdout


def test_clean_finds_leftovers_by_name_when_the_ledger_is_lost(tmp_path: Path, slow: Served) -> None:
    run = start(tmp_path, slow)
    run.kill()
    run.communicate(timeout=HANG)
    for path in (tmp_path / "ledgers").iterdir():
        prefix = path.stem
        path.unlink()
    before = resources(slow)
    unasked = scimproof(tmp_path, "clean", "--target", slow.base_url, "--prefix", prefix)
    assert unasked.returncode == Exit.USAGE
    assert "--yes" in unasked.stderr
    assert prefix in unasked.stdout
    assert resources(slow) == before
    other = scimproof(tmp_path, "clean", "--target", slow.base_url, "--prefix", "scimproof-00000000", "--yes")
    assert other.returncode == Exit.HOLDS
    assert resources(slow) == before
    spared = scimproof(tmp_path, "clean", "--target", slow.base_url, "--yes")
    assert f"may still be going on. When it is not: --prefix {prefix}" in spared.stdout
    assert resources(slow) == before
    cleaned = scimproof(tmp_path, "clean", "--target", slow.base_url, "--prefix", prefix, "--yes")
    assert cleaned.returncode == Exit.HOLDS, cleaned.stdout + cleaned.stderr
    assert resources(slow) == 0


def test_every_create_is_in_the_ledger_before_it_is_sent() -> None:
    seen: list[bool] = []
    with recording() as target, session(target.url, *FEW, most=MADE) as played:
        transport = played.run.transport
        send = transport.send

        def watched(request, seconds=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if request.method == "POST":
                name = request.json.get("displayName" if "/Groups" in request.target else "userName")
                facts = [json.loads(line) for line in played.run.ledger.path.read_text().splitlines()]
                seen.append(any(fact["op"] == "intend" and fact["name"] == name for fact in facts))
            return send(request, seconds)

        transport.send = watched  # type: ignore[method-assign]
        for _ in played.play():
            pass
    assert len(seen) > 20
    assert all(seen)
    assert target.everything() == {"Users": [], "Groups": []}


def test_a_crash_inside_a_check_is_no_failure_of_the_target() -> None:
    def crash(_: ExecutionContext, __: Exchange) -> CheckResult:
        raise RuntimeError("a bug of ours")

    with recording() as target, session(target.url, "okta.oin.user.deactivate") as played:
        sequence = played.sequences[0]
        steps = list(sequence.steps)
        checks = tuple(replace(check, ask=crash) for check in steps[-1].checks)
        steps[-1] = replace(steps[-1], checks=checks)
        played.run.sequences[:] = [replace(sequence, steps=tuple(steps))]
        for _ in played.play():
            pass
        played.tidy()
        report = played.report()
    verdicts = {finding["verdict"] for finding in report["findings"]}
    assert Verdict.ERROR in verdicts
    assert Verdict.FAIL not in verdicts
    assert exit_code(report) == Exit.TROUBLE
    assert target.everything() == {"Users": [], "Groups": []}


def test_a_crash_of_the_harness_tidies_up_all_the_same() -> None:
    with recording() as target:
        with pytest.raises(RuntimeError):
            _crash_half_way(target.url)
        assert len(target.arrived) > 20
        assert target.everything() == {"Users": [], "Groups": []}
    assert not list(earlier())


def _crash_half_way(url: str) -> None:
    with session(url, "okta.oin.user", most=MADE) as played:
        for count, _ in enumerate(played.play()):
            if count == 20:
                raise RuntimeError("somewhere in the command line")


@pytest.mark.parametrize(
    "fault",
    [
        "create-answers-id-only",
        "create-id-differs",
        "create-without-id",
        "filter-users-ignored",
        "inactive-404",
        "reactivate-new-id",
        "group-create-without-id",
        "group-put-unknown-creates",
        "create-duplicate-accepted",
        "new-user-404",
    ],
)
def test_wrong_targets_are_left_clean_or_the_report_says_what_stays(fault: str) -> None:
    with recording(build(token=TOKEN, faults=[fault])) as target:
        _, report = play(target.url, *MAKING)
    there = sum(target.app.store.size(kind) for kind in ("User", "Group"))
    assert there == len(report["ledger"]["left"])
    assert there == 0 or fault == "inactive-404"
